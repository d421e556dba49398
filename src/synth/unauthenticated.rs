//! Which participants of a household do not authenticate, why, and what is true.
//!
//! In: everything that is ever known of a household. Out: a label for every participant who at the end
//! of some day did not authenticate. Written from the contract and from what was made wrong, without a
//! line of what compares names (`crate::authenticate`).

use std::collections::BTreeMap;

use super::kind::{self, Kind};
use super::row::*;
use super::truth::{Expected, IdentityTruth, Reason, Subject, Truth};
use super::world::{Person, World, whole};
use crate::record::{LifeStatus, PartialDate, SiNumber};

const DAY: i32 = 86_400;

/// What is known of a household.
#[derive(Default)]
struct Known<'e> {
    participants: Vec<&'e Participant>,
    citizens: Vec<&'e Citizen>,
}

/// A cause, the story behind it and what would put it right.
type Found = (&'static Kind, IdentityTruth);

/// Labels the participants of a household. `events` are in order of time, none after the end.
pub(super) fn unauthenticated(world: &World, people: &[Person], events: &[Event]) -> Vec<Truth> {
    let mut known = Known::default();
    let mut found: BTreeMap<SiNumber, (Found, bool)> = BTreeMap::new();
    let day = |event: &Event| event.at.div_euclid(DAY).max(-1);
    for today in events.chunk_by(|a, b| day(a) == day(b)) {
        let mut touched = false;
        for event in today {
            touched |= known.learn(&event.row);
        }
        if !touched {
            continue;
        }
        for participant in &known.participants {
            match known.cause(world, people, participant) {
                Some(cause) => {
                    found.insert(participant.si, (cause, true));
                }
                None => {
                    if let Some((_, stands)) = found.get_mut(&participant.si) {
                        *stands = false;
                    }
                }
            }
        }
    }
    let truth = |(si, ((kind, identity), stands)): (SiNumber, (Found, bool))| Truth {
        reason: Reason::UnauthenticatedIdentity,
        subject: Subject::Participant(si),
        // What a later row put right was only not known yet.
        kind: if stands { kind } else { &kind::CITIZEN_LATER },
        expected: if stands {
            Expected::Stands
        } else {
            Expected::Withdrawn
        },
        identity: Some(identity),
    };
    found.into_iter().map(truth).collect()
}

impl<'e> Known<'e> {
    fn learn(&mut self, row: &'e Row) -> bool {
        match row {
            Row::Participant(row) => {
                self.participants.retain(|known| known.si != row.si);
                self.participants.push(row);
            }
            Row::Citizen(row) => {
                self.citizens.retain(|known| known.id != row.id);
                self.citizens.push(row);
            }
            _ => return false,
        }
        true
    }

    fn cause(&self, world: &World, people: &[Person], row: &Participant) -> Option<Found> {
        let person = people.iter().find(|person| person.index == row.who)?;
        let relinked = |cause| IdentityTruth {
            cause,
            corrections: format!("insurance.personal_id={}", person.id),
        };
        let Some(id) = row.id else {
            return Some((&kind::NO_ID, relinked("no_personal_id")));
        };
        let Some(citizen) = self.citizens.iter().find(|citizen| citizen.id == id) else {
            return Some((&kind::UNKNOWN_ID, relinked("unknown_personal_id")));
        };
        if citizen.superseded_by.is_some() {
            return Some((&kind::OUTDATED_ID, relinked("superseded_id")));
        }
        if citizen.status == LifeStatus::Cancelled {
            let mut truth = relinked("cancelled_id");
            if citizen.id == person.id {
                truth.corrections.clear();
            }
            return Some((&kind::CANCELLED_ID, truth));
        }
        fields(world, person, row.wrong.as_deref()?)
    }
}

/// The cause of the fields that are wrong, and what they should be.
fn fields(world: &World, person: &Person, wrong: &Wrong) -> Option<Found> {
    let mut causes: Vec<Found> = Vec::new();
    let mut found = |kind, cause, correction: String| {
        let truth = IdentityTruth {
            cause,
            corrections: correction,
        };
        causes.push((kind, truth));
    };
    if let Some(name) = &wrong.name {
        let mut own = String::new();
        world.names.write(person.name, &mut own);
        let correction = format!("insurance.full_name={own}");
        if name.is_other {
            found(&kind::OTHER_NAME, "name_differs", correction);
        } else {
            found(&kind::MISSPELT_NAME, "name_spelling", correction);
        }
    }
    if let Some(given) = wrong.birth {
        let own = whole(person.birth);
        let year = PartialDate::new(own.year(), None, None);
        let registered = year.filter(|_| person.year_only).unwrap_or(own);
        let (text, registered) = (given.to_string(), registered.to_string());
        let correction = if text.len() > registered.len() {
            format!("population.birth_date={text}")
        } else {
            format!("insurance.birth_date={registered}")
        };
        let swapped = given.month() == own.day_of_month() && given.day_of_month() == own.month();
        if text.starts_with(&registered) || registered.starts_with(&text) {
            found(&kind::PARTIAL_BIRTH, "birth_date_partial", correction);
        } else if swapped && given.year() == own.year() {
            found(&kind::SWAPPED_BIRTH, "birth_date_swapped", correction);
        } else {
            found(&kind::OTHER_BIRTH, "birth_date_differs", correction);
        }
    }
    if wrong.other_sex {
        let sex = if person.female { 2 } else { 1 };
        found(
            &kind::OTHER_SEX_ENTERED,
            "sex_differs",
            format!("insurance.sex={sex}"),
        );
    }
    if causes.len() > 1 {
        let corrections: Vec<String> = (causes.iter())
            .map(|(_, truth)| truth.corrections.clone())
            .collect();
        let truth = IdentityTruth {
            cause: "several_causes",
            corrections: corrections.join(";"),
        };
        return Some((&kind::SEVERAL_FIELDS, truth));
    }
    causes.pop()
}
