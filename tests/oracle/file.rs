//! Rows to the NDJSON files of a replay directory, in every spelling that the contract allows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::plain::{Amount, Key, Record};

/// Streams that the histories use.
pub const STREAMS: [&str; 10] = [
    "beneficiaries",
    "cards",
    "check_ins",
    "citizens",
    "claims",
    "death_reports",
    "employments",
    "enterprises",
    "health_profiles",
    "participants",
];

/// What a row does.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "histories are small")]
pub enum Op {
    Upsert(Record),
    Delete(Key),
    /// A row that must be rejected, as it stands in the file but for `recorded_at`.
    Bad(&'static str, Map<String, Value>),
}

/// One row of a history.
#[derive(Clone, PartialEq)]
pub struct Row {
    pub at: Timestamp,
    pub op: Op,
    /// Bits that choose among equivalent spellings.
    pub style: u8,
    /// Which of its stream's files it goes to.
    pub file: u8,
}

/// A row and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    pub path: String,
    /// 1-based.
    pub number: u64,
    pub row: Row,
}

impl Row {
    /// The stream that the row is written to.
    pub fn stream(&self) -> &'static str {
        match &self.op {
            Op::Upsert(record) => record.key().0,
            Op::Delete((stream, _)) | Op::Bad(stream, _) => stream,
        }
    }

    /// The key that the row touches; none for a bad row.
    pub fn key(&self) -> Option<Key> {
        match &self.op {
            Op::Upsert(record) => Some(record.key()),
            Op::Delete(key) => Some(key.clone()),
            Op::Bad(..) => None,
        }
    }

    fn has(&self, bit: u8) -> bool {
        self.style & (1 << bit) != 0
    }

    /// The row as a line of NDJSON.
    pub fn json(&self) -> String {
        let mut cells = match &self.op {
            Op::Upsert(record) => cells_of(record),
            Op::Bad(_, cells) => cells.clone(),
            Op::Delete(key) => self.deletion(key),
        };
        if self.has(0) {
            cells.retain(|_, value| !value.is_null());
        }
        if self.has(1) && !matches!(self.op, Op::Bad(..)) {
            for value in cells.values_mut().filter(|value| value.is_number()) {
                *value = Value::String(value.to_string());
            }
        }
        if self.has(2) && matches!(self.op, Op::Upsert(_)) {
            cells.insert("op".into(), "upsert".into());
        }
        if self.has(3) {
            cells.insert("a_column_of_tomorrow".into(), "1".into());
        }
        let utc = self.at.to_string();
        let spelled = if self.has(4) { utc } else { local(self.at) };
        cells.insert("recorded_at".into(), spelled.into());
        Value::Object(cells).to_string()
    }

    /// A deletion: its key, and at times cells that must be ignored.
    fn deletion(&self, (stream, key): &Key) -> Map<String, Value> {
        let mut cells = Map::new();
        cells.insert("op".into(), "delete".into());
        match (*stream, key.split_once('/')) {
            ("claims" | "check_ins", Some((facility, visit))) => {
                cells.insert("facility".into(), facility.into());
                cells.insert("visit_id".into(), visit.into());
            }
            ("beneficiaries", Some((personal_id, scheme))) => {
                cells.insert("personal_id".into(), personal_id.into());
                cells.insert("scheme".into(), scheme.into());
            }
            ("employments", Some((si_number, tax_code))) => {
                cells.insert("si_number".into(), si_number.into());
                cells.insert("tax_code".into(), tax_code.into());
            }
            _ => drop(cells.insert(key_column(stream).into(), key.as_str().into())),
        }
        if self.has(5) {
            cells.insert("sex".into(), 7.into());
            cells.insert("valid_from".into(), "no day".into());
        }
        cells
    }
}

/// The row without the columns that say nothing; in files it has them all.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ok(Value::Object(mut cells)) = serde_json::from_str(&self.json()) else {
            return Err(std::fmt::Error);
        };
        // For a reader: nothing, nobody and no money say nothing.
        cells.retain(|name, value| {
            let empty = value.is_null() || *value == json!([]) || *value == json!(0);
            !empty && !["full_name", "a_column_of_tomorrow"].contains(&name.as_str())
        });
        write!(f, "{}", Value::Object(cells))
    }
}

/// An instant in RFC 3339 at UTC+7.
pub fn local(at: Timestamp) -> String {
    let offset = jiff::tz::offset(7);
    let text = at.display_with_offset(offset).to_string();
    assert!(text.ends_with("+07:00"), "jiff writes the offset");
    text
}

fn key_column(stream: &str) -> &'static str {
    match stream {
        "citizens" | "health_profiles" => "personal_id",
        "death_reports" => "report_id",
        "participants" => "si_number",
        "cards" => "card_number",
        "enterprises" => "tax_code",
        other => panic!("{other} has no single key column"),
    }
}

/// Dong with up to three places, as text of a number.
fn money(amount: Amount) -> Value {
    let (whole, rest) = (amount / 1000, amount % 1000);
    if rest == 0 {
        return whole.into();
    }
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", whole.abs(), rest.abs()).into()
}

/// The columns of a record. What no reason reads and no history varies is filled in; what only the data
/// measures read is made of the others, so that it varies.
pub fn cells_of(record: &Record) -> Map<String, Value> {
    let clock = |at: jiff::civil::DateTime| at.strftime("%Y-%m-%dT%H:%M").to_string();
    let day = |day: jiff::civil::Date| day.to_string();
    let value = match record {
        Record::Citizen(r) => json!({
            "personal_id": r.personal_id, "full_name": r.identity.name.text,
            "birth_date": r.identity.birth_date.0, "sex": r.identity.sex,
            "life_status": r.life_status,
            "death_date": r.death_date.as_ref().map(|d| &d.0),
            "superseded_by": r.superseded_by, "old_id": r.old_id, "province": r.province,
        }),
        Record::DeathReport(r) => json!({
            "report_id": r.report_id, "personal_id": r.personal_id, "si_number": r.si_number,
            "death_date": r.death_date.0, "source": r.source,
        }),
        Record::Participant(r) => json!({
            "si_number": r.si_number, "personal_id": r.personal_id,
            "full_name": r.identity.name.text, "birth_date": r.identity.birth_date.0,
            "sex": r.identity.sex, "province": r.province,
        }),
        Record::Card(r) => json!({
            "card_number": r.card_number, "valid_from": day(r.valid_from),
            "valid_to": r.valid_to.map(day), "status": r.status,
            "status_date": r.status_date.map(day),
            "primary_facility": r.valid_to.map(|_| "01001"),
        }),
        Record::Claim(r) => json!({
            "facility": r.facility, "visit_id": r.visit_id, "cards": r.cards,
            "personal_id": r.personal_id, "full_name": "Nguyễn Văn An",
            "birth_date": r.birth_date.0, "sex": r.sex, "blood_group": r.blood_group,
            "visit_type": r.visit_type, "object_code": r.object_code,
            "main_diagnosis": r.main_diagnosis, "other_diagnoses": r.other_diagnoses,
            "admitted_at": clock(r.admitted_at),
            "inpatient_at": (r.outcome == 1).then(|| clock(r.admitted_at)),
            "discharged_at": clock(r.discharged_at), "outcome": r.outcome,
            "discharge_type": 1 + r.sex + u8::from(r.lines.is_some()),
            "copay_exempt_from": r.copay_exempt_from.map(day), "referred_from": r.referred_from,
            "referred_to": r.referred_to, "department": r.department,
            "cost_drugs": 0, "cost_supplies": 0, "cost_total": money(r.cost_total),
            "cost_covered": money(r.cost_covered), "paid_by_fund": money(r.paid_by_fund),
            "copay": money(r.copay), "self_paid": 0, "other_sources": money(r.other_sources),
            "lines": r.lines,
        }),
        Record::CheckIn(r) => json!({
            "facility": r.facility, "visit_id": r.visit_id, "cards": r.cards,
            "personal_id": r.personal_id, "full_name": "Nguyễn Văn An",
            "birth_date": r.birth_date.0, "sex": 1, "visit_type": r.visit_type,
            "admitted_at": clock(r.admitted_at),
        }),
        Record::Enterprise(r) => json!({
            "tax_code": r.tax_code, "name": "Công ty", "status": r.status,
            "effective_date": day(r.effective_date), "successor": r.successor,
            "workforce": workforce(r.effective_date),
        }),
        Record::Employment(r) => json!({
            "si_number": r.si_number, "tax_code": r.tax_code, "from": day(r.from),
            "to": r.to.map(day),
        }),
        Record::Beneficiary(r) => json!({
            "personal_id": r.personal_id, "scheme": r.scheme, "from": day(r.from),
            "to": r.to.map(day), "monthly_amount": money(r.monthly_amount),
        }),
        Record::HealthProfile(r) => json!({
            "personal_id": r.personal_id, "blood_group": r.blood_group,
            "allergies": if r.allergy { json!(["penicillin"]) } else { json!([]) },
            "chronic_conditions": if r.blood_group == Some("A") { json!(["I10"]) } else { json!([]) },
        }),
    };
    match value {
        Value::Object(cells) => cells,
        _ => unreachable!("a record is written as an object"),
    }
}

/// A workforce of about as many as the histories have employees, or none told.
fn workforce(effective: jiff::civil::Date) -> Option<u32> {
    [None, Some(0), Some(1), Some(2)][effective.day() as usize % 4]
}

/// Gives every row its place: files in the order of the rows.
pub fn place(rows: &[Row]) -> Vec<Placed> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut placed = Vec::new();
    for row in rows {
        // `-` sorts before `.` and `.` before `2`: the plain name is first, last or between.
        let tail = ["", "-b", "2"][usize::from(row.file % 3)];
        let path = format!("{}{tail}.ndjson", row.stream());
        let number = counts.entry(path.clone()).or_default();
        *number += 1;
        placed.push(Placed {
            path,
            number: *number,
            row: row.clone(),
        });
    }
    placed
}

/// Writes placed rows to a directory; a stream without a row still has a file.
pub fn write(rows: &[Placed], directory: &Path) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for stream in STREAMS {
        files.insert(format!("{stream}.ndjson"), String::new());
    }
    for placed in rows {
        let file = files.entry(placed.path.clone()).or_default();
        file.push_str(&placed.row.json());
        file.push('\n');
    }
    for (path, text) in files {
        std::fs::write(directory.join(path), text).expect("the temporary directory is writable");
    }
}

/// The same rows without ties of key and recorded_at: the first of each stays.
pub fn without_ties(rows: &[Row]) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let first = |row: &&Row| row.key().is_none_or(|key| seen.insert((key, row.at)));
    rows.iter().filter(first).cloned().collect()
}
