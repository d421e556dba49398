//! From what is known of a claim, its person and the registers to an observation.
//!
//! In: [`Circumstances`]. Out: a [`MisuseObservation`]. Must hold: a pure function; the order of visits
//! and of evidence does not matter; no value overflows.

use super::feature::{MisuseFeature, MisuseObservation};
use crate::record::{Day, Facility, PartialDate};

/// The reasons whose alerts are ranked by what they are likely to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// `service_after_death`
    ServiceAfterDeath,
    /// `death_on_living_card`
    DeathOnLivingCard,
    /// `duplicate_identity`
    DuplicateIdentity,
    /// `identity_mismatch`
    IdentityMismatch,
}

impl ReasonKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ServiceAfterDeath,
        Self::DeathOnLivingCard,
        Self::DuplicateIdentity,
        Self::IdentityMismatch,
    ];

    /// The contract's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServiceAfterDeath => "service_after_death",
            Self::DeathOnLivingCard => "death_on_living_card",
            Self::DuplicateIdentity => "duplicate_identity",
            Self::IdentityMismatch => "identity_mismatch",
        }
    }

    /// The reason with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What is looked at of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitSeen {
    /// Admission date.
    pub admitted: Day,
    /// The day on which it ended.
    pub discharged: Day,
    /// The facility.
    pub facility: Facility,
    /// The category of the main diagnosis.
    pub diagnosis: u16,
    /// Whether the outcome is a death.
    pub died: bool,
}

/// A death evidence of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeathEvidence {
    /// The date of death.
    pub date: PartialDate,
    /// A number for the source, the same for evidence of one source.
    pub source: u8,
    /// When it became known.
    pub known: Day,
}

/// The state of a registered card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardState {
    /// Whether it is in force.
    pub is_valid: bool,
    /// Since when it is in its state, where that is told.
    pub since: Option<Day>,
}

/// Whom the personal id on a claim names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedCitizen {
    /// There is none of 12 digits.
    Nobody,
    /// The person.
    Person,
    /// Somebody else, or nobody that is known.
    Other {
        /// In how many digits it differs from the person's; 12 where the person has none.
        digits_off: u8,
        /// Whether the population register has it.
        is_known: bool,
    },
}

/// What is known of a claim under an alert.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// Why there is an alert.
    pub reason: ReasonKind,
    /// The visit.
    pub visit: VisitSeen,
    /// Thousandths of ln of its cost in dong.
    pub cost: i32,
    /// Whether it is a stay.
    pub is_stay: bool,
    /// Whether another facility sent the patient.
    pub is_referred: bool,
    /// Whom it names.
    pub named: NamedCitizen,
    /// The person's claims, this one among them, in any order.
    pub visits: &'a [VisitSeen],
    /// The claims under other insurance numbers of the person.
    pub other_numbers: &'a [VisitSeen],
    /// The death evidence of the person, in any order.
    pub deaths: &'a [DeathEvidence],
    /// The card, where it is registered.
    pub card: Option<CardState>,
    /// The outlier score in ten-thousandths; 0 where there is none.
    pub score: i32,
}

/// Days beyond which nothing is told apart.
const FAR: i32 = 400;
/// What stands for a card in force, and beyond every number of days.
const IN_FORCE: i32 = 999;
/// Half a year.
const NEAR: i32 = 183;

fn days(from: Day, to: Day) -> i32 {
    to.number().saturating_sub(from.number())
}

fn within(days: i32) -> i32 {
    days.clamp(-FAR, FAR)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> i32 {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    count(values.len())
}

/// Observes a claim under an alert.
pub fn observe_misuse(known: &Circumstances<'_>) -> MisuseObservation {
    let mut values = [-1; MisuseFeature::COUNT];
    let mut set = |feature: MisuseFeature, value: i32| values[feature.index()] = value;
    let visit = &known.visit;
    set(MisuseFeature::Cost, known.cost);
    set(MisuseFeature::Stay, known.is_stay.into());
    set(MisuseFeature::Referred, known.is_referred.into());
    set(MisuseFeature::OutlierScore, known.score);
    let (names, digits, is_known) = match known.named {
        NamedCitizen::Nobody => (0, -1, -1),
        NamedCitizen::Person => (1, 0, 1),
        NamedCitizen::Other {
            digits_off,
            is_known,
        } => (2, digits_off.into(), is_known.into()),
    };
    set(MisuseFeature::NamesCitizen, names);
    set(MisuseFeature::DigitsOff, digits);
    set(MisuseFeature::IdIsKnown, is_known);

    let death = match known.reason {
        ReasonKind::ServiceAfterDeath => after_death(known, &mut set),
        ReasonKind::DeathOnLivingCard => Some(visit.discharged),
        ReasonKind::DuplicateIdentity | ReasonKind::IdentityMismatch => None,
    };
    if let Some(death) = death {
        set(
            MisuseFeature::DaysAfterDeath,
            within(days(death, visit.admitted)),
        );
        let after = || known.visits.iter().filter(|other| other.admitted > death);
        set(MisuseFeature::VisitsAfterDeath, count(after().count()));
        set(
            MisuseFeature::FacilitiesAfterDeath,
            distinct(after().map(|other| other.facility)),
        );
        set(
            MisuseFeature::DiagnosesAfterDeath,
            distinct(after().map(|other| other.diagnosis)),
        );
        let last = after().map(|other| days(death, other.admitted)).max();
        set(
            MisuseFeature::LastVisitAfterDeath,
            within(last.unwrap_or(0)),
        );
    }

    let until = match known.reason {
        ReasonKind::ServiceAfterDeath => death.unwrap_or(visit.admitted).plus(1),
        _ => visit.admitted,
    };
    let before = || {
        let year = known.visits.iter();
        year.filter(|other| (1..=365).contains(&days(other.admitted, until)))
    };
    set(MisuseFeature::VisitsYearBefore, count(before().count()));
    let alike = before().filter(|other| other.facility == visit.facility);
    set(MisuseFeature::VisitsAtFacility, count(alike.count()));
    let alike = before().filter(|other| other.diagnosis == visit.diagnosis);
    set(MisuseFeature::VisitsWithDiagnosis, count(alike.count()));
    let quiet = before().map(|other| days(other.admitted, until)).min();
    set(MisuseFeature::QuietBefore, quiet.map_or(FAR, within));
    let later = known.visits.iter();
    let later = later.filter(|other| other.admitted > visit.admitted);
    let next = later
        .map(|other| days(visit.admitted, other.admitted))
        .min();
    set(MisuseFeature::NextVisit, next.map_or(FAR, within));
    set(MisuseFeature::WholeWeeks, whole_weeks(known, death).into());

    let withdrawn_after = death.unwrap_or(visit.admitted);
    if let Some(card) = known.card {
        set(MisuseFeature::CardWithdrawn, (!card.is_valid).into());
        let since = card.since.filter(|_| !card.is_valid);
        set(
            MisuseFeature::CardDaysAfter,
            since.map_or(IN_FORCE, |since| within(days(withdrawn_after, since))),
        );
    }

    let other = || {
        let others = known.other_numbers.iter();
        others.filter(|other| days(other.admitted, visit.admitted).abs() <= NEAR)
    };
    set(MisuseFeature::VisitsOtherNumbers, count(other().count()));
    let alike = other().filter(|other| other.diagnosis == visit.diagnosis);
    set(MisuseFeature::DiagnosisOtherNumbers, count(alike.count()));
    let nearest = other().map(|other| days(other.admitted, visit.admitted).abs());
    set(
        MisuseFeature::DaysToOtherNumber,
        nearest.min().unwrap_or(FAR),
    );
    MisuseObservation { values }
}

/// What the death evidence says; gives the earliest day before the visit.
fn after_death(known: &Circumstances<'_>, set: &mut impl FnMut(MisuseFeature, i32)) -> Option<Day> {
    let visit = &known.visit;
    let admitted = visit.admitted;
    let before = || {
        let deaths = known.deaths.iter();
        deaths.filter(|death| death.date.latest_day() < admitted)
    };
    set(
        MisuseFeature::Sources,
        distinct(before().map(|death| death.source)),
    );
    let earliest =
        before().min_by_key(|death| (death.date.latest_day(), death.known, death.source))?;
    let death = earliest.date.latest_day();
    let first_known = before().map(|death| death.known).min()?;
    set(
        MisuseFeature::DefaultDate,
        default_date(earliest.date, admitted),
    );
    set(
        MisuseFeature::SwappedDate,
        swapped(earliest.date)
            .is_some_and(|swapped| swapped >= admitted && swapped <= first_known)
            .into(),
    );
    let died_later = known
        .deaths
        .iter()
        .any(|death| death.date.latest_day() >= admitted)
        || known
            .visits
            .iter()
            .any(|other| other.died && other.discharged >= admitted);
    set(MisuseFeature::LaterEvidence, died_later.into());
    set(
        MisuseFeature::DeathKnownAfter,
        within(days(death, first_known)),
    );
    set(
        MisuseFeature::DaysAfterKnown,
        within(days(first_known, admitted)),
    );
    let last = known.visits.iter().map(|other| other.admitted).max();
    let last = last.unwrap_or(admitted).max(admitted);
    set(
        MisuseFeature::LastVisitAfterKnown,
        within(days(first_known, last)),
    );
    Some(death)
}

/// Whether a date of death is one that stands for an unknown day, and whether it would explain a visit:
/// the person died later in the month, or in the year.
fn default_date(date: PartialDate, admitted: Day) -> i32 {
    if date.day_of_month() != Some(1) {
        return 0;
    }
    let (year, month, _) = admitted.civil();
    let same_year = i32::from(date.year()) == year;
    let same_month = date.month().map(u32::from) == Some(month);
    let in_reach = same_year && (same_month || date.month() == Some(1));
    if in_reach { 1 } else { 2 }
}

/// The date with day and month exchanged, where that is another date.
fn swapped(date: PartialDate) -> Option<Day> {
    let (month, day) = (date.month()?, date.day_of_month()?);
    if month == day {
        return None;
    }
    let swapped = PartialDate::new(date.year(), Some(day), Some(month))?;
    Some(swapped.latest_day())
}

/// Whether the visit before or after this one, of those in question, is a whole number of weeks away.
fn whole_weeks(known: &Circumstances<'_>, death: Option<Day>) -> bool {
    let admitted = known.visit.admitted;
    let in_question = |other: &&VisitSeen| death.is_none_or(|death| other.admitted > death);
    let apart = |other: &VisitSeen| days(other.admitted, admitted);
    let visits = || known.visits.iter().filter(in_question).map(apart);
    let before = visits().filter(|apart| *apart > 0).min();
    let after = visits().filter(|apart| *apart < 0).max();
    [before, after]
        .into_iter()
        .flatten()
        .any(|apart| apart % 7 == 0)
}

#[cfg(test)]
#[path = "observe_tests.rs"]
mod tests;
