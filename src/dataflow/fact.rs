//! What is known of one person, as it travels to the table by person, and packed as it lies there.
//!
//! Plain fixed-width values: names and texts never get here. Widths are asserted below, because a
//! nation pays for each byte 10^8 times.

use serde::{Deserialize, Serialize};

use super::claim_fact::ClaimFact;
use super::employer::Employer;
use super::keyed_state::Repeating;
use super::node::Node;
use super::row_ref::RowRef;
use super::view::UnemployedFact;
use crate::journal::Place;
use crate::record::{
    BloodType, CardNumber, CardStatus, Day, Packed, SiNumber, pack_low, take, unpack_low,
};

/// A fact about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// A card of the person.
    Card(CardFact),
    /// The citizen that the participant is.
    Citizen(PersonalIdBytes),
    /// A death evidence.
    Death(DeathFact),
    /// The identity cluster of a person who is linked beyond the trivial link.
    Cluster(Node),
    /// The blood type of the citizen's health profile.
    BloodType(BloodType),
    /// An employment of the person.
    Employment(EmploymentFact),
    /// An employer of the person that ceased.
    Ceased(CeasedFact),
    /// A benefit of the person that excludes an employment.
    Unemployed(UnemployedFact),
    /// The citizen is missing.
    Missing,
    /// The register of citizens does not call the citizen alive, nor missing.
    NotAlive,
    /// The person is a citizen in the register, whom claims without a card name: only then do those claims count.
    Registered,
    /// A claim of the person, or a check-in without one.
    Claim(ClaimFact),
}

/// A registered card, without its holder: the key of the arrangement says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardFact {
    /// The first five characters (see [`CardNumber::prefix`]).
    pub prefix: u32,
    /// First day of validity.
    pub valid_from: Day,
    /// Last day of validity; [`OPEN`] when open.
    pub valid_to: Day,
    /// The day from which the status holds; the last of all days when unknown.
    pub status_date: Day,
    /// The status.
    pub status: CardStatus,
}

/// The last day of validity of a card that has none.
pub const OPEN: Day = Day::from_number(i32::MAX);

/// The status date of a card that has none: no admission is on or after it, so that the status is
/// never held against a claim.
pub const UNDATED: Day = Day::from_number(i32::MAX);

impl CardFact {
    /// Whether the validity covers a day.
    pub fn covers(&self, day: Day) -> bool {
        self.valid_from <= day && day <= self.valid_to
    }

    /// Whether it was in force on a day: `valid`, or something else only later (contract 2,
    /// `duplicate_identity`).
    pub fn in_force(&self, day: Day) -> bool {
        self.status == CardStatus::Valid || (self.status_date != UNDATED && self.status_date > day)
    }

    /// The day from which the status holds, where it is known.
    pub fn dated(&self) -> Option<Day> {
        Some(self.status_date).filter(|day| *day != UNDATED)
    }

    /// The card number, given the holder.
    pub fn number(&self, holder: SiNumber) -> CardNumber {
        CardNumber::from_parts(self.prefix, holder).expect("a card fact is made from a card number")
    }
}

/// Who says that a person died. `population` is the citizens register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the contract's sources")]
pub enum EvidenceSource {
    Population,
    CivilRegistry,
    ContributionForm,
    Hospital,
    Court,
}

impl EvidenceSource {
    /// Every source, in declaration order.
    const ALL: [Self; 5] = [
        Self::Population,
        Self::CivilRegistry,
        Self::ContributionForm,
        Self::Hospital,
        Self::Court,
    ];

    /// The inverse of the source as a byte.
    pub(super) fn from_packed(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}

/// The participant whose row ties a citizen to a social-insurance number.
pub type Through = Node;

/// A death evidence of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeathFact {
    /// The latest day on which the person may have died.
    pub latest_day: Day,
    /// Who says so.
    pub source: EvidenceSource,
    /// The participant whose row ties the evidence to the person, if it takes one.
    pub through: Option<Through>,
    /// The row.
    pub row: RowRef,
}

impl DeathFact {
    /// The row that ties the evidence to the person, if it takes one.
    pub fn tie(&self) -> Option<RowRef> {
        self.through
            .and_then(Through::as_participant)
            .map(RowRef::participant)
    }
}

/// An employment, without the employee: the key of the table says whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EmploymentFact {
    /// The enterprise.
    pub employer: Employer,
    /// First day.
    pub from: Day,
    /// Last day; [`OPEN`] when open.
    pub to: Day,
    /// The employment.
    pub number: Place,
}

impl EmploymentFact {
    /// Whether it covers a day.
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

/// An enterprise that was dissolved or went bankrupt, without a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CeasedFact {
    /// The enterprise.
    pub employer: Employer,
    /// The day from which it had ceased.
    pub since: Day,
    /// Its row.
    pub number: Place,
}

/// A personal id in five bytes.
pub type PersonalIdBytes = Node;

/// What the first byte of a packed fact says it is; a claim's also which facilities it names, whether a citizen, and how its time
/// is written.
pub(super) mod tag {
    pub const CARD: u8 = 0;
    pub const CITIZEN: u8 = 1;
    pub const DEATH: u8 = 2;
    pub const CLUSTER: u8 = 3;
    pub const CLAIM: u8 = 4;
    // A claim's have the bit of 4.
    pub const BLOOD_TYPE: u8 = 8;
    pub const EMPLOYMENT: u8 = 9;
    pub const CEASED: u8 = 10;
    pub const UNEMPLOYED: u8 = 11;
    pub const MISSING: u8 = 32;
    pub const NOT_ALIVE: u8 = 33;
    pub const REGISTERED: u8 = 34;
    pub const CLAIM_REFERRED: [u8; 2] = [1, 2];
    pub const CLAIM_HAS_CITIZEN: u8 = 8;
    pub const CLAIM_REPEATS_CITIZEN: u8 = 32;
    pub const IS_THROUGH: u8 = 16;
    pub const CLAIM_OF_THESE_YEARS: u8 = 64;
}

impl Packed for Fact {
    fn pack(&self, out: &mut Vec<u8>) {
        self.pack_beside(None, out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Self::unpack_beside(None, bytes)
    }
}

/// Most claims name the citizen that the participant is.
impl Repeating for Fact {
    type Told = PersonalIdBytes;
    const TELLS: bool = true;

    fn told(&self) -> Option<PersonalIdBytes> {
        match self {
            Fact::Citizen(citizen) => Some(*citizen),
            _ => None,
        }
    }

    fn pack_beside(&self, told: Option<PersonalIdBytes>, out: &mut Vec<u8>) {
        match self {
            Fact::Card(card) => {
                out.push(tag::CARD);
                card.pack(out);
            }
            Fact::Citizen(citizen) => {
                out.push(tag::CITIZEN);
                citizen.pack(out);
            }
            Fact::Death(death) => death.pack_tagged(out),
            Fact::Cluster(cluster) => {
                out.push(tag::CLUSTER);
                cluster.pack(out);
            }
            Fact::BloodType(blood_type) => {
                out.push(tag::BLOOD_TYPE);
                blood_type.pack(out);
            }
            Fact::Employment(employment) => {
                out.push(tag::EMPLOYMENT);
                employment.pack(out);
            }
            Fact::Ceased(ceased) => {
                out.push(tag::CEASED);
                ceased.pack(out);
            }
            Fact::Unemployed(unemployed) => {
                out.push(tag::UNEMPLOYED);
                unemployed.pack(out);
            }
            Fact::Missing => out.push(tag::MISSING),
            Fact::NotAlive => out.push(tag::NOT_ALIVE),
            Fact::Registered => out.push(tag::REGISTERED),
            Fact::Claim(claim) => claim.pack_tagged(told, out),
        }
    }

    fn unpack_beside(told: Option<PersonalIdBytes>, bytes: &mut &[u8]) -> Option<Self> {
        let [tag] = take(bytes)?;
        let is_through = tag & tag::IS_THROUGH != 0;
        Some(match tag & !tag::IS_THROUGH {
            tag::CARD => Fact::Card(CardFact::unpack(bytes)?),
            tag::CITIZEN => Fact::Citizen(Node::unpack(bytes)?),
            tag::DEATH => Fact::Death(DeathFact::unpack_tagged(is_through, bytes)?),
            tag::CLUSTER => Fact::Cluster(Node::unpack(bytes)?),
            tag::BLOOD_TYPE => Fact::BloodType(BloodType::unpack(bytes)?),
            tag::EMPLOYMENT => Fact::Employment(EmploymentFact::unpack(bytes)?),
            tag::CEASED => Fact::Ceased(CeasedFact::unpack(bytes)?),
            tag::UNEMPLOYED => Fact::Unemployed(UnemployedFact::unpack(bytes)?),
            tag::MISSING => Fact::Missing,
            tag::NOT_ALIVE => Fact::NotAlive,
            tag::REGISTERED => Fact::Registered,
            tag => Fact::Claim(ClaimFact::unpack_tagged(tag, told, bytes)?),
        })
    }
}

/// Behind the prefix: the status, and which days of a card there are.
const STATUS_SHIFT: u32 = CardNumber::PREFIX_BITS;
const STATUS_MASK: u32 = 7;
const IS_OPEN: u32 = 1 << 22;
const IS_UNDATED: u32 = 1 << 23;

const _: () = assert!(CardStatus::ALL.len() <= STATUS_MASK as usize + 1);
const _: () = assert!(STATUS_MASK << STATUS_SHIFT < IS_OPEN);

impl Packed for CardFact {
    fn pack(&self, out: &mut Vec<u8>) {
        let mut head = self.prefix | (self.status as u32) << STATUS_SHIFT;
        let is_open = self.valid_to == OPEN;
        let is_undated = self.status_date == UNDATED;
        for (is_absent, bit) in [(is_open, IS_OPEN), (is_undated, IS_UNDATED)] {
            if is_absent {
                head |= bit;
            }
        }
        pack_low::<3>(head.into(), out);
        self.valid_from.pack(out);
        if !is_open {
            self.valid_to.pack(out);
        }
        if !is_undated {
            self.status_date.pack(out);
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let head = unpack_low::<3>(bytes)? as u32;
        let status = head >> STATUS_SHIFT & STATUS_MASK;
        Some(Self {
            prefix: head & ((1 << CardNumber::PREFIX_BITS) - 1),
            status: *CardStatus::ALL.get(status as usize)?,
            valid_from: Day::unpack(bytes)?,
            valid_to: match head & IS_OPEN {
                0 => Day::unpack(bytes)?,
                _ => OPEN,
            },
            status_date: match head & IS_UNDATED {
                0 => Day::unpack(bytes)?,
                _ => UNDATED,
            },
        })
    }
}

impl Packed for EmploymentFact {
    fn pack(&self, out: &mut Vec<u8>) {
        self.employer.pack(out);
        self.from.pack(out);
        self.to.pack(out);
        self.number.0.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            employer: Employer::unpack(bytes)?,
            from: Day::unpack(bytes)?,
            to: Day::unpack(bytes)?,
            number: Place(u32::unpack(bytes)?),
        })
    }
}

impl Packed for CeasedFact {
    fn pack(&self, out: &mut Vec<u8>) {
        self.employer.pack(out);
        self.since.pack(out);
        self.number.0.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            employer: Employer::unpack(bytes)?,
            since: Day::unpack(bytes)?,
            number: Place(u32::unpack(bytes)?),
        })
    }
}

impl DeathFact {
    fn pack_tagged(&self, out: &mut Vec<u8>) {
        let through = if self.through.is_some() {
            tag::IS_THROUGH
        } else {
            0
        };
        out.push(tag::DEATH | through);
        self.pack_behind_tag(out);
    }

    /// Adds its bytes, behind what says whether it takes a row to tie it to the person.
    pub(super) fn pack_behind_tag(&self, out: &mut Vec<u8>) {
        out.push(self.source as u8);
        self.latest_day.pack(out);
        self.row.pack(out);
        if let Some(through) = self.through {
            through.pack(out);
        }
    }

    /// Takes it off the front, behind its tag.
    pub(super) fn unpack_tagged(is_through: bool, bytes: &mut &[u8]) -> Option<Self> {
        let [source] = take(bytes)?;
        Some(Self {
            latest_day: Day::unpack(bytes)?,
            source: EvidenceSource::from_packed(source)?,
            row: RowRef::unpack(bytes)?,
            through: match is_through {
                true => Some(Through::unpack(bytes)?),
                false => None,
            },
        })
    }
}

const _: () = assert!(size_of::<CardFact>() == 20);
const _: () = assert!(size_of::<DeathFact>() == 20);
const _: () = assert!(size_of::<Fact>() == 44);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{PersonalId, Value};

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

    #[test]
    fn facts_unpack_to_what_was_packed() {
        let last_id = PersonalId::from_text("999999999999").expect("an id");
        let last_si = SiNumber::from_text("9999999999").expect("a number");
        let days = [i32::MIN, -1, 0, 20_000, i32::MAX].map(Day::from_number);
        let mut facts = vec![
            Fact::Citizen(PersonalIdBytes::citizen(last_id)),
            Fact::Cluster(super::Node::participant(last_si)),
            Fact::Missing,
            Fact::NotAlive,
            Fact::Registered,
        ];
        let employer =
            |code: &str| Employer::of(&crate::record::Text::from_text(code).expect("text"));
        for number in [Place(0), Place(u32::MAX)] {
            facts.push(Fact::Employment(EmploymentFact {
                employer: employer("0300000001"),
                from: Day::from_number(-1),
                to: OPEN,
                number,
            }));
            facts.push(Fact::Ceased(CeasedFact {
                employer: employer("?"),
                since: Day::from_number(20_000),
                number,
            }));
            facts.push(Fact::Unemployed(UnemployedFact {
                number,
                from: Day::from_number(-1),
                to: OPEN,
            }));
        }
        facts.extend(BloodType::ALL.map(Fact::BloodType));
        for (day, status) in days.into_iter().zip(CardStatus::ALL.iter().cycle()) {
            for (valid_to, status_date) in
                [(OPEN, UNDATED), (day, UNDATED), (OPEN, day), (day, day)]
            {
                facts.push(Fact::Card(CardFact {
                    prefix: CardNumber::PREFIXES - 1,
                    valid_from: day,
                    valid_to,
                    status_date,
                    status: *status,
                }));
            }
        }
        for source in EvidenceSource::ALL {
            for through in [None, Some(Through::participant(last_si))] {
                facts.push(Fact::Death(DeathFact {
                    latest_day: Day::from_number(-1),
                    source,
                    through,
                    row: RowRef::citizen(last_id),
                }));
            }
        }
        assert_unpacks(&facts);
    }
}
