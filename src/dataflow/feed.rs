//! A row's content as updates of the inputs.

use super::as_of::FIRST_DAY;
use super::content::{ClaimContent, Content};
use super::fact::{CardFact, CeasedFact, DeathFact, EmploymentFact, EvidenceSource, Fact};
use super::finding::Finding;
use super::inputs::Updates;
use super::node::Node;
use super::presented::SeveralCards;
use super::row_ref::RowRef;
use super::settings::{PersonSettings, RowSettings};
use super::view::{self, BenefitFact};
use crate::journal::Place;
use crate::record::{CardNumber, Day};
use crate::rule::{Reason, ReasonSet};

/// Adds the content of the key numbered `number` to the updates, `diff` times: 1 to feed it, -1 to
/// take it back. It is taken back under the settings under which it was fed.
pub fn feed(
    updates: &mut Updates,
    number: Place,
    content: &Content,
    (wanted, settings): (ReasonSet, &RowSettings),
    diff: i32,
) {
    match content {
        Content::Citizen(citizen) => {
            let node = Node::citizen(citizen.id);
            updates
                .life_statuses
                .push(((node, citizen.life_status), diff));
            if let Some(latest_day) = citizen.death {
                let death = DeathFact {
                    latest_day,
                    source: EvidenceSource::Population,
                    through: None,
                    row: RowRef::citizen(citizen.id),
                };
                updates.deaths_of_citizens.push(((node, death), diff));
            }
            if let Some(successor) = citizen.superseded_by {
                updates
                    .superseded
                    .push(((node, Node::citizen(successor)), diff));
            }
            if let Some(old_id) = citizen.old_id {
                updates.old_ids.push(((Node::old_id(old_id), node), diff));
            }
        }
        Content::DeathReport(report) => {
            let death = DeathFact {
                latest_day: report.latest_day,
                source: report.source,
                through: None,
                row: RowRef::death_report(number),
            };
            if let Some(citizen) = report.citizen {
                updates
                    .deaths_of_citizens
                    .push(((Node::citizen(citizen), death), diff));
            }
            if let Some(si) = report.participant {
                updates
                    .deaths_of_participants
                    .push(((Node::participant(si), death), diff));
            }
        }
        Content::Participant(participant) => {
            if let Some(citizen) = participant.citizen {
                let (citizen, si) = (Node::citizen(citizen), Node::participant(participant.si));
                updates.participants.push(((citizen, si), diff));
                updates.facts.push(((si, Fact::Citizen(citizen)), diff));
            }
        }
        Content::Card(card, fact) => {
            let holder = Node::participant(card.holder());
            updates.facts.push(((holder, Fact::Card(*fact)), diff));
        }
        Content::Claim(claim) => {
            feed_presented(updates, number, (claim, false), settings, diff);
            feed_own_findings(updates, number, claim, (wanted, settings), diff);
        }
        Content::CheckIn(check_in) => {
            feed_presented(updates, number, (check_in, true), settings, diff);
        }
        Content::Enterprise(enterprise) if wanted.contains(Reason::EmployerCeased) => {
            if let Some(since) = enterprise.ceased_since {
                let employer = enterprise.employer;
                let ceased = CeasedFact {
                    employer,
                    since,
                    number,
                };
                updates.ceased_enterprises.push(((employer, ceased), diff));
            }
        }
        Content::Employment(employment) if wanted.contains(Reason::EmployerCeased) => {
            let person = Node::participant(employment.si);
            let employer = employment.employer;
            let fact = EmploymentFact {
                employer,
                from: employment.from,
                to: employment.to,
                number,
            };
            updates.employees.push(((employer, person), diff));
            updates.facts.push(((person, Fact::Employment(fact)), diff));
        }
        Content::HealthProfile(profile) if wanted.contains(Reason::BloodGroupConflict) => {
            if let Some(blood_type) = profile.blood_type {
                let citizen = Node::citizen(profile.citizen);
                updates.blood_types.push(((citizen, blood_type), diff));
            }
        }
        Content::Beneficiary(beneficiary) if wanted.contains(Reason::BenefitAfterDeath) => {
            let benefit = BenefitFact {
                number,
                to: beneficiary.to,
            };
            let citizen = Node::citizen(beneficiary.citizen);
            updates.benefits.push(((citizen, benefit), diff));
        }
        Content::Beneficiary(_)
        | Content::Enterprise(_)
        | Content::Employment(_)
        | Content::HealthProfile(_) => {}
    }
}

/// Adds a claim, or a check-in, to the person who presented the cards.
fn feed_presented(
    updates: &mut Updates,
    number: Place,
    (claim, is_check_in): (&ClaimContent, bool),
    settings: &RowSettings,
    diff: i32,
) {
    match claim.cards.as_slice() {
        [] => {
            if let Some(citizen) = claim.citizen {
                let fact = claim.fact(number, None, is_check_in, settings);
                updates
                    .cardless_claims
                    .push(((Node::citizen(citizen), fact), diff));
            }
        }
        [(card, _)] => {
            let fact = Fact::Claim(claim.fact(number, Some(*card), is_check_in, settings));
            updates
                .facts
                .push(((Node::participant(card.holder()), fact), diff));
        }
        _ => {
            let admission = claim.admitted_at.day();
            let fact = claim.fact(number, None, is_check_in, settings);
            let cards = claim.cards.iter();
            let several = SeveralCards {
                cards: cards
                    .map(|(card, unregistered)| (*card, unregistered.is_allowed(settings)))
                    .collect(),
                overpaid_levels: (claim.asked)
                    .overpaid_levels(admission, &settings.benefit_mismatch),
                needed_until: view::needed_until(&fact, &settings.card_not_valid),
                claim: fact,
            };
            updates.claims_of_several_cards.push((several, diff));
        }
    }
}

/// Adds the reasons that a claim's own columns decide.
fn feed_own_findings(
    updates: &mut Updates,
    number: Place,
    claim: &ClaimContent,
    (wanted, settings): (ReasonSet, &RowSettings),
    diff: i32,
) {
    for reason in claim
        .own_reasons(settings)
        .filter(|reason| wanted.contains(*reason))
    {
        let finding = Finding::new(reason, reason.class(), RowRef::claim(number), Vec::new());
        updates.own_findings.push((finding, diff));
    }
}

/// Adds a card that a claim of several cards lists.
pub fn listed_cards(updates: &mut Updates, card: CardNumber, fact: CardFact, diff: i32) {
    updates.listed_cards.push(((card, fact), diff));
}

/// Adds what makes a key numbered `number` fed under other settings than it was: nothing where it comes to
/// the same.
pub fn feed_anew(
    updates: &mut Updates,
    number: Place,
    content: &Content,
    (wanted, from, to): (ReasonSet, &RowSettings, &RowSettings),
) {
    let (mut before, mut after) = (Updates::default(), Updates::default());
    feed(&mut before, number, content, (wanted, from), -1);
    feed(&mut after, number, content, (wanted, to), 1);
    updates.add_differences(before, after);
}

/// Makes other settings those of every person.
pub fn settings_changed(updates: &mut Updates, from: PersonSettings, to: PersonSettings) {
    updates.settings.extend([(from, -1), (to, 1)]);
}

/// Adds the days up to the as-of date.
pub fn days_passed(updates: &mut Updates, as_of: Day) {
    let days = FIRST_DAY.number()..=as_of.max(FIRST_DAY).number();
    updates
        .days_passed
        .extend(days.map(|day| (Day::from_number(day), 1)));
}
