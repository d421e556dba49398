//! Holds a replay's outputs against the oracle, at every epoch and at the end.

use std::collections::{BTreeMap, BTreeSet};

use fundwatch::model::Feature;
use fundwatch::rule::Reason;
use jiff::Timestamp;
use serde_json::Value;

use crate::file::{Op, Placed};
use crate::misuse;
use crate::outcome::{Line, Outcome, lines, owned, ten_thousandths};
use crate::plain::Amount;
use crate::reason::{Finding, Subject};
use crate::score::{SCORED, Score, is_least_amount, observation, value_of};
use crate::timeline::{Cut, Epoch};

/// An alert as a reader of `history.ndjson` knows it.
#[derive(Clone, Debug)]
struct Active {
    line: Line,
    raised_at: Timestamp,
}

/// Reason, subject kind and subject id.
type Name = (String, String, String);

/// What the oracle and an output line must agree on.
type Statement = (String, Option<u64>, Option<String>, Amount, Option<Score>);

fn name(line: &Line) -> Name {
    (
        line.reason.clone(),
        line.subject_kind.clone(),
        line.subject_id.clone(),
    )
}

fn statement(line: &Line) -> Statement {
    (
        line.class.clone(),
        line.grade,
        line.cause.clone(),
        line.amount,
        line.score,
    )
}

fn expected(epoch: &Epoch) -> BTreeMap<Name, Statement> {
    let entry = |((reason, subject), finding): (&(&'static str, Subject), &Finding)| {
        let name = (
            (*reason).to_owned(),
            subject.kind.to_owned(),
            subject.id.clone(),
        );
        (
            name,
            (
                finding.class.to_owned(),
                finding.grade.map(u64::from),
                finding.cause.map(str::to_owned),
                finding.amount,
                finding.score,
            ),
        )
    };
    epoch.alerts.iter().map(entry).collect()
}

/// Every check of one replay.
pub fn outcome(
    rows: &[Placed],
    as_of: Option<Timestamp>,
    epochs: &[Epoch],
    cut: Cut,
    outcome: &Outcome,
) -> Result<(), String> {
    let active = history(epochs, cut, &outcome.history)?;
    alerts(rows, as_of, epochs, &active, &outcome.alerts)?;
    rejects(rows, as_of, &outcome.rejects)
}

/// The history, epoch by epoch; what is active at its end.
fn history(epochs: &[Epoch], cut: Cut, text: &str) -> Result<BTreeMap<Name, Active>, String> {
    let mut active: BTreeMap<Name, Active> = BTreeMap::new();
    let mut ids: BTreeMap<String, Name> = BTreeMap::new();
    let mut left = lines(text)?.into_iter().peekable();
    let mut past: Option<i64> = None;
    for epoch in epochs {
        let mut previous: Option<String> = None;
        while let Some(number) = left.peek().map(|line| line["epoch"].as_i64()) {
            let number = number.ok_or("a history line without a number `epoch`")?;
            // How `all` numbers its one epoch is the program's to decide.
            if cut != Cut::All && number != epoch.number {
                if number < epoch.number {
                    return Err(format!("epoch {number} is out of order or has no rows"));
                }
                break;
            }
            if past.is_some_and(|past| past > number) {
                return Err(format!("epoch {number} after {past:?}"));
            }
            past = Some(number);
            let line = Line::read(left.next().expect("peeked"))?;
            if previous
                .as_ref()
                .is_some_and(|before| *before >= line.alert_id)
            {
                return Err(format!("not in order of alert_id: {}", line.whole));
            }
            previous = Some(line.alert_id.clone());
            if ids
                .entry(line.alert_id.clone())
                .or_insert_with(|| name(&line))
                != &name(&line)
            {
                return Err(format!("an alert_id of two subjects: {}", line.whole));
            }
            history_line(epoch, &mut active, line)?;
        }
        agrees(epoch, &active)?;
    }
    if let Some(line) = left.next() {
        return Err(format!("an epoch without rows: {line}"));
    }
    let distinct: BTreeSet<_> = ids.values().collect();
    if distinct.len() != ids.len() {
        return Err("a subject has two alert_ids".into());
    }
    Ok(active)
}

/// One line: right for its epoch, and right after the lines before it.
fn history_line(
    epoch: &Epoch,
    active: &mut BTreeMap<Name, Active>,
    line: Line,
) -> Result<(), String> {
    let at = line.instant("at")?;
    if at != epoch.at {
        return Err(format!("`at` should be {}: {}", epoch.at, line.whole));
    }
    let cause = line.keys("cause")?;
    if cause.is_empty() {
        return Err(format!("no cause: {}", line.whole));
    }
    let changed: BTreeSet<_> = epoch.changed.iter().map(owned).collect();
    let rules = epoch.rules.as_ref();
    let rules = rules.filter(|(_, reasons)| reasons.contains(&&*line.reason));
    let rules = rules.map(|(key, _)| ("rules".to_owned(), key.clone()));
    let told: Vec<_> = cause.iter().filter(|row| row.0 == "rules").collect();
    if told != Vec::from_iter(&rules) {
        return Err(format!(
            "the rules that changed are {rules:?}: {}",
            line.whole
        ));
    }
    let model = (epoch.model.iter()).filter(|_| SCORED.contains(&&*line.reason));
    let model: Vec<_> = model.map(|key| ("model".to_owned(), key.clone())).collect();
    let told: Vec<_> = cause.iter().filter(|row| row.0 == "model").collect();
    if told != Vec::from_iter(&model) {
        return Err(format!(
            "the model that took force is {model:?}: {}",
            line.whole
        ));
    }
    for row in cause
        .into_iter()
        .filter(|row| !["rules", "model"].contains(&&*row.0))
    {
        let turns_on_a_day = ["stale_card", "benefit_after_death"].contains(&&*line.reason);
        let clock = row.0 == "as_of" && turns_on_a_day && epoch.is_last;
        if !clock && !changed.contains(&row) {
            return Err(format!(
                "{row:?} did not change in this epoch: {}",
                line.whole
            ));
        }
    }
    let before = active.get(&name(&line));
    let wrong = |what: &str| Err(format!("{what}: {}", line.whole));
    match (line.whole["kind"].as_str(), before) {
        (Some("raised"), Some(_)) => wrong("raised while active"),
        (Some("raised"), None) => {
            active.insert(
                name(&line),
                Active {
                    raised_at: at,
                    line,
                },
            );
            Ok(())
        }
        (Some("changed"), None) => wrong("changed while not active"),
        (Some("changed"), Some(before)) => {
            if statement(&before.line) == statement(&line) {
                return wrong("changed, but nothing differs");
            }
            let raised_at = before.raised_at;
            active.insert(name(&line), Active { raised_at, line });
            Ok(())
        }
        (Some("withdrawn"), None) => wrong("withdrawn while not active"),
        (Some("withdrawn"), Some(before)) if before.line.score != line.score => {
            wrong("withdrawn with another score than it had")
        }
        (Some("withdrawn"), Some(_)) => {
            active.remove(&name(&line));
            Ok(())
        }
        _ => wrong("no kind"),
    }
}

/// What is active after an epoch is what the oracle finds.
fn agrees(epoch: &Epoch, active: &BTreeMap<Name, Active>) -> Result<(), String> {
    let found: BTreeMap<_, _> = active
        .iter()
        .map(|(name, a)| (name.clone(), statement(&a.line)))
        .collect();
    differences(
        &format!("epoch {} ({})", epoch.number, epoch.at),
        &expected(epoch),
        &found,
    )
}

fn differences(
    place: &str,
    expected: &BTreeMap<Name, Statement>,
    found: &BTreeMap<Name, Statement>,
) -> Result<(), String> {
    let mut report = String::new();
    for (name, statement) in expected {
        match found.get(name) {
            None => report += &format!("\n  missing  {name:?} {statement:?}"),
            Some(other) if other != statement => {
                report += &format!("\n  differs  {name:?} oracle {statement:?} program {other:?}");
            }
            Some(_) => {}
        }
    }
    for (name, statement) in found
        .iter()
        .filter(|(name, _)| !expected.contains_key(*name))
    {
        report += &format!("\n  surplus  {name:?} {statement:?}");
    }
    if report.is_empty() {
        Ok(())
    } else {
        Err(format!("at {place}:{report}"))
    }
}

/// `alerts.ndjson`: the oracle at the end, the history's ids and times, and true evidence.
fn alerts(
    rows: &[Placed],
    as_of: Option<Timestamp>,
    epochs: &[Epoch],
    active: &BTreeMap<Name, Active>,
    text: &str,
) -> Result<(), String> {
    let mut found = BTreeMap::new();
    let mut previous: Option<String> = None;
    let known_rows = known(rows, as_of);
    for line in lines(text)? {
        let line = Line::read(line)?;
        if previous
            .as_ref()
            .is_some_and(|before| *before >= line.alert_id)
        {
            return Err(format!("alerts are not sorted by alert_id: {}", line.whole));
        }
        previous = Some(line.alert_id.clone());
        let Some(known) = active.get(&name(&line)) else {
            return Err(format!(
                "an alert that the history does not have: {}",
                line.whole
            ));
        };
        if known.line.alert_id != line.alert_id || known.raised_at != line.instant("raised_at")? {
            return Err(format!(
                "the history has it as {:?}, not {}",
                known, line.whole
            ));
        }
        for field in ["severity", "priority"] {
            if line.whole[field].is_null() {
                return Err(format!("no `{field}`: {}", line.whole));
            }
        }
        found.insert(name(&line), statement(&line));
        let last = epochs.last().expect("an alert is active after some epoch");
        evidence(rows, last, &line)?;
        features(last, &line)?;
        ranked(&known_rows, last, &line)?;
    }
    let end = epochs.last().map(expected).unwrap_or_default();
    differences("the end (alerts.ndjson)", &end, &found)
}

/// The accepted rows that are known, in the order in which they became so.
fn known(rows: &[Placed], as_of: Option<Timestamp>) -> Vec<&Placed> {
    let mut known: Vec<&Placed> = rows
        .iter()
        .filter(|placed| as_of.is_none_or(|limit| placed.row.at <= limit))
        .filter(|placed| !matches!(placed.row.op, Op::Bad(..)))
        .collect();
    known.sort_by_key(|placed| (placed.row.at, &placed.path, placed.number));
    known
}

/// An alert whose reason is ranked says how likely misuse is, as all that is known says.
fn ranked(rows: &[&Placed], last: &Epoch, line: &Line) -> Result<(), String> {
    let told = &line.whole["misuse_probability"];
    let Some(claim) = last.world.claims.get(&line.subject_id) else {
        return Ok(());
    };
    // Where evidence is not shown whole, the other numbers of a person are not told.
    if line.subject_kind != "claim" || !line.whole["evidence_count"].is_null() {
        return Ok(());
    }
    let evidence: Vec<_> = line.keys("evidence")?.into_iter().collect();
    let (score, reason) = (line.score.unwrap_or(0), &line.reason);
    let expected = misuse::probability(rows, &last.world, reason, claim, score, &evidence);
    match (ten_thousandths(told), expected) {
        (told, expected) if told == expected => Ok(()),
        (_, expected) => Err(format!(
            "`misuse_probability` is {expected:?} ten-thousandths: {}",
            line.whole
        )),
    }
}

/// A score is told with the features that moved it, as they are observed; what has none, without.
fn features(last: &Epoch, line: &Line) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {}", line.whole));
    let told = match (&line.whole["score_features"], line.score) {
        (Value::Null, None) => return Ok(()),
        (Value::Array(told), Some(_)) if told.len() <= 4 => told,
        // Every feature may be as usual.
        (Value::Null, Some(_)) => return Ok(()),
        _ => return wrong("wrong `score_features`"),
    };
    let claim = &last.world.claims[&line.subject_id];
    let observed = observation(&last.world, claim);
    let mut left = 10_000;
    let mut previous = 10_000;
    for shown in told {
        let feature = shown["feature"].as_str().and_then(Feature::from_name);
        let share = ten_thousandths(&shown["share"]);
        let (Some(feature), Some(share), Some(value), Some(_)) = (
            feature,
            share,
            shown["observed"].as_i64(),
            shown["typical"].as_i64(),
        ) else {
            return wrong("a feature without name, share, observed and typical value");
        };
        let observed_value = value_of(&last.world, &observed, feature);
        let agrees = match feature {
            Feature::Cost | Feature::Stay => is_least_amount(value, observed_value),
            _ => value == observed_value,
        };
        if !agrees {
            return wrong(&format!("`{}` is {observed:?}", feature.name()));
        }
        if share == 0 || share > previous || share > left {
            return wrong("shares fall and add up to 1 at most");
        }
        (previous, left) = (share, left - share);
    }
    Ok(())
}

/// Evidence names rows that may support the alert, and the places where they stand.
fn evidence(rows: &[Placed], last: &Epoch, line: &Line) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{what}: {}", line.whole));
    let list = line.whole["evidence"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if list.is_empty() || list.len() > 8 {
        return wrong(format!("{} rows of evidence", list.len()));
    }
    let found = last.alerts.iter().find(|((reason, subject), _)| {
        *reason == line.reason && subject.kind == line.subject_kind && subject.id == line.subject_id
    });
    let Some((_, finding)) = found else {
        return wrong("no finding of the oracle".into());
    };
    let stream = match line.subject_kind.as_str() {
        "card" => "cards",
        "check_in" => "check_ins",
        "beneficiary" => "beneficiaries",
        "participant" => "participants",
        _ => "claims",
    };
    if !line
        .keys("evidence")?
        .contains(&(stream.to_owned(), line.subject_id.clone()))
    {
        return wrong("the subject is not in its evidence".into());
    }
    let listed = &Reason::from_name(&line.reason)
        .expect("a reason")
        .entry()
        .evidence;
    for shown in list {
        if listed.iter().all(|stream| shown["stream"] != stream.name()) {
            return wrong(format!("the catalogue does not list the stream of {shown}"));
        }
        let key = finding.evidence.iter().find(|(stream, key)| {
            shown["stream"].as_str() == Some(stream) && shown["key"].as_str() == Some(key)
        });
        let Some(key) = key else {
            return wrong(format!("unrelated evidence {shown}"));
        };
        let place = rows.iter().find(|r| {
            shown["file"].as_str() == Some(&r.path) && shown["row"].as_u64() == Some(r.number)
        });
        let Some(Placed { row, .. }) = place else {
            return wrong(format!("no such place: {shown}"));
        };
        let record = match &row.op {
            Op::Upsert(record) => Some(record.clone()),
            _ => None,
        };
        let at: Option<Timestamp> = shown["recorded_at"].as_str().and_then(|t| t.parse().ok());
        if row.key().as_ref() != Some(key)
            || at != Some(row.at)
            || record.is_none()
            || record != last.world.get(key)
        {
            return wrong(format!("{shown} is not the row in force: {row:?}"));
        }
    }
    Ok(())
}

/// Every bad row is kept, and no other.
fn rejects(rows: &[Placed], as_of: Option<Timestamp>, text: &str) -> Result<(), String> {
    let bad: BTreeSet<(String, u64)> = rows
        .iter()
        .filter(|r| matches!(r.row.op, Op::Bad(..)))
        .filter(|r| as_of.is_none_or(|limit| r.row.at <= limit))
        .map(|r| (r.path.clone(), r.number))
        .collect();
    let place = |line: serde_json::Value| {
        let code = line["code"].as_str().filter(|code| !code.is_empty());
        match (
            line["file"].as_str(),
            line["row"].as_u64(),
            code,
            line["raw"].as_str(),
        ) {
            (Some(file), Some(row), Some(_), Some(_)) => Ok((file.to_owned(), row)),
            _ => Err(format!("a reject without file, row, code and raw: {line}")),
        }
    };
    let kept = lines(text)?
        .into_iter()
        .map(place)
        .collect::<Result<Vec<_>, _>>()?;
    let distinct: BTreeSet<_> = kept.iter().cloned().collect();
    if distinct.len() != kept.len() || distinct != bad {
        return Err(format!("rejects are {kept:?}, not {bad:?}"));
    }
    Ok(())
}
