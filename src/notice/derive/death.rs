//! What alerts about deaths propose.
//!
//! Of 650 verified visits after death, 575 were errors of a register (Vietnam Social Security, 2019): a
//! date that was wrong, or put by software where the day was not known. So a single source that a visit
//! speaks against is asked to look at its date, and where the first of a month or year explains every
//! visit, the date without its day is proposed. That somebody is dead is as sure as its sources are many,
//! and sources that visits speak against do not count.

use std::collections::HashSet;

use super::lead::{Lead, Says, Stated};
use crate::alert::{Case, CaseRow};
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::dataflow::{Content, EvidenceSource, OPEN};
use crate::notice::proposal::Told;
use crate::record::{CardStatus, Day, PartialDate, Stream};

/// A recorded death that is before a visit.
#[derive(Clone, Debug)]
pub(super) struct DiedBefore {
    date: PartialDate,
    source: EvidenceSource,
    /// The day of the visit.
    admission: Day,
}

/// A value that does not say that somebody is dead.
#[derive(Clone, Debug)]
pub(super) struct Dead {
    current: Option<Told>,
    /// The value to propose.
    proposed: Instead,
    deaths: Vec<Death>,
}

/// What is to take the place of a value that does not say that somebody is dead.
#[derive(Clone, Debug)]
enum Instead {
    /// This, from the day of death on.
    Since(Told),
    /// The day of death, unless it is before this day.
    Day(Day),
}

/// A death evidence.
#[derive(Clone, Debug)]
struct Death {
    stream: Stream,
    key: Told,
    date: PartialDate,
    source: EvidenceSource,
}

/// The database that a source's dates are put right in. Deaths are registered by civil status offices
/// and courts and from there come into the population database; a reduction form is the insurance's own.
fn database(source: EvidenceSource) -> Database {
    match source {
        EvidenceSource::Population | EvidenceSource::CivilRegistry | EvidenceSource::Court => {
            Database::Population
        }
        EvidenceSource::ContributionForm => Database::Insurance,
        EvidenceSource::Hospital => Database::Health,
    }
}

/// The death that a row tells of, if it does.
fn death(row: &CaseRow) -> Option<Death> {
    let (date, source) = match row.content.as_ref()? {
        Content::Citizen(citizen) => (citizen.death?, EvidenceSource::Population),
        Content::DeathReport(report) => (report.death_date, report.source),
        _ => return None,
    };
    Some(Death {
        stream: row.key.stream(),
        key: Told::of(&row.key),
        date,
        source,
    })
}

/// `service_after_death` of one source: its date is before the visit.
pub(super) fn visit_after(case: &Case) -> Vec<Lead> {
    let Some(Content::Claim(visit) | Content::CheckIn(visit)) = &case.subject.content else {
        return Vec::new();
    };
    let admission = visit.admitted_at.day();
    let leads = case.rows.iter().filter_map(|row| {
        let Death { date, source, .. } = death(row)?;
        // A citizen's row may be there only to tie the claim to its person.
        (date.latest_day() < admission).then(|| {
            let target = (database(source), &row.key, Field::DeathDate);
            let says = Says::DiedBefore(DiedBefore {
                date,
                source,
                admission,
            });
            Lead::of(case, target, says)
        })
    });
    leads.collect()
}

impl DiedBefore {
    /// What is proposed of the date, given all that is said of it.
    pub(super) fn decide(&self, leads: &[Lead]) -> Stated {
        let visits = leads.iter().filter_map(|lead| match &lead.says {
            Says::DiedBefore(before) => Some(before.admission),
            _ => None,
        });
        let last = visits.max().unwrap_or(self.admission);
        let current = Some(Told::of(&self.date));
        if let Some(without_day) = less_precise(self.date, last) {
            return Stated {
                proposed: Some(Told::of(&without_day)),
                ..Stated::look_into(current, Confidence::Medium, Basis::DefaultDay)
            };
        }
        let confidence = match self.source {
            EvidenceSource::ContributionForm | EvidenceSource::Hospital => Confidence::Medium,
            _ => Confidence::Low,
        };
        Stated::look_into(current, confidence, Basis::VisitAfterDeath)
    }
}

/// The date without its day, or without day and month, where it is the first of the month or year, as is
/// put where the day is not known, and the rest of it allows a visit on `last`.
fn less_precise(date: PartialDate, last: Day) -> Option<PartialDate> {
    if date.day_of_month() != Some(1) {
        return None;
    }
    let month = PartialDate::new(date.year(), date.month(), None);
    let year = PartialDate::new(date.year(), None, None).filter(|_| date.month() == Some(1));
    let mut wider = [month, year].into_iter().flatten();
    wider.find(|date| last <= date.latest_day())
}

/// `death_on_living_card` that is no stay: most are outcomes that were clicked by mistake.
pub(super) fn on_living_card(case: &Case) -> Vec<Lead> {
    let Some(Content::Claim(claim)) = &case.subject.content else {
        return Vec::new();
    };
    let current = claim.outcome.map(|outcome| Told::of(&outcome.number()));
    let stated = Stated::look_into(current, Confidence::Medium, Basis::CameAgain);
    let target = (Database::Health, &case.subject.key, Field::Outcome);
    vec![Lead::of(case, target, Says::Stated(stated))]
}

/// `stale_card`: the card is to be reduced from the day of death.
pub(super) fn stale_card(case: &Case) -> Vec<Lead> {
    let Some(Content::Card(_, card)) = &case.subject.content else {
        return Vec::new();
    };
    let dead = Dead {
        current: Some(Told::of(&card.status.as_str())),
        proposed: Instead::Since(Told::of(&CardStatus::Reduced.as_str())),
        deaths: case.rows.iter().filter_map(death).collect(),
    };
    let target = (Database::Insurance, &case.subject.key, Field::Status);
    vec![Lead::of(case, target, Says::Dead(dead))]
}

/// `benefit_after_death`: the benefit is to end on the day of death.
pub(super) fn benefit_after(case: &Case) -> Vec<Lead> {
    let Some(Content::Beneficiary(benefit)) = &case.subject.content else {
        return Vec::new();
    };
    let dead = Dead {
        current: (benefit.to != OPEN).then(|| Told::of(&benefit.to)),
        // What began after death cannot end on it: then somebody is to look at the benefit itself.
        proposed: Instead::Day(benefit.from),
        deaths: case.rows.iter().filter_map(death).collect(),
    };
    let target = (Database::SocialWelfare, &case.subject.key, Field::To);
    vec![Lead::of(case, target, Says::Dead(dead))]
}

impl Dead {
    /// What is proposed, given the death evidence that visits speak against, by stream and key.
    pub(super) fn decide(&self, doubted: &HashSet<(&str, &str)>) -> Stated {
        let is_doubted =
            |death: &&Death| doubted.contains(&(death.stream.name(), death.key.as_str()));
        let (doubtful, mut counted): (Vec<&Death>, Vec<&Death>) =
            self.deaths.iter().partition(is_doubted);
        let sources: HashSet<EvidenceSource> = counted.iter().map(|death| death.source).collect();
        let (confidence, basis) = match sources.len() {
            0 => (Confidence::Low, Basis::OneSource),
            1 if sources.iter().any(|source| is_registry(*source)) => {
                (Confidence::Medium, Basis::OneSource)
            }
            1 => (Confidence::Low, Basis::OneSource),
            _ => (Confidence::High, Basis::SeveralSources),
        };
        if counted.is_empty() {
            counted = doubtful;
        }
        let day = day_of_death(&counted);
        let disagree = |death: &&Death| death.date.is_whole() && Some(first_day(death)) != day;
        let confidence = match counted.iter().any(disagree) {
            true => confidence.less(),
            false => confidence,
        };
        let stated = Stated::look_into(self.current.clone(), confidence, basis);
        match &self.proposed {
            Instead::Since(proposed) => Stated {
                proposed: Some(proposed.clone()),
                since: day,
                ..stated
            },
            Instead::Day(first) => Stated {
                proposed: day.filter(|day| first <= day).map(|day| Told::of(&day)),
                ..stated
            },
        }
    }
}

fn first_day(death: &Death) -> Day {
    death.date.earliest_day()
}

/// Whether deaths are registered there, rather than reported.
fn is_registry(source: EvidenceSource) -> bool {
    use EvidenceSource::{CivilRegistry, Court, Population};
    matches!(source, Population | CivilRegistry | Court)
}

/// The day of death, where a source knows it: of the first source by authority, and of its days the
/// first.
fn day_of_death(deaths: &[&Death]) -> Option<Day> {
    let authority = |source: EvidenceSource| match source {
        EvidenceSource::Population => 0,
        EvidenceSource::CivilRegistry => 1,
        EvidenceSource::Court => 2,
        EvidenceSource::Hospital => 3,
        EvidenceSource::ContributionForm => 4,
    };
    let whole = deaths.iter().filter(|death| death.date.is_whole());
    let first = whole.min_by_key(|death| (authority(death.source), first_day(death)));
    first.map(|death| first_day(death))
}
