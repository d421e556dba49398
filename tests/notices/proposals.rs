//! What each reason proposes, from rows to the lines of notices.ndjson.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Files, rows, si};

const CLAIMS: &str = "facility,visit_id,cards,personal_id,full_name,birth_date,sex,blood_group,visit_type,\
    object_code,main_diagnosis,admitted_at,discharged_at,outcome,discharge_type,cost_drugs,cost_supplies,\
    cost_total,cost_covered,paid_by_fund,copay,self_paid,other_sources";
const CITIZENS: &str = "personal_id,full_name,birth_date,sex,life_status,death_date";
const PARTICIPANTS: &str = "si_number,personal_id,full_name,birth_date,sex";
const CARDS: &str = "card_number,valid_from,valid_to,status";
const REPORTS: &str = "report_id,si_number,personal_id,death_date,source";

fn id(n: usize) -> String {
    format!("0790510{n:05}")
}

fn card(n: usize) -> String {
    format!("HT379{}", si(n))
}

/// A claim of person `n` on their card, admitted at eight.
fn claim(n: usize, visit: &str, day: &str) -> Claim {
    Claim {
        visit: visit.to_owned(),
        cards: card(n),
        personal_id: String::new(),
        blood_group: "",
        visit_type: "01",
        admitted: day.to_owned(),
        outcome: 1,
    }
}

struct Claim {
    visit: String,
    cards: String,
    personal_id: String,
    blood_group: &'static str,
    visit_type: &'static str,
    admitted: String,
    outcome: u8,
}

impl Claim {
    fn row(&self) -> String {
        let Self {
            visit,
            cards,
            personal_id,
            blood_group,
            visit_type,
            admitted,
            outcome,
        } = self;
        format!(
            "79001,{visit},{cards},{personal_id},Nguyễn Mẫu An,1951-04-12,1,{blood_group},{visit_type},1.1,I10,\
             {admitted}T08:00,{admitted}T09:00,{outcome},1,0,0,300000,300000,285000,15000,0,0"
        )
    }
}

/// People 1 to `count`, alive, insured, with a card of their own.
fn people(count: usize) -> Files {
    let files = Files::new();
    citizens(
        &files,
        &rows(count, |n| {
            format!("{},Nguyễn Mẫu An,1951-04-12,1,alive,", id(n))
        }),
    );
    participants(
        &files,
        &rows(count, |n| {
            format!("{},{},Nguyễn Mẫu An,1951-04-12,1", si(n), id(n))
        }),
    );
    files.stream(
        "cards",
        CARDS,
        &rows(count, |n| {
            format!("{},2024-01-01,2025-12-31,valid", card(n))
        }),
    );
    files
}

fn citizens(files: &Files, rows: &[String]) {
    files.stream("citizens", CITIZENS, rows);
}

fn participants(files: &Files, rows: &[String]) {
    files.stream("participants", PARTICIPANTS, rows);
}

fn claims(files: &Files, claims: &[Claim]) {
    files.stream(
        "claims",
        CLAIMS,
        &claims.iter().map(Claim::row).collect::<Vec<_>>(),
    );
}

fn reports(files: &Files, reports: &[(&str, usize, &str, &str)]) {
    let row = |(id, n, date, source): &(&str, usize, &str, &str)| {
        format!("{id},{},,{date},{source}", si(*n))
    };
    files.stream(
        "death_reports",
        REPORTS,
        &reports.iter().map(row).collect::<Vec<_>>(),
    );
}

/// The notices of an input as of a day: database, stream, key and field, then what is said of them.
fn told(files: &Files, as_of: &str) -> Vec<String> {
    told_with(files, as_of, &[])
}

/// The same, of a replay with more arguments.
fn told_with(files: &Files, as_of: &str, more: &[&str]) -> Vec<String> {
    files.replay("run", &[&["--as-of", as_of], more].concat());
    let line = |notice: Value| {
        let text = |name: &str| {
            notice
                .get(name)
                .map_or("-", |value| value.as_str().unwrap())
        };
        let since = notice
            .get("since")
            .map(|since| format!(" since {}", since.as_str().unwrap()));
        let reasons = notice["reasons"].as_array().unwrap();
        let reasons: Vec<&str> = reasons
            .iter()
            .map(|reason| reason.as_str().unwrap())
            .collect();
        format!(
            "{} {} {} {}: {} > {}{}; {}, {}; {}",
            text("database"),
            text("stream"),
            text("key"),
            text("field"),
            text("current"),
            text("proposed"),
            since.unwrap_or_default(),
            text("confidence"),
            text("basis"),
            reasons.join(" ")
        )
    };
    files.notices("run").into_iter().map(line).collect()
}

#[test]
fn a_single_source_that_visits_speak_against_is_asked_to_look_at_its_date() {
    let files = people(5);
    citizens(
        &files,
        &rows(5, |n| match n {
            // Known to the day, and wrong; and the first of a month, as software puts it.
            1 => format!("{},Nguyễn Mẫu An,1951-04-12,1,dead,2025-01-15", id(n)),
            2 => format!("{},Nguyễn Mẫu An,1951-04-12,1,dead,2025-02-01", id(n)),
            3 => format!("{},Nguyễn Mẫu An,1951-04-12,1,dead,2025-01-01", id(n)),
            _ => format!("{},Nguyễn Mẫu An,1951-04-12,1,alive,", id(n)),
        }),
    );
    reports(
        &files,
        &[
            ("FORM-4", 4, "2025-01-20", "contribution_form"),
            ("HOSP-5", 5, "2025-01-20", "hospital"),
        ],
    );
    // A second visit of 2 is still in the month; one of 3 is not, but in the year.
    claims(
        &files,
        &[
            claim(1, "A", "2025-02-10"),
            claim(2, "B", "2025-02-10"),
            claim(2, "C", "2025-02-28"),
            claim(3, "D", "2025-01-10"),
            claim(3, "E", "2025-02-10"),
            claim(4, "F", "2025-02-10"),
            claim(5, "G", "2025-02-10"),
        ],
    );
    let visits: Vec<String> = told(&files, "2025-03-31")
        .into_iter()
        .filter(|line| line.contains(" death_date:"))
        .collect();
    assert_eq!(
        visits,
        [
            "health death_reports HOSP-5 death_date: 2025-01-20 > -; medium, visit_after_death; service_after_death",
            "insurance death_reports FORM-4 death_date: 2025-01-20 > -; medium, visit_after_death; service_after_death",
            "population citizens 079051000001 death_date: 2025-01-15 > -; low, visit_after_death; service_after_death",
            "population citizens 079051000002 death_date: 2025-02-01 > 2025-02; medium, default_day; service_after_death",
            "population citizens 079051000003 death_date: 2025-01-01 > 2025; medium, default_day; service_after_death",
        ]
    );
}

#[test]
fn a_visit_outside_the_month_or_year_is_not_explained_by_a_default_day() {
    let files = people(2);
    citizens(
        &files,
        &rows(2, |n| match n {
            1 => format!("{},Nguyễn Mẫu An,1951-04-12,1,dead,2025-02-01", id(n)),
            _ => format!("{},Nguyễn Mẫu An,1951-04-12,1,dead,2024-01-01", id(n)),
        }),
    );
    claims(
        &files,
        &[
            claim(1, "A", "2025-02-10"),
            claim(1, "B", "2025-03-02"),
            claim(2, "C", "2025-01-01"),
        ],
    );
    let told = told(&files, "2025-03-31");
    let dates: Vec<&String> = told
        .iter()
        .filter(|line| line.contains(" death_date:"))
        .collect();
    assert_eq!(
        dates,
        [
            "population citizens 079051000001 death_date: 2025-02-01 > -; low, visit_after_death; service_after_death",
            "population citizens 079051000002 death_date: 2024-01-01 > -; low, visit_after_death; service_after_death",
        ]
    );
}

#[test]
fn visits_after_a_death_that_two_sources_know_are_for_the_queue_alone() {
    let files = people(1);
    citizens(
        &files,
        &[format!(
            "{},Nguyễn Mẫu An,1951-04-12,1,dead,2025-01-15",
            id(1)
        )],
    );
    reports(&files, &[("CIVIL-1", 1, "2025-01-15", "civil_registry")]);
    claims(&files, &[claim(1, "A", "2025-02-10")]);
    assert_eq!(
        told(&files, "2025-03-31"),
        [format!(
            "insurance cards {} status: valid > reduced since 2025-01-15; high, several_sources; stale_card",
            card(1)
        )]
    );
}

#[test]
fn a_card_is_to_be_reduced_as_surely_as_its_holder_is_dead() {
    let files = people(7);
    reports(
        &files,
        &[
            ("R1", 1, "2025-01-15", "civil_registry"),
            ("R2", 2, "2025-01-15", "hospital"),
            ("R3A", 3, "2025-01-15", "court"),
            ("R3B", 3, "2025-01-16", "hospital"),
            ("R4", 4, "2025-01", "civil_registry"),
            ("R5", 5, "2025-01-15", "court"),
            ("R6A", 6, "2025-01-15", "court"),
            ("R6B", 6, "2025-03-01", "hospital"),
        ],
    );
    // A visit speaks against the death of 5, and against one source of 6.
    claims(
        &files,
        &[claim(5, "A", "2025-02-10"), claim(6, "B", "2025-02-10")],
    );
    let told = told(&files, "2025-03-31");
    let cards: Vec<&str> = told
        .iter()
        .filter_map(|line| line.strip_prefix("insurance cards "))
        .collect();
    let expected = |n, rest: &str| format!("{} status: valid > reduced{rest}; stale_card", card(n));
    assert_eq!(
        cards,
        [
            expected(1, " since 2025-01-15; medium, one_source"),
            expected(2, " since 2025-01-15; low, one_source"),
            // Two sources that differ by a day.
            expected(3, " since 2025-01-15; medium, several_sources"),
            expected(4, "; medium, one_source"),
            expected(5, " since 2025-01-15; low, one_source"),
            expected(6, " since 2025-03-01; low, one_source"),
        ]
    );
}

#[test]
fn a_benefit_is_to_end_on_the_day_of_death_unless_it_began_later() {
    let files = people(4);
    let benefit =
        |n, scheme: &str, from: &str, to: &str| format!("{},{scheme},{from},{to},3600000", id(n));
    files.stream(
        "beneficiaries",
        "personal_id,scheme,from,to,monthly_amount",
        &[
            benefit(1, "pension", "2010-01-01", ""),
            benefit(2, "pension", "2010-01-01", "2025-12-31"),
            benefit(3, "pension", "2010-01-01", ""),
            benefit(4, "pension", "2025-02-01", ""),
        ],
    );
    reports(
        &files,
        &[
            ("R1", 1, "2025-01-15", "civil_registry"),
            ("R2", 2, "2025-01-15", "civil_registry"),
            ("R3", 3, "2025", "civil_registry"),
            ("R4", 4, "2025-01-15", "civil_registry"),
        ],
    );
    let told = told(&files, "2026-01-31");
    let benefits: Vec<&str> = told
        .iter()
        .filter_map(|line| line.strip_prefix("social_welfare beneficiaries "))
        .collect();
    let expected = |n, rest: &str| {
        format!(
            "{}/pension to: {rest}; medium, one_source; benefit_after_death",
            id(n)
        )
    };
    assert_eq!(
        benefits,
        [
            expected(1, "- > 2025-01-15"),
            // One that ends in 2025 has ended: 2 is no alert of 2026 either way.
            expected(2, "2025-12-31 > 2025-01-15"),
            expected(3, "- > -"),
            expected(4, "- > -"),
        ]
    );
}

#[test]
fn a_death_on_a_living_card_is_an_outcome_to_look_at_unless_it_was_a_stay() {
    let files = people(2);
    let died = |n, visit, visit_type| Claim {
        outcome: 5,
        visit_type,
        ..claim(n, visit, "2025-02-10")
    };
    claims(
        &files,
        &[
            died(1, "A", "01"),
            claim(1, "B", "2025-02-20"),
            died(2, "C", "03"),
            claim(2, "D", "2025-02-20"),
        ],
    );
    assert_eq!(
        told(&files, "2025-03-31"),
        ["health claims 79001/A outcome: 5 > -; medium, came_again; death_on_living_card"]
    );
}

#[test]
fn a_personal_id_one_slip_from_the_holders_is_the_holders() {
    let files = people(3);
    // 1 has a digit mistyped, 2 two digits exchanged for those of somebody who exists, 3 another number.
    citizens(
        &files,
        &rows(4, |n| match n {
            4 => "079501000002,Trần Mẫu Bình,1950-01-01,1,alive,".to_owned(),
            _ => format!("{},Nguyễn Mẫu An,1951-04-12,1,alive,", id(n)),
        }),
    );
    let of = |n, visit, personal_id: &str| Claim {
        personal_id: personal_id.to_owned(),
        ..claim(n, visit, "2025-02-10")
    };
    claims(
        &files,
        &[
            of(1, "A", "079051000901"),
            of(2, "B", "079501000002"),
            of(3, "C", "001199000777"),
        ],
    );
    let of = |visit: &str, rest: &str| {
        format!("health claims 79001/{visit} personal_id: {rest}; identity_mismatch")
    };
    assert_eq!(
        told(&files, "2025-03-31"),
        [
            of("A", "079051000901 > 079051000001; high, mistyped_digit"),
            of(
                "B",
                "079501000002 > 079051000002; medium, transposed_digits"
            ),
            of("C", "001199000777 > -; low, holder_differs"),
        ]
    );
}

#[test]
fn cards_numbers_blood_groups_and_employments_are_told_to_those_who_keep_them() {
    let files = people(4);
    // 1 shows a card that nobody registered; 2 has a second number; 3 another blood group; 4 an employer
    // that ceased.
    participants(
        &files,
        &rows(5, |n| match n {
            5 => format!("{},{},Nguyễn Mẫu An,1951-04-12,1", si(5), id(2)),
            _ => format!("{},{},Nguyễn Mẫu An,1951-04-12,1", si(n), id(n)),
        }),
    );
    let employee = card(4).replace("HT3", "DN4");
    files.stream(
        "cards",
        CARDS,
        &rows(6, |n| match n {
            6 => format!("{employee},2024-01-01,2025-12-31,valid"),
            _ => format!("{},2024-01-01,2025-12-31,valid", card(n)),
        }),
    );
    files.stream(
        "health_profiles",
        "personal_id,blood_group",
        &[format!("{},AB-", id(3))],
    );
    files.stream(
        "enterprises",
        "tax_code,name,status,effective_date",
        &["0300000001,Công ty Mẫu,dissolved,2024-06-30".to_owned()],
    );
    files.stream(
        "employments",
        "si_number,tax_code,from,to",
        &[format!("{},0300000001,2020-01-01,", si(4))],
    );
    claims(
        &files,
        &[
            Claim {
                cards: format!("{};GD4797999999999", card(1)),
                ..claim(1, "A", "2025-02-10")
            },
            claim(2, "B", "2025-02-10"),
            Claim {
                blood_group: "O+",
                ..claim(3, "C", "2025-02-10")
            },
            Claim {
                cards: employee.clone(),
                ..claim(4, "D", "2025-02-10")
            },
        ],
    );
    assert_eq!(
        told(&files, "2025-03-31"),
        [
            "health claims 79001/A cards: GD4797999999999 > -; low, not_registered; unknown_card"
                .to_owned(),
            format!(
                "health health_profiles {} blood_group: AB- > -; low, claim_differs; blood_group_conflict",
                id(3)
            ),
            format!(
                "insurance employments {}/0300000001 to: - > 2024-06-30; medium, employer_ceased; employer_ceased",
                si(4)
            ),
            format!(
                "insurance participants {0} si_number: {0} > -; medium, two_numbers; duplicate_identity",
                si(2)
            ),
            format!(
                "insurance participants {0} si_number: {0} > -; medium, two_numbers; duplicate_identity",
                si(5)
            ),
        ]
    );
}

#[test]
fn a_notice_names_the_alerts_it_comes_from() {
    let files = people(1);
    reports(&files, &[("FORM-1", 1, "2025-01-15", "contribution_form")]);
    let visits: Vec<String> = (10..22).map(|day| format!("2025-02-{day}")).collect();
    let visits: Vec<Claim> = visits.iter().map(|day| claim(1, day, day)).collect();
    claims(&files, &visits);
    told(&files, "2025-03-31");
    let notices = files.notices("run");
    let date = notices
        .iter()
        .find(|notice| notice["field"] == "death_date")
        .unwrap();
    let listed: Vec<&str> = date["alert_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert_eq!((listed.len(), &date["alert_count"]), (8, &Value::from(12)));
    let alerts = std::fs::read_to_string(files.path("run/alerts.ndjson")).unwrap();
    let held: BTreeSet<String> = alerts
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|alert| alert["reason"] == "service_after_death")
        .map(|alert| alert["alert_id"].as_str().unwrap().to_owned())
        .collect();
    assert!(listed.iter().eq(held.iter().take(8)));
    let summary = std::fs::read_to_string(files.path("run/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["notices"], serde_json::json!({"insurance": 2}));
}

#[test]
fn a_missing_citizen_whose_card_or_number_was_presented_may_live() {
    let files = people(5);
    let of = |status: &str, n| format!("{},Nguyễn Mẫu An,1951-04-12,1,{status},", id(n));
    // 4 is missing and never came; 5 came and is not missing.
    let statuses = rows(5, |n| of(if n == 5 { "alive" } else { "missing" }, n));
    citizens(&files, &statuses);
    // 1 is two participants; 3 has no card with him, and gives his number.
    let mut insured = rows(5, |n| {
        format!("{},{},Nguyễn Mẫu An,1951-04-12,1", si(n), id(n))
    });
    insured.push(format!("{},{},Nguyễn Mẫu An,1951-04-12,1", si(9), id(1)));
    participants(&files, &insured);
    let of_number = Claim {
        cards: String::new(),
        personal_id: id(3),
        ..claim(3, "D", "2025-02-20")
    };
    let visits = [
        claim(1, "A", "2025-02-10"),
        claim(1, "B", "2025-02-03"),
        Claim {
            cards: card(9),
            ..claim(1, "C", "2025-02-11")
        },
        claim(2, "E", "2025-02-12"),
        of_number,
        claim(5, "F", "2025-02-10"),
    ];
    claims(&files, &visits);
    let lives = |more: &[&str]| -> Vec<String> {
        let told = told_with(&files, "2025-03-31", more);
        told.into_iter()
            .filter(|line| line.contains(" life_status:"))
            .collect()
    };
    let line = |n, day: &str| {
        format!(
            "population citizens {} life_status: missing > alive since {day}; low, presented; ",
            id(n)
        )
    };
    let expected = [
        line(1, "2025-02-11"),
        line(2, "2025-02-12"),
        line(3, "2025-02-20"),
    ];
    assert_eq!(lives(&[]), expected);
    // It is no reason, and no alert.
    assert_eq!(lives(&["--reasons", "stale_card"]), expected);
    let alerts = std::fs::read_to_string(files.path("run/alerts.ndjson")).unwrap();
    assert!(alerts.is_empty(), "{alerts}");

    // The claims of one go, another is found: nothing is proposed of them any more.
    claims(&files, &visits[3..]);
    let statuses = rows(5, |n| of(if n == 2 { "alive" } else { "missing" }, n));
    citizens(&files, &statuses);
    assert_eq!(lives(&[]), [line(3, "2025-02-20"), line(5, "2025-02-10")]);
}

#[test]
fn a_stopped_enterprise_through_which_somebody_is_insured_is_told_with_its_status() {
    let files = people(4);
    files.stream(
        "enterprises",
        "tax_code,name,status,effective_date,successor",
        &[
            "0300000001,Công ty Mẫu Một,suspended,2025-01-02,".to_owned(),
            "0300000002,Công ty Mẫu Hai,merged,2025-01-03,0300000009".to_owned(),
            "0300000003,Công ty Mẫu Ba,merged,2025-01-04,".to_owned(),
            // Nobody is insured through it on the day; it goes on.
            "0300000004,Công ty Mẫu Bốn,suspended,2025-01-05,".to_owned(),
            "0300000005,Công ty Mẫu Năm,active,2025-01-06,".to_owned(),
        ],
    );
    files.stream(
        "employments",
        "si_number,tax_code,from,to",
        &[
            format!("{},0300000001,2020-01-01,", si(1)),
            format!("{},0300000001,2020-01-01,2025-03-31", si(2)),
            format!("{},0300000001,2020-01-01,2025-03-30", si(3)),
            format!("{},0300000002,2025-03-31,", si(3)),
            format!("{},0300000003,2020-01-01,", si(4)),
            format!("{},0300000004,2020-01-01,2025-03-30", si(4)),
            format!("{},0300000004,2025-04-01,", si(1)),
            format!("{},0300000005,2020-01-01,", si(4)),
        ],
    );
    assert_eq!(
        told(&files, "2025-03-31"),
        [
            "insurance enterprises 0300000001 status: - > suspended since 2025-01-02; medium, employer_stopped; ",
            "insurance enterprises 0300000002 tax_code: 0300000002 > 0300000009 since 2025-01-03; medium, employer_stopped; ",
            "insurance enterprises 0300000003 status: - > merged since 2025-01-04; medium, employer_stopped; ",
        ]
    );
    let employments: Vec<Value> = files
        .notices("run")
        .iter()
        .map(|notice| notice["employments"].clone())
        .collect();
    assert_eq!(employments, [2, 1, 1]);

    // With one employee less a notice is the same, and without any it is cancelled, whichever reasons a run
    // computes.
    let reconciled = |run: &str, more: &[&str]| {
        files.replay(run, more);
        let told = files.reconcile(run);
        let counts = told
            .split_once("Notices: ")
            .expect("it tells what it did")
            .1;
        counts.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        reconciled("first", &["--as-of", "2025-03-31"]),
        "3 opened, 0 superseded, 0 cancelled, 0 as they were"
    );
    assert_eq!(
        reconciled("second", &["--as-of", "2025-04-01"]),
        "1 opened, 0 superseded, 0 cancelled, 3 as they were"
    );
    assert_eq!(files.notices("second")[0]["employments"], 1);
    let left = format!("{},0300000001,2020-01-01,2024-12-31", si(1));
    files.stream("employments", "si_number,tax_code,from,to", &[left]);
    assert_eq!(
        reconciled(
            "third",
            &["--as-of", "2025-04-02", "--reasons", "stale_card"]
        ),
        "0 opened, 0 superseded, 4 cancelled, 0 as they were"
    );
}
