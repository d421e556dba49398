//! A correction of a claim changes the scores of its person, and of nobody else.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::ToSpan;

use crate::file::{Op, Row};
use crate::history::rows;
use crate::outcome::{Line, lines};
use crate::person::person_of;
use crate::plain::{Claim, Record};
use crate::property::{Case, DAY, agrees, holds};
use crate::score::SCORED;
use crate::thresholds::Rules;
use crate::timeline::{Epoch, timeline};
use crate::universe::{FACILITIES, TINY, cards_of};

/// Reason and claim.
type Name = (String, String);

/// What the last epoch does to a claim.
fn correction(claim: &Claim, seed: u64) -> Vec<Op> {
    let mut other = claim.clone();
    let draw = (seed >> 8) as usize;
    let key = Record::Claim(claim.clone()).key();
    match seed % 7 {
        0 => other.cost_total = claim.cost_total / 10 + 35_000_000,
        1 => {
            let is_same = claim.main_diagnosis == "J18.9";
            other.main_diagnosis = if is_same { "I10" } else { "J18.9" };
        }
        2 => {
            let earlier = (1 + draw as i64 % 40).days();
            other.admitted_at = claim.admitted_at - earlier;
            other.discharged_at = claim.discharged_at - earlier;
        }
        3 => other.discharged_at = claim.discharged_at + 3.days(),
        4 => {
            let place = FACILITIES.iter().position(|known| *known == claim.facility);
            let next = place.expect("a facility of the universe") + 1 + draw % 5;
            FACILITIES[next % FACILITIES.len()].clone_into(&mut other.facility);
            "moved".clone_into(&mut other.visit_id);
            return vec![Op::Delete(key), Op::Upsert(Record::Claim(other))];
        }
        5 => other.cards = vec![cards_of(draw % 5)[draw / 5 % 2].clone()],
        _ => return vec![Op::Delete(key)],
    }
    vec![Op::Upsert(Record::Claim(other))]
}

/// The scores that the oracle finds at the end.
fn expected(last: &Epoch) -> BTreeMap<Name, u64> {
    let scored = last
        .alerts
        .iter()
        .filter_map(|((reason, subject), finding)| {
            let name = ((*reason).to_owned(), subject.id.clone());
            Some((name, finding.score?))
        });
    scored.collect()
}

/// The scores that the program writes.
fn found(alerts: &str) -> Result<BTreeMap<Name, u64>, String> {
    let mut scores = BTreeMap::new();
    for line in lines(alerts)? {
        let line = Line::read(line)?;
        // A check-in is not scored.
        if line.subject_kind == "check_in" {
            continue;
        }
        let score = line.score.ok_or("an alert of these reasons has a score")?;
        scores.insert((line.reason, line.subject_id), score);
    }
    Ok(scores)
}

/// The alerts that hold before and after with different scores.
fn moved(before: &BTreeMap<Name, u64>, after: &BTreeMap<Name, u64>) -> BTreeSet<Name> {
    let differs = |(name, score): &(&Name, &u64)| after.get(*name).is_some_and(|new| new != *score);
    let moved = before.iter().filter(differs);
    moved.map(|(name, _)| name.clone()).collect()
}

#[test]
fn a_correction_changes_exactly_the_scores_of_its_person() {
    let (moving, elsewhere, still) = (Cell::new(0), Cell::new(0), Cell::new(0));
    const CASES: u32 = 250;
    holds(CASES, rows(TINY, 50), |case| {
        let before = case.of_reasons(&SCORED);
        let reasons = before.reasons();
        let epochs = timeline(&before.placed(), DAY, None, &reasons, &before.rules);
        let Some(was) = epochs.last() else {
            return Ok(());
        };
        // A claim of somebody who has a score.
        let of = |claim: &Claim| person_of(&was.world, claim);
        let subjects = was.alerts.keys().map(|(_, subject)| subject);
        let subjects = subjects.filter(|subject| subject.kind == "claim");
        let subjects = subjects.map(|subject| &subject.id);
        let people: BTreeSet<_> = subjects.map(|id| of(&was.world.claims[id])).collect();
        let claims = was.world.claims.values();
        let claims: Vec<_> = claims.filter(|claim| people.contains(&of(claim))).collect();
        if claims.is_empty() {
            return Ok(());
        }
        // Every other time one before a scored claim of the same person, which rests on it.
        let scored: Vec<&Claim> = was
            .alerts
            .keys()
            .filter_map(|(_, subject)| was.world.claims.get(&subject.id))
            .collect();
        let is_before = |claim: &Claim, later: &Claim| {
            of(claim) == of(later) && claim.admitted_at < later.admitted_at
        };
        let before_scored = claims
            .iter()
            .filter(|claim| scored.iter().any(|later| is_before(claim, later)));
        let before_scored: Vec<_> = before_scored.copied().collect();
        let pool = match case.seed >> 63 {
            1 if !before_scored.is_empty() => before_scored,
            _ => claims,
        };
        let claim = pool[(case.seed >> 32) as usize % pool.len()];
        let at: Timestamp = "2026-02-01T08:00:00+07:00".parse().expect("RFC 3339");
        let ops = correction(claim, case.seed);
        let corrections = ops.into_iter().map(|op| Row {
            at,
            op,
            style: 0,
            file: 0,
        });
        let mut after = before.clone();
        after.rows.extend(corrections);

        let old = found(&agrees(&before, DAY, 1)?.alerts)?;
        let outcome = agrees(&after, DAY, 1)?;
        let new = found(&outcome.alerts)?;
        let epochs = timeline(&after.placed(), DAY, None, &reasons, &after.rules);
        let is = epochs.last().expect("the correction is known in it");

        let changed = moved(&old, &new);
        let oracle = moved(&expected(was), &expected(is));
        if changed != oracle {
            return Err(format!("scores of {changed:?} differ, not of {oracle:?}"));
        }
        // Deleted or moved to another facility, the claim itself has no alerts to compare.
        let key = claim.id();
        let mut persons = BTreeSet::from([of(claim)]);
        persons.extend(is.world.claims.get(&key).map(|c| person_of(&is.world, c)));
        let newcomer = is.world.claims.values().find(|c| c.visit_id == "moved");
        persons.extend(newcomer.map(|c| person_of(&is.world, c)));
        for name in &changed {
            let person = person_of(&is.world, &is.world.claims[&name.1]);
            if !persons.contains(&person) {
                return Err(format!("the score of {name:?}, of another person, differs"));
            }
        }
        // Each change is told in the epoch of the correction, which is its cause.
        for name in &changed {
            let told = lines(&outcome.history)?.into_iter().any(|line| {
                line["epoch"].as_i64() == Some(is.number)
                    && line["kind"] == "changed"
                    && line["reason"] == name.0
                    && line["subject"]["id"] == name.1
            });
            if !told {
                return Err(format!("the history does not tell the change of {name:?}"));
            }
        }
        let count = |cell: &Cell<u32>, is: bool| cell.set(cell.get() + u32::from(is));
        count(&moving, !changed.is_empty());
        count(&elsewhere, changed.iter().any(|(_, id)| *id != key));
        count(
            &still,
            old.iter().any(|(name, score)| new.get(name) == Some(score)),
        );
        Ok(())
    });
    let [moving, elsewhere, still] = [moving, elsewhere, still].map(|cell| cell.get());
    let enough = CASES / 10;
    assert!(
        moving > enough && elsewhere > enough && still > enough,
        "of {CASES} corrections {moving} change a score, {elsewhere} that of another claim, and \
         {still} leave one as it is"
    );
}

impl Case {
    /// The same history, known to its end, of these reasons alone, which turn on no threshold that changes.
    fn of_reasons(&self, names: &[&str]) -> Case {
        let mut without = 0;
        for (place, (name, _)) in crate::reason::REASONS.iter().enumerate() {
            if !names.contains(name) {
                without |= 1 << place;
            }
        }
        Case {
            as_of: None,
            without,
            rules: Rules::default(),
            ..self.clone()
        }
    }
}
