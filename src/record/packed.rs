//! Values as bytes, for what is held or kept of a row and never leaves the run.
//!
//! In: values. Out: their bytes, one behind the other, without names, padding or version. Must hold:
//! unpacking gives what was packed, and equal values have equal bytes, so that a value is found by its
//! bytes.

use super::code::{BloodGroup, BloodType, Sex};
use super::date::PartialDate;
use super::identifier::{CardNumber, Facility, OldId, PersonalId, SiNumber};
use super::instant::Instant;
use super::key::Key;
use super::name::Name;
use super::text::Text;
use super::{Day, LocalTime, Value};

/// A value that its bytes tell, and tell from what follows it.
pub trait Packed: Sized {
    /// Adds its bytes.
    fn pack(&self, out: &mut Vec<u8>);

    /// Takes it off the front; `None` where the bytes are not those of such a value.
    fn unpack(bytes: &mut &[u8]) -> Option<Self>;
}

/// Takes bytes off the front.
pub fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

macro_rules! packed_number {
    ($($number:ty)*) => {$(
        impl Packed for $number {
            fn pack(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn unpack(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(<$number>::from_le_bytes)
            }
        }
    )*};
}

packed_number! { u8 u16 u32 u64 i32 i64 }

/// Adds the low bytes of a number, which has no others.
pub fn pack_low<const N: usize>(number: u64, out: &mut Vec<u8>) {
    debug_assert!(number < 1 << (8 * N), "the number fits {N} bytes");
    out.extend_from_slice(&number.to_le_bytes()[..N]);
}

/// Takes the low bytes of a number off the front.
pub fn unpack_low<const N: usize>(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = [0; 8];
    number[..N].copy_from_slice(&take::<N>(bytes)?);
    Some(u64::from_le_bytes(number))
}

macro_rules! packed_by {
    ($($name:ident in $bytes:literal: $number:expr, $from:expr;)*) => {$(
        impl Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                pack_low::<$bytes>($number(*self), out);
            }

            fn unpack(bytes: &mut &[u8]) -> Option<Self> {
                $from(unpack_low::<$bytes>(bytes)?)
            }
        }
    )*};
}

packed_by! {
    PersonalId in 5: PersonalId::number, PersonalId::new;
    SiNumber in 5: SiNumber::number, SiNumber::new;
    OldId in 4: OldId::number, OldId::new;
    CardNumber in 7: CardNumber::packed, CardNumber::from_packed;
    Facility in 4: |facility: Facility| u64::from(facility.packed()), |n| Facility::from_packed(n as u32);
}

/// What three bytes say of the last of all days, which stands for a date that is open.
const LAST: i32 = (1 << 23) - 1;
/// What they say before the four bytes of any other day that they do not hold. Those of the calendar, from year 1 to 9999,
/// they do.
const BEYOND: i32 = -(1 << 23);

impl Packed for Day {
    fn pack(&self, out: &mut Vec<u8>) {
        let number = self.number();
        let low = match number {
            i32::MAX => LAST,
            number if BEYOND < number && number < LAST => number,
            _ => BEYOND,
        };
        out.extend_from_slice(&low.to_le_bytes()[..3]);
        if low == BEYOND {
            number.pack(out);
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [first, second, third] = take(bytes)?;
        // The sign is that of the third byte.
        let number = match i32::from_le_bytes([0, first, second, third]) >> 8 {
            LAST => i32::MAX,
            BEYOND => i32::unpack(bytes)?,
            number => number,
        };
        Some(Day::from_number(number))
    }
}

impl Packed for Instant {
    fn pack(&self, out: &mut Vec<u8>) {
        self.nanos().pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        i64::unpack(bytes).map(Instant::from_nanos)
    }
}

/// Minutes of year 1 are before 1970: what is added so that packed times are not negative.
const BIAS: i64 = 1 << 38;

impl Packed for LocalTime {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_low::<5>((self.minutes() + BIAS) as u64, out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let biased = unpack_low::<5>(bytes)?;
        Some(LocalTime::from_minutes(biased as i64 - BIAS))
    }
}

impl Packed for BloodType {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [place] = take(bytes)?;
        Self::ALL.get(usize::from(place)).copied()
    }
}

impl Packed for Sex {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(self.number());
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [number] = take(bytes)?;
        Self::new(number)
    }
}

impl Packed for BloodGroup {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [place] = take(bytes)?;
        Self::ALL.get(usize::from(place)).copied()
    }
}

impl Packed for PartialDate {
    fn pack(&self, out: &mut Vec<u8>) {
        let [low, high] = self.year().to_le_bytes();
        let (month, day) = (self.month().unwrap_or(0), self.day_of_month().unwrap_or(0));
        out.extend_from_slice(&[low, high, month, day]);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [low, high, month, day] = take(bytes)?;
        let known = |number: u8| (number != 0).then_some(number);
        Self::new(u16::from_le_bytes([low, high]), known(month), known(day))
    }
}

impl<T: Packed> Packed for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        match take(bytes)? {
            [0] => Some(None),
            [1] => T::unpack(bytes).map(Some),
            _ => None,
        }
    }
}

/// Adds a length: one byte for nearly all.
pub fn pack_length(length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if short < u8::MAX => out.push(short),
        _ => {
            out.push(u8::MAX);
            (length as u64).pack(out);
        }
    }
}

/// Takes a length off the front.
pub fn unpack_length(bytes: &mut &[u8]) -> Option<usize> {
    match take(bytes)? {
        [u8::MAX] => usize::try_from(u64::unpack(bytes)?).ok(),
        [short] => Some(usize::from(short)),
    }
}

/// Adds a number, seven bits a byte, the lowest first: as LEB128, of DWARF, does.
pub fn pack_varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number that [`pack_varint`] added off the front.
pub fn unpack_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let [byte] = take(bytes)?;
        let low = u64::from(byte & 0x7f);
        number |= low << shift;
        if byte == low as u8 {
            let is_whole = number >> shift == low;
            return is_whole.then_some(number);
        }
    }
    None
}

macro_rules! packed_text {
    ($($text:ident)*) => {$(
        impl Packed for $text {
            fn pack(&self, out: &mut Vec<u8>) {
                pack_length(self.as_str().len(), out);
                out.extend_from_slice(self.as_str().as_bytes());
            }

            fn unpack(bytes: &mut &[u8]) -> Option<Self> {
                let length = unpack_length(bytes)?;
                let (text, rest) = bytes.split_at_checked(length)?;
                *bytes = rest;
                Self::from_text(std::str::from_utf8(text).ok()?)
            }
        }
    )*};
}

packed_text! { Text Name }

impl Packed for Key {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(self.stream() as u8);
        match self {
            Key::Citizen(id) | Key::HealthProfile(id) => id.pack(out),
            Key::DeathReport(text) | Key::Enterprise(text) => text.pack(out),
            Key::Participant(si) => si.pack(out),
            Key::Card(card) => card.pack(out),
            Key::Claim(facility, visit) | Key::CheckIn(facility, visit) => {
                facility.pack(out);
                visit.pack(out);
            }
            Key::Employment(si, tax_code) => {
                si.pack(out);
                tax_code.pack(out);
            }
            Key::Beneficiary(id, scheme) => {
                id.pack(out);
                scheme.pack(out);
            }
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        use super::stream::Stream;
        let [stream] = take(bytes)?;
        Some(match Stream::ALL.get(usize::from(stream))? {
            Stream::Citizens => Key::Citizen(Packed::unpack(bytes)?),
            Stream::DeathReports => Key::DeathReport(Packed::unpack(bytes)?),
            Stream::Participants => Key::Participant(Packed::unpack(bytes)?),
            Stream::Cards => Key::Card(Packed::unpack(bytes)?),
            Stream::Claims => Key::Claim(Packed::unpack(bytes)?, Packed::unpack(bytes)?),
            Stream::CheckIns => Key::CheckIn(Packed::unpack(bytes)?, Packed::unpack(bytes)?),
            Stream::Enterprises => Key::Enterprise(Packed::unpack(bytes)?),
            Stream::Employments => Key::Employment(Packed::unpack(bytes)?, Packed::unpack(bytes)?),
            Stream::Beneficiaries => {
                Key::Beneficiary(Packed::unpack(bytes)?, Packed::unpack(bytes)?)
            }
            Stream::HealthProfiles => Key::HealthProfile(Packed::unpack(bytes)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Packs a value between others and holds that it comes back.
    fn comes_back<T: Packed + PartialEq>(value: &T) -> bool {
        let mut packed = vec![];
        for _ in 0..2 {
            value.pack(&mut packed);
        }
        packed.push(7);
        let mut bytes = packed.as_slice();
        let both = [T::unpack(&mut bytes), T::unpack(&mut bytes)];
        let whole = both.iter().all(|unpacked| unpacked.as_ref() == Some(value));
        // Cut short, it is no value.
        let once = &packed[..(packed.len() - 1) / 2];
        let is_cut = |length| T::unpack(&mut &once[..length]).is_none();
        whole && bytes == [7] && (0..once.len()).all(is_cut)
    }

    proptest! {
        #[test]
        fn numbers_of_any_length_come_back(number: u64, bits in 0..u64::BITS) {
            for number in [number >> bits, 1 << bits, (1 << bits) - 1, u64::MAX] {
                let mut packed = vec![];
                pack_varint(number, &mut packed);
                let length = packed.len();
                prop_assert_eq!(length as u32, number.max(1).ilog2() / 7 + 1);
                prop_assert!((0..length).all(|cut| unpack_varint(&mut &packed[..cut]).is_none()));
                packed.push(7);
                let mut bytes = packed.as_slice();
                prop_assert_eq!(unpack_varint(&mut bytes), Some(number));
                prop_assert_eq!(bytes, &[7]);
            }
            let beyond = [[0xff; 9].as_slice(), &[2]].concat();
            prop_assert_eq!(unpack_varint(&mut beyond.as_slice()), None);
        }

        #[test]
        fn values_come_back(
            id in 0..1_000_000_000_000u64, si in 0..10_000_000_000u64, number: i64,
            day: i32, text in "\\PC{0,300}", prefix in 0..CardNumber::PREFIXES,
        ) {
            let id = PersonalId::new(id).expect("12 digits");
            let si = SiNumber::new(si).expect("10 digits");
            let card = CardNumber::from_parts(prefix, si).expect("a card");
            let facility = Facility::from_text("zzzzz").expect("a facility");
            let text = Text::from_text(&text).expect("text");
            prop_assert!(comes_back(&Instant::from_nanos(number)) && comes_back(&number));
            for day in [day, day >> 8, i32::MAX, i32::MIN, LAST, BEYOND, LAST - 1, BEYOND + 1] {
                prop_assert!(comes_back(&Day::from_number(day)) && comes_back(&Some(day)));
            }
            prop_assert!(comes_back(&None::<u64>));
            prop_assert!(comes_back(&Name::from_text(text.as_str()).expect("a name")));
            for date in ["0001", "2024-02", "9999-12-31"] {
                prop_assert!(comes_back(&PartialDate::from_text(date).expect("a date")));
            }
            for number in 1..=3 {
                prop_assert!(comes_back(&Sex::new(number).expect("a sex")));
            }
            for time in ["0001-01-01T00:00", "2025-03-01T08:30", "9999-12-31T23:59"] {
                prop_assert!(comes_back(&LocalTime::from_text(time).expect("a time")));
            }
            for date in ["0001", "2024-02", "2024-02-29"] {
                prop_assert!(comes_back(&PartialDate::from_text(date).expect("a date")));
            }
            prop_assert!(BloodGroup::ALL.iter().all(comes_back));
            for key in [
                Key::Citizen(id),
                Key::DeathReport(text.clone()),
                Key::Participant(si),
                Key::Card(card),
                Key::Claim(facility, text.clone()),
                Key::CheckIn(facility, text.clone()),
                Key::Enterprise(text.clone()),
                Key::Employment(si, text.clone()),
                Key::Beneficiary(id, text),
                Key::HealthProfile(id),
            ] {
                prop_assert!(comes_back(&key));
            }
        }
    }
}
