//! The dataflow, from collections of rows to findings.
//!
//! ```text
//! claims of one card and of none ─────┐
//! claims of several cards ─ presented ┤
//! cards, participants ────────────────┼─▶ facts by person ─ fold ─▶ findings, observations ─────▶ outputs
//! deaths of participants ─────────────┤                      └────▶ candidates, members ─ joins ─▶ findings
//! facts by citizen ─ fold ─┬──────────┘                                                            ▲
//!                          └─ edges ─ clusters ────────────────────────────────────────────────────┤
//! identities by citizen ─ fold ─┬──────────────────────────────────────────────────────────────────┤
//!                               └─ doubted ─▶ participants by key ─ blocks ─ pairs ─ clusters ─────┤
//! reasons of the claim alone ──────────────────────────────────────────────────────────────────────┘
//! settings ─ to every worker ─▶ fold over persons
//! ```
//! Claims are arranged once, by person, beside everything that the person's findings rest on, so
//! that one fold meets all of it. What names a citizen is a fact of the citizen, and another fold gives on what of it
//! goes beyond the trivial link.

use differential_dataflow::VecCollection;
use differential_dataflow::operators::arrange::{Arranged, TraceAgent};
use differential_dataflow::trace::implementations::ValSpine;

use super::as_of::held_on_last_day;
use super::citizen::{CitizenFact, CitizenOutcome, fold_citizens, reaches_clusters};
use super::clusters::{labels, linked, shared_old_ids};
use super::deaths::deaths_of_participants;
use super::dossier::{Dossier, Outcome};
use super::engine::{EngineOptions, LookUps};
use super::fact::Fact;
use super::finding::{Finding, Output};
use super::identity::IdentityFact;
use super::inputs::Inputs;
use super::keyed_state::{Table, Unpacked, fold_held, fold_held_then};
use super::node::{Node, Person};
use super::presented::{Resolved, presented};
use super::settings::PersonSettings;
use super::view::probable_duplicate::Linking;
use super::view::unauthenticated_identity::IdentityOutcome;
use super::view::{self, Judge};
use crate::rule::Reason;

/// Findings, each counted once.
pub type Findings<'scope> = VecCollection<'scope, u32, Finding, i32>;
/// What the dataflow gives out, each counted once.
pub type Outputs<'scope> = VecCollection<'scope, u32, Output, i32>;
/// Values by key.
pub type ByKey<'scope, K, V> = Arranged<'scope, TraceAgent<ValSpine<K, V, u32, i32>>>;
/// The cluster of each number that is linked beyond the trivial link.
pub type Labels<'scope> = ByKey<'scope, Node, Node>;

/// Builds the graph of the reasons that are wanted.
pub fn outputs<'scope>(
    inputs: Inputs<'scope>,
    options: EngineOptions,
    look_ups: LookUps,
) -> Outputs<'scope> {
    let EngineOptions {
        reasons: wanted,
        observe,
        settings,
        exclusive_benefits: exclusive,
        linkage,
        linkage_work,
        models,
        shadow,
        telemetry: _,
    } = options;
    let judge = Judge::new(models, shadow);
    // What a citizen's facts or a personal id come to turns on no threshold.
    let without_settings = ((), inputs.settings.clone().flat_map(|_| None));

    let resolved = presented(inputs.claims_of_several_cards, inputs.listed_cards);
    let of_several_cards = resolved.clone().flat_map(|resolved| match resolved {
        Resolved::Fact(person, fact) => Some((person, fact)),
        Resolved::Finding(_) => None,
    });
    let of_their_cards = resolved.flat_map(|resolved| match resolved {
        Resolved::Finding(finding) => Some(finding),
        Resolved::Fact(..) => None,
    });
    let cardless = (inputs.cardless)
        .threshold_named::<i32, _>("distinct citizens of claims without a card", |_, _| 1);
    let clusters = reaches_clusters(wanted).then(|| {
        (
            shared_old_ids(inputs.old_ids, without_settings.clone()),
            inputs.superseded,
        )
    });

    let mut of_citizens = (inputs.participants)
        .map(|(citizen, participant)| (citizen, CitizenFact::Participant(participant)))
        .concat((inputs.life_statuses).map(|(id, status)| (id, CitizenFact::LifeStatus(status))))
        .concat(
            (inputs.deaths_of_citizens.clone()).map(|(id, death)| (id, CitizenFact::Death(death))),
        )
        .concat((inputs.blood_types).map(|(id, known)| (id, CitizenFact::BloodType(known))))
        .concat(cardless.map(|citizen| (citizen, CitizenFact::Cardless)));
    if let Some((shared, superseded)) = clusters.clone() {
        let linked = linked(superseded, shared);
        of_citizens = of_citizens.concat(linked.map(|citizen| (citizen, CitizenFact::Linked)));
    }
    if wanted.contains(Reason::ExclusiveBenefits) {
        let listed = view::exclusive_benefits::listed(inputs.benefits.clone(), &exclusive);
        let listed = listed.map(|(citizen, benefit)| (citizen, CitizenFact::Benefit(benefit)));
        of_citizens = of_citizens.concat(listed);
    }
    let of_citizens = fold_citizens(of_citizens, without_settings.clone(), wanted, exclusive);
    let of_cardless = of_citizens.clone().flat_map(|outcome| match outcome {
        CitizenOutcome::OfCardless(participant, citizen) => Some((participant, citizen)),
        _ => None,
    });

    let mut facts = inputs
        .facts
        .concat(of_several_cards)
        .concat(deaths_of_participants(
            inputs.deaths_of_participants,
            of_cardless,
        ))
        .concat(of_citizens.clone().flat_map(|outcome| match outcome {
            CitizenOutcome::Fact(person, fact) => Some((person, fact)),
            _ => None,
        }));
    if wanted.contains(Reason::EmployerCeased) {
        let ceased = view::ceased_employers(inputs.employees, inputs.ceased_enterprises);
        facts = facts.concat(ceased);
    }
    let mismatch = wanted.contains(Reason::IdentityMismatch);
    let duplicate = wanted.contains(Reason::DuplicateIdentity);
    let labels = clusters.map(|(shared, superseded)| {
        let of_participants = of_citizens.clone().flat_map(|outcome| match outcome {
            CitizenOutcome::Edge(citizen, participant) => Some((citizen, participant)),
            _ => None,
        });
        labels(superseded.concat(shared).concat(of_participants))
    });

    if let Some(labels) = labels.as_ref().filter(|_| duplicate) {
        let clusters = labels.clone().as_collection(|node, label| (*node, *label));
        let of_persons = clusters
            .filter(|(node, _)| node.as_participant().is_some() || node.as_citizen().is_some());
        facts = facts.concat(of_persons.map(|(node, label)| (node, Fact::Cluster(label))));
    }
    let LookUps {
        visits,
        identity_at,
        participant_at,
    } = look_ups;
    let outcomes = fold_held_then(
        facts,
        (settings, inputs.settings),
        Table::of_long_keys("facts by person"),
        move |settings: &PersonSettings,
              person: &Person,
              facts: Unpacked<'_, Fact>,
              out: &mut _| {
            view::of_person(
                &Dossier::new(*person, facts, &visits, settings),
                (wanted, observe),
                out,
            );
        },
        move |changes, tell| judge.judge(changes, tell),
    );

    let mut findings = outcomes
        .clone()
        .flat_map(|outcome| match outcome {
            Outcome::Finding(finding) => Some(finding),
            _ => None,
        })
        .concat(of_their_cards)
        .concat(inputs.own_findings);
    let mut rests_on = outcomes.clone().flat_map(|outcome| match outcome {
        Outcome::Visits(visits) => Some(Output::Visits(visits)),
        Outcome::Observed(observed) => Some(Output::Observed(observed)),
        Outcome::Sampled(sampled) => Some(Output::Sampled(sampled)),
        Outcome::Forgiving(forgiving) => Some(Output::Forgiving(forgiving)),
        Outcome::Sign(sign) => Some(Output::Sign(sign)),
        Outcome::Basis(basis) => Some(Output::Basis(basis)),
        Outcome::Compared(compared) => Some(Output::Compared(compared)),
        Outcome::Weighed(weighed) => Some(Output::Weighed(weighed)),
        _ => None,
    });
    let links = wanted.contains(Reason::ProbableDuplicate);
    if links || wanted.contains(Reason::UnauthenticatedIdentity) {
        let identities = fold_held(
            inputs.identities,
            without_settings,
            Table::of_long_keys("identities by citizen"),
            move |(): &(), citizen: &Node, facts: Unpacked<'_, IdentityFact>, out: &mut Vec<_>| {
                let look = &identity_at;
                view::unauthenticated_identity::of_citizen(*citizen, facts, look, wanted, out);
            },
        );
        let found = identities.clone().flat_map(|outcome| match outcome {
            IdentityOutcome::Finding(finding) => Some(finding),
            IdentityOutcome::Doubted(_) => None,
        });
        findings = findings.concat(found);
        if links {
            let doubted = identities.flat_map(|outcome| match outcome {
                IdentityOutcome::Doubted(row) => Some(row),
                IdentityOutcome::Finding(_) => None,
            });
            let linking = Linking {
                linkage,
                work: linkage_work,
                participant_at,
            };
            let (found, behind) =
                view::probable_duplicate::probable_duplicate(inputs.likenesses, doubted, linking);
            findings = findings.concat(found);
            rests_on = rests_on.concat(behind.map(Output::Forgiving));
        }
    }
    let mut by_day = outcomes.clone().flat_map(|outcome| match outcome {
        Outcome::HoldsBetween(first, last, finding) => Some((first, last, finding)),
        _ => None,
    });
    if wanted.contains(Reason::BenefitAfterDeath) {
        let reported = outcomes.clone().flat_map(|outcome| match outcome {
            Outcome::ReportedDead(citizen, death) => Some((Node::citizen(citizen), death)),
            _ => None,
        });
        by_day = by_day.concat(view::benefit_after_death(
            inputs.benefits,
            inputs.deaths_of_citizens,
            reported,
        ));
    }
    findings = findings.concat(held_on_last_day(by_day, inputs.days_passed));
    if wanted.contains(Reason::ExclusiveBenefits) {
        let employed = outcomes.clone().flat_map(|outcome| match outcome {
            Outcome::Excluded(excluded) => Some(excluded),
            _ => None,
        });
        let other_benefits = of_citizens.flat_map(|outcome| match outcome {
            CitizenOutcome::Excluded(excluded) => Some(excluded),
            _ => None,
        });
        let excluded = other_benefits.concat(employed);
        findings = findings.concat(view::exclusive_benefits::exclusive_benefits(excluded));
    }
    if let Some(labels) = labels {
        if mismatch {
            let candidates = outcomes.clone().flat_map(|outcome| match outcome {
                Outcome::OtherCitizen(holder, citizen, finding) => {
                    Some((holder, (Node::citizen(citizen), finding)))
                }
                _ => None,
            });
            let (mismatches, forgiving) = view::identity_mismatch(candidates, labels.clone());
            findings = findings.concat(mismatches);
            rests_on = rests_on.concat(forgiving.map(Output::Forgiving));
        }
        if duplicate {
            let members = outcomes.flat_map(|outcome| match outcome {
                Outcome::Member(cluster, member) => Some((cluster, member)),
                _ => None,
            });
            findings = findings.concat(view::duplicate_identity(members, labels));
        }
    }
    findings
        .filter(move |finding| wanted.contains(finding.reason))
        .map(Output::Finding)
        .concat(rests_on)
}
