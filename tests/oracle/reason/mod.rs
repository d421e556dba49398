//! What the contract says must be alerted, given a world: one file a reason, each from scratch.

use std::collections::{BTreeMap, BTreeSet};

use crate::person::{
    Node, cards_held, cluster_of, node_of, person_of, personal_id_of, si_numbers_of_person,
};
use crate::plain::{Amount, Claim, Day, Key, si_of};
use crate::score::{SCORED, Score, score};
use crate::world::World;

pub mod age_diagnosis_conflict;
pub mod benefit_after_death;
pub mod benefit_mismatch;
pub mod blood_group_conflict;
pub mod card_not_valid;
pub mod card_withdrawn;
pub mod cost_outlier;
pub mod death_on_living_card;
pub mod diagnosis_rules;
pub mod duplicate_claim;
pub mod duplicate_identity;
pub mod employer_ceased;
pub mod exclusive_benefits;
pub mod frequent_visits;
pub mod identity_mismatch;
pub mod money_mismatch;
pub mod overlapping_stay;
pub mod probable_duplicate;
pub mod same_day_facilities;
pub mod service_after_death;
pub mod sex_diagnosis_conflict;
pub mod stale_card;
pub mod unauthenticated_identity;
pub mod unknown_card;
pub mod visit_during_stay;

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub kind: &'static str,
    pub id: String,
}

/// Why an alert must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub class: &'static str,
    pub grade: Option<u8>,
    /// Why a participant does not authenticate, for the reason that says it.
    pub cause: Option<&'static str>,
    /// Every row that may be shown in support; a superset of what an alert shows.
    pub evidence: BTreeSet<Key>,
    pub amount: Amount,
    /// The outlier score, for the reasons that have one.
    pub score: Option<Score>,
}

/// The findings of one reason.
pub type Findings = BTreeMap<Subject, Finding>;

/// The alerts that must hold, by reason and subject.
pub type Alerts = BTreeMap<(&'static str, Subject), Finding>;

/// A finder: the world, and the as-of date where it is given.
type Find = fn(&World, Option<Day>) -> Findings;

/// Every core reason under its contract name.
pub const REASONS: [(&str, Find); 24] = [
    ("service_after_death", service_after_death::find),
    ("death_on_living_card", death_on_living_card::find),
    ("unknown_card", unknown_card::find),
    ("card_not_valid", card_not_valid::find),
    ("card_withdrawn", card_withdrawn::find),
    ("duplicate_identity", duplicate_identity::find),
    ("identity_mismatch", identity_mismatch::find),
    ("overlapping_stay", overlapping_stay::find),
    ("visit_during_stay", visit_during_stay::find),
    ("duplicate_claim", duplicate_claim::find),
    ("same_day_facilities", same_day_facilities::find),
    ("frequent_visits", frequent_visits::find),
    ("sex_diagnosis_conflict", sex_diagnosis_conflict::find),
    ("age_diagnosis_conflict", age_diagnosis_conflict::find),
    ("money_mismatch", money_mismatch::find),
    ("benefit_mismatch", benefit_mismatch::find),
    ("blood_group_conflict", blood_group_conflict::find),
    ("employer_ceased", employer_ceased::find),
    ("stale_card", stale_card::find),
    ("benefit_after_death", benefit_after_death::find),
    ("exclusive_benefits", exclusive_benefits::find),
    ("unauthenticated_identity", unauthenticated_identity::find),
    ("probable_duplicate", probable_duplicate::find),
    ("cost_outlier", cost_outlier::find),
];

/// The reasons that can be decided here: all, but for two that need a code list which may be
/// absent.
pub fn decidable() -> BTreeSet<&'static str> {
    let mut names: BTreeSet<_> = REASONS.iter().map(|(name, _)| *name).collect();
    if diagnosis_rules::rules().is_none() {
        for name in ["sex_diagnosis_conflict", "age_diagnosis_conflict"] {
            eprintln!("SKIPPED {name}: ../shared/spec/icd10_rules.csv is absent");
            names.remove(name);
        }
    }
    names
}

/// Everything that must be alerted for the named reasons.
pub fn alerts(world: &World, as_of: Option<Day>, reasons: &BTreeSet<&'static str>) -> Alerts {
    let mut alerts = Alerts::new();
    for (name, find) in REASONS {
        if reasons.contains(name) {
            for (subject, mut finding) in find(world, as_of) {
                if SCORED.contains(&name) && subject.kind == "claim" {
                    finding.score = Some(score(world, &world.claims[&subject.id]));
                }
                alerts.insert((name, subject), finding);
            }
        }
    }
    alerts
}

/// The claims, and the check-ins while no claim with their key is known, each with its kind.
fn presentations(world: &World) -> Vec<(&'static str, Claim)> {
    let claims = world.claims.values().map(|claim| ("claim", claim.clone()));
    let check_ins = world.check_ins.iter();
    let unclaimed = check_ins.filter(|(key, _)| !world.claims.contains_key(*key));
    claims
        .chain(unclaimed.map(|(_, check_in)| ("check_in", check_in.as_claim())))
        .collect()
}

/// A finding about a claim, with its own rows and some others as evidence.
fn about(
    world: &World,
    claim: &Claim,
    class: &'static str,
    more: impl IntoIterator<Item = Key>,
) -> (Subject, Finding) {
    about_presentation(world, ("claim", claim), class, more)
}

/// A finding about a claim or a check-in.
fn about_presentation(
    world: &World,
    (kind, claim): (&'static str, &Claim),
    class: &'static str,
    more: impl IntoIterator<Item = Key>,
) -> (Subject, Finding) {
    let mut evidence = rows_of(world, claim);
    if kind == "check_in" {
        evidence.remove(&("claims", claim.id()));
        evidence.insert(("check_ins", claim.id()));
    }
    evidence.extend(more);
    let subject = Subject {
        kind,
        id: claim.id(),
    };
    (
        subject,
        Finding {
            class,
            grade: None,
            cause: None,
            evidence,
            amount: claim.paid_by_fund,
            score: None,
        },
    )
}

/// A claim with its listed cards, and its person's participant and citizen.
fn rows_of(world: &World, claim: &Claim) -> BTreeSet<Key> {
    let mut rows = BTreeSet::from([("claims", claim.id())]);
    for card in &claim.cards {
        rows.insert(("cards", card.clone()));
        rows.insert(("participants", si_of(card).to_owned()));
    }
    if let Some(id) = person_of(world, claim).and_then(|p| personal_id_of(world, &p)) {
        rows.insert(("citizens", id));
    }
    rows
}

/// Everything that ties a person's identity together: the members of the cluster, their cards.
fn cluster_rows(world: &World, start: Node) -> BTreeSet<Key> {
    let mut rows = BTreeSet::new();
    let mut si_numbers = BTreeSet::new();
    for node in cluster_of(world, start) {
        match node {
            Node::PersonalId(id) => drop(rows.insert(("citizens", id))),
            Node::SiNumber(si) => {
                rows.insert(("participants", si.clone()));
                si_numbers.insert(si);
            }
        }
    }
    rows.extend(cards_held(world, &si_numbers).map(|c| ("cards", c.card_number.clone())));
    rows
}

/// Every row that says a person is dead, and those that say who the person is.
fn death_rows(world: &World, person: &crate::person::Person) -> BTreeSet<Key> {
    let personal_id = personal_id_of(world, person);
    let si_numbers = si_numbers_of_person(world, person);
    let mut rows: BTreeSet<Key> = si_numbers
        .iter()
        .map(|si| ("participants", si.clone()))
        .collect();
    for report in world.death_reports.values() {
        let by_id = report.personal_id.is_some() && report.personal_id == personal_id;
        if by_id
            || report
                .si_number
                .as_ref()
                .is_some_and(|si| si_numbers.contains(si))
        {
            rows.insert(("death_reports", report.report_id.clone()));
        }
    }
    rows.extend(personal_id.map(|id| ("citizens", id)));
    rows
}

/// The cluster of the person of a claim.
fn person_cluster(world: &World, claim: &Claim) -> BTreeSet<Node> {
    person_of(world, claim)
        .map(|p| cluster_of(world, node_of(&p)))
        .unwrap_or_default()
}
