//! From alerts to proposals.
//!
//! ```text
//! cases ───────── leads of a case ──────────────┐
//! corrections ─── leads of corrections ─────────┴▶ by target ─ decide ─▶ proposals
//! (authentication)
//! ```
//! In: alerts that hold, with what the rows behind them say. Out: proposals, one a [`Target`], in order.
//! Must hold: they are a function of the cases, in whatever order; what is suspected misuse is told to
//! nobody but those who work the queue, since a notice would warn who is looked into.
//!
//! A new reason is a line in [`proposes`] and in [`leads_of_case`].

mod corrections;
mod death;
mod lead;
mod participants;
mod registers;

use std::collections::{BTreeMap, BTreeSet, HashSet};

pub use lead::Lead;

use super::proposal::{ALERTS_SHOWN, Content, Proposal, Target};
use crate::alert::Case;
use crate::authenticate::Citizens;
use crate::dataflow::RowSettings;
use crate::rule::{Class, Reason};
use lead::{Says, Stated};

/// Whether alerts of a reason and class propose anything.
pub fn proposes(reason: Reason, class: Class) -> bool {
    match reason {
        Reason::ServiceAfterDeath | Reason::DeathOnLivingCard => class != Class::MisuseSuspected,
        Reason::UnknownCard
        | Reason::DuplicateIdentity
        | Reason::IdentityMismatch
        | Reason::BloodGroupConflict
        | Reason::EmployerCeased
        | Reason::StaleCard
        | Reason::BenefitAfterDeath
        | Reason::ExclusiveBenefits
        | Reason::ProbableDuplicate
        | Reason::UnauthenticatedIdentity => true,
        // What the registers say of these cards is why they hold: there is nothing to put right.
        Reason::CardNotValid | Reason::CardWithdrawn => false,
        // Bills go back to the facility with the decision on the claim, by the assessment of claims.
        Reason::DuplicateClaim
        | Reason::SexDiagnosisConflict
        | Reason::AgeDiagnosisConflict
        | Reason::MoneyMismatch
        | Reason::BenefitMismatch => false,
        // How often somebody comes is no value of a register.
        Reason::OverlappingStay
        | Reason::VisitDuringStay
        | Reason::SameDayFacilities
        | Reason::FrequentVisits => false,
        // That a claim is unlike others says of no value that it is wrong.
        Reason::CostOutlier => false,
    }
}

/// What a case says of values of databases, under the settings in force. Citizens are looked up for the
/// corrections of participants who do not authenticate.
pub fn leads_of_case(case: &Case, settings: &RowSettings, citizens: &impl Citizens) -> Vec<Lead> {
    if !proposes(case.reason, case.class) {
        return Vec::new();
    }
    match case.reason {
        Reason::ServiceAfterDeath => death::visit_after(case),
        Reason::DeathOnLivingCard => death::on_living_card(case),
        Reason::StaleCard => death::stale_card(case),
        Reason::BenefitAfterDeath => death::benefit_after(case),
        Reason::UnknownCard => registers::unknown_card(case, settings),
        Reason::DuplicateIdentity => registers::duplicate_identity(case),
        Reason::IdentityMismatch => registers::identity_mismatch(case),
        Reason::BloodGroupConflict => registers::blood_group(case),
        Reason::EmployerCeased => registers::employer_ceased(case),
        Reason::ExclusiveBenefits => registers::exclusive_benefits(case),
        Reason::ProbableDuplicate => participants::probable_duplicate(case),
        Reason::UnauthenticatedIdentity => participants::unauthenticated(case, citizens),
        _ => Vec::new(),
    }
}

/// The proposals that leads amount to, in order.
pub fn proposals(leads: impl IntoIterator<Item = Lead>) -> Vec<Proposal> {
    let mut by_target: BTreeMap<Target, Vec<Lead>> = BTreeMap::new();
    for lead in leads {
        let of_target = by_target.entry(lead.target.clone()).or_default();
        of_target.push(lead);
    }
    let doubted: HashSet<(&str, &str)> = by_target
        .iter()
        .filter(|(_, leads)| leads.iter().any(|lead| lead.says.doubts_death()))
        .map(|(target, _)| (target.stream.name(), target.key.as_str()))
        .collect();
    let decided = by_target.iter().map(|(target, leads)| {
        let stated = leads.iter().map(|lead| match &lead.says {
            Says::Stated(stated) => stated.clone(),
            Says::DiedBefore(visit) => visit.decide(leads),
            Says::Dead(dead) => dead.decide(&doubted),
        });
        let stated = agreed(stated.collect());
        proposal(target, stated, leads)
    });
    decided.collect()
}

/// What several leads state of one value: what they agree on, as sure as the least sure of them; where
/// they disagree, that somebody look at it.
fn agreed(mut stated: Vec<Stated>) -> Stated {
    stated.sort_unstable();
    stated.dedup();
    let disagree = |one: &&Stated| {
        let value = |stated: &Stated| (stated.proposed.clone(), stated.since);
        value(one) != value(&stated[0])
    };
    let is_disputed = stated.iter().any(|one| disagree(&one));
    let mut weakest = stated.swap_remove(stated.len() - 1);
    if is_disputed {
        (weakest.proposed, weakest.since) = (None, None);
    }
    weakest
}

fn proposal(target: &Target, stated: Stated, leads: &[Lead]) -> Proposal {
    let reasons: BTreeSet<Reason> = leads.iter().map(|lead| lead.reason).collect();
    let alerts: BTreeSet<_> = leads.iter().map(|lead| lead.alert_id).collect();
    Proposal {
        target: target.clone(),
        content: Content {
            current: stated.current,
            proposed: stated.proposed,
            since: stated.since,
            confidence: stated.confidence,
            basis: stated.basis,
            reasons: reasons.into_iter().collect(),
        },
        alert_count: (alerts.len() > ALERTS_SHOWN).then_some(alerts.len()),
        alert_ids: alerts.into_iter().take(ALERTS_SHOWN).collect(),
        employments: None,
    }
}

#[cfg(test)]
mod tests;
