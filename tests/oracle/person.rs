//! Derived identities (contract 1.2), each by a naive search of the whole world.

use std::collections::{BTreeMap, BTreeSet};

use crate::plain::{Card, Claim, Day, si_of};
use crate::world::World;

/// Whom a claim is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// The si_number of the claim's card.
    Holder(String),
    /// Without a card: the citizen that the claim names.
    Citizen(String),
}

/// A node of the identity graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    SiNumber(String),
    PersonalId(String),
}

/// The first listed card whose validity covers the admission date, else the first listed.
pub fn card_of<'a>(world: &World, claim: &'a Claim) -> Option<&'a str> {
    let covers = |card: &&String| {
        world
            .cards
            .get(*card)
            .is_some_and(|c| c.covers(claim.admission_date()))
    };
    claim
        .cards
        .iter()
        .find(covers)
        .or(claim.cards.first())
        .map(String::as_str)
}

/// The person of a claim, if it has one.
pub fn person_of(world: &World, claim: &Claim) -> Option<Person> {
    match card_of(world, claim) {
        Some(card) => Some(Person::Holder(si_of(card).to_owned())),
        None => {
            let id = claim.personal_id.as_ref()?;
            world
                .citizens
                .contains_key(id)
                .then(|| Person::Citizen(id.clone()))
        }
    }
}

/// The claims of each person.
pub fn claims_by_person(world: &World) -> BTreeMap<Person, Vec<&Claim>> {
    let mut people: BTreeMap<Person, Vec<&Claim>> = BTreeMap::new();
    for claim in world.claims.values() {
        if let Some(person) = person_of(world, claim) {
            people.entry(person).or_default().push(claim);
        }
    }
    people
}

/// The personal_id of a person: the participant's, or the claim's without a card.
pub fn personal_id_of(world: &World, person: &Person) -> Option<String> {
    match person {
        Person::Holder(si) => world.participants.get(si)?.personal_id.clone(),
        Person::Citizen(id) => Some(id.clone()),
    }
}

/// The si_numbers of a citizen: those of the participants with that personal_id.
pub fn si_numbers_of(world: &World, personal_id: &str) -> BTreeSet<String> {
    let holds = |p: &&crate::plain::Participant| p.personal_id.as_deref() == Some(personal_id);
    world
        .participants
        .values()
        .filter(holds)
        .map(|p| p.si_number.clone())
        .collect()
}

/// The si_numbers under which a person may be reported dead.
pub fn si_numbers_of_person(world: &World, person: &Person) -> BTreeSet<String> {
    match person {
        Person::Holder(si) => BTreeSet::from([si.clone()]),
        Person::Citizen(id) => si_numbers_of(world, id),
    }
}

/// Where a person stands in the identity graph.
pub fn node_of(person: &Person) -> Node {
    match person {
        Person::Holder(si) => Node::SiNumber(si.clone()),
        Person::Citizen(id) => Node::PersonalId(id.clone()),
    }
}

/// The connected component of a node.
pub fn cluster_of(world: &World, start: Node) -> BTreeSet<Node> {
    let mut edges: Vec<(Node, Node)> = Vec::new();
    for p in world.participants.values() {
        if let Some(id) = &p.personal_id {
            edges.push((
                Node::SiNumber(p.si_number.clone()),
                Node::PersonalId(id.clone()),
            ));
        }
    }
    for a in world.citizens.values() {
        let node = Node::PersonalId(a.personal_id.clone());
        if let Some(next) = &a.superseded_by {
            edges.push((node.clone(), Node::PersonalId(next.clone())));
        }
        for b in world.citizens.values() {
            if a.old_id.is_some() && a.old_id == b.old_id {
                edges.push((node.clone(), Node::PersonalId(b.personal_id.clone())));
            }
        }
    }
    let mut cluster = BTreeSet::from([start]);
    loop {
        let before = cluster.len();
        for (a, b) in &edges {
            if cluster.contains(a) || cluster.contains(b) {
                cluster.insert(a.clone());
                cluster.insert(b.clone());
            }
        }
        if cluster.len() == before {
            return cluster;
        }
    }
}

/// The cards whose holder is one of the si_numbers.
pub fn cards_held<'a>(
    world: &'a World,
    si_numbers: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a Card> {
    world
        .cards
        .values()
        .filter(|c| si_numbers.contains(si_of(&c.card_number)))
}

/// The death evidence of a person: each source with its latest day.
pub fn deaths_of(world: &World, person: &Person) -> Vec<(&'static str, Day)> {
    let mut deaths = Vec::new();
    let personal_id = personal_id_of(world, person);
    let si_numbers = si_numbers_of_person(world, person);
    if let Some(citizen) = personal_id.as_ref().and_then(|id| world.citizens.get(id))
        && ["dead", "declared_dead"].contains(&citizen.life_status)
        && let Some(date) = &citizen.death_date
    {
        deaths.push(("population", date.latest()));
    }
    for report in world.death_reports.values() {
        let by_id = report.personal_id.is_some() && report.personal_id == personal_id;
        let by_si = report
            .si_number
            .as_ref()
            .is_some_and(|si| si_numbers.contains(si));
        if by_id || by_si {
            deaths.push((report.source, report.death_date.latest()));
        }
    }
    deaths
}

/// The distinct sources of death evidence of a person whose latest day is before a day.
pub fn sources_before(world: &World, person: &Person, day: Day) -> BTreeSet<&'static str> {
    let before = deaths_of(world, person)
        .into_iter()
        .filter(|(_, latest)| *latest < day);
    before.map(|(source, _)| source).collect()
}
