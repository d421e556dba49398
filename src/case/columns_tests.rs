//! What is masked, and what a reveal adds.

use super::*;
use crate::case::{Alert, sentence, tests::alert, whose};
use crate::record::{
    CardNumber, DischargeType, Facility, LocalTime, Name, Outcome, Sex, Stream, Text, Value,
    VisitType,
};
use crate::rule::Settings;

fn read<T: Value>(text: &str) -> T {
    T::from_text(text).expect("a value")
}

fn claim(main: &str, others: &[&str]) -> Record {
    Record::Claims(Box::new(Claim {
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
        main_diagnosis: read::<Text>(main),
        other_diagnoses: others
            .iter()
            .map(|code| read::<Text>(code))
            .collect::<Vec<_>>()
            .into(),
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
    }))
}

/// Every column and sentence of a claim, for every reason and in both languages.
fn all_masked(record: &Record) -> String {
    let mut all = Vec::new();
    for reason in Reason::ALL {
        let alert = Alert {
            reason: *reason,
            ..alert()
        };
        for language in [Language::English, Language::Vietnamese] {
            all.extend(columns(record, *reason, language));
            all.push(sentence(&alert, &[record], Settings::defaults(), language));
        }
    }
    all.join("\n")
}

#[test]
fn restricted_diagnoses_are_told_only_where_they_are_revealed() {
    // The last is of women, and of whom the claim is of is none.
    let record = claim("F20.0", &["I10", "B23.2", "Z21", "O98.7"]);
    let masked = all_masked(&record);
    for code in ["F20", "B23", "Z21", "O98"] {
        assert!(!masked.contains(code), "{code}");
    }
    assert!(masked.contains("I10"));
    assert!(masked.contains("restricted diagnosis") && masked.contains("chẩn đoán được bảo mật"));
    let reason = Reason::CostOutlier;
    let revealed = revealed(&record, reason, Language::English);
    let mut diagnoses = (revealed.iter()).filter(|one| one.field == Some(Field::Diagnosis));
    let told = diagnoses.next().expect("revealed");
    assert!(told.text.contains("F20.0, I10, B23.2, Z21, O98.7"));
    assert!(masked_fields(&record, reason).contains(&Field::Diagnosis));
    let values = revealed_values(&record, reason);
    let values: Vec<&str> = { values.iter() }
        .filter(|(field, _)| *field == Field::Diagnosis)
        .map(|(_, code)| &**code)
        .collect();
    assert_eq!(values, ["F20.0", "I10", "B23.2", "Z21", "O98.7"]);
    // Where no code is restricted none is masked, and where no reason turns on it none is revealed.
    let plain = claim("I10", &["E11"]);
    assert!(!masked_fields(&plain, reason).contains(&Field::Diagnosis));
    assert!(!masked_fields(&record, Reason::UnknownCard).contains(&Field::Diagnosis));
}

#[test]
fn a_reveal_tells_name_numbers_and_birth_date_and_says_which() {
    let record = claim("I10", &[]);
    let whole = [
        "Nguyễn Mẫu An",
        "HT3797900000001",
        "079051000001",
        "7900000001",
    ];
    let masked = all_masked(&record);
    for text in whole {
        assert!(!masked.contains(text), "{text}");
    }
    let reason = Reason::UnknownCard;
    let columns = revealed(&record, reason, Language::Vietnamese);
    let told = |field| {
        let mut columns = columns.iter().filter(|one| one.field == Some(field));
        columns
            .next()
            .map(|one| one.text.clone())
            .unwrap_or_default()
    };
    assert_eq!(told(Field::FullName), whole[0]);
    assert!(told(Field::CardNumber).contains(whole[1]));
    assert!(told(Field::PersonalId).contains(whole[2]));
    assert!(told(Field::BirthDate).contains("12/04/1951"));
    let fields = [
        Field::FullName,
        Field::BirthDate,
        Field::CardNumber,
        Field::PersonalId,
    ];
    assert_eq!(masked_fields(&record, reason), fields);
    let values = [
        (Field::FullName, "Nguyễn Mẫu An"),
        (Field::CardNumber, "HT3797900000001"),
        (Field::PersonalId, "079051000001"),
        (Field::BirthDate, "1951-04-12"),
    ];
    let values = values.map(|(field, text)| (field, text.to_owned()));
    assert_eq!(revealed_values(&record, reason), values);
    assert!(!format!("{columns:?}").contains("Nguyễn"));
    // What the reason shows anyhow is no field of the reveal.
    let of_age = masked_fields(&record, Reason::AgeDiagnosisConflict);
    assert!(!of_age.contains(&Field::BirthDate));
    let person = Some((Stream::Participants, "7900000001".to_owned()));
    assert_eq!(whose(&record), person);
}

#[test]
fn the_values_of_a_reveal_are_of_the_fields_that_it_names() {
    let record = claim("F20.0", &["Z21"]);
    for reason in Reason::ALL {
        let values = revealed_values(&record, *reason);
        let mut fields: Vec<Field> = values.iter().map(|(field, _)| *field).collect();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields, masked_fields(&record, *reason), "{reason}");
    }
}

#[test]
fn names_of_fields_are_read_back() {
    for field in Field::ALL {
        assert_eq!(Field::from_name(field.as_str()), Some(*field));
    }
}

#[test]
fn a_restricted_diagnosis_is_not_told_by_what_is_said_around_it() {
    // F53 is of women from 9 to 60, F03 of people from 16 on; the claim is of a man, or of a child.
    let of = |codes: &[&str], sex: Sex, born: &str| {
        let Record::Claims(mut claim) = claim(codes[0], &codes[1..]) else {
            panic!("a claim");
        };
        claim.sex = sex;
        claim.birth_date = read::<PartialDate>(born);
        Record::Claims(claim)
    };
    let man = |codes: &[&str]| of(codes, Sex::MALE, "1980-01-01");
    let child = |codes: &[&str]| of(codes, Sex::FEMALE, "2020-01-01");
    for (reason, restricted, others) in [
        (
            Reason::SexDiagnosisConflict,
            man(&["I10", "F53.0"]),
            [man(&["C53.0", "F20.0"]), man(&["F53.0", "F20.0", "E11"])],
        ),
        (
            Reason::AgeDiagnosisConflict,
            child(&["I10", "F03"]),
            [child(&["F03", "F20.0"]), child(&["F20.0"])],
        ),
    ] {
        let alert = Alert { reason, ..alert() };
        for language in [Language::English, Language::Vietnamese] {
            let told = |record: &Record| {
                let settings = Settings::defaults();
                (
                    sentence(&alert, &[record], settings, language),
                    columns(record, reason, language),
                )
            };
            let (said, shown) = told(&restricted);
            assert_eq!(said, reason.explanation(Settings::defaults(), language));
            let shown_all = shown.join("\n");
            assert!(!shown_all.contains("I10"), "{shown_all}");
            // Whichever of the diagnoses is at fault, and however many there are, what is told is the same.
            for other in &others {
                assert_eq!(told(other), (said.clone(), shown.clone()));
            }
        }
    }
    // Where none is restricted, the sentence and the columns name it.
    let plain = man(&["C53.0", "I10"]);
    let reason = Reason::SexDiagnosisConflict;
    let alert = Alert { reason, ..alert() };
    let said = sentence(&alert, &[&plain], Settings::defaults(), Language::English);
    assert!(said.contains("C53.0"), "{said}");
    let shown = columns(&plain, reason, Language::English).join("\n");
    assert!(shown.contains("I10"), "{shown}");
}
