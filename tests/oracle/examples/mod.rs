//! The oracle itself, held against the contract's text: one small world a boundary.

use std::collections::BTreeSet;

use crate::file::{Op, Row, place};
use crate::person::{Node, Person, card_of, cluster_of, person_of};
use crate::plain::{
    Amount, Card, Citizen, Claim, Clock, Day, DeathReport, Identity, Partial, Participant, Record,
};
use crate::reason::{Alerts, alerts, decidable};
use crate::thresholds::Rules;
use crate::timeline::{Cut, timeline};
use crate::world::World;

mod identity;
mod visit;

const SI: &str = "7900000001";
const CARD: &str = "DN4797900000001";
const OTHER_CARD: &str = "GD4797900000002";
const ID: &str = "001080000001";
const OTHER_ID: &str = "001080000002";

fn world(records: impl IntoIterator<Item = Record>) -> World {
    let mut world = World::default();
    records.into_iter().for_each(|record| world.upsert(record));
    world
}

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

fn clock(text: &str) -> Clock {
    text.parse().expect("a time")
}

/// A sound visit with a card.
fn claim(facility: &str, visit_id: &str, admitted: &str, discharged: &str) -> Claim {
    Claim {
        cards: vec![CARD.into()],
        ..Claim::sound(facility, visit_id, clock(admitted), clock(discharged))
    }
}

fn stay(facility: &str, visit_id: &str, admitted: &str, discharged: &str) -> Claim {
    Claim {
        visit_type: "03",
        ..claim(facility, visit_id, admitted, discharged)
    }
}

fn visit_on(date: &str) -> Claim {
    claim(
        "01001",
        "V1",
        &format!("{date}T08:00"),
        &format!("{date}T09:00"),
    )
}

fn card(number: &str, to: Option<&str>) -> Record {
    Record::Card(Card {
        card_number: number.into(),
        valid_from: day("2020-01-01"),
        valid_to: to.map(day),
        status: "valid",
        status_date: None,
    })
}

fn participant(si_number: &str, personal_id: Option<&str>) -> Record {
    Record::Participant(Participant {
        si_number: si_number.into(),
        identity: Identity::default(),
        personal_id: personal_id.map(Into::into),
        province: None,
    })
}

fn citizen(personal_id: &str, life_status: &'static str, death: Option<&str>) -> Citizen {
    Citizen {
        personal_id: personal_id.into(),
        identity: Identity::default(),
        life_status,
        death_date: death.map(|text| Partial(text.into())),
        superseded_by: None,
        old_id: None,
        province: None,
    }
}

fn report(id: &str, si: Option<&str>, personal_id: Option<&str>, source: &'static str) -> Record {
    Record::DeathReport(DeathReport {
        report_id: id.into(),
        personal_id: personal_id.map(Into::into),
        si_number: si.map(Into::into),
        death_date: Partial("2025-03-10".into()),
        source,
    })
}

fn found(world: &World) -> Alerts {
    alerts(world, None, &decidable())
}

/// The ids under a reason, each with class and grade.
fn under(world: &World, name: &str) -> Vec<(String, &'static str, Option<u8>)> {
    let alerts = found(world)
        .into_iter()
        .filter(|((reason, _), _)| *reason == name);
    alerts
        .map(|((_, subject), f)| (subject.id, f.class, f.grade))
        .collect()
}

fn ids(world: &World, name: &str) -> Vec<String> {
    under(world, name).into_iter().map(|(id, ..)| id).collect()
}

fn dead(date: &str, visit: &str) -> World {
    world([
        card(CARD, None),
        participant(SI, Some(ID)),
        Record::Citizen(citizen(ID, "dead", Some(date))),
        Record::Claim(visit_on(visit)),
    ])
}
