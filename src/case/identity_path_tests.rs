//! What ties the numbers of an alert, and which tie is the only one.

use super::*;
use crate::record::{
    Card, CardStatus, Day, DischargeType, Facility, LocalTime, Money, Name, OldId, Outcome,
    PartialDate, Sex, Text, VisitType,
};

fn read<T: Value>(text: &str) -> T {
    T::from_text(text).expect("a value")
}

const NAME: &str = "Nguyễn Mẫu An";

fn participant(si_number: &str, personal_id: Option<&str>, name: &str) -> Record {
    Record::Participants(Participant {
        si_number: read(si_number),
        personal_id: personal_id.map(read),
        full_name: read::<Name>(name),
        birth_date: read::<PartialDate>("1951-04-12"),
        sex: Sex::MALE,
        province: None,
    })
}

fn citizen(personal_id: &str, superseded_by: Option<&str>, old_id: Option<&str>) -> Record {
    Record::Citizens(Citizen {
        personal_id: read(personal_id),
        full_name: read::<Name>(NAME),
        birth_date: read::<PartialDate>("1951-04-12"),
        sex: Sex::MALE,
        life_status: LifeStatus::Alive,
        death_date: None,
        superseded_by: superseded_by.map(read),
        old_id: old_id.map(read::<OldId>),
        province: None,
    })
}

fn card(number: &str) -> Record {
    Record::Cards(Card {
        card_number: read(number),
        valid_from: read::<Day>("2020-01-01"),
        valid_to: None,
        status: read::<CardStatus>("valid"),
        status_date: None,
        primary_facility: None,
    })
}

fn claim(card: &str, personal_id: Option<&str>) -> Record {
    Record::Claims(Box::new(Claim {
        facility: read::<Facility>("79001"),
        visit_id: read::<Text>("S01-1"),
        cards: vec![read::<CardNumber>(card)].into(),
        personal_id: personal_id.map(read::<Text>),
        full_name: read::<Name>(NAME),
        birth_date: read::<PartialDate>("1951-04-12"),
        sex: Sex::MALE,
        blood_group: None,
        visit_type: VisitType::EXAMINATION,
        object_code: read::<Text>("1.1"),
        main_diagnosis: read::<Text>("I10"),
        other_diagnoses: Vec::new().into(),
        admitted_at: read::<LocalTime>("2025-02-20T08:10"),
        inpatient_at: None,
        discharged_at: read::<LocalTime>("2025-02-20T09:40"),
        outcome: read::<Outcome>("1"),
        discharge_type: read::<DischargeType>("1"),
        copay_exempt_from: None,
        referred_from: None,
        referred_to: None,
        department: None,
        cost_drugs: Money::ZERO,
        cost_supplies: Money::ZERO,
        cost_total: Money::ZERO,
        cost_covered: Money::ZERO,
        paid_by_fund: Money::ZERO,
        copay: Money::ZERO,
        self_paid: Money::ZERO,
        other_sources: Money::ZERO,
        lines: None,
        line_totals: None,
    }))
}

fn path(reason: Reason, subject: &str, records: &[Record]) -> Option<IdentityPath> {
    let rows: Vec<(usize, &Record)> = (1..).zip(records).collect();
    let linkage = PersonLinkage::builtin();
    identity_path((reason, subject), &rows, &linkage)
}

/// Links as `kind number - kind number`, a bridge with a star.
fn told(path: &IdentityPath) -> Vec<String> {
    let node = |place: usize| {
        let node = &path.nodes[place];
        format!("{:?} {}", node.kind, node.masked)
    };
    let links = path.links.iter();
    links
        .map(|link| {
            let star = if link.is_bridge { " *" } else { "" };
            format!("{} - {}{star}", node(link.from), node(link.to))
        })
        .collect()
}

const CLAIM: &str = "79001/S01-1";

#[test]
fn two_participants_of_one_citizen_are_parted_by_either_link() {
    let records = [
        claim("HT3797900000001", Some("079051000001")),
        card("HT3797900000001"),
        card("HT3797900000002"),
        citizen("079051000001", None, None),
        participant("7900000001", Some("079051000001"), NAME),
        participant("7900000002", Some("079051000001"), "Nguyễn Mẫu Ân"),
    ];
    let path = path(Reason::DuplicateIdentity, CLAIM, &records).expect("a path");
    assert_eq!(
        told(&path),
        [
            "Claim S01-1 - Card •••001",
            "Card •••001 - Participant •••001",
            "Card •••002 - Participant •••002",
            "Participant •••001 - Citizen •••001 *",
            "Participant •••002 - Citizen •••001 *",
        ]
    );
    let ties: Vec<Tie> = path.links.iter().map(|link| link.tie).collect();
    assert_eq!(ties[3], Tie::PersonalId(Compared::Agrees));
    let spelling = Compared::Differs(Cause::NameSpelling);
    assert_eq!(ties[4], Tie::PersonalId(spelling));
    let rows: Vec<Option<usize>> = path.nodes.iter().map(|node| node.row).collect();
    assert_eq!(rows, [1, 2, 3, 5, 6, 4].map(Some));
    let shown = format!("{path:?}");
    for number in ["079051000001", "7900000001", "HT37979", "Mẫu"] {
        assert!(!shown.contains(number), "{number}");
    }
}

#[test]
fn what_is_tied_twice_has_no_bridge_between() {
    let mut records = vec![
        claim("HT3797900000001", None),
        card("HT3797900000001"),
        card("HT3797900000002"),
        citizen("079051000001", Some("079051000002"), Some("021234567")),
        citizen("079051000002", None, Some("021234567")),
        participant("7900000001", Some("079051000001"), NAME),
        participant("7900000002", Some("079051000002"), NAME),
    ];
    let bridges = |records: &[Record]| {
        let path = path(Reason::DuplicateIdentity, CLAIM, records).expect("a path");
        let links = path.links.iter().filter(|link| link.is_bridge);
        links.map(|link| link.tie).collect::<Vec<_>>()
    };
    let named = Tie::PersonalId(Compared::Agrees);
    // Replaced, and of one old number: neither is the only one.
    assert_eq!(bridges(&records), [named, named]);
    // An old number that is listed of one citizen ties nobody.
    records[4] = citizen("079051000002", None, None);
    let replaced = Tie::Superseded(Compared::Agrees);
    assert_eq!(bridges(&records), [named, named, replaced]);
}

#[test]
fn a_claim_of_another_citizen_is_all_that_ties_them() {
    let records = [
        claim("HT3797900000001", Some("079051000009")),
        card("HT3797900000001"),
        participant("7900000001", Some("079051000001"), NAME),
        citizen("079051000001", None, None),
        citizen("079051000009", None, None),
    ];
    let path = path(Reason::IdentityMismatch, CLAIM, &records).expect("a path");
    assert_eq!(
        told(&path),
        [
            "Claim S01-1 - Card •••001 *",
            "Claim S01-1 - Citizen •••009 *",
            "Card •••001 - Participant •••001 *",
            "Participant •••001 - Citizen •••001",
        ]
    );
}

#[test]
fn linkage_ties_whom_the_register_does_not_tell_apart() {
    let subject = "7900000001";
    let records = [
        participant(subject, None, NAME),
        participant("7900000002", None, "Nguyen Mau An"),
        participant("7900000003", Some("079051000003"), NAME),
    ];
    let path = path(Reason::ProbableDuplicate, subject, &records).expect("a path");
    let alike: Vec<&IdentityLink> = (path.links.iter())
        .filter(|link| matches!(link.tie, Tie::Alike(..)))
        .collect();
    let least = (PersonLinkage::PROBABILITY * 10_000.0) as u16;
    assert!(!alike.is_empty());
    for link in &alike {
        let Tie::Alike(share, _) = link.tie else {
            continue;
        };
        assert!((least..=10_000).contains(&share), "{share}");
    }
    // Everybody is reached.
    let reached: std::collections::BTreeSet<usize> =
        alike.iter().flat_map(|link| [link.from, link.to]).collect();
    assert_eq!(reached.len(), 3);
}

#[test]
fn two_whom_the_register_knows_apart_are_not_tied() {
    let records = [
        participant("7900000001", Some("079051000001"), NAME),
        participant("7900000002", Some("079051000002"), NAME),
        citizen("079051000001", None, None),
        citizen("079051000002", None, None),
    ];
    let path = path(Reason::ProbableDuplicate, "7900000001", &records).expect("a path");
    let alike = |link: &IdentityLink| matches!(link.tie, Tie::Alike(..));
    assert!(!path.links.iter().any(alike));
    // Of which one is not to be trusted, they are.
    let mut records = records;
    records[3] = citizen("079051000002", Some("079051000007"), None);
    let path = self::path(Reason::ProbableDuplicate, "7900000001", &records).expect("a path");
    let link = path.links.iter().find(|link| alike(link)).expect("tied");
    assert!(link.is_bridge);
}

#[test]
fn what_ties_nothing_or_is_of_no_identity_has_no_path() {
    let alone = [participant("7900000001", None, NAME)];
    let reason = Reason::UnauthenticatedIdentity;
    assert_eq!(path(reason, "7900000001", &alone), None);
    let records = [
        participant("7900000001", Some("079051000001"), "Trần Mẫu Bình"),
        citizen("079051000001", None, None),
    ];
    let found = path(reason, "7900000001", &records).expect("a path");
    let differs = Tie::PersonalId(Compared::Differs(Cause::NameDiffers));
    assert_eq!(
        (found.links[0].tie, found.links[0].is_bridge),
        (differs, true)
    );
    assert_eq!(path(Reason::StaleCard, "7900000001", &records), None);
}
