//! A claim, or a check-in without one, as a fact about a person.
//!
//! In: the parts of a claim. Out: 44 bytes as it travels, about 22 packed, and 5 for its citizen where nothing beside it tells the
//! same. Must hold: the parts come back, but for the bill, of which comes back whether it is that of another claim.

use serde::{Deserialize, Serialize};

use super::fact::{PersonalIdBytes, tag};
use super::row_ref::RowRef;
use crate::journal::Place;
use crate::model::{AgeBand, NO_CATEGORY};
use crate::record::{
    BloodType, CardNumber, Day, Facility, LocalTime, Packed, PersonalId, VisitType, pack_low, take,
    unpack_low,
};

/// A claim, as the per-person views need it. A check-in without a claim is one that lasts no time and
/// costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClaimFact {
    admitted: [u8; 5],
    /// The facility.
    pub facility: Facility,
    /// The claim.
    pub number: Place,
    stay_minutes: u32,
    /// The facilities that sent the patient and that the patient was sent to.
    referred: [u32; 2],
    /// See [`ClaimFact::bill`].
    fingerprint: [u8; 3],
    /// See [`ClaimFact::cost`].
    cost: u16,
    /// The category of the main diagnosis in the lower 12 bits, the band of age above them.
    diagnosis_and_age: u16,
    citizen: PersonalIdBytes,
    // A bool and not a bit: its unused values tell the variants of `Fact` apart for nothing.
    died: bool,
    bits: u32,
}

const PREFIX_BITS: u32 = CardNumber::PREFIX_BITS;
const PREFIX_MASK: u32 = (1 << PREFIX_BITS) - 1;
const TYPE_SHIFT: u32 = PREFIX_BITS;
const TYPE_MASK: u32 = 0x1f;
const HAS_CARD: u32 = 1 << 24;
const SEVERAL_CARDS: u32 = 1 << 25;
const MAY_BE_UNREGISTERED: u32 = 1 << 26;
const HAS_CITIZEN: u32 = 1 << 27;
const IS_CHECK_IN: u32 = 1 << 28;
/// The bits of a diagnosis category; all set where there is none.
const DIAGNOSIS_BITS: u32 = 12;
const DIAGNOSIS_MASK: u16 = (1 << DIAGNOSIS_BITS) - 1;
/// 0, or the place of the blood type from 1.
const BLOOD_TYPE_SHIFT: u32 = 29;

/// The bits of the packed word behind those of prefix and kind of visit, beside those of [`ClaimFact::bits`] that are of the
/// same meaning.
const WORD_FLAGS: [(u32, u32); 3] = [
    (SEVERAL_CARDS, 1 << 24),
    (MAY_BE_UNREGISTERED, 1 << 25),
    (IS_CHECK_IN, 1 << 26),
];
const WORD_DIED: u32 = 1 << 27;
const WORD_BLOOD_TYPE_SHIFT: u32 = 28;
/// The bits of it before the facility, and those of the facility: its number where its code is of digits, as those of the
/// national list are, and all of them where it is not.
const WORD_BITS: u32 = 31;
const FACILITY_BITS: u32 = 17;
const FACILITY_MASK: u32 = (1 << FACILITY_BITS) - 1;

/// Minutes of year 1 are before 1970: what is added so that packed times are not negative.
const BIAS: i64 = 1 << 38;

/// The first minute of the 31 years whose times take three bytes: 2010-01-01T00:00.
const THESE_YEARS: i64 = 14_610 * 1_440;

/// The longest stay, in minutes, that takes one byte; the next two bytes say by how much one is longer that takes three.
const SHORT_STAY: u32 = 253;
const MIDDLE_STAY: u8 = 254;
const LONG_STAY: u8 = 255;

/// No facility packs to this.
const NOWHERE: u32 = u32::MAX;

/// What a [`ClaimFact`] is packed from.
#[derive(Clone, Copy, Debug)]
pub struct ClaimParts {
    /// The claim.
    pub number: Place,
    /// Arrival.
    pub admitted_at: LocalTime,
    /// End of the visit.
    pub discharged_at: LocalTime,
    /// The facility.
    pub facility: Facility,
    /// The facility that sent the patient.
    pub referred_from: Option<Facility>,
    /// The facility the patient was sent to.
    pub referred_to: Option<Facility>,
    /// Fingerprint of main diagnosis and total cost.
    pub bill: u64,
    /// The total cost in thousandths of ln dong.
    pub cost: u16,
    /// The category of the main diagnosis.
    pub diagnosis: u16,
    /// The age at the admission.
    pub age: AgeBand,
    /// The claim's personal id, where it has 12 digits.
    pub citizen: Option<PersonalId>,
    /// Kind of visit.
    pub visit_type: VisitType,
    /// Whether the outcome is a death.
    pub died: bool,
    /// The blood type, where it is known.
    pub blood_type: Option<BloodType>,
    /// Whether it is a check-in.
    pub is_check_in: bool,
    /// The person's card (contract 1.2).
    pub card: Option<CardNumber>,
    /// Whether more cards than that one are listed.
    pub several_cards: bool,
    /// Whether the card need not be registered: temporary newborn and force cards.
    pub may_be_unregistered: bool,
}

impl From<ClaimParts> for ClaimFact {
    fn from(parts: ClaimParts) -> Self {
        let stay = parts.discharged_at.minutes() - parts.admitted_at.minutes();
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        Self {
            admitted: admitted(parts.admitted_at.minutes()),
            facility: parts.facility,
            number: parts.number,
            // 8,000 years: a longer stay ends where no other claim can begin.
            stay_minutes: u32::try_from(stay).unwrap_or(u32::MAX),
            referred: [parts.referred_from, parts.referred_to]
                .map(|facility| facility.map_or(NOWHERE, Facility::packed)),
            fingerprint: [parts.bill, parts.bill >> 8, parts.bill >> 16].map(|bits| bits as u8),
            cost: parts.cost,
            diagnosis_and_age: parts.diagnosis & DIAGNOSIS_MASK
                | u16::from(parts.age.number()) << DIAGNOSIS_BITS,
            citizen: parts
                .citizen
                .map(PersonalIdBytes::citizen)
                .unwrap_or_default(),
            died: parts.died,
            bits: parts.card.map_or(0, |card| card.prefix() | HAS_CARD)
                | u32::from(parts.visit_type.number()) << TYPE_SHIFT
                | flag(parts.several_cards, SEVERAL_CARDS)
                | flag(parts.may_be_unregistered, MAY_BE_UNREGISTERED)
                | flag(parts.citizen.is_some(), HAS_CITIZEN)
                | flag(parts.is_check_in, IS_CHECK_IN)
                | parts
                    .blood_type
                    .map_or(0, |blood_type| blood_type as u32 + 1)
                    << BLOOD_TYPE_SHIFT,
        }
    }
}

impl ClaimFact {
    /// The claim under another card of its list.
    pub fn under(mut self, card: CardNumber, may_be_unregistered: bool) -> Self {
        self.bits &= !(PREFIX_MASK | MAY_BE_UNREGISTERED);
        self.bits |= card.prefix() | HAS_CARD;
        if may_be_unregistered {
            self.bits |= MAY_BE_UNREGISTERED;
        }
        self
    }

    /// What orders claims by arrival, then facility.
    pub fn arrival(&self) -> impl Ord {
        (self.admitted, self.facility)
    }

    /// Arrival.
    pub fn admitted_at(&self) -> LocalTime {
        let [a, b, c, d, e] = self.admitted;
        LocalTime::from_minutes(u64::from_be_bytes([0, 0, 0, a, b, c, d, e]) as i64 - BIAS)
    }

    /// End of the visit.
    pub fn discharged_at(&self) -> LocalTime {
        LocalTime::from_minutes(self.admitted_at().minutes() + i64::from(self.stay_minutes))
    }

    /// The admission date.
    pub fn admission_date(&self) -> Day {
        self.admitted_at().day()
    }

    /// Kind of visit.
    pub fn visit_type(&self) -> VisitType {
        VisitType::new((self.bits >> TYPE_SHIFT & TYPE_MASK) as u8)
            .expect("packed from a visit type")
    }

    /// What tells main diagnosis and total cost from others: the category of the diagnosis, the cost to the thousandth of ln,
    /// and a fingerprint of both as they are, 24 bits. So two claims of one person, at one facility and minute, agree by
    /// chance once in 17 million of those whose categories are the same and whose costs are within a thousandth.
    pub fn bill(&self) -> u64 {
        let [low, middle, high] = self.fingerprint;
        let fingerprint = u32::from_le_bytes([low, middle, high, 0]);
        let category = self.diagnosis_and_age & DIAGNOSIS_MASK;
        u64::from(fingerprint) << 32 | u64::from(self.cost) << 16 | u64::from(category)
    }

    /// The total cost in thousandths of ln dong (see [`crate::model::thousandths_of_ln`]).
    pub fn cost(&self) -> i32 {
        i32::from(self.cost)
    }

    /// The category of the main diagnosis (see [`crate::model::parse_category`]).
    pub fn diagnosis(&self) -> u16 {
        match self.diagnosis_and_age & DIAGNOSIS_MASK {
            DIAGNOSIS_MASK => NO_CATEGORY,
            category => category,
        }
    }

    /// The age at the admission.
    pub fn age(&self) -> AgeBand {
        let number = self.diagnosis_and_age >> DIAGNOSIS_BITS;
        AgeBand::from_number(number as u8).expect("packed from a band of age")
    }

    /// The first five characters of the person's card.
    pub fn card_prefix(&self) -> Option<u32> {
        self.has(HAS_CARD).then_some(self.bits & PREFIX_MASK)
    }

    /// The claim's personal id, where it has 12 digits.
    pub fn citizen(&self) -> Option<PersonalId> {
        if self.has(HAS_CITIZEN) {
            self.citizen.as_citizen()
        } else {
            None
        }
    }

    /// Whether more cards than the person's are listed.
    pub fn lists_several_cards(&self) -> bool {
        self.has(SEVERAL_CARDS)
    }

    /// Whether the person's card need not be registered.
    pub fn may_be_unregistered(&self) -> bool {
        self.has(MAY_BE_UNREGISTERED)
    }

    /// Whether it is a check-in without a claim.
    pub fn is_check_in(&self) -> bool {
        self.has(IS_CHECK_IN)
    }

    /// The blood type, where it is known.
    pub fn blood_type(&self) -> Option<BloodType> {
        let place = (self.bits >> BLOOD_TYPE_SHIFT).checked_sub(1)?;
        BloodType::ALL.get(place as usize).copied()
    }

    /// Whether the outcome is a death.
    pub fn died(&self) -> bool {
        self.died
    }

    /// Whether it names a facility as the one that sent or received the patient.
    pub fn refers_to(&self, facility: Facility) -> bool {
        self.referred.contains(&facility.packed())
    }

    /// The claim, or check-in, as the subject of a finding.
    pub fn row(&self) -> RowRef {
        if self.is_check_in() {
            RowRef::check_in(self.number)
        } else {
            RowRef::claim(self.number)
        }
    }

    /// The claim as what a finding about another claim rests on.
    pub fn support(&self) -> RowRef {
        if self.lists_several_cards() {
            RowRef::claim_of_several_cards(self.number)
        } else {
            self.row()
        }
    }

    fn has(&self, bit: u32) -> bool {
        self.bits & bit != 0
    }
}

impl ClaimFact {
    /// Adds its bytes, behind a tag that says what of it there is; its citizen only where it is not the one that is told.
    pub(super) fn pack_tagged(&self, told: Option<PersonalIdBytes>, out: &mut Vec<u8>) {
        let citizen = Some(self.citizen).filter(|_| self.has(HAS_CITIZEN));
        let mut tag = tag::CLAIM;
        tag |= match citizen {
            None => 0,
            _ if citizen == told => tag::CLAIM_REPEATS_CITIZEN,
            Some(_) => tag::CLAIM_HAS_CITIZEN,
        };
        for (facility, bit) in self.referred.iter().zip(tag::CLAIM_REFERRED) {
            if *facility != NOWHERE {
                tag |= bit;
            }
        }
        let these_years = self.minute_of_these_years();
        if these_years.is_some() {
            tag |= tag::CLAIM_OF_THESE_YEARS;
        }
        out.push(tag);
        match these_years {
            Some(minute) => pack_low::<3>(minute, out),
            None => out.extend_from_slice(&self.admitted),
        }
        self.pack_word(out);
        pack_stay(self.stay_minutes, out);
        self.number.0.pack(out);
        out.extend_from_slice(&self.fingerprint);
        self.cost.pack(out);
        self.diagnosis_and_age.pack(out);
        if let Some(citizen) = citizen.filter(|_| citizen != told) {
            citizen.pack(out);
        }
        for facility in self.referred {
            if facility != NOWHERE {
                facility.pack(out);
            }
        }
    }

    /// Adds the word of facility, prefix, kind of visit and flags: 48 bits, and the facility where its code is not of digits.
    fn pack_word(&self, out: &mut Vec<u8>) {
        let prefix = self.card_prefix().unwrap_or(PREFIX_MASK);
        let mut word = prefix | self.bits & TYPE_MASK << TYPE_SHIFT;
        for (bit, packed) in WORD_FLAGS {
            if self.has(bit) {
                word |= packed;
            }
        }
        if self.died {
            word |= WORD_DIED;
        }
        word |= (self.bits >> BLOOD_TYPE_SHIFT) << WORD_BLOOD_TYPE_SHIFT;
        let number = self.facility.number();
        let facility = u64::from(number.unwrap_or(FACILITY_MASK));
        pack_low::<6>(facility << WORD_BITS | u64::from(word), out);
        if number.is_none() {
            self.facility.pack(out);
        }
    }

    /// Takes the word off the front: the facility, the bits that it tells, and whether the outcome is a death.
    fn unpack_word(bytes: &mut &[u8]) -> Option<(Facility, u32, bool)> {
        let packed = unpack_low::<6>(bytes)?;
        let word = packed as u32 & ((1 << WORD_BITS) - 1);
        let mut bits = word & TYPE_MASK << TYPE_SHIFT;
        match word & PREFIX_MASK {
            PREFIX_MASK => {}
            prefix => bits |= prefix | HAS_CARD,
        }
        for (bit, packed) in WORD_FLAGS {
            if word & packed != 0 {
                bits |= bit;
            }
        }
        bits |= (word >> WORD_BLOOD_TYPE_SHIFT) << BLOOD_TYPE_SHIFT;
        let facility = match (packed >> WORD_BITS) as u32 {
            FACILITY_MASK => Facility::unpack(bytes)?,
            number => Facility::of_number(number)?,
        };
        Some((facility, bits, word & WORD_DIED != 0))
    }

    /// The minute of [`THESE_YEARS`] of the arrival, where it is one of them.
    fn minute_of_these_years(&self) -> Option<u64> {
        let minute = u64::try_from(self.admitted_at().minutes() - THESE_YEARS).ok()?;
        (minute < 1 << 24).then_some(minute)
    }

    /// Takes it off the front, behind its tag, where it was packed beside a citizen that is told.
    pub(super) fn unpack_tagged(
        tag: u8,
        told: Option<PersonalIdBytes>,
        bytes: &mut &[u8],
    ) -> Option<Self> {
        let admitted = match tag & tag::CLAIM_OF_THESE_YEARS {
            0 => take(bytes)?,
            _ => admitted(unpack_low::<3>(bytes)? as i64 + THESE_YEARS),
        };
        let (facility, bits, died) = Self::unpack_word(bytes)?;
        let mut claim = Self {
            admitted,
            facility,
            stay_minutes: unpack_stay(bytes)?,
            number: Place(u32::unpack(bytes)?),
            fingerprint: take(bytes)?,
            bits,
            cost: u16::unpack(bytes)?,
            diagnosis_and_age: u16::unpack(bytes)?,
            citizen: PersonalIdBytes::default(),
            referred: [NOWHERE; 2],
            died,
        };
        if tag & tag::CLAIM_HAS_CITIZEN != 0 {
            claim.bits |= HAS_CITIZEN;
            claim.citizen = PersonalIdBytes::unpack(bytes)?;
        } else if tag & tag::CLAIM_REPEATS_CITIZEN != 0 {
            claim.bits |= HAS_CITIZEN;
            claim.citizen = told?;
        }
        for (facility, bit) in claim.referred.iter_mut().zip(tag::CLAIM_REFERRED) {
            if tag & bit != 0 {
                *facility = u32::unpack(bytes)?;
            }
        }
        Some(claim)
    }
}

/// Minutes since 1970 as they are held.
fn admitted(minutes: i64) -> [u8; 5] {
    let [_, _, _, admitted @ ..] = ((minutes + BIAS) as u64).to_be_bytes();
    admitted
}

/// Adds a stay in one, three or five bytes: nine in ten visits take less than four hours.
fn pack_stay(minutes: u32, out: &mut Vec<u8>) {
    match minutes.checked_sub(SHORT_STAY + 1).map(u16::try_from) {
        None => out.push(minutes as u8),
        Some(Ok(beyond)) => {
            out.push(MIDDLE_STAY);
            beyond.pack(out);
        }
        Some(Err(_)) => {
            out.push(LONG_STAY);
            minutes.pack(out);
        }
    }
}

fn unpack_stay(bytes: &mut &[u8]) -> Option<u32> {
    let [first] = take(bytes)?;
    Some(match first {
        MIDDLE_STAY => SHORT_STAY + 1 + u32::from(u16::unpack(bytes)?),
        LONG_STAY => u32::unpack(bytes)?,
        minutes => minutes.into(),
    })
}

const _: () = assert!(Facility::NUMBERS <= FACILITY_MASK);

#[cfg(test)]
mod tests {
    use super::super::fact::Fact;
    use super::*;
    use crate::record::Value;

    #[test]
    fn a_claim_unpacks_to_its_parts() {
        for (admitted, discharged) in [
            ("0001-01-01T00:00", "0001-01-01T00:00"),
            // On both sides of each bound between what takes few bytes and what takes more.
            ("2009-12-31T23:59", "2010-01-01T04:12"),
            ("2010-01-01T00:00", "2010-01-01T04:13"),
            ("2010-01-01T00:00", "2010-01-01T04:14"),
            ("2025-03-01T23:59", "2025-04-01T00:00"),
            ("2041-11-24T20:15", "2042-01-09T12:44"),
            ("2041-11-24T20:16", "2042-01-09T12:46"),
            ("9999-12-31T00:00", "9999-12-31T23:59"),
        ] {
            let time = |t| LocalTime::from_text(t).expect("a time");
            let card = CardNumber::from_text("ZZ5999999999999").expect("a card");
            let parts = ClaimParts {
                number: Place(7),
                admitted_at: time(admitted),
                discharged_at: time(discharged),
                facility: Facility::from_text("zzzzz").expect("a facility"),
                referred_from: None,
                referred_to: Facility::from_text("01001"),
                bill: u64::MAX - 1,
                cost: u16::MAX,
                diagnosis: 2599,
                age: AgeBand::From60,
                citizen: PersonalId::from_text("999999999999"),
                visit_type: VisitType::new(16).expect("a visit type"),
                died: true,
                blood_type: Some(BloodType::O),
                is_check_in: false,
                card: Some(card),
                several_cards: false,
                may_be_unregistered: true,
            };
            let fact = ClaimFact::from(parts);
            assert_eq!(fact.admitted_at(), parts.admitted_at);
            assert_eq!(fact.discharged_at(), parts.discharged_at);
            assert_eq!(fact.card_prefix(), Some(card.prefix()));
            assert_eq!(fact.citizen(), parts.citizen);
            assert_eq!(fact.visit_type(), parts.visit_type);
            let others = [
                ClaimParts { bill: 1, ..parts },
                ClaimParts { cost: 7, ..parts },
                ClaimParts {
                    diagnosis: 411,
                    ..parts
                },
            ];
            let bills = others.map(|parts| ClaimFact::from(parts).bill());
            assert!(!bills.contains(&fact.bill()));
            let age = AgeBand::Unknown;
            let same = ClaimFact::from(ClaimParts { age, ..parts });
            assert_eq!(same.bill(), fact.bill());
            assert_eq!((fact.cost(), fact.diagnosis()), (65_535, 2599));
            assert_eq!(fact.age(), AgeBand::From60);
            assert!(fact.died() && fact.may_be_unregistered() && !fact.lists_several_cards());
            let bare = ClaimFact::from(ClaimParts {
                facility: Facility::from_text("79030").expect("a facility"),
                diagnosis: NO_CATEGORY,
                age: AgeBand::Unknown,
                card: None,
                citizen: None,
                died: false,
                several_cards: true,
                ..parts
            });
            assert_eq!((bare.card_prefix(), bare.citizen()), (None, None));
            assert_eq!(
                (bare.diagnosis(), bare.age()),
                (NO_CATEGORY, AgeBand::Unknown)
            );
            assert_eq!(fact.blood_type(), parts.blood_type);
            for blood_type in BloodType::ALL.map(Some).into_iter().chain([None]) {
                let check_in = ClaimFact::from(ClaimParts {
                    blood_type,
                    is_check_in: true,
                    ..parts
                });
                assert_eq!(check_in.blood_type(), blood_type);
                assert!(check_in.is_check_in() && !fact.is_check_in());
                assert_unpacks(&[Fact::Claim(check_in)]);
            }
            assert_unpacks(&[Fact::Claim(bare), Fact::Claim(fact), Fact::Claim(bare)]);
        }
    }

    /// Packs facts one behind the other and holds that they come back.
    fn assert_unpacks(facts: &[Fact]) {
        let mut bytes = Vec::new();
        facts.iter().for_each(|fact| fact.pack(&mut bytes));
        let mut bytes = bytes.as_slice();
        for fact in facts {
            assert_eq!(Fact::unpack(&mut bytes), Some(*fact));
        }
        assert!(bytes.is_empty());
    }
}
