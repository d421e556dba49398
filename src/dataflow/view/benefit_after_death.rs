//! `benefit_after_death`: the citizen has a death evidence whose latest day is before the end of the
//! benefit and before the as-of date.
//!
//! ```text
//! benefits by citizen ─ join ─▶ deaths before the end of each benefit ─ fold ─▶ candidates by day
//! deaths of citizens ───┤
//! persons ─ fold ─▶ deaths by report of the insurance number alone
//! ```
//! The fold over persons gives out the last: it knows the citizen of each, so that no arrangement of
//! participants by number is needed here.

use differential_dataflow::VecCollection;

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::{DeathFact, OPEN};
use super::super::finding::Finding;
use super::super::fold::fold;
use super::super::node::Node;
use super::super::row_ref::RowRef;
use super::BenefitFact;
use crate::journal::Place;
use crate::record::Day;
use crate::rule::Reason;

/// A benefit's number and last day, [`OPEN`] when open.
pub(in super::super) type BenefitEnd = (u32, Day);

/// Gives out the deaths that are reported of the person's insurance number, to those whose citizen is
/// known.
pub(super) fn reported(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let (Some(participant), Some(citizen)) = (dossier.participant(), dossier.citizen) else {
        return;
    };
    let direct = dossier
        .deaths
        .iter()
        .filter(|death| death.through.is_none());
    out.extend(direct.map(|death| {
        let through = Some(participant);
        Outcome::ReportedDead(citizen, DeathFact { through, ..*death })
    }));
}

/// The first and last days on which each benefit is one after death.
pub(in super::super) fn benefit_after_death<'scope>(
    benefits: VecCollection<'scope, u32, (Node, BenefitFact), i32>,
    of_citizens: VecCollection<'scope, u32, (Node, DeathFact), i32>,
    reported: VecCollection<'scope, u32, (Node, DeathFact), i32>,
) -> VecCollection<'scope, u32, (Day, Day, Finding), i32> {
    let before_end = |_citizen: &Node, (number, to): &BenefitEnd, death: &DeathFact| {
        (death.latest_day < *to).then_some((*number, *death))
    };
    let benefits = benefits
        .map(|(citizen, benefit)| (citizen, (benefit.number.0, benefit.to)))
        .arrange_by_key_named("ends of benefits by citizen");
    let deaths = benefits
        .clone()
        .join_core(
            of_citizens.arrange_by_key_named("deaths of citizens"),
            before_end,
        )
        .concat(benefits.join_core(
            reported.arrange_by_key_named("deaths reported of participants, by citizen"),
            before_end,
        ));
    fold(
        deaths.arrange_by_key_named("deaths by benefit"),
        "benefits after death",
        |number, deaths, out| {
            let deaths: Vec<&DeathFact> = deaths.collect();
            if let Some(died) = deaths.iter().map(|death| death.latest_day).min() {
                let mut evidence: Vec<RowRef> = deaths.iter().map(|death| death.row).collect();
                evidence.extend(deaths.iter().filter_map(|death| death.tie()));
                let subject = RowRef::beneficiary(Place(*number));
                let reason = Reason::BenefitAfterDeath;
                let finding = Finding::new(reason, reason.class(), subject, evidence);
                out.push((died.plus(1), OPEN, finding));
            }
        },
    )
}
