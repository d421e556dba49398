//! Decimal digits as numbers.
//!
//! In: ASCII bytes. Out: the number they write, or `None` where one of them is no digit. Must hold:
//! the widths that every row has - of dates and identifiers - are read eight digits at a time, in
//! a machine word, without a branch a digit.

/// Eight zeros, the first digit in the lowest byte.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Any number of digits that fits.
pub(super) fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

/// Two digits.
pub(super) fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens * 10 + ones))
}

/// Eight digits, the first in the lowest byte.
pub(super) fn eight(word: u64) -> Option<u32> {
    const HIGH_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    // A digit is 0x30 to 0x39: its high half is 3, and still is when 6 has been added. Where the
    // first is so, no addition carries into the next byte.
    if word & HIGH_HALVES != ZEROS || word.wrapping_add(SIXES) & HIGH_HALVES != ZEROS {
        return None;
    }
    // Neighbours are joined: digits to pairs, pairs to fours, fours to the number.
    let ones = word - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) as u32)
}

/// A text of exactly `N` digits, 9 to 15.
pub(super) fn exactly<const N: usize>(text: &[u8]) -> Option<u64> {
    const { assert!(N > 8 && N < 16) }
    let text: &[u8; N] = text.try_into().ok()?;
    let (first, last) = (text.first_chunk()?, text.last_chunk()?);
    // Of the first eight, those that are not among the last eight; zeros stand before them.
    let zeros = 8 * (16 - N as u32);
    let head = u64::from_le_bytes(*first) << zeros | ZEROS >> (64 - zeros);
    let (head, tail) = (eight(head)?, eight(u64::from_le_bytes(*last))?);
    Some(u64::from(head) * 100_000_000 + u64::from(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plainly(text: &[u8]) -> Option<u64> {
        let all = text.iter().all(u8::is_ascii_digit);
        all.then(|| std::str::from_utf8(text).ok()?.parse().ok())?
    }

    proptest! {
        #[test]
        fn digits_are_the_numbers_they_write(text in "[0-9]{15}") {
            let text = text.as_bytes();
            prop_assert_eq!(exactly::<15>(text), plainly(text));
            prop_assert_eq!(exactly::<12>(&text[..12]), plainly(&text[..12]));
            prop_assert_eq!(exactly::<9>(&text[..9]), plainly(&text[..9]));
            prop_assert_eq!(two(text[0], text[1]).map(u64::from), plainly(&text[..2]));
            prop_assert_eq!(digits(&text[..9]).map(u64::from), plainly(&text[..9]));
        }

        #[test]
        fn one_byte_that_is_no_digit_is_refused(text in "[0-9]{12}", at in 0usize..12, byte: u8) {
            let mut text = text.into_bytes();
            text[at] = byte;
            prop_assert_eq!(exactly::<12>(&text), plainly(&text));
            prop_assert_eq!(digits(&text[..9]).map(u64::from), plainly(&text[..9]));
            prop_assert_eq!(two(text[0], text[1]).map(u64::from), plainly(&text[..2]));
        }
    }

    #[test]
    fn every_byte_at_every_place_is_a_digit_or_refused() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut text = *b"12345678";
                text[at] = byte;
                let read = eight(u64::from_le_bytes(text)).map(u64::from);
                assert_eq!(read, plainly(&text), "{text:?}");
            }
        }
        assert_eq!(exactly::<10>(b"123456789"), None);
    }
}
