//! Which alerts show what: the rows and persons that an alert, as it is written, depends on.
//!
//! In: findings that hold. Out: the alerts that a row or a person is behind. Must hold: what an alert shows
//! is a function of the finding and of what is watched for it, so that an alert none of whose watched rows
//! and persons an epoch touched is written as it was.

use std::collections::BTreeSet;
use std::io;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::lookup::{Known, claim_of};
use super::misuse;
use super::transition::AlertKey;
use super::visits::{VisitsByPerson, deaths_of};
use crate::dataflow::{ClaimContent, Finding, Person, Referent, RowRef, Support};
use crate::record::Key;

/// What an alert depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Watched {
    /// What a key holds.
    Row(RowRef),
    /// What is known of a person: visits, deaths, an observation.
    Person(Person),
}

/// What is watched, and for which alerts.
#[derive(Default)]
pub(super) struct Watch {
    alerts: HashMap<Watched, SmallVec<[AlertKey; 1]>>,
    watched: HashMap<AlertKey, Box<[Watched]>>,
}

impl Watch {
    /// The alerts that depend on something.
    pub(super) fn alerts(&self, watched: Watched) -> &[AlertKey] {
        self.alerts.get(&watched).map_or(&[], |alerts| alerts)
    }

    /// Watches for an alert that holds, and no longer what was watched for it before.
    pub(super) fn set(&mut self, alert: AlertKey, watched: BTreeSet<Watched>) {
        self.remove(alert);
        for one in &watched {
            self.alerts.entry(*one).or_default().push(alert);
        }
        self.watched.insert(alert, watched.into_iter().collect());
    }

    /// Watches no longer for an alert.
    pub(super) fn remove(&mut self, alert: AlertKey) {
        let watched = self.watched.remove(&alert).unwrap_or_default();
        for one in watched {
            if let Some(alerts) = self.alerts.get_mut(&one) {
                alerts.retain(|other| *other != alert);
                if alerts.is_empty() {
                    self.alerts.remove(&one);
                }
            }
        }
    }
}

/// What a finding that holds depends on.
///
/// # Errors
/// When the scratch file cannot be read.
pub(super) fn watched(
    finding: &Finding,
    known: Known<'_>,
    visits: &VisitsByPerson,
) -> io::Result<BTreeSet<Watched>> {
    let mut watched = BTreeSet::new();
    let is_ranked = misuse::kind(finding.reason).is_some();
    add_presented(finding.subject, is_ranked, known, &mut watched)?;
    match &finding.evidence {
        Support::Rows(rows) => {
            for row in rows {
                add_row(*row, known, &mut watched)?;
                if is_ranked && let Some(person) = participant(*row) {
                    watched.insert(Watched::Person(person));
                }
            }
        }
        Support::Window { person, first, .. } => {
            watched.insert(Watched::Person(*person));
            watched.insert(Watched::Row(*first));
            watched.extend(person.as_citizen().map(RowRef::citizen).map(Watched::Row));
        }
    }
    if is_ranked {
        let persons = watched.iter().filter_map(|one| match one {
            Watched::Person(person) => Some(*person),
            Watched::Row(_) => None,
        });
        let deaths: Vec<RowRef> = persons
            .flat_map(|person| deaths_of(visits, person))
            .copied()
            .collect();
        watched.extend(deaths.into_iter().map(Watched::Row));
    }
    Ok(watched)
}

/// Adds a row, and the cards that decide whose it is.
fn add_row(row: RowRef, known: Known<'_>, watched: &mut BTreeSet<Watched>) -> io::Result<()> {
    match row.as_claim_of_several_cards() {
        Some(claim) => add_presented(claim, false, known, watched),
        None => {
            watched.insert(Watched::Row(row));
            Ok(())
        }
    }
}

/// Adds a row; where it is a claim or a check-in, the cards that it lists, and where that counts, the persons
/// of whom it may be.
fn add_presented(
    row: RowRef,
    with_persons: bool,
    known: Known<'_>,
    watched: &mut BTreeSet<Watched>,
) -> io::Result<()> {
    watched.insert(Watched::Row(row));
    let (_, latest) = known.find(row)?;
    let Some(claim) = claim_of(latest.as_ref()) else {
        return Ok(());
    };
    for (card, _) in &claim.cards {
        watched.insert(Watched::Row(RowRef::card(*card)));
        if with_persons {
            watched.insert(Watched::Row(RowRef::participant(card.holder())));
        }
    }
    if with_persons {
        watched.extend(claim.citizen.map(RowRef::citizen).map(Watched::Row));
        watched.extend(persons(claim).map(Watched::Person));
    }
    Ok(())
}

/// The persons of whom a claim may be.
fn persons(claim: &ClaimContent) -> impl Iterator<Item = Person> + '_ {
    let holders = claim.cards.iter().map(|(card, _)| card.holder());
    let citizen = claim.citizen.map(Person::citizen);
    holders.map(Person::participant).chain(citizen)
}

fn participant(row: RowRef) -> Option<Person> {
    match row.referent() {
        Referent::Packed(packed) => match Key::from(packed) {
            Key::Participant(si) => Some(Person::participant(si)),
            _ => None,
        },
        Referent::Numbered(_) => None,
    }
}

/// The persons of whom something may be another since a row was touched.
///
/// # Errors
/// When the scratch file cannot be read.
pub(super) fn persons_behind(row: RowRef, known: Known<'_>) -> io::Result<Vec<Person>> {
    match row.referent() {
        Referent::Packed(packed) => Ok(match Key::from(packed) {
            Key::Card(card) => vec![Person::participant(card.holder())],
            Key::Participant(si) => vec![Person::participant(si)],
            Key::Citizen(id) => vec![Person::citizen(id)],
            _ => Vec::new(),
        }),
        Referent::Numbered(_) => {
            let (_, latest) = known.find(row)?;
            Ok(claim_of(latest.as_ref()).map_or_else(Vec::new, |claim| persons(claim).collect()))
        }
    }
}
