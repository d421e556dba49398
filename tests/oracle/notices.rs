//! The notices that rest on no alert, from their definitions: a missing citizen of whose person a claim is
//! known, and an enterprise suspended or merged through which somebody is insured on the as-of date. Every
//! register is searched from scratch in the world after the last epoch. Shares no code with the program.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::file::{Op, Placed};
use crate::history::rows;
use crate::outcome::{Outcome, lines};
use crate::person::{person_of, personal_id_of};
use crate::plain::Day;
use crate::property::{DAY, agrees, holds};
use crate::replay::Run;
use crate::timeline::{Epoch, date_of};
use crate::universe::TINY;
use crate::world::World;

/// Holds the lines of `notices.ndjson` that name no reason against the world after the last epoch, and all
/// lines to be in order, one a value.
pub fn check(
    rows: &[Placed],
    run: &Run,
    epochs: &[Epoch],
    outcome: &Outcome,
) -> Result<(), String> {
    let found = lines(&outcome.notices)?;
    let targets: Vec<[&str; 4]> = found.iter().map(target).collect();
    if !targets.is_sorted() || targets.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("notices.ndjson: values are not in order, each once".into());
    }
    let known = |row: &&Placed| run.as_of.is_none_or(|limit| row.row.at <= limit);
    let accepted = |row: &&Placed| !matches!(row.row.op, Op::Bad(..));
    let known = rows.iter().filter(known).filter(accepted);
    let last = known.map(|row| row.row.at).max();
    let mut expected = match (epochs.last(), last) {
        (Some(epoch), Some(last)) => {
            let as_of = date_of(run.as_of.unwrap_or(last));
            let mut expected = stopped(&epoch.world, as_of);
            expected.extend(living(&epoch.world));
            expected
        }
        _ => Vec::new(),
    };
    expected.sort_by(|a, b| target(a).cmp(&target(b)));
    let found: Vec<&Value> = found.iter().filter(|line| is_of_no_alert(line)).collect();
    match expected.iter().collect::<Vec<_>>() == found {
        true => Ok(()),
        false => Err(format!(
            "notices of no alert:\noracle  {expected:?}\nprogram {found:?}"
        )),
    }
}

fn is_of_no_alert(line: &Value) -> bool {
    line["reasons"] == json!([])
}

fn target(line: &Value) -> [&str; 4] {
    ["database", "stream", "key", "field"].map(|name| line[name].as_str().unwrap_or_default())
}

/// Missing citizens who were presented somewhere, with the last admission date of any of their persons.
fn living(world: &World) -> Vec<Value> {
    let missing = world.citizens.values();
    let missing = missing.filter(|citizen| citizen.life_status == "missing");
    let notice = |citizen: &crate::plain::Citizen| {
        let id = &citizen.personal_id;
        let days = world.claims.values().filter_map(|claim| {
            let of = personal_id_of(world, &person_of(world, claim)?)?;
            (of == *id).then(|| claim.admission_date())
        });
        let last = days.max()?;
        Some(json!({
            "database": "population", "stream": "citizens", "key": id, "field": "life_status",
            "current": "missing", "proposed": "alive", "since": last.to_string(),
            "confidence": "low", "basis": "presented", "reasons": [], "alert_ids": [],
        }))
    };
    missing.filter_map(notice).collect()
}

/// Enterprises suspended or merged through which somebody is insured on a day.
fn stopped(world: &World, as_of: Day) -> Vec<Value> {
    let mut notices = Vec::new();
    for enterprise in world.enterprises.values() {
        let code = enterprise.tax_code;
        let at_it = |e: &&crate::plain::Employment| e.tax_code == code && e.covers(as_of);
        let open = world.employments.values().filter(at_it).count();
        if open == 0 {
            continue;
        }
        let mut notice = json!({
            "database": "insurance", "stream": "enterprises", "key": code, "field": "status",
            "proposed": enterprise.status, "since": enterprise.effective_date.to_string(),
            "confidence": "medium", "basis": "employer_stopped", "reasons": [], "alert_ids": [],
            "employments": open,
        });
        match (enterprise.status, enterprise.successor) {
            ("merged", Some(successor)) if successor != code => {
                notice["field"] = "tax_code".into();
                notice["current"] = code.into();
                notice["proposed"] = successor.into();
            }
            ("suspended" | "merged", _) => {}
            _ => continue,
        }
        notices.push(notice);
    }
    notices
}

#[test]
fn notices_of_no_alert_agree_with_the_oracle_whatever_the_workers_and_the_reasons() {
    let (lives, statuses, successors) = (Cell::new(0), Cell::new(0), Cell::new(0));
    holds(120, rows(TINY, 50), |case| {
        let one = agrees(case, DAY, 1)?;
        for workers in [2, 4] {
            if agrees(case, DAY, workers)?.notices != one.notices {
                return Err(format!("{workers} workers change notices.ndjson"));
            }
        }
        let mut found = lines(&one.notices)?;
        found.retain(is_of_no_alert);
        for line in &found {
            let count = match line["field"].as_str() {
                Some("life_status") => &lives,
                Some("status") => &statuses,
                _ => &successors,
            };
            count.set(count.get() + 1);
        }
        let without_reasons = crate::property::Case {
            without: u32::MAX,
            ..case.clone()
        };
        let mut again = lines(&agrees(&without_reasons, DAY, 1)?.notices)?;
        again.retain(is_of_no_alert);
        match again == found {
            true => Ok(()),
            false => Err("--reasons changes the notices of no alert".into()),
        }
    });
    let [lives, statuses, successors] = [lives, statuses, successors].map(|count| count.get());
    assert!(
        lives > 4 && statuses + successors > 4,
        "both are among what is compared: {lives}, {statuses}, {successors}"
    );
}
