//! What must hold of any claims and of any bytes.

use fundwatch::record::{
    BloodGroup, Claim, Count, Day, Instant, LocalTime, Money, Operation, PartialDate, Record, Value,
};
use fundwatch::source::Entry;
use proptest::prelude::*;

use crate::envelope::{Encoding, carried, envelope};
use crate::golden::claim_columns;
use crate::{GOLDEN, entries, entries_in_chunks, golden_file, sample, value};

fn texts() -> impl Strategy<Value = String> {
    "[A-Za-z0-9ạếộ&<>\"'.-]{1,12}"
}

fn money() -> impl Strategy<Value = Money> {
    prop_oneof![
        Just(Money::ZERO),
        (-1_000_000i64..1_000_000_000_000).prop_map(Money::from_thousandths)
    ]
}

prop_compose! {
    fn people()(
        cards in prop::collection::vec("[A-Z]{2}[1-5][0-9]{12}", 0..3),
        personal_id in prop::option::of(texts()),
        name in texts(),
        birth in "19[0-9]{2}(-0[1-9](-[0-2][1-9])?)?".prop_filter("exists", |t| PartialDate::from_text(t).is_some()),
        sex in "[1-3]",
        blood in prop::option::of(prop::sample::select(BloodGroup::ALL)),
    ) -> Claim {
        Claim {
            cards: cards.iter().map(|c| value(c)).collect(),
            personal_id: personal_id.map(|t| value(&t)),
            full_name: value(&name),
            birth_date: value(&birth),
            sex: value(&sex),
            blood_group: blood,
            ..sample("0")
        }
    }
}

prop_compose! {
    fn claims()(
        person in people(),
        visit in texts(),
        visit_type in 1u8..=16,
        codes in (texts(), texts(), prop::collection::vec("[A-Z][0-9]{2}(\\.[0-9])?", 0..4)),
        places in [prop::option::of(texts()), prop::option::of(texts()), prop::option::of(texts())],
        minutes in (0i64..50_000_000, prop::option::of(0i64..5000), 0i64..90_000),
        exempt in prop::option::of(0i32..25_000),
        outcome in ("[1-8]", "[1-5]"),
        amounts in [money(), money(), money(), money(), money(), money(), money(), money()],
        lines in prop::option::of(0u32..6),
    ) -> Claim {
        let [cost_drugs, cost_supplies, cost_total, cost_covered, paid_by_fund, copay, self_paid, other_sources] = amounts;
        let [referred_from, referred_to, department] = places.map(|p| p.map(|t| value(&t)));
        let (start, inpatient, stay) = minutes;
        Claim {
            visit_id: value(&visit),
            visit_type: value(&format!("{visit_type:02}")),
            object_code: value(&codes.0),
            main_diagnosis: value(&codes.1),
            other_diagnoses: codes.2.iter().map(|c| value(c)).collect(),
            admitted_at: LocalTime::from_minutes(start),
            inpatient_at: inpatient.map(|m| LocalTime::from_minutes(start + m)),
            discharged_at: LocalTime::from_minutes(start + stay),
            copay_exempt_from: exempt.map(Day::from_number),
            outcome: value(&outcome.0),
            discharge_type: value(&outcome.1),
            referred_from, referred_to, department,
            cost_drugs, cost_supplies, cost_total, cost_covered, paid_by_fund, copay, self_paid, other_sources,
            lines: lines.map(Count),
            ..person
        }
    }
}

/// The entries before the first reject.
fn accepted(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().take_while(|e| e.outcome.is_ok()).collect()
}

proptest! {
    #[test]
    fn claims_come_back_as_they_were_written(
        claims in prop::collection::vec(claims(), 0..4),
        number in 0i32..80_000,
        plain in any::<bool>(),
    ) {
        let encoding = if plain { Encoding::Plain } else { Encoding::Base64 };
        let created_on = Day::from_number(number);
        let read = entries(envelope(&claims, created_on, encoding).as_bytes());
        prop_assert_eq!(read.len(), claims.len());
        for (entry, claim) in read.into_iter().zip(&claims) {
            let change = entry.outcome.map_err(|r| TestCaseError::fail(r.error.message))?;
            prop_assert_eq!(Some(change.recorded_at), Instant::on(created_on, 86_340));
            let Operation::Upsert(Record::Claims(read)) = change.operation else {
                return Err(TestCaseError::fail("not a claim"));
            };
            prop_assert_eq!(claim_columns(&read), claim_columns(&carried(claim)));
            prop_assert_eq!(*read, carried(claim));
        }
    }

    #[test]
    fn any_bytes_end_in_at_most_one_reject(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let read = entries(&bytes);
        prop_assert_eq!(read.len(), 1);
        prop_assert!(read[0].outcome.is_err());
    }

    #[test]
    fn any_markup_terminates(
        parts in prop::collection::vec(prop::sample::select(&[
            "<GIAMDINHHS>", "</GIAMDINHHS>", "<NGAYLAP>20250702</NGAYLAP>", "<HOSO>", "</HOSO>", "<HOSO/>",
            "<FILEHOSO>", "</FILEHOSO>", "<LOAIHOSO>XML1</LOAIHOSO>", "<LOAIHOSO>XML0</LOAIHOSO>", "<NOIDUNGFILE>",
            "</NOIDUNGFILE>", "<TONG_HOP>", "</TONG_HOP>", "<MA_LK>", "</MA_LK>", "QQ==", "&amp;", "&x;", "<![CDATA[",
            "]]>", "<!--", "-->", "<!DOCTYPE a [", "]>", "<?xml version='1.0'?>", "<a b='", "'>", "<", ">", "\u{FEFF}", "ạ",
        ][..]), 0..40),
        chunk in 1usize..64,
    ) {
        let text = parts.concat();
        prop_assert_eq!(entries_in_chunks(text.as_bytes(), chunk), entries(text.as_bytes()));
    }

    #[test]
    fn a_cut_file_keeps_every_hoso_before_the_cut(file in 0usize..GOLDEN.len(), at in 0.0f64..1.0) {
        let bytes = golden_file(&format!("{}.xml", GOLDEN[file]));
        let cut = (bytes.len() as f64 * at) as usize;
        let (whole, part) = (entries(&bytes), entries(&bytes[..cut]));
        let closed = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).replace("<!-- <HOSO>không phải hồ sơ</HOSO> -->", "");
            text.matches("</HOSO>").count() + text.matches("<HOSO />").count()
        };
        prop_assert!(part.len() >= closed(&bytes[..cut]));
        // All but the last entry, which tells of the cut, are those of the whole file.
        let kept = part.len().saturating_sub(1);
        prop_assert_eq!(&part[..kept], &whole[..kept]);
    }

    #[test]
    fn a_damage_harms_nothing_before_it(
        file in 0usize..GOLDEN.len(), at in 0.0f64..1.0, junk in prop::collection::vec(any::<u8>(), 1..8)
    ) {
        let mut bytes = golden_file(&format!("{}.xml", GOLDEN[file]));
        let whole = entries(&bytes);
        let place = (bytes.len() as f64 * at) as usize;
        let before = entries(&bytes[..place]);
        bytes.splice(place..(place + junk.len()).min(bytes.len()), junk);
        let read = entries(&bytes);
        for (damaged, intact) in accepted(&before).iter().zip(&whole) {
            prop_assert_eq!(&read[damaged.row as usize - 1], intact);
        }
    }
}
