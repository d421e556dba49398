use super::*;
use crate::language::{is_composed, places};
use crate::record::Stream;
use crate::self_check::own_record;

const TODAY: &str = "2026-11-27";

/// Records of streams, as rows have them.
fn records(rows: &[(Stream, &str)]) -> Vec<Record> {
    let arrival = crate::record::Instant::from_nanos(0);
    let record = |(stream, row): &(Stream, &str)| {
        let delivery =
            crate::service::lines(*stream, &bytes::Bytes::from((*row).to_owned()), arrival);
        let rejected = delivery.rejects.first().map(|reject| reject.code.as_str());
        assert_eq!(rejected, None, "{row}");
        match delivery.rows[0].change.operation.clone() {
            crate::record::Operation::Upsert(record) => record,
            crate::record::Operation::Delete => panic!("no record"),
        }
    };
    rows.iter().map(record).collect()
}

fn told(rows: &[(Stream, &str)], language: Language) -> Vec<Mismatch> {
    let records = records(rows);
    let records: Vec<&Record> = records.iter().collect();
    let id = PersonalId::from_text("079051000001").expect("an id");
    mismatches(
        id,
        &records,
        Day::from_text(TODAY).expect("a day"),
        language,
    )
}

fn codes(rows: &[(Stream, &str)]) -> Vec<&'static str> {
    let told = told(rows, Language::English);
    told.into_iter().map(|one| one.code).collect()
}

const ALIVE: (Stream, &str) = (
    Stream::Citizens,
    r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"life_status":"alive"}"#,
);
const DEAD: (Stream, &str) = (
    Stream::Citizens,
    r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"life_status":"dead","death_date":"2025-03-04"}"#,
);
const INSURED: (Stream, &str) = (
    Stream::Participants,
    r#"{"recorded_at":"2025-01-01T00:00:00Z","si_number":"7900000001","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1}"#,
);
const CARD: (Stream, &str) = (
    Stream::Cards,
    r#"{"recorded_at":"2025-01-01T00:00:00Z","card_number":"HT3797900000001","valid_from":"2025-01-01","status":"valid"}"#,
);

fn visit(more: &str) -> String {
    format!(
        r#"{{"recorded_at":"2025-05-02T00:00:00Z","facility":"79001","visit_id":"V1","cards":["HT3797900000001"],"full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"visit_type":"01","object_code":"1","main_diagnosis":"B20","other_diagnoses":[],"admitted_at":"2025-05-01T08:00","discharged_at":"2025-05-01T09:00","outcome":1,"discharge_type":1,"cost_drugs":0,"cost_supplies":0,"cost_total":100000,"cost_covered":100000,"paid_by_fund":80000,"copay":20000,"self_paid":0,"other_sources":0{more}}}"#
    )
}

#[test]
fn texts_are_in_both_languages_with_the_same_places() {
    for kind in Kind::ALL {
        let (en, vi) = (
            kind.texts(Language::English),
            kind.texts(Language::Vietnamese),
        );
        assert!(en.0.is_ascii() && en.1.is_ascii(), "{kind:?}");
        assert!(is_composed(vi.0) && is_composed(vi.1), "{kind:?}");
        assert_eq!(places(en.0), places(vi.0), "{kind:?}");
        assert!(
            places(en.1).is_empty() && places(vi.1).is_empty(),
            "{kind:?}"
        );
        assert_ne!(en.1, vi.1, "{kind:?}");
    }
}

#[test]
fn whoever_fits_is_told_nothing() {
    let visit = visit("");
    let all = [ALIVE, INSURED, CARD, (Stream::Claims, &*visit)];
    assert!(codes(&all).is_empty());
    assert!(codes(&[]).is_empty(), "nor whoever is not known");
}

#[test]
fn the_dead_who_ask_are_told_first() {
    let visit = visit("");
    let all = [INSURED, DEAD, CARD, (Stream::Claims, &*visit)];
    assert_eq!(codes(&all), ["dead_in_register", "visits_after_death"]);
    let english = &told(&all, Language::English)[0];
    let says = "The population register says that you died on 4\u{a0}Mar\u{a0}2025.";
    assert_eq!(english.says, says);
    assert!(english.remedy.contains("police of your commune"));
    let vietnamese = &told(&all, Language::Vietnamese)[0];
    assert!(vietnamese.says.ends_with("đã mất ngày 04/03/2025."));
    let report = r#"{"recorded_at":"2025-01-01T00:00:00Z","report_id":"R1","si_number":"7900000001","death_date":"2025-06","source":"hospital"}"#;
    let reported = [ALIVE, INSURED, (Stream::DeathReports, report)];
    assert_eq!(codes(&reported), ["death_reported"]);
    let declared = DEAD.1.replace("\"dead\"", "\"declared_dead\"");
    assert_eq!(codes(&[(Stream::Citizens, &*declared)]), ["declared_dead"]);
}

#[test]
fn what_differs_from_the_register_is_told_by_its_cause() {
    let with = |from: &str, to: &str| INSURED.1.replace(from, to);
    for (from, to, cause) in [
        ("Mẫu An", "Mau An", "name_spelling"),
        ("Mẫu An", "Văn Bình", "name_differs"),
        ("1951-02-03", "1951-03-02", "birth_date_swapped"),
        ("1951-02-03", "1951", "birth_date_partial"),
        ("\"sex\":1", "\"sex\":2", "sex_differs"),
    ] {
        let row = with(from, to);
        assert_eq!(codes(&[ALIVE, (Stream::Participants, &*row)]), [cause]);
    }
    assert_eq!(codes(&[INSURED]), ["unknown_personal_id"]);
    let second = with("7900000001", "7900000002");
    let both = [ALIVE, INSURED, (Stream::Participants, &*second)];
    assert_eq!(codes(&both), ["several_insurance_numbers"]);
    let cancelled = ALIVE.1.replace("alive", "cancelled");
    assert_eq!(codes(&[(Stream::Citizens, &*cancelled)]), ["cancelled_id"]);
}

#[test]
fn others_on_a_card_are_counted_and_not_named() {
    let other_id = visit(r#","personal_id":"079051000999""#);
    let other_name = visit("").replace("Nguyễn Mẫu An", "Trần Thị Bích");
    for row in [&other_id, &other_name] {
        let all = [ALIVE, INSURED, (Stream::Claims, &**row)];
        assert_eq!(codes(&all), ["visits_of_others"]);
        let said = told(&all, Language::Vietnamese);
        let said: String = said.iter().map(|one| one.says.clone()).collect();
        assert!(!said.contains("999") && !said.contains("Bích"));
        let record = &records(&[(Stream::Claims, row)])[0];
        let fields = own_record(record, None, Language::English);
        let fields = fields
            .iter()
            .map(|(_, text)| &**text)
            .collect::<Vec<_>>()
            .join(" ");
        assert!(!fields.contains("Bích") && !fields.contains("B20") && !fields.contains("079051"));
    }
    let other_card =
        visit(r#","personal_id":"079051000001""#).replace("HT3797900000001", "HT3797900000777");
    let all = [ALIVE, INSURED, (Stream::Claims, &*other_card)];
    assert_eq!(codes(&all), ["visits_on_other_cards"]);
}

#[test]
fn cards_and_blood_groups_are_held_against_each_other() {
    let revoked = CARD.1.replace("\"valid\"", "\"revoked\"");
    let revoked = [ALIVE, INSURED, (Stream::Cards, &*revoked)];
    assert_eq!(codes(&revoked), ["card_withdrawn"]);
    assert!(told(&revoked, Language::English)[0].says.contains("•••001"));
    let second = CARD.1.replace("7900000001", "7900000002");
    assert_eq!(
        codes(&[ALIVE, CARD, (Stream::Cards, &*second)]),
        ["several_cards"]
    );
    let profile = r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","blood_group":"A+","allergies":["Penicillin"],"chronic_conditions":["I10","B20","HIV"]}"#;
    let row = visit(r#","blood_group":"B""#);
    let all = [
        ALIVE,
        INSURED,
        (Stream::HealthProfiles, profile),
        (Stream::Claims, &*row),
    ];
    assert_eq!(codes(&all), ["blood_group_differs"]);
    let fields = own_record(&records(&[all[2]])[0], None, Language::English);
    let texts: Vec<&str> = fields.iter().map(|(_, text)| &**text).collect();
    assert_eq!(
        texts,
        ["A+", "Penicillin", "I10"],
        "restricted conditions are not told"
    );
}

#[test]
fn names_are_whole_where_they_are_ones_own() {
    let records = records(&[ALIVE, INSURED]);
    let Record::Citizens(own) = &records[0] else {
        panic!("a citizen")
    };
    let told = |record, own| own_record(record, own, Language::Vietnamese);
    let own_told = told(&records[1], Some(own));
    assert!(own_told.contains(&(super::super::OwnField::FullName, "Nguyễn Mẫu An".to_owned())));
    let other = told(&records[1], None);
    assert_eq!(other.len(), 2, "number and initials");
    assert!(
        other
            .iter()
            .all(|(_, text)| text == "•••001" || text == "N.M.A.")
    );
}
