//! Histories in which something stands near a threshold: persons of their own, each with one situation
//! whose distance from the condition is drawn around the values that thresholds are given.

use jiff::civil::{date, datetime};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::file::{Op, Row};
use crate::history::rows;
use crate::plain::{
    Card, Citizen, Claim, Clock, DeathReport, Employment, Enterprise, Identity, Partial,
    Participant, Record, plus,
};
use crate::universe::{FACILITIES, TINY, instant, personal_id, si_number};

/// When everything near a threshold begins.
const START: Clock = datetime(2025, 3, 10, 8, 0, 0, 0);

/// A person of its own, and what is known of it beside its claims.
struct Person {
    number: usize,
    card: String,
}

impl Person {
    fn new(number: usize, prefix: &str) -> Self {
        let card = format!("{prefix}{}", si_number(number));
        Self { number, card }
    }

    fn citizen(&self) -> Record {
        Record::Citizen(Citizen {
            identity: Identity::default(),
            personal_id: personal_id(self.number),
            life_status: "alive",
            death_date: None,
            superseded_by: None,
            old_id: None,
            province: None,
        })
    }

    fn participant(&self) -> Record {
        Record::Participant(Participant {
            identity: Identity::default(),
            si_number: si_number(self.number),
            personal_id: Some(personal_id(self.number)),
            province: None,
        })
    }

    fn card(&self, valid_to: Option<jiff::civil::Date>) -> Record {
        Record::Card(Card {
            card_number: self.card.clone(),
            valid_from: date(2020, 1, 1),
            valid_to,
            status: "valid",
            status_date: None,
        })
    }

    /// Their claim number `n`, for some minutes from some minutes after the start on.
    fn claim(&self, n: usize, visit_type: &'static str, (from, minutes): (i64, i64)) -> Claim {
        let admitted_at = START + SignedDuration::from_mins(from);
        let discharged_at = admitted_at + SignedDuration::from_mins(minutes);
        let visit = format!("T{}-{n}", self.number);
        Claim {
            cards: vec![self.card.clone()],
            visit_type,
            cost_total: 1000 * n as i64,
            ..Claim::sound(
                FACILITIES[n % FACILITIES.len()],
                &visit,
                admitted_at,
                discharged_at,
            )
        }
    }
}

const DAY: i64 = 1440;

/// Minutes and days around the values of thresholds.
fn near_minutes() -> impl Strategy<Value = i64> {
    select(vec![
        1i64, 2, 59, 60, 119, 120, 121, 122, 239, 240, 241, 242, 1441,
    ])
}

fn near_days() -> impl Strategy<Value = i64> {
    select(vec![1i64, 2, 14, 15, 16, 17, 21, 22, 23])
}

/// The records of one situation.
fn situation() -> impl Strategy<Value = Vec<Record>> {
    let newborn = select(vec![0, 1, 2, 29, 30, 31, 59, 60, 61, 62, 63]).prop_map(|age| {
        let baby = Person::new(60, "TE179");
        let claim = baby.claim(0, "01", (0, 30));
        let birth_date = Partial(plus(START.date(), -age).to_string());
        vec![Record::Claim(Claim {
            birth_date,
            ..claim
        })]
    });
    let two_cards = select(vec![59, 60, 61]).prop_map(|age| {
        // Whether the second is unknown decides between two reasons.
        let (baby, other) = (Person::new(61, "TE179"), Person::new(61, "GD479"));
        let claim = other.claim(0, "01", (0, 30));
        let birth_date = Partial(plus(START.date(), -age).to_string());
        let cards = vec![other.card.clone(), baby.card.clone()];
        let expired = other.card(Some(date(2025, 3, 1)));
        vec![
            expired,
            Record::Claim(Claim {
                birth_date,
                cards,
                ..claim
            }),
        ]
    });
    let died = near_days().prop_map(|days| {
        let owner = Person::new(62, "GD479");
        let died = Claim {
            outcome: 5,
            ..owner.claim(0, "01", (0, 30))
        };
        let later = owner.claim(1, "02", (days * DAY, 30));
        vec![
            owner.citizen(),
            owner.participant(),
            Record::Claim(died),
            Record::Claim(later),
        ]
    });
    let employee = select(vec![0, 1, 89, 90, 91, 92, 93]).prop_map(|days| {
        let employee = Person::new(63, "DN479");
        let employment = Employment {
            si_number: si_number(63),
            tax_code: "0300000009",
            from: date(2020, 1, 1),
            to: None,
        };
        let enterprise = Enterprise {
            tax_code: "0300000009",
            status: "dissolved",
            effective_date: plus(START.date(), -days),
            successor: None,
        };
        vec![
            Record::Employment(employment),
            Record::Enterprise(enterprise),
            Record::Claim(employee.claim(0, "01", (0, 30))),
        ]
    });
    let outlived = (near_days(), any::<bool>()).prop_map(|(days, lists_two)| {
        let patient = Person::new(64, "GD479");
        let mut stay = patient.claim(0, "03", (0, days * DAY));
        if lists_two {
            stay.cards.push(format!("GD401{}", si_number(64)));
        }
        let other = Person::new(64, "GD401");
        let last = Some(START.date());
        vec![patient.card(last), other.card(last), Record::Claim(stay)]
    });
    let overlap = near_minutes().prop_map(|minutes| {
        let patient = Person::new(65, "GD479");
        let one = patient.claim(0, "03", (0, DAY));
        let other = patient.claim(1, "09", (DAY - minutes, 3 * DAY));
        vec![Record::Claim(one), Record::Claim(other)]
    });
    let during = (near_minutes(), near_minutes()).prop_map(|(after, before)| {
        let patient = Person::new(66, "GD479");
        let stay = patient.claim(0, "03", (0, after + before));
        let visit = patient.claim(1, "01", (after, 10));
        vec![Record::Claim(stay), Record::Claim(visit)]
    });
    let day = (2..5usize).prop_map(|facilities| {
        let patient = Person::new(67, "GD479");
        let visit = |n: usize| Record::Claim(patient.claim(n, "01", (60 * n as i64, 30)));
        (0..facilities).map(visit).collect()
    });
    let often = prop::collection::vec(near_days(), 2..5).prop_map(|days| {
        let patient = Person::new(68, "GD479");
        let visit = |(n, day): (usize, &i64)| {
            let visit = patient.claim(n, "02", (day * DAY + n as i64, 30));
            Record::Claim(visit)
        };
        days.iter().enumerate().map(visit).collect()
    });
    let dead = (1..5usize).prop_map(|sources| {
        let patient = Person::new(69, "GD479");
        let names = ["contribution_form", "hospital", "court", "civil_registry"];
        let report = |(n, source): (usize, &'static str)| {
            Record::DeathReport(DeathReport {
                report_id: format!("T69-{n}"),
                personal_id: None,
                si_number: Some(si_number(69)),
                death_date: Partial("2025-03-09".to_owned()),
                source,
            })
        };
        let mut records: Vec<Record> = names
            .into_iter()
            .take(sources)
            .enumerate()
            .map(report)
            .collect();
        records.push(Record::Claim(patient.claim(0, "01", (0, 30))));
        records
    });
    prop_oneof![
        newborn.boxed(),
        two_cards.boxed(),
        died.boxed(),
        employee.boxed(),
        outlived.boxed(),
        overlap.boxed(),
        during.boxed(),
        day.boxed(),
        often.boxed(),
        dead.boxed(),
    ]
}

/// Rows of histories, and situations near thresholds; what a situation is made of becomes known at once or
/// one by one.
pub fn near_thresholds() -> impl Strategy<Value = Vec<Row>> {
    let known = (instant(), prop::option::weighted(0.3, instant()));
    let situations = prop::collection::vec((situation(), known), 1..8);
    (rows(TINY, 25), situations).prop_map(|(mut rows, situations)| {
        for (records, (at, of_last)) in situations {
            let last = records.len() - 1;
            let row = |(n, record): (usize, Record)| {
                let at: Timestamp = of_last.filter(|_| n == last).unwrap_or(at);
                Row {
                    at,
                    op: Op::Upsert(record),
                    style: 0,
                    file: 0,
                }
            };
            rows.extend(records.into_iter().enumerate().map(row));
        }
        rows
    })
}
