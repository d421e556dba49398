//! A participant that linkage puts in one cluster with another.
//!
//! What a pair weighs is the artefact's and asked of the program; who is compared with whom, whose number
//! is trusted, who is left out and what a cluster is are decided here, over all pairs.

use std::collections::BTreeSet;

use fundwatch::link::{PersonBounds, PersonColumns, PersonLinkage};

use super::unauthenticated_identity::cause;
use super::{Finding, Findings, Subject};
use crate::plain::{Day, Participant};
use crate::world::World;

/// So few may share a key that histories have too many of them.
pub const BOUNDS: PersonBounds = PersonBounds {
    name_and_year: 4,
    date_and_name: 4,
};

pub fn find(world: &World, _as_of: Option<Day>) -> Findings {
    let everyone: Vec<&Participant> = world.participants.values().collect();
    // A number of a cluster each, until no pair is in two.
    let mut cluster: Vec<usize> = (0..everyone.len()).collect();
    let pairs: Vec<(usize, usize)> = pairs(everyone.len())
        .filter(|(a, b)| is_pair(world, everyone[*a], everyone[*b]))
        .collect();
    for _ in &everyone {
        for (a, b) in &pairs {
            let least = cluster[*a].min(cluster[*b]);
            (cluster[*a], cluster[*b]) = (least, least);
        }
    }
    let mut findings = Findings::new();
    for (place, participant) in everyone.iter().enumerate() {
        let members = (0..everyone.len()).filter(|other| cluster[*other] == cluster[place]);
        let members: Vec<&Participant> = members.map(|member| everyone[member]).collect();
        if members.len() < 2 {
            continue;
        }
        let mut evidence = BTreeSet::new();
        for member in members {
            evidence.insert(("participants", member.si_number.clone()));
            evidence.extend(member.personal_id.clone().map(|id| ("citizens", id)));
        }
        let subject = Subject {
            kind: "participant",
            id: participant.si_number.clone(),
        };
        let finding = Finding {
            class: "identity",
            grade: None,
            cause: None,
            evidence,
            amount: 0,
            score: None,
        };
        findings.insert(subject, finding);
    }
    findings
}

/// Whether somebody is left out because too many share a key.
pub fn leaves_out(world: &World) -> bool {
    let everyone: Vec<&Participant> = world.participants.values().collect();
    pairs(everyone.len()).any(|(a, b)| is_left_out(world, everyone[a], everyone[b]))
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |b| (0..b).map(move |a| (a, b)))
}

/// Two of whom one has no number that is trusted, nor both the same, and who are alike.
fn is_pair(world: &World, a: &Participant, b: &Participant) -> bool {
    let is_one_citizen = a.personal_id.is_some() && a.personal_id == b.personal_id;
    let are_two_citizens = is_trusted(world, a) && is_trusted(world, b);
    if is_one_citizen || are_two_citizens {
        return false;
    }
    is_alike(a, b) && !is_left_out(world, a, b)
}

/// A number that is current, and whose citizen differs in one of name, birth date and sex at most.
fn is_trusted(world: &World, participant: &Participant) -> bool {
    ![
        "no_personal_id",
        "unknown_personal_id",
        "superseded_id",
        "cancelled_id",
        "several_causes",
    ]
    .contains(&cause(world, participant).unwrap_or_default())
}

fn is_alike(a: &Participant, b: &Participant) -> bool {
    let linkage = PersonLinkage::builtin();
    let record = |participant: &Participant| {
        linkage.model.record(PersonColumns {
            full_name: participant.identity.name.text,
            birth_date: &participant.identity.birth_date.0,
            sex: &participant.identity.sex.to_string(),
            province: participant.province,
        })
    };
    linkage.model.weight(&record(a), &record(b)) >= linkage.least()
}

/// Too many have what the two have in common: the name and the year of birth; or, where they have not
/// these, the date of birth and the last word of the name; or the date and the words before it.
fn is_left_out(world: &World, a: &Participant, b: &Participant) -> bool {
    let keys = (keys(a), keys(b));
    for (place, bound) in [
        (0, BOUNDS.name_and_year),
        (1, BOUNDS.date_and_name),
        (2, BOUNDS.date_and_name),
    ] {
        let key = &keys.0[place];
        if key.is_some() && *key == keys.1[place] {
            let have = |p: &&Participant| self::keys(p)[place] == *key;
            return world.participants.values().filter(have).count() > bound;
        }
    }
    false
}

fn keys(participant: &Participant) -> [Option<(String, String)>; 3] {
    let date = participant.identity.birth_date.0.clone();
    let name = participant.identity.name.plain;
    let (family, given) = name.rsplit_once(' ').expect("names have several words");
    let mut words: Vec<&str> = name.split(' ').collect();
    words.sort_unstable();
    let dated = |part: &str| (date.len() == 10).then(|| (part.to_owned(), date.clone()));
    [
        Some((words.join(" "), date[..4].to_owned())),
        dated(given),
        dated(family),
    ]
}
