//! One card a language, from an alert that is made here, and what must hold of every card.

use console::measure_text_width;

use super::*;
use crate::case::tests::alert;
use crate::demo::Truth;
use crate::record::{
    Card, CardNumber, CardStatus, Citizen, Claim, Day, DeathReport, DeathSource, DischargeType,
    Facility, Few, Instant, LifeStatus, LocalTime, Money, Name, Outcome, PartialDate, PersonalId,
    Record, Sex, SiNumber, Text, Value, VisitType,
};

fn read<T: Value>(text: &str) -> T {
    T::from_text(text).expect("a value")
}

fn claim() -> Claim {
    Claim {
        facility: read::<Facility>("79001"),
        visit_id: read::<Text>("S01-1"),
        cards: vec![read::<CardNumber>("HT3797900000001")].into(),
        personal_id: Some(read::<Text>("079051000001")),
        full_name: read::<Name>("Nguyễn Mẫu An"),
        birth_date: read::<PartialDate>("1951-04-12"),
        sex: Sex::MALE,
        blood_group: None,
        visit_type: VisitType::EXAMINATION,
        object_code: read::<Text>("1.1"),
        main_diagnosis: read::<Text>("I10"),
        other_diagnoses: Few::new(),
        admitted_at: read::<LocalTime>("2025-02-20T08:10"),
        inpatient_at: None,
        discharged_at: read::<LocalTime>("2025-02-20T09:40"),
        outcome: read::<Outcome>("1"),
        discharge_type: read::<DischargeType>("1"),
        copay_exempt_from: None,
        referred_from: None,
        referred_to: None,
        department: None,
        cost_drugs: Money::dong(1_000_000),
        cost_supplies: Money::ZERO,
        cost_total: Money::dong(1_300_000),
        cost_covered: Money::dong(1_300_000),
        paid_by_fund: Money::dong(1_234_567),
        copay: Money::dong(65_433),
        self_paid: Money::ZERO,
        other_sources: Money::ZERO,
        lines: None,
        line_totals: None,
    }
}

fn case() -> Case {
    let at = |day: &str| read::<Instant>(&format!("{day}T08:00:00+07:00"));
    let row = |record, day: &str, file: &str, row| Evidence {
        record,
        recorded_at: at(day),
        file: file.to_owned(),
        row,
    };
    let card = Card {
        card_number: read("HT3797900000001"),
        valid_from: read::<Day>("2024-01-01"),
        valid_to: None,
        status: CardStatus::Locked,
        status_date: Some(read("2025-03-01")),
        primary_facility: None,
    };
    let report = DeathReport {
        report_id: read("HT-0001"),
        personal_id: Some(read::<PersonalId>("079051000001")),
        si_number: Some(read::<SiNumber>("7900000001")),
        death_date: read("2025-01"),
        source: DeathSource::CivilRegistry,
    };
    let citizen = Citizen {
        personal_id: read("079051000001"),
        full_name: read("Nguyễn Mẫu An"),
        birth_date: read("1951-04-12"),
        sex: Sex::MALE,
        life_status: LifeStatus::Dead,
        death_date: Some(read("2025-02-10")),
        superseded_by: None,
        old_id: None,
        province: None,
    };
    Case {
        alert: alert(),
        evidence: vec![
            row(
                Record::Claims(claim().into()),
                "2025-03-04",
                "claims.csv",
                1,
            ),
            row(Record::Cards(card), "2025-03-03", "cards.parquet", 12_345),
            row(
                Record::DeathReports(report),
                "2025-03-05",
                "death_reports.csv",
                2,
            ),
            row(
                Record::Citizens(citizen),
                "2025-03-12",
                "citizens-updates.ndjson",
                3,
            ),
        ],
        truth: Some(Truth {
            reason: "service_after_death".to_owned(),
            kind: "relatives_use_card".to_owned(),
            label: "misuse".to_owned(),
            why: "relatives of 7900000001 went on using the card".to_owned(),
        }),
    }
}

fn told(case: &Case, language: Language, width: usize) -> String {
    console::set_colors_enabled(false);
    let mut page = Page::new(width);
    card(&mut page, case, 1, language);
    page.into_text()
}

#[test]
fn a_card_in_english() {
    insta::assert_snapshot!(told(&case(), Language::English, 80));
}

#[test]
fn a_card_in_vietnamese() {
    insta::assert_snapshot!(told(&case(), Language::Vietnamese, 80));
}

#[test]
fn every_width_is_kept_and_every_identifier_masked() {
    for language in Language::ALL {
        for width in [40, 60, 80, 110] {
            let text = told(&case(), language, width);
            for line in text.lines() {
                assert!(measure_text_width(line) <= width, "{line}");
            }
            let digits = text
                .split(|c: char| !c.is_ascii_digit())
                .map(str::len)
                .max();
            assert!(digits < Some(9), "{text}");
            assert!(!text.contains("Mẫu"), "{text}");
        }
    }
}

/// Whatever the evidence lacks, a reason is explained.
#[test]
fn without_evidence_the_explanation_holds() {
    for reason in Reason::ALL {
        for language in Language::ALL {
            let mut case = case();
            case.alert.reason = *reason;
            case.evidence.clear();
            let records: Vec<&Record> = case.evidence.iter().map(|row| &row.record).collect();
            let sentence = sentence(&case.alert, &records, Settings::defaults(), language);
            let explanation = reason.explanation(crate::rule::Settings::defaults(), language);
            assert_eq!(sentence, explanation);
        }
    }
}

#[test]
fn paths_are_quoted_for_a_shell() {
    assert_eq!(quoted("fundwatch-demo/country"), "fundwatch-demo/country");
    assert_eq!(quoted("my demo's/country"), r"'my demo'\''s/country'");
}
