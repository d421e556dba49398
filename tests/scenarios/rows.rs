//! The rows of scenarios: what a scenario does not say of a row, said once.

use fundwatch::record::{LocalTime, Presence, Stream, Value as _};
use serde_json::{Map, Value, json};

/// The singular under which a scenario writes a row of a stream.
pub fn singular(stream: Stream) -> String {
    match stream.name().strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => stream.name().trim_end_matches('s').to_owned(),
    }
}

/// The stream with this singular.
pub fn stream_of(word: &str) -> Option<Stream> {
    Stream::ALL.iter().copied().find(|s| singular(*s) == word)
}

/// The key columns of a row whose key is written with `/` between its parts.
///
/// # Errors
/// When the key has another number of parts.
pub fn key_fields(stream: Stream, key: &str) -> Result<Map<String, Value>, String> {
    let columns = stream.key_columns();
    let parts: Vec<&str> = key.splitn(columns.len(), '/').collect();
    if parts.len() != columns.len() || parts.iter().any(|p| p.is_empty()) {
        return Err(format!("a key of {stream} is {}", columns.join("/")));
    }
    let fields = columns.iter().zip(parts);
    Ok(fields.map(|(c, p)| ((*c).to_owned(), json!(p))).collect())
}

/// A whole row: key, the columns that a scenario states, and defaults for the other required ones.
///
/// # Errors
/// When a column is not one of the stream's.
pub fn upsert(
    stream: Stream,
    key: &str,
    stated: &[(String, String)],
) -> Result<Map<String, Value>, String> {
    let mut fields = defaults(stream);
    fields.extend(key_fields(stream, key)?);
    for (name, text) in stated {
        let presence = match stream.columns().iter().find(|c| c.name == name) {
            Some(column) => column.presence,
            None if name == "recorded_at" => Presence::Required,
            None => return Err(format!("{stream} has no column `{name}`")),
        };
        let value = match presence {
            _ if text.is_empty() => Value::Null,
            Presence::List => json!(text.split(';').collect::<Vec<_>>()),
            Presence::Required | Presence::Optional => json!(text),
        };
        fields.insert(name.clone(), value);
    }
    if stream == Stream::Claims && !stated.iter().any(|(name, _)| name == "discharged_at") {
        let admitted = fields.get("admitted_at").and_then(Value::as_str);
        let discharged = admitted
            .and_then(LocalTime::from_text)
            .map(|at| LocalTime::from_minutes(at.minutes() + 60).to_string());
        fields.insert("discharged_at".to_owned(), json!(discharged));
    }
    Ok(fields)
}

/// A person of 1980, female, whom every register writes alike; a visit of an hour for a cold
/// (`J06.9`, which neither sex nor age limits), of 100,000 dong at 80 %.
fn defaults(stream: Stream) -> Map<String, Value> {
    let person = [
        ("full_name", "Nguyễn Thị Mẫu"),
        ("birth_date", "1980-05-01"),
        ("sex", "2"),
    ];
    let (is_person, own): (bool, &[(&str, &str)]) = match stream {
        Stream::Citizens => (true, &[("life_status", "alive")]),
        Stream::DeathReports => (
            false,
            &[("death_date", "2025-01-15"), ("source", "civil_registry")],
        ),
        Stream::Participants => (true, &[]),
        Stream::Cards => (false, &[("valid_from", "2024-01-01"), ("status", "valid")]),
        Stream::Claims => (
            true,
            &[
                ("visit_type", "01"),
                ("object_code", "1.1"),
                ("main_diagnosis", "J06.9"),
                ("admitted_at", "2025-02-01T08:00"),
                ("outcome", "1"),
                ("discharge_type", "1"),
                ("cost_drugs", "60000"),
                ("cost_supplies", "0"),
                ("cost_total", "100000"),
                ("cost_covered", "100000"),
                ("paid_by_fund", "80000"),
                ("copay", "20000"),
                ("self_paid", "0"),
                ("other_sources", "0"),
            ],
        ),
        Stream::CheckIns => (
            true,
            &[("visit_type", "01"), ("admitted_at", "2025-02-01T08:00")],
        ),
        Stream::Enterprises => (
            false,
            &[
                ("name", "Công ty Mẫu"),
                ("status", "active"),
                ("effective_date", "2020-01-01"),
            ],
        ),
        Stream::Employments => (false, &[("from", "2020-01-01")]),
        Stream::Beneficiaries => (
            false,
            &[("from", "2020-01-01"), ("monthly_amount", "500000")],
        ),
        Stream::HealthProfiles => (false, &[]),
    };
    let fields = person.iter().filter(|_| is_person).chain(own);
    fields.map(|(c, v)| ((*c).to_owned(), json!(v))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_has_a_singular_that_leads_back_to_it() {
        for stream in Stream::ALL {
            assert_eq!(stream_of(&singular(*stream)), Some(*stream));
        }
        assert_eq!(singular(Stream::Beneficiaries), "beneficiary");
        assert_eq!(stream_of("cards"), None);
    }

    #[test]
    fn a_row_that_says_nothing_is_accepted_by_its_parser() {
        for stream in Stream::ALL {
            let key = match stream {
                Stream::Citizens | Stream::HealthProfiles => "001080000001",
                Stream::Participants => "7900000001",
                Stream::Cards => "DN4797900000001",
                Stream::Claims | Stream::CheckIns => "01001/A/1",
                Stream::Employments => "7900000001/0100000001",
                Stream::Beneficiaries => "001080000001/pension",
                Stream::DeathReports | Stream::Enterprises => "R1",
            };
            let mut fields = upsert(*stream, key, &[]).expect("a row");
            fields.insert("recorded_at".into(), json!("2025-03-01T08:00:00+07:00"));
            let row = crate::json_row::JsonRow::new(*stream, &fields);
            let change = stream
                .recorded_at(&row)
                .and_then(|at| stream.parse(&row, at));
            assert_eq!(change.expect("an accepted row").key.to_string(), key);
        }
    }

    #[test]
    fn stated_columns_stand_and_strange_ones_do_not() {
        let stated = [
            ("cards".to_owned(), "A;B".to_owned()),
            ("admitted_at".to_owned(), "2025-02-28T23:30".to_owned()),
            ("lines".to_owned(), String::new()),
        ];
        let claim = upsert(Stream::Claims, "01001/A", &stated).expect("a row");
        assert_eq!(claim["cards"], json!(["A", "B"]));
        assert_eq!(claim["discharged_at"], "2025-03-01T00:30");
        assert_eq!(claim["lines"], Value::Null);
        let stranger = [("admitted".to_owned(), "x".to_owned())];
        assert!(upsert(Stream::Claims, "01001/A", &stranger).is_err());
        assert!(upsert(Stream::Claims, "01001", &[]).is_err());
    }
}
