//! Deaths, cards and identities at their boundaries.

use super::*;

#[test]
fn a_visit_on_the_day_of_death_is_none_after_it() {
    assert!(ids(&dead("2025-03-10", "2025-03-10"), "service_after_death").is_empty());
    let after = under(&dead("2025-03-10", "2025-03-11"), "service_after_death");
    assert_eq!(after, [("01001/V1".into(), "eligibility", Some(1))]);
}

#[test]
fn a_partial_death_date_ends_with_its_month_or_year() {
    for (death, last, next) in [
        ("2025-02", "2025-02-28", "2025-03-01"),
        ("2024-02", "2024-02-29", "2024-03-01"),
        ("2024", "2024-12-31", "2025-01-01"),
    ] {
        assert!(
            ids(&dead(death, last), "service_after_death").is_empty(),
            "{death}"
        );
        assert_eq!(
            ids(&dead(death, next), "service_after_death").len(),
            1,
            "{death}"
        );
    }
}

#[test]
fn a_citizen_who_is_alive_or_cancelled_is_no_death_evidence() {
    for (status, expected) in [
        ("alive", 0),
        ("missing", 0),
        ("cancelled", 0),
        ("dead", 1),
        ("declared_dead", 1),
    ] {
        let mut world = dead("2025-03-10", "2025-03-11");
        world.upsert(Record::Citizen(citizen(ID, status, Some("2025-03-10"))));
        assert_eq!(
            ids(&world, "service_after_death").len(),
            expected,
            "{status}"
        );
    }
}

#[test]
fn the_grade_counts_sources_and_decides_the_class() {
    let class_of = |reports: Vec<Record>, status: &'static str| {
        let mut world = dead("2025-03-10", "2025-03-11");
        world.upsert(Record::Citizen(citizen(ID, status, Some("2025-03-10"))));
        reports.into_iter().for_each(|r| world.upsert(r));
        under(&world, "service_after_death")
            .first()
            .map(|(_, class, grade)| (*class, *grade))
    };
    let by_si = |id: &str, source| report(id, Some(SI), None, source);
    let by_id = |id: &str, source| report(id, None, Some(ID), source);
    assert_eq!(
        class_of(vec![by_si("R", "hospital")], "alive"),
        Some(("data_quality", Some(1)))
    );
    assert_eq!(
        class_of(vec![by_id("R", "contribution_form")], "alive"),
        Some(("data_quality", Some(1)))
    );
    assert_eq!(
        class_of(vec![by_id("R", "court")], "alive"),
        Some(("eligibility", Some(1)))
    );
    let twice = vec![by_si("R", "hospital"), by_id("S", "hospital")];
    assert_eq!(class_of(twice, "alive"), Some(("data_quality", Some(1))));
    assert_eq!(
        class_of(vec![by_si("R", "hospital")], "dead"),
        Some(("misuse_suspected", Some(2)))
    );
    assert_eq!(
        class_of(vec![report("R", None, None, "court")], "alive"),
        None
    );
}

#[test]
fn a_claim_without_a_card_is_of_the_citizen_it_names() {
    let mut visit = visit_on("2025-03-11");
    visit.cards.clear();
    visit.personal_id = Some(ID.into());
    let mut world = world([Record::Claim(visit.clone())]);
    assert_eq!(person_of(&world, &visit), None);
    world.upsert(Record::Citizen(citizen(ID, "alive", None)));
    assert_eq!(person_of(&world, &visit), Some(Person::Citizen(ID.into())));
    // Reports of the citizen's si_numbers are reports of the citizen.
    world.upsert(report("R", Some(SI), None, "court"));
    assert!(ids(&world, "service_after_death").is_empty());
    world.upsert(participant(SI, Some(ID)));
    assert_eq!(ids(&world, "service_after_death").len(), 1);
}

#[test]
fn the_card_of_a_claim_is_the_first_that_covers_it() {
    let mut visit = visit_on("2025-03-11");
    visit.cards = vec!["HT4797900000003".into(), CARD.into(), OTHER_CARD.into()];
    let mut world = world([card(OTHER_CARD, None), card(CARD, Some("2025-03-10"))]);
    assert_eq!(card_of(&world, &visit), Some(OTHER_CARD));
    world.upsert(card(CARD, Some("2025-03-11")));
    assert_eq!(card_of(&world, &visit), Some(CARD));
    assert_eq!(card_of(&World::default(), &visit), Some("HT4797900000003"));
}

#[test]
fn a_death_outcome_needs_an_admission_on_a_later_day() {
    let case = |outcome, visit_type, status, next: &str| {
        let death = Claim {
            outcome,
            visit_type,
            ..claim("01001", "V1", "2025-03-09T08:00", "2025-03-10T00:01")
        };
        let next = claim("01002", "V2", &format!("{next}T00:00"), "2025-03-20T09:00");
        let world = world([
            participant(SI, Some(ID)),
            Record::Citizen(citizen(ID, status, None)),
            Record::Claim(death),
            Record::Claim(next),
        ]);
        under(&world, "death_on_living_card")
            .first()
            .map(|(id, class, _)| (id.clone(), *class))
    };
    let on = |class| Some(("01001/V1".to_owned(), class));
    assert_eq!(case(5, "03", "alive", "2025-03-10"), None);
    assert_eq!(case(5, "03", "alive", "2025-03-11"), on("misuse_suspected"));
    assert_eq!(case(8, "01", "alive", "2025-03-11"), on("data_quality"));
    assert_eq!(case(4, "03", "alive", "2025-03-11"), None);
    assert_eq!(case(5, "03", "dead", "2025-03-11"), None);
}

#[test]
fn newborn_and_force_cards_need_no_register() {
    let unknown = |number: &str, birth: &str| {
        let mut visit = visit_on("2025-03-10");
        visit.cards = vec![number.into()];
        visit.birth_date = Partial(birth.into());
        ids(&world([Record::Claim(visit)]), "unknown_card").len()
    };
    assert_eq!(
        unknown("TE1797900000001", "2025-01-09"),
        0,
        "60 days before"
    );
    assert_eq!(
        unknown("TE1797900000001", "2025-01-08"),
        1,
        "61 days before"
    );
    assert_eq!(unknown("TE1797900000001", "2025-03-10"), 0);
    assert_eq!(
        unknown("TE1797900000001", "2025-03-11"),
        1,
        "born after the admission"
    );
    assert_eq!(unknown("TE1797900000001", "2025-01"), 0);
    assert_eq!(unknown("TE1797900000001", "2025"), 0);
    assert_eq!(unknown("TE1797900000001", "2024"), 1);
    assert_eq!(unknown("TE2797900000001", "2025-03-10"), 1);
    for force in ["QN5797900000001", "CA5797900000001", "CY5797900000001"] {
        assert_eq!(unknown(force, "1980"), 0, "{force}");
    }
    assert_eq!(unknown(CARD, "1980"), 1);
}

#[test]
fn a_stay_may_outlive_its_card_by_fifteen_days() {
    let invalid = |visit_type, admitted: &str, discharged: &str| {
        let visit = Claim {
            visit_type,
            ..claim(
                "01001",
                "V1",
                &format!("{admitted}T08:00"),
                &format!("{discharged}T08:00"),
            )
        };
        let world = world([card(CARD, Some("2025-03-10")), Record::Claim(visit)]);
        ids(&world, "card_not_valid").len()
    };
    assert_eq!(invalid("03", "2025-03-10", "2025-03-25"), 0, "15 days");
    assert_eq!(invalid("03", "2025-03-10", "2025-03-26"), 1, "16 days");
    assert_eq!(invalid("06", "2025-03-10", "2025-03-26"), 1);
    assert_eq!(invalid("01", "2025-03-10", "2025-03-26"), 0, "no stay");
    assert_eq!(invalid("01", "2025-03-11", "2025-03-11"), 1);
    assert_eq!(invalid("01", "2019-12-31", "2019-12-31"), 1);
}

#[test]
fn one_unknown_card_is_another_reason_than_cards_that_are_not_valid() {
    let mut visit = visit_on("2025-03-11");
    visit.cards = vec![CARD.into(), OTHER_CARD.into()];
    let mut world = world([card(CARD, Some("2025-03-10")), Record::Claim(visit)]);
    assert_eq!(ids(&world, "unknown_card").len(), 1);
    assert_eq!(ids(&world, "card_not_valid").len(), 0);
    world.upsert(card(OTHER_CARD, Some("2025-03-10")));
    assert_eq!(ids(&world, "unknown_card").len(), 0);
    assert_eq!(ids(&world, "card_not_valid").len(), 1);
    world.upsert(card(OTHER_CARD, None));
    assert_eq!(ids(&world, "card_not_valid").len(), 0);
}

#[test]
fn a_card_is_withdrawn_from_its_status_date_on() {
    for (status, since, expected) in [
        ("revoked", Some("2025-03-10"), 1),
        ("locked", Some("2025-03-09"), 1),
        ("reduced", Some("2025-03-11"), 0),
        ("revoked", None, 0),
        ("replaced", Some("2025-03-09"), 0),
    ] {
        let card = Card {
            card_number: CARD.into(),
            valid_from: day("2020-01-01"),
            valid_to: None,
            status,
            status_date: since.map(day),
        };
        let world = world([Record::Card(card), Record::Claim(visit_on("2025-03-10"))]);
        assert_eq!(
            ids(&world, "card_withdrawn").len(),
            expected,
            "{status} {since:?}"
        );
    }
}

#[test]
fn a_cluster_follows_old_ids_and_successors() {
    let linked = |mut a: Citizen, mut b: Citizen, old_a: &str, old_b: &str, next: Option<&str>| {
        a.old_id = Some(old_a.into());
        b.old_id = Some(old_b.into());
        a.superseded_by = next.map(Into::into);
        world([
            participant(SI, Some(ID)),
            participant("7900000002", Some(OTHER_ID)),
            Record::Citizen(a),
            Record::Citizen(b),
            card(CARD, None),
            card(OTHER_CARD, None),
            Record::Claim(visit_on("2025-03-10")),
        ])
    };
    let (a, b) = (citizen(ID, "alive", None), citizen(OTHER_ID, "alive", None));
    let apart = linked(a.clone(), b.clone(), "111111111", "222222222", None);
    assert!(ids(&apart, "duplicate_identity").is_empty());
    let shared = linked(a.clone(), b.clone(), "111111111", "111111111", None);
    assert_eq!(ids(&shared, "duplicate_identity").len(), 1);
    let next = linked(a, b, "111111111", "222222222", Some(OTHER_ID));
    assert_eq!(ids(&next, "duplicate_identity").len(), 1);
    let cluster = cluster_of(&next, Node::SiNumber(SI.into()));
    assert_eq!(cluster.len(), 4);
    // A successor that is not in the register is still a node.
    let mut alone = world([participant(SI, Some(ID))]);
    alone.upsert(Record::Citizen(Citizen {
        superseded_by: Some("001080000009".into()),
        ..citizen(ID, "cancelled", None)
    }));
    assert_eq!(cluster_of(&alone, Node::SiNumber(SI.into())).len(), 3);
}

#[test]
fn a_card_whose_status_changed_on_the_day_is_not_in_force() {
    for (status_date, expected) in [("2025-03-10", 0), ("2025-03-11", 1)] {
        let other = Card {
            card_number: OTHER_CARD.into(),
            valid_from: day("2020-01-01"),
            valid_to: None,
            status: "replaced",
            status_date: Some(day(status_date)),
        };
        let world = world([
            participant(SI, Some(ID)),
            participant("7900000002", Some(ID)),
            card(CARD, None),
            Record::Card(other),
            Record::Claim(visit_on("2025-03-10")),
        ]);
        assert_eq!(
            ids(&world, "duplicate_identity").len(),
            expected,
            "{status_date}"
        );
    }
}

#[test]
fn an_identity_mismatch_needs_a_known_holder_and_twelve_digits() {
    let mismatch = |named: &str, holder: Option<Record>| {
        let mut visit = visit_on("2025-03-10");
        visit.personal_id = Some(named.into());
        ids(
            &world(holder.into_iter().chain([Record::Claim(visit)])),
            "identity_mismatch",
        )
        .len()
    };
    assert_eq!(mismatch(OTHER_ID, Some(participant(SI, Some(ID)))), 1);
    assert_eq!(mismatch(ID, Some(participant(SI, Some(ID)))), 0);
    assert_eq!(mismatch(OTHER_ID, Some(participant(SI, None))), 0);
    assert_eq!(mismatch(OTHER_ID, None), 0);
    assert_eq!(mismatch("012345678", Some(participant(SI, Some(ID)))), 0);
}

#[test]
fn a_stale_card_waits_for_the_as_of_date() {
    let mut world = world([
        card(CARD, Some("2025-03-20")),
        participant(SI, Some(ID)),
        Record::Citizen(citizen(ID, "dead", Some("2025-03-10"))),
    ]);
    let stale = |world: &World, on: Option<&str>| {
        alerts(world, on.map(day), &BTreeSet::from(["stale_card"])).len()
    };
    assert_eq!(stale(&world, None), 0);
    assert_eq!(stale(&world, Some("2025-03-10")), 0, "the day of death");
    assert_eq!(stale(&world, Some("2025-03-11")), 1);
    assert_eq!(stale(&world, Some("2025-03-20")), 1);
    assert_eq!(stale(&world, Some("2025-03-21")), 0, "no longer valid");
    world.upsert(Record::Citizen(citizen(ID, "alive", Some("2025-03-10"))));
    assert_eq!(stale(&world, Some("2025-03-11")), 0);
}
