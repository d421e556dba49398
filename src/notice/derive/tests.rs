use std::collections::HashMap;

use proptest::prelude::*;

use super::corrections::leads_of_corrections;
use super::*;
use crate::alert::AlertId;
use crate::authenticate::name::NameKey;
use crate::authenticate::{
    Basis, Citizens, Confidence, Database, Field, GivenId, Identity, authenticate,
};
use crate::notice::proposal::Told;
use crate::record::{
    Citizen, LifeStatus, Name, OldId, PartialDate, PersonalId, Sex, SiNumber, Stream, Value,
};

fn alert(number: u32) -> AlertId {
    format!("{number:032x}").parse().expect("an id")
}

fn stated(confidence: Confidence, proposed: Option<&str>) -> Stated {
    Stated {
        proposed: proposed.map(|text| Told::of(&text)),
        ..Stated::look_into(Some(Told::of(&"now")), confidence, Basis::OneSource)
    }
}

fn lead(key: &str, number: u32, says: Says) -> Lead {
    Lead {
        target: Target {
            database: Database::Population,
            stream: Stream::Citizens,
            key: Told::of(&key),
            field: Field::DeathDate,
        },
        reason: Reason::ServiceAfterDeath,
        alert_id: alert(number),
        says,
    }
}

#[test]
fn leads_that_disagree_ask_somebody_to_look() {
    use Confidence::{High, Low, Medium};
    for (one, other, expected) in [
        ((High, Some("a")), (High, Some("a")), (High, Some("a"))),
        ((High, Some("a")), (Medium, Some("a")), (Medium, Some("a"))),
        ((High, Some("a")), (Medium, Some("b")), (Medium, None)),
        ((High, Some("a")), (Low, None), (Low, None)),
        ((Low, None), (Low, None), (Low, None)),
    ] {
        let of = |(confidence, proposed), number| {
            lead("x", number, Says::Stated(stated(confidence, proposed)))
        };
        let proposals = proposals([of(one, 1), of(other, 2)]);
        let [proposal] = proposals.as_slice() else {
            panic!("one value, one proposal");
        };
        let (confidence, proposed) = expected;
        assert_eq!(proposal.content.confidence, confidence);
        assert_eq!(
            proposal.content.proposed,
            proposed.map(|text| Told::of(&text))
        );
        assert_eq!(proposal.alert_ids, [alert(1), alert(2)]);
    }
}

#[test]
fn of_many_alerts_the_first_are_listed_and_all_are_counted() {
    let says = || Says::Stated(stated(Confidence::Low, None));
    let leads = (0..20).rev().map(|number| lead("x", number, says()));
    let proposals = proposals(leads);
    assert_eq!(
        proposals[0].alert_ids,
        (0..8).map(alert).collect::<Vec<_>>()
    );
    assert_eq!(proposals[0].alert_count, Some(20));
}

fn some_lead() -> impl Strategy<Value = Lead> {
    let confidence = prop::sample::select(Confidence::ALL);
    let proposed = prop::option::of(prop::sample::select(vec!["a", "b"]));
    (
        prop::sample::select(vec!["x", "y"]),
        0u32..12,
        confidence,
        proposed,
    )
        .prop_map(|(key, number, confidence, proposed)| {
            lead(key, number, Says::Stated(stated(confidence, proposed)))
        })
}

proptest! {
    #[test]
    fn proposals_do_not_depend_on_the_order_of_leads(
        (leads, shuffled) in prop::collection::vec(some_lead(), 0..30)
            .prop_flat_map(|leads| (Just(leads.clone()), Just(leads).prop_shuffle())),
    ) {
        let one = proposals(leads);
        prop_assert!(one.is_sorted_by(|a, b| a.target < b.target));
        prop_assert_eq!(one, proposals(shuffled));
    }
}

/// A register of citizens.
struct Register(HashMap<PersonalId, Citizen>);

impl Citizens for Register {
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen> {
        self.0.get(&id).cloned()
    }

    fn by_old_id(&self, _id: OldId) -> Vec<Citizen> {
        Vec::new()
    }

    fn by_name_and_year(&self, _name: &NameKey, _year: u16) -> Vec<Citizen> {
        Vec::new()
    }
}

fn id(text: &str) -> PersonalId {
    PersonalId::from_text(text).expect("an id")
}

fn citizen(number: &str, superseded_by: Option<&str>, born: &str) -> Citizen {
    Citizen {
        personal_id: id(number),
        full_name: Name::from_text("Nguyễn Mẫu An").expect("a name"),
        birth_date: PartialDate::from_text(born).expect("a date"),
        sex: Sex::MALE,
        life_status: LifeStatus::Alive,
        death_date: None,
        superseded_by: superseded_by.map(id),
        old_id: None,
        province: None,
    }
}

#[test]
fn corrections_of_an_authentication_become_proposals_of_both_databases() {
    let register = [
        citizen("079080000011", Some("079080000012"), "1980-05-17"),
        citizen("079080000012", None, "1980"),
    ];
    let register = register.map(|citizen| (citizen.personal_id, citizen));
    let register = Register(register.into());
    let identity = Identity {
        id: Some(GivenId::Personal(id("079080000011"))),
        full_name: Name::from_text("Nguyễn Mẫu Ân").expect("a name"),
        birth_date: PartialDate::from_text("1980-05-17").expect("a date"),
        sex: Sex::MALE,
    };
    let verdict = authenticate(&identity, &register);
    let participant = SiNumber::from_text("7900000001").expect("a number");
    let asking = (Reason::IdentityMismatch, alert(1));
    let leads = leads_of_corrections(asking, participant, identity.id, &verdict.corrections);
    let told: Vec<String> = proposals(leads)
        .iter()
        .map(|proposal| {
            let Target {
                database,
                stream,
                key,
                field,
            } = &proposal.target;
            let value = |told: &Option<Told>| told.as_ref().map_or("-", Told::as_str).to_owned();
            let (current, proposed) = (&proposal.content.current, &proposal.content.proposed);
            let (current, proposed) = (value(current), value(proposed));
            format!(
                "{database} {stream} {} {field}: {current} > {proposed}",
                key.as_str()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "insurance participants 7900000001 full_name: Nguyễn Mẫu Ân > Nguyễn Mẫu An",
            "insurance participants 7900000001 personal_id: 079080000011 > 079080000012",
            // The birth date is that of the citizen whose number took the place of the other.
            "population citizens 079080000012 birth_date: 1980 > 1980-05-17",
        ]
    );
}

#[test]
fn suspected_misuse_is_told_to_nobody() {
    for reason in Reason::ALL {
        let is_of_misuse = reason.class() == Class::MisuseSuspected;
        assert!(
            !(is_of_misuse && proposes(*reason, reason.class())),
            "{reason}"
        );
    }
    assert!(!proposes(Reason::ServiceAfterDeath, Class::MisuseSuspected));
    assert!(!proposes(Reason::DeathOnLivingCard, Class::MisuseSuspected));
}
