use super::*;
use crate::record::Value;

fn day(text: &str) -> Day {
    Day::from_text(text).unwrap()
}

fn visit(admitted: &str, facility: &str, diagnosis: u16) -> VisitSeen {
    VisitSeen {
        admitted: day(admitted),
        discharged: day(admitted),
        facility: Facility::from_text(facility).unwrap(),
        diagnosis,
        died: false,
    }
}

fn death(date: &str, source: u8, known: &str) -> DeathEvidence {
    DeathEvidence {
        date: PartialDate::from_text(date).unwrap(),
        source,
        known: day(known),
    }
}

fn circumstances<'a>(visits: &'a [VisitSeen], deaths: &'a [DeathEvidence]) -> Circumstances<'a> {
    Circumstances {
        reason: ReasonKind::ServiceAfterDeath,
        visit: visits[0],
        cost: 12_000,
        is_stay: false,
        is_referred: false,
        named: NamedCitizen::Person,
        visits,
        other_numbers: &[],
        deaths,
        card: None,
        score: 0,
    }
}

#[test]
fn a_visit_after_death_in_its_life() {
    let visits = [
        visit("2025-03-20", "01001", 1),
        visit("2025-04-03", "01002", 2),
        visit("2025-02-10", "01001", 1),
        visit("2024-02-10", "01001", 1),
    ];
    let deaths = [
        death("2025-03-01", 1, "2025-03-15"),
        death("2025-03-02", 2, "2025-03-10"),
    ];
    let known = Circumstances {
        card: Some(CardState {
            is_valid: false,
            since: Some(day("2025-03-31")),
        }),
        ..circumstances(&visits, &deaths)
    };
    let observed = observe_misuse(&known);
    let value = |feature| observed.value(feature);
    assert_eq!(value(MisuseFeature::Sources), 2);
    assert_eq!(value(MisuseFeature::DefaultDate), 1);
    assert_eq!(value(MisuseFeature::SwappedDate), 0);
    assert_eq!(value(MisuseFeature::LaterEvidence), 0);
    assert_eq!(value(MisuseFeature::DaysAfterDeath), 19);
    assert_eq!(value(MisuseFeature::DeathKnownAfter), 9);
    assert_eq!(value(MisuseFeature::DaysAfterKnown), 10);
    assert_eq!(value(MisuseFeature::VisitsAfterDeath), 2);
    assert_eq!(value(MisuseFeature::FacilitiesAfterDeath), 2);
    assert_eq!(value(MisuseFeature::DiagnosesAfterDeath), 2);
    assert_eq!(value(MisuseFeature::LastVisitAfterDeath), 33);
    assert_eq!(value(MisuseFeature::LastVisitAfterKnown), 24);
    assert_eq!(value(MisuseFeature::VisitsYearBefore), 1);
    assert_eq!(value(MisuseFeature::VisitsAtFacility), 1);
    assert_eq!(value(MisuseFeature::QuietBefore), 20);
    assert_eq!(value(MisuseFeature::WholeWeeks), 1);
    assert_eq!(value(MisuseFeature::NextVisit), 14);
    assert_eq!(value(MisuseFeature::CardWithdrawn), 1);
    assert_eq!(value(MisuseFeature::CardDaysAfter), 30);
}

#[test]
fn dates_that_would_explain_a_visit() {
    let value = |date: &str, known: &str, admitted: &str, feature| {
        let visits = [visit(admitted, "01001", 1)];
        observe_misuse(&circumstances(&visits, &[death(date, 0, known)])).value(feature)
    };
    let default = |date, admitted| value(date, "2026-01-01", admitted, MisuseFeature::DefaultDate);
    assert_eq!(default("2025-03-01", "2025-03-31"), 1);
    assert_eq!(default("2025-03-01", "2025-04-01"), 2);
    assert_eq!(default("2025-01-01", "2025-12-31"), 1);
    assert_eq!(default("2024-01-01", "2025-01-02"), 2);
    assert_eq!(default("2025-03-02", "2025-03-31"), 0);
    assert_eq!(default("2025-03", "2025-04-01"), 0);
    let swapped = |date, known, admitted| value(date, known, admitted, MisuseFeature::SwappedDate);
    // The 8th of March for the 3rd of August.
    assert_eq!(swapped("2025-03-08", "2025-08-20", "2025-07-01"), 1);
    assert_eq!(swapped("2025-03-08", "2025-08-20", "2025-08-10"), 0);
    // Nobody knows of a death before it happens.
    assert_eq!(swapped("2025-03-08", "2025-04-20", "2025-04-01"), 0);
    assert_eq!(swapped("2025-03-13", "2025-08-20", "2025-07-01"), 0);
    assert_eq!(swapped("2025-03-03", "2025-08-20", "2025-07-01"), 0);
}

#[test]
fn a_later_death_is_evidence_of_life() {
    let mut visits = [
        visit("2025-03-20", "01001", 1),
        visit("2025-05-01", "01001", 1),
    ];
    let deaths = [
        death("2025-03-01", 1, "2025-03-15"),
        death("2025-05-03", 2, "2025-05-10"),
    ];
    let later = |visits: &[VisitSeen], deaths: &[DeathEvidence]| {
        observe_misuse(&circumstances(visits, deaths)).value(MisuseFeature::LaterEvidence)
    };
    assert_eq!(later(&visits, &deaths), 1);
    assert_eq!(later(&visits, &deaths[..1]), 0);
    visits[1].died = true;
    assert_eq!(later(&visits, &deaths[..1]), 1);
}

#[test]
fn other_numbers_and_named_citizens() {
    let visits = [visit("2025-03-20", "01001", 1)];
    let others = [
        visit("2025-03-22", "01001", 1),
        visit("2025-03-15", "01001", 2),
        visit("2024-03-15", "01001", 1),
    ];
    let known = Circumstances {
        reason: ReasonKind::DuplicateIdentity,
        other_numbers: &others,
        named: NamedCitizen::Other {
            digits_off: 1,
            is_known: false,
        },
        ..circumstances(&visits, &[])
    };
    let observed = observe_misuse(&known);
    let value = |feature| observed.value(feature);
    assert_eq!(value(MisuseFeature::VisitsOtherNumbers), 2);
    assert_eq!(value(MisuseFeature::DiagnosisOtherNumbers), 1);
    assert_eq!(value(MisuseFeature::DaysToOtherNumber), 2);
    assert_eq!(value(MisuseFeature::DaysAfterDeath), -1);
    assert_eq!(value(MisuseFeature::NamesCitizen), 2);
    assert_eq!(
        (
            value(MisuseFeature::DigitsOff),
            value(MisuseFeature::IdIsKnown)
        ),
        (1, 0)
    );
}
