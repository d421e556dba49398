//! A row's content as updates of the inputs.

use super::as_of::FIRST_DAY;
use super::content::{ClaimContent, Content};
use super::fact::{CardFact, CeasedFact, DeathFact, EmploymentFact, EvidenceSource, Fact};
use super::finding::Finding;
use super::identity::{IdentityFact, Standing};
use super::inputs::Updates;
use super::node::Node;
use super::presented::SeveralCards;
use super::row_ref::RowRef;
use super::settings::{PersonSettings, RowSettings};
use super::view::{self, BenefitFact, unauthenticated_identity};
use crate::authenticate::Cause;
use crate::journal::Place;
use crate::record::{CardNumber, Day};
use crate::rule::{Reason, ReasonSet};

/// What is fed of a row.
#[derive(Clone, Copy, Debug)]
pub struct Fed<'a> {
    /// The number of the key.
    pub number: Place,
    /// The first of the rows with this content: where it can be read again.
    pub since: Place,
    /// What the key holds.
    pub content: &'a Content,
}

/// Adds content to the updates, `diff` times: 1 to feed it, -1 to take it back. It is taken back under the
/// settings under which it was fed.
pub fn feed(
    updates: &mut Updates,
    fed: Fed<'_>,
    (wanted, settings): (ReasonSet, &RowSettings),
    diff: i32,
) {
    let Fed {
        number,
        since,
        content,
    } = fed;
    match content {
        Content::Citizen(citizen) => {
            let node = Node::citizen(citizen.id);
            updates
                .life_statuses
                .push(((node, citizen.life_status), diff));
            if let Some(death_date) = citizen.death {
                let death = DeathFact {
                    latest_day: death_date.latest_day(),
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
            if let Some(identity) = &citizen.identity {
                let standing = Standing::of(citizen.life_status, citizen.superseded_by.is_some());
                let fact = IdentityFact::Citizen(identity.at(since), standing);
                updates.identities.push(((node, fact), diff));
            }
        }
        Content::DeathReport(report) => {
            let death = DeathFact {
                latest_day: report.death_date.latest_day(),
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
            let si = Node::participant(participant.si);
            let citizen = participant.citizen.map(Node::citizen);
            if let Some(citizen) = citizen {
                updates.participants.push(((citizen, si), diff));
                updates.facts.push(((si, Fact::Citizen(citizen)), diff));
            }
            // Of whom a citizen is known, the citizen's own row decides whether that is to be doubted.
            let entries = participant.entries(since, citizen.is_none());
            (updates.likenesses).extend(entries.map(|entry| (entry, diff)));
            match (&participant.identity, citizen) {
                (Some(identity), Some(citizen)) => {
                    let fact = IdentityFact::Participant(si, identity.at(since));
                    updates.identities.push(((citizen, fact), diff));
                }
                (Some(_), None) if wanted.contains(Reason::UnauthenticatedIdentity) => {
                    let finding = unauthenticated_identity::finding(si, None, Cause::NoPersonalId);
                    updates
                        .own_findings
                        .extend(finding.map(|finding| (finding, diff)));
                }
                _ => {}
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
            if let Some(since) = enterprise.ceased_since() {
                let employer = enterprise.employer;
                let ceased = CeasedFact {
                    employer,
                    since,
                    number,
                };
                updates.ceased_enterprises.push(((employer, ceased), diff));
            }
        }
        Content::Employment(employment)
            if wanted.contains(Reason::EmployerCeased)
                || wanted.contains(Reason::ExclusiveBenefits) =>
        {
            let person = Node::participant(employment.si);
            let employer = employment.employer;
            let fact = EmploymentFact {
                employer,
                from: employment.from,
                to: employment.to,
                number,
            };
            if wanted.contains(Reason::EmployerCeased) {
                updates.employees.push(((employer, person), diff));
            }
            updates.facts.push(((person, Fact::Employment(fact)), diff));
        }
        Content::HealthProfile(profile) if wanted.contains(Reason::BloodGroupConflict) => {
            if let Some(group) = profile.blood_group {
                let citizen = Node::citizen(profile.citizen);
                updates
                    .blood_types
                    .push(((citizen, group.blood_type()), diff));
            }
        }
        Content::Beneficiary(beneficiary)
            if wanted.contains(Reason::BenefitAfterDeath)
                || wanted.contains(Reason::ExclusiveBenefits) =>
        {
            let benefit = BenefitFact {
                number,
                scheme: beneficiary.scheme,
                from: beneficiary.from,
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
                let citizen = Node::citizen(citizen);
                let fact = Fact::Claim(claim.fact(number, None, is_check_in, settings));
                updates.facts.push(((citizen, fact), diff));
                updates.cardless.push((citizen, diff));
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

/// Adds what makes content fed under other settings than it was: nothing where it comes to the same.
pub fn feed_anew(
    updates: &mut Updates,
    fed: Fed<'_>,
    (wanted, from, to): (ReasonSet, &RowSettings, &RowSettings),
) {
    let (mut before, mut after) = (Updates::default(), Updates::default());
    feed(&mut before, fed, (wanted, from), -1);
    feed(&mut after, fed, (wanted, to), 1);
    updates.add_differences(before, after);
}

/// Makes other settings those of every person.
pub fn settings_changed(updates: &mut Updates, from: PersonSettings, to: PersonSettings) {
    updates.settings.extend([(from, -1), (to, 1)]);
}

/// Adds the days after the last that has passed, if one has, up to the as-of date.
pub fn days_passed(updates: &mut Updates, passed: Option<Day>, as_of: Day) {
    let first = passed.map_or(FIRST_DAY, |passed| passed.plus(1).max(FIRST_DAY));
    let days = first.number()..=as_of.max(FIRST_DAY).number();
    updates
        .days_passed
        .extend(days.map(|day| (Day::from_number(day), 1)));
}
