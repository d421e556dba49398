//! A participant that is not the citizen its row names.

use std::collections::BTreeSet;

use super::{Finding, Findings, Subject};
use crate::plain::{Day, Identity, Partial, Participant};
use crate::world::World;

pub fn find(world: &World, _as_of: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (si_number, participant) in &world.participants {
        let Some(cause) = cause(world, participant) else {
            continue;
        };
        let mut evidence = BTreeSet::from([("participants", si_number.clone())]);
        evidence.extend(participant.personal_id.clone().map(|id| ("citizens", id)));
        let subject = Subject {
            kind: "participant",
            id: si_number.clone(),
        };
        let finding = Finding {
            class: "data_quality",
            grade: None,
            cause: Some(cause),
            evidence,
            amount: 0,
            score: None,
        };
        findings.insert(subject, finding);
    }
    findings
}

/// Why a participant does not authenticate, where it does not.
pub fn cause(world: &World, participant: &Participant) -> Option<&'static str> {
    let Some(personal_id) = &participant.personal_id else {
        return Some("no_personal_id");
    };
    let Some(citizen) = world.citizens.get(personal_id) else {
        return Some("unknown_personal_id");
    };
    if citizen.superseded_by.is_some() {
        return Some("superseded_id");
    }
    if citizen.life_status == "cancelled" {
        return Some("cancelled_id");
    }
    let (a, b) = (&participant.identity, &citizen.identity);
    let fields = [
        name(a, b),
        birth_date(&a.birth_date, &b.birth_date),
        sex(a, b),
    ];
    match fields.into_iter().flatten().collect::<Vec<_>>()[..] {
        [] => None,
        [cause] => Some(cause),
        _ => Some("several_causes"),
    }
}

fn name(a: &Identity, b: &Identity) -> Option<&'static str> {
    match (a.name, b.name) {
        (a, b) if a.whose != b.whose => Some("name_differs"),
        (a, b) if a.spelling != b.spelling => Some("name_spelling"),
        _ => None,
    }
}

fn birth_date(a: &Partial, b: &Partial) -> Option<&'static str> {
    let (a, b) = (a.0.as_str(), b.0.as_str());
    if a == b {
        return None;
    }
    if a.starts_with(b) || b.starts_with(a) {
        return Some("birth_date_partial");
    }
    let swapped = |text: &str| match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => Some(format!("{year}-{day}-{month}")),
        _ => None,
    };
    if swapped(a).as_deref() == Some(b) {
        return Some("birth_date_swapped");
    }
    Some("birth_date_differs")
}

fn sex(a: &Identity, b: &Identity) -> Option<&'static str> {
    (a.sex != b.sex && a.sex != 3 && b.sex != 3).then_some("sex_differs")
}
