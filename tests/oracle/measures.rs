//! The data measures from their definitions: every row is kept, and everything is counted from scratch at
//! the end. Shares no code with the program.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use crate::file::{Op, Placed, cells_of};
use crate::outcome::{Outcome, lines};
use crate::plain::{Key, Record};
use crate::replay::Run;
use crate::timeline::date_of;

/// The streams in the contract's order.
const STREAMS: [&str; 10] = [
    "citizens",
    "death_reports",
    "participants",
    "cards",
    "claims",
    "check_ins",
    "enterprises",
    "employments",
    "beneficiaries",
    "health_profiles",
];

const HOUR: i128 = 3600;
const DAY: i128 = 24 * HOUR;
/// The longest delay of each class but the last.
const CLASSES: [i128; 15] = [
    0,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    45 * DAY,
    90 * DAY,
    180 * DAY,
    365 * DAY,
    1825 * DAY,
];

/// What a key holds, and since when the time that it tells of is known.
#[derive(Clone)]
struct Held {
    record: Record,
    learned: Timestamp,
}

/// Accepted rows by what they did.
#[derive(Default)]
struct Came {
    added: u64,
    changed: u64,
    equal: u64,
    removed: u64,
    idle: u64,
    last: Option<Timestamp>,
}

/// What all rows came to.
#[derive(Default)]
struct Known {
    held: BTreeMap<Key, Held>,
    came: BTreeMap<&'static str, Came>,
    /// Accepted rows of claims by facility.
    accepted: BTreeMap<String, u64>,
    /// Rejected rows of claims by facility.
    rejected: BTreeMap<String, u64>,
    last: Option<Timestamp>,
}

/// Holds `measures.ndjson` against the rows, and against the alerts and rejects beside it.
pub fn check(rows: &[Placed], run: &Run, outcome: &Outcome) -> Result<(), String> {
    let known = walk(rows, run.as_of);
    let alerts = lines(&outcome.alerts)?;
    let rejects = lines(&outcome.rejects)?;
    let until = run.as_of.or(known.last);
    let mut expected = vec![json!({
        "scope": "run",
        "as_of": until.map(|at| date_of(at).to_string()),
        "known_until": until.map(crate::file::local),
    })];
    for stream in STREAMS {
        expected.push(of_stream(stream, &known, run, &alerts, &rejects));
    }
    expected.push(enterprises(&known, until.map(date_of)));
    expected.extend(facilities(&known, run, &alerts));
    let mut found = lines(&outcome.measures)?;
    found.iter_mut().for_each(without_ratios);
    for (place, (expected, found)) in expected.iter().zip(&found).enumerate() {
        if expected != found {
            return Err(format!(
                "measures.ndjson, line {}:\noracle  {expected}\nprogram {found}",
                place + 1
            ));
        }
    }
    if expected.len() != found.len() {
        return Err(format!(
            "{} lines of measures, not {}",
            found.len(),
            expected.len()
        ));
    }
    Ok(())
}

/// A ratio follows from its count; where it is not that, the line is told to differ.
fn without_ratios(value: &mut Value) {
    match value {
        Value::Object(cells) => {
            if let Some(ratio) = cells.remove("ratio") {
                let (count, of) = (cells["count"].as_u64(), cells["of"].as_u64());
                let (count, of) = (count.unwrap_or_default(), of.unwrap_or_default());
                let millionths = (count * 1_000_000).checked_div(of);
                let told = ratio.as_f64().map(|ratio| (ratio * 1e6).round() as u64);
                if millionths != told {
                    cells.insert("ratio".into(), ratio);
                }
            }
            cells.values_mut().for_each(without_ratios);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ratios),
        _ => {}
    }
}

/// Every accepted row in order of knowledge.
fn walk(rows: &[Placed], as_of: Option<Timestamp>) -> Known {
    let mut known = Known::default();
    let mut rows: Vec<&Placed> = rows
        .iter()
        .filter(|placed| as_of.is_none_or(|limit| placed.row.at <= limit))
        .collect();
    rows.sort_by_key(|placed| (placed.row.at, &placed.path, placed.number));
    for placed in rows {
        let at = placed.row.at;
        let record = match &placed.row.op {
            Op::Bad(stream, cells) => {
                if *stream == "claims" {
                    let facility = cells["facility"].as_str().expect("a text").to_owned();
                    *known.rejected.entry(facility).or_default() += 1;
                }
                continue;
            }
            Op::Delete(_) => None,
            Op::Upsert(Record::Claim(claim)) if claim.object_code == "8" => None,
            Op::Upsert(record) => Some(record.clone()),
        };
        let key = placed.row.key().expect("an accepted row has a key");
        if let ("claims", Some((facility, _))) = (key.0, key.1.split_once('/')) {
            *known.accepted.entry(facility.to_owned()).or_default() += 1;
        }
        known.last = Some(at);
        let came = known.came.entry(key.0).or_default();
        came.last = Some(at);
        let before = known.held.remove(&key);
        *match (&before, &record) {
            (None, None) => &mut came.idle,
            (None, Some(_)) => &mut came.added,
            (Some(_), None) => &mut came.removed,
            (Some(before), Some(record)) if before.record == *record => &mut came.equal,
            (Some(_), Some(_)) => &mut came.changed,
        } += 1;
        if let Some(record) = record {
            // A time that the row before told is known since then.
            let same = before.filter(|before| told(&before.record) == told(&record));
            let learned = same.map_or(at, |before| before.learned);
            known.held.insert(key, Held { record, learned });
        }
    }
    known
}

impl Known {
    fn of(&self, stream: &str) -> impl Iterator<Item = &Held> {
        let held = self.held.iter();
        held.filter(move |(key, _)| key.0 == stream)
            .map(|(_, held)| held)
    }

    fn claims_of(&self, facility: &str) -> Vec<&Held> {
        let of = |held: &&Held| matches!(&held.record, Record::Claim(c) if c.facility == facility);
        self.of("claims").filter(of).collect()
    }
}

/// The time that a record tells of.
fn told(record: &Record) -> Option<DateTime> {
    let start = |day: Date| Some(day.at(0, 0, 0, 0));
    match record {
        Record::Citizen(r) if ["dead", "declared_dead"].contains(&r.life_status) => {
            start(r.death_date.as_ref()?.latest())
        }
        Record::DeathReport(r) => start(r.death_date.latest()),
        Record::Card(r) if r.status != "valid" => start(r.status_date?),
        Record::Claim(r) => Some(r.discharged_at),
        Record::CheckIn(r) => Some(r.admitted_at),
        Record::Enterprise(r) => start(r.effective_date),
        Record::Employment(r) => start(r.to.unwrap_or(r.from)),
        Record::Beneficiary(r) => start(r.from),
        Record::Citizen(_)
        | Record::Card(_)
        | Record::Participant(_)
        | Record::HealthProfile(_) => None,
    }
}

/// The columns that tell of it.
fn told_by(stream: &str) -> Option<&'static str> {
    match stream {
        "citizens" | "death_reports" => Some("death_date"),
        "cards" => Some("status_date"),
        "claims" => Some("discharged_at"),
        "check_ins" => Some("admitted_at"),
        "enterprises" => Some("effective_date"),
        "employments" => Some("to, else from"),
        "beneficiaries" => Some("from"),
        _ => None,
    }
}

fn of_stream(
    stream: &'static str,
    known: &Known,
    run: &Run,
    alerts: &[Value],
    rejects: &[Value],
) -> Value {
    let held: Vec<&Held> = known.of(stream).collect();
    let nothing = Came::default();
    let came = known.came.get(stream).unwrap_or(&nothing);
    let accepted = came.added + came.changed + came.equal + came.removed + came.idle;
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for reject in rejects.iter().filter(|reject| reject["stream"] == stream) {
        *codes
            .entry(reject["code"].as_str().expect("a code"))
            .or_default() += 1;
    }
    let rejected: u64 = codes.values().sum();
    let until = run.as_of.or(known.last);
    let age = |last: Timestamp| {
        let age = until.expect("there is a row").duration_since(last);
        age.as_nanos().div_euclid(1_000_000_000)
    };
    json!({
        "scope": "stream",
        "stream": stream,
        "rows": held.len(),
        "correct": correct(stream, held.len() as u64, run, alerts),
        "complete": complete(stream, &held),
        "indicators": indicators(stream, &held),
        "clean": {
            "accepted": accepted, "added": came.added, "changed": came.changed,
            "equal": came.equal, "removed": came.removed, "idle": came.idle,
            "rejected_by_code": codes,
            "rejected": share(rejected, accepted + rejected),
            "duplicates": share(came.equal, accepted),
        },
        "live": {
            "last_recorded_at": came.last.map(crate::file::local),
            "age_seconds": came.last.map(|last| age(last) as u64),
            "delay": told_by(stream).map(|from| delay(from, &held)),
            "deadlines": if stream == "claims" { deadlines(&held) } else { json!([]) },
        },
    })
}

fn share(count: u64, of: u64) -> Value {
    json!({ "count": count, "of": of })
}

fn named(name: &str, count: u64, of: u64) -> Value {
    json!({ "name": name, "count": count, "of": of })
}

/// The checks of a stream: a name, and the reasons that fail it.
fn checks(stream: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    match stream {
        "participants" => vec![
            ("authenticated", vec!["unauthenticated_identity"]),
            ("single", vec!["probable_duplicate"]),
        ],
        "cards" => vec![("in_step_with_deaths", vec!["stale_card"])],
        "claims" => vec![
            ("cards_registered", vec!["unknown_card"]),
            (
                "one_identity",
                vec![
                    "duplicate_identity",
                    "identity_mismatch",
                    "blood_group_conflict",
                ],
            ),
            (
                "in_step_with_deaths",
                vec!["service_after_death", "death_on_living_card"],
            ),
            (
                "diagnoses_fit",
                vec!["sex_diagnosis_conflict", "age_diagnosis_conflict"],
            ),
            ("amounts_agree", vec!["money_mismatch", "benefit_mismatch"]),
            ("not_repeated", vec!["duplicate_claim"]),
            (DOUBT, DOUBTFUL.to_vec()),
        ],
        "beneficiaries" => vec![
            ("alive", vec!["benefit_after_death"]),
            ("compatible", vec!["exclusive_benefits"]),
        ],
        _ => vec![],
    }
}

const DOUBT: &str = "identity_and_registers";
const DOUBTFUL: [&str; 5] = [
    "service_after_death",
    "death_on_living_card",
    "duplicate_identity",
    "identity_mismatch",
    "blood_group_conflict",
];

fn failing(name: &str, reasons: &[&str], stream: &str, alerts: &[Value]) -> BTreeSet<String> {
    let kind = match stream {
        "participants" => "participant",
        "cards" => "card",
        "claims" => "claim",
        "beneficiaries" => "beneficiary",
        other => panic!("no check of {other}"),
    };
    let fails = |alert: &&Value| {
        let is =
            |field: &str, values: &[&str]| values.contains(&alert[field].as_str().expect("a text"));
        is("reason", reasons)
            && alert["subject"]["kind"] == kind
            && (name != DOUBT || is("class", &["data_quality", "identity"]))
    };
    let failing = alerts.iter().filter(fails);
    failing
        .map(|alert| alert["subject"]["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn is_computed(reasons: &[&str], run: &Run) -> bool {
    reasons.iter().all(|reason| run.reasons.contains(reason))
}

fn correct(stream: &str, rows: u64, run: &Run, alerts: &[Value]) -> Value {
    let checks = checks(stream).into_iter();
    checks
        .map(|(name, reasons)| {
            let failing = failing(name, &reasons, stream, alerts).len() as u64;
            let share = is_computed(&reasons, run).then(|| share(rows - failing, rows));
            json!({ "name": name, "reasons": reasons, "share": share })
        })
        .collect()
}

/// Whether a cell has a value.
fn has(cells: &Map<String, Value>, column: &str) -> bool {
    match &cells[column] {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// What is expected of a record: name, whether it is expected, whether it is there.
fn expected(record: &Record) -> Vec<(&'static str, bool, bool)> {
    let cells = &cells_of(record);
    let text = |column: &str| match &cells[column] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let to_the_day = |column: &str| text(column).len() == 10;
    match record {
        Record::Citizen(r) => {
            let is_dead = r.life_status == "dead" || r.life_status == "declared_dead";
            vec![
                ("birth_date_to_the_day", true, to_the_day("birth_date")),
                ("death_date", is_dead, has(cells, "death_date")),
                ("death_date_to_the_day", is_dead, to_the_day("death_date")),
                ("province", true, has(cells, "province")),
            ]
        }
        Record::DeathReport(_) => vec![
            (
                "person",
                true,
                has(cells, "personal_id") || has(cells, "si_number"),
            ),
            ("death_date_to_the_day", true, to_the_day("death_date")),
        ],
        Record::Participant(_) => vec![
            ("personal_id", true, has(cells, "personal_id")),
            ("birth_date_to_the_day", true, to_the_day("birth_date")),
            ("province", true, has(cells, "province")),
        ],
        Record::Card(r) => vec![
            (
                "valid_to",
                !["QN", "CA", "CY"].contains(&&r.card_number[..2]),
                has(cells, "valid_to"),
            ),
            (
                "status_date",
                r.status != "valid",
                has(cells, "status_date"),
            ),
            ("primary_facility", true, has(cells, "primary_facility")),
        ],
        Record::Claim(_) => {
            let is = |column: &str, values: &[&str]| values.contains(&text(column).as_str());
            let since = text("admitted_at").as_str() >= "2025-07-01T00:00";
            vec![
                ("cards", true, has(cells, "cards")),
                ("personal_id", since, has(cells, "personal_id")),
                (
                    "inpatient_at",
                    is("visit_type", &["03", "04"]),
                    has(cells, "inpatient_at"),
                ),
                (
                    "referred_from",
                    is("object_code", &["1.3"]),
                    has(cells, "referred_from"),
                ),
                (
                    "referred_to",
                    is("discharge_type", &["2", "5"]),
                    has(cells, "referred_to"),
                ),
                ("department", true, has(cells, "department")),
            ]
        }
        Record::CheckIn(_) => vec![
            ("cards", true, has(cells, "cards")),
            (
                "personal_id",
                text("admitted_at").as_str() >= "2025-07-01T00:00",
                has(cells, "personal_id"),
            ),
        ],
        Record::Enterprise(r) => vec![
            ("successor", r.status == "merged", has(cells, "successor")),
            ("workforce", true, has(cells, "workforce")),
        ],
        Record::HealthProfile(_) => vec![
            ("blood_group", true, has(cells, "blood_group")),
            ("allergies", true, has(cells, "allergies")),
            ("chronic_conditions", true, has(cells, "chronic_conditions")),
        ],
        Record::Employment(_) | Record::Beneficiary(_) => vec![],
    }
}

/// The names of what is expected of a stream, which are told also where it has no row.
fn names(stream: &str) -> &'static [&'static str] {
    match stream {
        "citizens" => &[
            "birth_date_to_the_day",
            "death_date",
            "death_date_to_the_day",
            "province",
        ],
        "death_reports" => &["person", "death_date_to_the_day"],
        "participants" => &["personal_id", "birth_date_to_the_day", "province"],
        "cards" => &["valid_to", "status_date", "primary_facility"],
        "claims" => &[
            "cards",
            "personal_id",
            "inpatient_at",
            "referred_from",
            "referred_to",
            "department",
        ],
        "check_ins" => &["cards", "personal_id"],
        "enterprises" => &["successor", "workforce"],
        "health_profiles" => &["blood_group", "allergies", "chronic_conditions"],
        _ => &[],
    }
}

fn counts(stream: &str, held: &[&Held]) -> Vec<(&'static str, u64, u64)> {
    let all: Vec<_> = held
        .iter()
        .flat_map(|held| expected(&held.record))
        .collect();
    let count = |name: &'static str| {
        let of = all.iter().filter(|(one, is, _)| *one == name && *is);
        let filled = of.clone().filter(|(_, _, has)| *has).count() as u64;
        (name, filled, of.count() as u64)
    };
    names(stream).iter().copied().map(count).collect()
}

fn indicators(stream: &str, held: &[&Held]) -> Value {
    let counts = counts(stream, held).into_iter();
    counts
        .map(|(name, filled, of)| named(name, filled, of))
        .collect()
}

fn complete(stream: &str, held: &[&Held]) -> Value {
    let counts = counts(stream, held);
    let sum = |of: fn(&(&str, u64, u64)) -> u64| counts.iter().map(of).sum();
    share(sum(|one| one.1), sum(|one| one.2))
}

/// The class of each delay, in order.
fn delays(held: &[&Held]) -> Vec<usize> {
    let class = |held: &&Held| {
        let told = jiff::tz::offset(7)
            .to_timestamp(told(&held.record)?)
            .expect("in range");
        let delay = held.learned.duration_since(told).as_nanos();
        Some(
            CLASSES
                .iter()
                .filter(|bound| **bound * 1_000_000_000 < delay)
                .count(),
        )
    };
    let mut classes: Vec<usize> = held.iter().filter_map(class).collect();
    classes.sort_unstable();
    classes
}

fn bound(class: usize) -> Value {
    CLASSES
        .get(class)
        .map_or(Value::Null, |bound| json!(*bound as i64))
}

fn percentiles(classes: &[usize]) -> Value {
    let percentile = |percent: usize| {
        let rank = (classes.len() * percent).div_ceil(100).max(1);
        let class = classes.get(rank - 1)?;
        Some(json!({ "percent": percent, "at_most_seconds": bound(*class) }))
    };
    [50, 90, 99].into_iter().filter_map(percentile).collect()
}

fn delay(from: &str, held: &[&Held]) -> Value {
    let classes = delays(held);
    let chunks = classes.chunk_by(|a, b| a == b);
    let counted: Value = chunks
        .map(|same| json!({ "at_most_seconds": bound(same[0]), "rows": same.len() }))
        .collect();
    json!({
        "from": from, "rows": classes.len(), "classes": counted,
        "percentiles": percentiles(&classes),
    })
}

fn deadlines(held: &[&Held]) -> Value {
    let kept = |by: fn(Date) -> Date| {
        let in_time = held.iter().filter(|held| {
            let told = told(&held.record).expect("a claim has a discharge");
            date_of(held.learned) <= by(told.date())
        });
        in_time.count() as u64
    };
    let all = held.len() as u64;
    json!([
        named("seven_working_days", kept(seven_working_days), all),
        named("fifth_of_next_month", kept(fourth_of_next_month), all),
    ])
}

fn seven_working_days(from: Date) -> Date {
    let (mut day, mut left) = (from, 7);
    while left > 0 {
        day = day.tomorrow().expect("in range");
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    day
}

fn fourth_of_next_month(from: Date) -> Date {
    let next = from
        .first_of_month()
        .checked_add(1.month())
        .expect("in range");
    next.checked_add(3.days()).expect("in range")
}

fn enterprises(known: &Known, as_of: Option<Date>) -> Value {
    let mut insured: BTreeMap<&str, u64> = BTreeMap::new();
    for held in known.of("employments") {
        if let (Record::Employment(r), Some(as_of)) = (&held.record, as_of)
            && r.covers(as_of)
        {
            *insured.entry(r.tax_code).or_default() += 1;
        }
    }
    let bounds = [0u64, 25, 50, 75, 90, 100, 110, 125, 150, 200];
    let [mut fewer, mut equal, mut more, mut undeclared, mut ceased] = [0; 5];
    let (mut workforces, mut employees) = (0, 0);
    let mut classes = vec![0u64; bounds.len() + 1];
    for held in known.of("enterprises") {
        let Record::Enterprise(r) = &held.record else {
            panic!("a record of its stream")
        };
        let insured = insured.remove(r.tax_code).unwrap_or_default();
        let workforce = cells_of(&held.record)["workforce"].as_u64();
        match workforce {
            _ if ["merged", "dissolved", "bankrupt"].contains(&r.status) => {
                ceased += u64::from(insured > 0);
            }
            None => undeclared += 1,
            Some(workforce) => {
                workforces += workforce;
                employees += insured;
                *match () {
                    () if insured < workforce => &mut fewer,
                    () if insured == workforce => &mut equal,
                    () => &mut more,
                } += 1;
                let within = |bound: &&u64| insured * 100 <= **bound * workforce;
                let class = match (insured, workforce) {
                    (0, 0) => Some(&100),
                    _ => bounds.iter().find(within),
                };
                let place = bounds.iter().position(|bound| Some(bound) == class);
                classes[place.unwrap_or(bounds.len())] += 1;
            }
        }
    }
    let counted = classes.iter().enumerate().filter(|(_, count)| **count > 0);
    let classes: Value = counted
        .map(|(place, count)| json!({ "at_most_percent": bounds.get(place), "enterprises": count }))
        .collect();
    json!({
        "scope": "enterprises", "declaring": fewer + equal + more, "fewer": fewer, "equal": equal,
        "more": more, "workforce": workforces, "insured": employees, "classes": classes,
        "undeclared": undeclared, "ceased_with_employees": ceased,
        "unregistered_with_employees": insured.len(),
    })
}

fn facilities(known: &Known, run: &Run, alerts: &[Value]) -> Vec<Value> {
    let doubted = failing(DOUBT, &DOUBTFUL, "claims", alerts);
    let codes: BTreeSet<&String> = known.accepted.keys().chain(known.rejected.keys()).collect();
    let line = |code: &String| {
        let held = known.claims_of(code);
        let claims = held.len() as u64;
        let paid = |held: &&Held| match &held.record {
            Record::Claim(r) => r.paid_by_fund,
            _ => panic!("a claim"),
        };
        let [accepted, rejected] =
            [&known.accepted, &known.rejected].map(|all| all.get(code).copied().unwrap_or(0));
        let prefix = format!("{code}/");
        let doubted = doubted.iter().filter(|id| id.starts_with(&prefix)).count() as u64;
        json!({
            "scope": "facility", "facility": code, "claims": claims,
            "amount_vnd": held.iter().map(paid).sum::<i64>().div_euclid(1000),
            "deadlines": deadlines(&held),
            "percentiles": percentiles(&delays(&held)),
            "complete": complete("claims", &held),
            "indicators": indicators("claims", &held),
            "rejected": share(rejected, accepted + rejected),
            "correct": is_computed(&DOUBTFUL, run).then(|| share(claims - doubted, claims)),
        })
    };
    codes.into_iter().map(line).collect()
}
