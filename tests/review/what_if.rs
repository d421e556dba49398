//! The page of thresholds: what it counts, of whom, and what it says where it cannot tell.

use std::collections::BTreeMap;

use fundwatch::alert::{Effect, NoTurn, Sum, Turn};
use fundwatch::record::{Day, Instant, Value};
use fundwatch::review::Outcome;
use fundwatch::rule::Dial;
use fundwatch::web::pages::Dials;

use super::house::House;
use super::made::{Made, now};
use super::visitor::Visitor;

/// Claims that are made up: the number of each, its month, its province and its amount in dong.
const CLAIMS: [(u32, &str, &str, i128); 6] = [
    (10, "2026-10-01", "79", 1_000_000),
    (70, "2026-10-01", "79", 2_000_000),
    (130, "2026-10-01", "01", 4_000_000),
    (130, "2026-11-01", "79", 8_000_000),
    (300, "2026-11-01", "01", 16_000_000),
    (1_500, "2026-11-01", "79", 32_000_000),
];

const IN_FORCE: u32 = 120;

fn add(effect: &mut Effect, sides: (bool, bool), dong: i128) {
    let sum = match sides {
        (true, true) => &mut effect.kept,
        (false, true) => &mut effect.added,
        (true, false) => &mut effect.removed,
        (false, false) => return,
    };
    *sum = Sum {
        claims: sum.claims + 1,
        thousandths: sum.thousandths + dong * 1_000,
    };
}

impl Dials for Made {
    fn turn(&self, dial: Dial, value: Option<u32>, provinces: &[String]) -> Result<Turn, NoTurn> {
        match dial {
            Dial::OutlierLevel => return Err(NoTurn::Off),
            Dial::Visits => return Err(NoTurn::Unknown),
            _ => {}
        }
        let value = value.unwrap_or(IN_FORCE);
        if value < 5 {
            return Err(NoTurn::TooLoose(5));
        }
        let mut turn = Turn {
            in_force: IN_FORCE,
            value,
            all: Effect::default(),
            by_month: BTreeMap::new(),
            by_province: BTreeMap::new(),
            steps: Vec::new(),
            epoch: 7,
            at: Instant::from_millis(now()),
        };
        let mut steps: Vec<u32> = dial
            .steps()
            .iter()
            .copied()
            .filter(|step| *step >= 5)
            .collect();
        steps.extend([value, IN_FORCE]);
        steps.sort_unstable();
        steps.dedup();
        turn.steps = steps
            .into_iter()
            .map(|step| (step, Effect::default()))
            .collect();
        for (number, month, province, dong) in CLAIMS {
            if !(provinces.is_empty() || provinces.iter().any(|own| own == province)) {
                continue;
            }
            let sides = |value| (number > IN_FORCE, number > value);
            for (step, effect) in &mut turn.steps {
                add(effect, sides(*step), dong);
            }
            if sides(value) == (false, false) {
                continue;
            }
            add(&mut turn.all, sides(value), dong);
            let month = Day::from_text(month).unwrap();
            add(turn.by_month.entry(month).or_default(), sides(value), dong);
            let code = province.as_bytes().try_into().unwrap();
            add(
                turn.by_province.entry(code).or_default(),
                sides(value),
                dong,
            );
        }
        Ok(turn)
    }

    fn numbers(&self, _: Dial, alerts: Vec<(String, Outcome)>) -> Vec<(u32, Outcome)> {
        alerts
            .into_iter()
            .map(|(_, outcome)| (300, outcome))
            .collect()
    }
}

/// The figures under a name, in order.
fn figure(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("<dt>{name}</dt><dd>")).unwrap();
    rest.split('<').next().unwrap().replace('\u{a0}', " ")
}

/// The cells of a row that begins with a text.
fn cells(page: &str, name: &str) -> Vec<String> {
    let row = page.split("<tr>").find(|row| {
        let text = row.replace('\u{a0}', " ");
        text.contains(&format!(">{name}<")) && row.contains("scope=\"row\"")
    });
    let row = row
        .unwrap_or_else(|| panic!("no row {name}"))
        .replace('\u{a0}', " ");
    let cells = row.split("<td class=\"number\">").skip(1);
    cells
        .map(|cell| cell.split('<').next().unwrap().to_owned())
        .collect()
}

fn english(house: &House, name: &str) -> Visitor {
    let mut visitor = Visitor::signed_in(&house.address, name);
    let csrf = visitor.get("/account").field("csrf");
    visitor.post("/language", &[("csrf", &csrf), ("language", "en")]);
    visitor
}

#[test]
fn a_supervisor_sees_what_another_threshold_would_come_to() {
    let house = House::full();
    let mut chi = english(&house, "chi");
    let page = chi.get("/what-if?dial=overlap-minutes&at=60").body;
    assert_eq!(figure(&page, "in force"), "120 minutes");
    assert_eq!(figure(&page, "alerts now"), "4");
    assert_eq!(figure(&page, "alerts with this threshold"), "5");
    assert_eq!(figure(&page, "added"), "1");
    assert_eq!(figure(&page, "removed"), "0");
    assert_eq!(figure(&page, "amount added"), "VND 2,000,000");
    // A quarter of an hour is assumed, and it is said so.
    assert_eq!(figure(&page, "work added"), "0.25 h");
    assert!(page.contains("This is an assumption"), "{page}");
    assert!(page.contains("name=\"at\" min=\"0\" max=\"1440\" step=\"1\" value=\"60\""));
    assert!(page.contains("Counted, not estimated"));
    assert!(page.contains("<svg class=\"steps\""));
    let step = cells(&page, "180 minutes");
    assert_eq!(step[..5], ["2", "0", "VND 0", "2", "VND 12,000,000"]);
    assert_eq!(cells(&page, "Oct 2026")[..3], ["2", "1", "VND 2,000,000"]);
    assert_eq!(cells(&page, "79")[..3], ["3", "1", "VND 2,000,000"]);
    // One of its alerts was closed as legitimate: it stays at 60 minutes, and goes at 400.
    assert_eq!(cells(&page, "legitimate"), ["1", "0"]);
    let tight = chi.get("/what-if?dial=overlap-minutes&at=400").body;
    assert_eq!(cells(&tight, "legitimate"), ["0", "1"]);
    assert_eq!(figure(&tight, "removed"), "3");
}

#[test]
fn what_is_not_known_is_not_told() {
    let house = House::full();
    let mut chi = english(&house, "chi");
    let loose = chi.get("/what-if?dial=overlap-minutes&at=4").body;
    assert!(loose.contains("not kept, and is not estimated either"));
    assert_eq!(figure(&loose, "added"), "0");
    let off = chi.get("/what-if?dial=outlier-level").body;
    assert!(off.contains("not looked for now") && !off.contains("type=\"range\""));
    let unknown = chi.get("/what-if?dial=visits").body;
    assert!(unknown.contains("Nothing is known yet"));
    // What is no dial and no number is as if it were not asked for.
    let other = chi.get("/what-if?dial=nothing&at=x").body;
    assert_eq!(figure(&other, "alerts with this threshold"), "4");
    assert_eq!(english(&house, "an").get("/what-if").status, 403);
    assert_eq!(english(&house, "giang").get("/what-if").status, 200);
}
