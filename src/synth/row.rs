//! Rows before they are texts: what happened, to whom, when it became known.
//!
//! Times are seconds and days from the first day of the period; what was known before it has a
//! negative time. Names, birth dates and the like are not here: they are functions of the person.

use serde::{Deserialize, Serialize};

use super::place::FacilityNumber;
use crate::record::{
    CardNumber, CardStatus, DeathSource, EnterpriseStatus, LifeStatus, OldId, PartialDate,
    PersonalId, SiNumber,
};

/// A day, counted from the first day of the period.
pub(super) type DayNumber = i32;

/// A row and when it became known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    /// Seconds from the start of the period; negative: known before it.
    pub(super) at: i32,
    pub(super) row: Row,
}

/// A row of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Row {
    Citizen(Citizen),
    DeathReport(DeathReport),
    Participant(Participant),
    Card(Card),
    Claim(Box<Claim>),
    CheckIn(Box<Claim>),
    Enterprise(Enterprise),
    Employment(Employment),
    Beneficiary(Beneficiary),
    HealthProfile(HealthProfile),
}

/// How the name, birth date or sex on a row differs from the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Spelling {
    /// As the person's.
    #[default]
    True,
    /// A birth date known to the year only.
    BirthYear,
    /// Day and month of birth swapped, where that is a date.
    BirthSwapped,
    /// The other sex.
    OtherSex,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Citizen {
    pub(super) who: u32,
    pub(super) id: PersonalId,
    pub(super) spelling: Spelling,
    pub(super) status: LifeStatus,
    pub(super) death: Option<PartialDate>,
    pub(super) superseded_by: Option<PersonalId>,
    pub(super) old_id: Option<OldId>,
    pub(super) province: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DeathReport {
    pub(super) report: u64,
    pub(super) id: Option<PersonalId>,
    pub(super) si: Option<SiNumber>,
    pub(super) death: PartialDate,
    pub(super) source: DeathSource,
    /// Whether the row takes the report back.
    pub(super) delete: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Participant {
    pub(super) who: u32,
    pub(super) si: SiNumber,
    pub(super) id: Option<PersonalId>,
    pub(super) spelling: Spelling,
    pub(super) province: u8,
    /// What the insurance database has wrong.
    pub(super) wrong: Option<Box<Wrong>>,
}

/// What is wrong on a participant's row, where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrong {
    pub(super) name: Option<WrongName>,
    pub(super) birth: Option<PartialDate>,
    pub(super) other_sex: bool,
}

/// A name that is not the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrongName {
    pub(super) text: String,
    /// Whether it is another name, and not the person's misspelt.
    pub(super) is_other: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) number: CardNumber,
    pub(super) from: DayNumber,
    pub(super) to: Option<DayNumber>,
    pub(super) status: CardStatus,
    pub(super) since: Option<DayNumber>,
    pub(super) facility: FacilityNumber,
}

/// A claim, or the check-in that precedes it, which has fewer columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) who: u32,
    pub(super) facility: FacilityNumber,
    pub(super) visit: u64,
    pub(super) cards: [Option<CardNumber>; 2],
    pub(super) id: Option<PersonalId>,
    pub(super) spelling: Spelling,
    pub(super) visit_type: u8,
    pub(super) object: Object,
    /// Place in the table of diagnoses.
    pub(super) diagnosis: u8,
    pub(super) others: [Option<u8>; 2],
    /// Minutes from the start of the period.
    pub(super) admitted: i32,
    pub(super) discharged: i32,
    pub(super) outcome: u8,
    pub(super) discharge_type: u8,
    pub(super) exempt_from: Option<DayNumber>,
    pub(super) from: Option<FacilityNumber>,
    pub(super) to: Option<FacilityNumber>,
    pub(super) department: u8,
    pub(super) money: Amounts,
    pub(super) lines: u8,
    /// The blood group that it names, as [`Person::blood`](super::world::Person::blood).
    pub(super) blood: Option<u8>,
}

/// Entitlement codes (Decision 3276/QD-BYT of 2025).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Object {
    Registered,
    InitialLevel,
    Referred,
    SelfReferred,
    Emergency,
    Newborn,
    Appointment,
    Withdrawn,
    Uninsured,
}

impl Object {
    pub(super) fn code(self) -> &'static str {
        match self {
            Object::Registered => "1.1",
            Object::InitialLevel => "1.2",
            Object::Referred => "1.3",
            Object::SelfReferred => "3.3",
            Object::Emergency => "2",
            Object::Newborn => "1.7",
            Object::Appointment => "1.5",
            Object::Withdrawn => "8",
            Object::Uninsured => "9",
        }
    }
}

/// Whole dong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amounts {
    pub(super) drugs: i64,
    pub(super) supplies: i64,
    pub(super) total: i64,
    pub(super) covered: i64,
    pub(super) paid: i64,
    pub(super) copay: i64,
    pub(super) self_paid: i64,
    pub(super) other: i64,
}

impl Claim {
    /// The day of admission.
    pub(super) fn day(&self) -> DayNumber {
        self.admitted.div_euclid(1440)
    }

    /// The day of discharge.
    pub(super) fn last_day(&self) -> DayNumber {
        self.discharged.div_euclid(1440)
    }

    /// Whether it is a stay in the sense of the reasons about cards.
    pub(super) fn is_stay(&self) -> bool {
        matches!(self.visit_type, 3 | 4 | 6 | 9)
    }

    /// The cards that it lists.
    pub(super) fn cards(&self) -> impl Iterator<Item = CardNumber> + Clone + '_ {
        self.cards.iter().flatten().copied()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Enterprise {
    pub(super) number: u32,
    pub(super) status: EnterpriseStatus,
    pub(super) since: DayNumber,
    pub(super) successor: Option<u32>,
    pub(super) workforce: u32,
}

impl Enterprise {
    /// Whether something becomes of an enterprise in the period. Nobody of the country works in one
    /// of these, so that no card rests on an enterprise that is gone.
    pub(super) fn may_end(number: u32) -> bool {
        number % 17 == 16
    }

    /// An enterprise that goes on: this one, or the one before it.
    pub(super) fn that_goes_on(number: u32) -> u32 {
        number - u32::from(Self::may_end(number))
    }

    /// An enterprise of a household's story, beyond those of the country. `which` is below 4.
    pub(super) fn of_story(household: u32, which: u32) -> u32 {
        OF_STORIES + household * 4 + which
    }
}

/// The first number of an enterprise of a story: the largest country has a million others, and four
/// for each of its households still have ten digits as tax codes.
const OF_STORIES: u32 = 200_000_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Employment {
    pub(super) si: SiNumber,
    pub(super) enterprise: u32,
    pub(super) from: DayNumber,
    pub(super) to: Option<DayNumber>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Beneficiary {
    pub(super) id: PersonalId,
    pub(super) scheme: Scheme,
    pub(super) from: DayNumber,
    pub(super) to: Option<DayNumber>,
    pub(super) monthly: i64,
}

/// Schemes of benefits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Scheme {
    Pension,
    SocialPension,
    Disability,
    Unemployment,
}

impl Scheme {
    pub(super) fn name(self) -> &'static str {
        match self {
            Scheme::Pension => "pension",
            Scheme::SocialPension => "social_pension",
            Scheme::Disability => "disability_allowance",
            Scheme::Unemployment => "unemployment",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HealthProfile {
    pub(super) who: u32,
    pub(super) id: PersonalId,
    /// ABO and rhesus, 0 to 7.
    pub(super) blood: u8,
}
