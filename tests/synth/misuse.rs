//! No single feature of a claim after a recorded death tells misuse from error.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fundwatch::record::{Day, LocalTime, PartialDate, Value};

use crate::country::{Country, Row};

/// The most that a feature alone may tell, in either direction.
const MOST: f64 = 0.80;

/// The share of pairs of a misuse and an error in which the misuse has more of a feature.
fn auroc(values: &[(f64, bool)]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut won) = (0.0, 0.0);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let misuse = equal.iter().filter(|(_, misuse)| *misuse).count() as f64;
        let errors = equal.len() as f64 - misuse;
        won += misuse * (below + errors / 2.0);
        below += errors;
    }
    won / (below * (values.len() as f64 - below))
}

fn key(row: &Row) -> String {
    format!("{}/{}", row["facility"], row["visit_id"])
}

fn minutes(text: &str) -> i64 {
    LocalTime::from_text(text).unwrap().minutes()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// Death evidence by holder: source and latest day.
fn deaths(country: &Country) -> HashMap<String, BTreeSet<(String, Day)>> {
    let participants = country.rows("participants.csv");
    let holder_of: HashMap<&str, &str> = participants
        .iter()
        .map(|row| (row["personal_id"].as_str(), row["si_number"].as_str()))
        .collect();
    let mut deaths: HashMap<String, BTreeSet<(String, Day)>> = HashMap::new();
    let latest = |text: &str| PartialDate::from_text(text).unwrap().latest_day();
    for row in country.rows("citizens.csv") {
        let holder = holder_of.get(row["personal_id"].as_str());
        if let (Some(holder), "dead") = (holder, row["life_status"].as_str()) {
            let evidence = ("population".to_owned(), latest(&row["death_date"]));
            deaths
                .entry((*holder).to_owned())
                .or_default()
                .insert(evidence);
        }
    }
    for row in country.rows("death_reports.csv") {
        let named = match row["si_number"].as_str() {
            "" => holder_of.get(row["personal_id"].as_str()).copied(),
            si => Some(si),
        };
        if let (Some(holder), "") = (named, row["op"].as_str()) {
            let evidence = (row["source"].clone(), latest(&row["death_date"]));
            deaths
                .entry(holder.to_owned())
                .or_default()
                .insert(evidence);
        }
    }
    deaths
}

#[test]
fn no_feature_alone_tells_misuse_from_error() {
    let country = Country::new(100_000, 365, 11, 40_000);
    let deaths = deaths(&country);
    let claims: BTreeMap<String, Row> = country
        .rows("claims.csv")
        .into_iter()
        .map(|row| (key(&row), row))
        .collect();
    let mut codes: Vec<&str> = claims.values().map(|row| &row["facility"][..2]).collect();
    codes.sort_unstable();
    codes.dedup();
    let rank = |code: &str| {
        codes
            .binary_search(&code)
            .map_or(-1.0, |place| place as f64)
    };
    let mut of_holder: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in claims.values().filter(|row| !row["cards"].is_empty()) {
        of_holder.entry(&row["cards"][5..15]).or_default().push(row);
    }

    let mut features: BTreeMap<String, Vec<(f64, bool)>> = BTreeMap::new();
    let (mut misuses, mut labelled) = (0, 0);
    for truth in country.rows("truth.csv") {
        let of_claim = truth["reason"] == "service_after_death" && truth["subject_kind"] == "claim";
        if !of_claim || truth["expected"] == "none" {
            continue;
        }
        let row = &claims[&truth["subject"]];
        let misuse = truth["label"] == "misuse";
        labelled += 1;
        misuses += i32::from(misuse);
        let admitted = minutes(&row["admitted_at"]);
        let day = LocalTime::from_minutes(admitted).day();
        let holder = &row["cards"][5..15];
        let earlier: Vec<(&Row, i64)> = of_holder[holder]
            .iter()
            .map(|other| (*other, admitted - minutes(&other["admitted_at"])))
            .filter(|(_, before)| *before > 0)
            .collect();
        let recent = || earlier.iter().filter(|(_, before)| *before <= 30 * 1440);
        let facilities: BTreeSet<&str> = recent().map(|(r, _)| r["facility"].as_str()).collect();
        let evidence = || deaths[holder].iter().filter(|(_, latest)| *latest < day);
        let sources: BTreeSet<&str> = evidence().map(|(source, _)| source.as_str()).collect();
        let since = evidence()
            .map(|(_, latest)| day.number() - latest.number())
            .min();
        let category = |row: &Row| row["main_diagnosis"][..3].to_owned();
        let cost = number(&row["cost_total"]);
        let mut put = |name: &str, value: f64| {
            features
                .entry(name.to_owned())
                .or_default()
                .push((value, misuse));
        };
        put("cost", cost);
        put(&format!("cost of type {}", row["visit_type"]), cost);
        put("days since death", since.map_or(0.0, f64::from));
        put("grade", sources.len() as f64);
        put("visits in 30 days", recent().count() as f64);
        put("facilities in 30 days", facilities.len() as f64);
        let (there, home) = (&row["facility"][..2], &row["cards"][3..5]);
        put("same province", f64::from(u8::from(there == home)));
        put("distance of provinces", (rank(there) - rank(home)).abs());
        put("length", (minutes(&row["discharged_at"]) - admitted) as f64);
        let there = earlier
            .iter()
            .filter(|(r, _)| r["facility"] == row["facility"]);
        put("earlier at the facility", there.count() as f64);
        let alike = earlier.iter().filter(|(r, _)| category(r) == category(row));
        put("earlier with the diagnosis", alike.count() as f64);
        let last = earlier.iter().map(|(_, before)| *before / 1440).min();
        put(
            "days since the last visit",
            last.map_or(1e6, |days| days as f64),
        );
        put("hour", (admitted.rem_euclid(1440) / 60) as f64);
        put("paid share", number(&row["paid_by_fund"]) / cost.max(1.0));
    }
    // The published split: 4 in a hundred are misuse.
    let share = f64::from(misuses) / f64::from(labelled);
    assert!(
        misuses > 150 && (0.03..0.06).contains(&share),
        "{misuses} of {labelled}"
    );
    for (name, values) in &features {
        if values.iter().filter(|(_, misuse)| *misuse).count() < 40 {
            continue;
        }
        let told = auroc(values);
        assert!(
            (1.0 - MOST..=MOST).contains(&told),
            "{name} alone tells {told:.3}"
        );
    }
    assert!(features.len() > 14);
}
