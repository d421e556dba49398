//! Which numbers an alert about an identity is of, and what ties them.
//!
//! In: the reason of an alert, its subject, and the rows behind it with their places in the list of rows. Out: numbers,
//! masked, as nodes; each tie as a link with its evidence; which links are bridges. Must hold: a link is one that the
//! contract names (1.2 and the reasons of identities) and that a listed row says; nothing of it has an identifier or a
//! name whole; what is known of no listed row is no evidence.

use super::bridge::bridges;
use crate::authenticate::{Cause, Comparison};
use crate::link::{PersonColumns, PersonKeys, PersonLinkage, probability};
use crate::mask;
use crate::record::{
    CardNumber, Citizen, Claim, LifeStatus, Participant, PersonalId, Record, SiNumber, Value,
};
use crate::rule::Reason;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityKind {
    /// A claim.
    Claim,
    /// A card.
    Card,
    /// A participant of the insurance.
    Participant,
    /// A citizen.
    Citizen,
    /// An identity number of nine digits.
    OldId,
}

/// A number that a row is of, or that one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityNode {
    /// What it is.
    pub kind: IdentityKind,
    /// The number, masked.
    pub masked: String,
    /// The initials of the name, where a listed row has one.
    pub initials: Option<String>,
    /// The place of its row in the list of rows, from 1 on; none where no listed row is of it.
    pub row: Option<usize>,
}

/// How name, birth date and sex of two rows compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// All three agree.
    Agrees,
    /// They differ so.
    Differs(Cause),
    /// One of the rows is not listed.
    Unknown,
}

/// What ties two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// The card was presented at the visit.
    Presented,
    /// The claim names the personal id.
    NamedOnClaim,
    /// The number of the card has that of the participant in it.
    Holder,
    /// The participant's row names the personal id.
    PersonalId(Compared),
    /// The first personal id was replaced by the second.
    Superseded(Compared),
    /// The citizen had the old number, as another of the citizens had.
    OldId,
    /// Linkage takes the participants for one person, with this probability, in ten-thousandths.
    Alike(u16, Compared),
}

/// A tie between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentityLink {
    /// The place of the first in the nodes.
    pub from: usize,
    /// The place of the second.
    pub to: usize,
    /// What ties them.
    pub tie: Tie,
    /// Whether two of the people whom the alert is about are apart without it.
    pub is_bridge: bool,
}

/// The numbers and what ties them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityPath {
    /// The numbers: by kind, the first named first.
    pub nodes: Vec<IdentityNode>,
    /// What ties them, in the order of the nodes.
    pub links: Vec<IdentityLink>,
}

/// Whether alerts of a reason are about how numbers are tied.
pub fn is_of_identities(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::DuplicateIdentity
            | Reason::IdentityMismatch
            | Reason::UnauthenticatedIdentity
            | Reason::ProbableDuplicate
    )
}

/// The path of an alert; none where it is about no identities, or no listed row ties two numbers.
pub fn identity_path<'a>(
    (reason, subject): (Reason, &'a str),
    rows: &[(usize, &'a Record)],
    linkage: &'a PersonLinkage,
) -> Option<IdentityPath> {
    if !is_of_identities(reason) {
        return None;
    }
    let mut drawn = Drawn {
        reason,
        subject,
        linkage,
        rows: rows.to_vec(),
        numbers: Vec::new(),
        links: Vec::new(),
    };
    for (_, record) in rows {
        if let Record::Claims(claim) = record
            && record.key().to_string() == subject
        {
            drawn.claim(claim);
        }
    }
    for (_, record) in rows {
        match record {
            Record::Cards(card) => drawn.card(card.card_number),
            Record::Participants(participant) => drawn.participant(participant),
            Record::Citizens(citizen) => drawn.citizen(citizen),
            _ => {}
        }
    }
    if reason == Reason::ProbableDuplicate {
        drawn.alike();
    }
    drawn.finish()
}

/// A number, whole: it stays in here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    Claim,
    Card(CardNumber),
    Participant(SiNumber),
    Citizen(PersonalId),
    OldId(crate::record::OldId),
}

struct Drawn<'a> {
    reason: Reason,
    subject: &'a str,
    linkage: &'a PersonLinkage,
    rows: Vec<(usize, &'a Record)>,
    numbers: Vec<Number>,
    links: Vec<(Number, Number, Tie)>,
}

impl<'a> Drawn<'a> {
    fn number(&mut self, number: Number) {
        if !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }

    fn link(&mut self, from: Number, to: Number, tie: Tie) {
        self.number(from);
        self.number(to);
        let is_known = |known: &(Number, Number, Tie)| *known == (from, to, tie);
        if !self.links.iter().any(is_known) {
            self.links.push((from, to, tie));
        }
    }

    fn claim(&mut self, claim: &Claim) {
        self.number(Number::Claim);
        for card in &claim.cards {
            self.link(Number::Claim, Number::Card(*card), Tie::Presented);
            self.card(*card);
        }
        // With a card, whom the claim names says nothing of whose it is, unless that is what the alert is about.
        let is_named = self.reason == Reason::IdentityMismatch || claim.cards.is_empty();
        let named = claim.personal_id.as_ref().filter(|_| is_named);
        if let Some(id) = named.and_then(|id| PersonalId::from_text(id.as_str())) {
            self.link(Number::Claim, Number::Citizen(id), Tie::NamedOnClaim);
        }
    }

    fn card(&mut self, card: CardNumber) {
        let holder = Number::Participant(card.holder());
        self.link(Number::Card(card), holder, Tie::Holder);
    }

    fn participant(&mut self, participant: &Participant) {
        let own = Number::Participant(participant.si_number);
        self.number(own);
        if let Some(id) = participant.personal_id {
            let compared = self.with_citizen(participant);
            self.link(own, Number::Citizen(id), Tie::PersonalId(compared));
        }
    }

    fn citizen(&mut self, citizen: &'a Citizen) {
        let own = Number::Citizen(citizen.personal_id);
        self.number(own);
        if let Some(id) = citizen.superseded_by {
            let other = self.citizen_row(id);
            let compared = other.map_or(Compared::Unknown, |other| {
                compared(Comparison::new(citizen, other))
            });
            self.link(own, Number::Citizen(id), Tie::Superseded(compared));
        }
        if let Some(old_id) = citizen.old_id {
            let shares = |(_, record): &&(usize, &Record)| matches!(record, Record::Citizens(other) if other.old_id == Some(old_id));
            // A number that one citizen had ties nobody.
            if self.rows.iter().filter(shares).count() > 1 {
                self.link(own, Number::OldId(old_id), Tie::OldId);
            }
        }
    }

    fn citizen_row(&self, id: PersonalId) -> Option<&'a Citizen> {
        self.rows.iter().find_map(|(_, record)| match record {
            Record::Citizens(citizen) if citizen.personal_id == id => Some(citizen),
            _ => None,
        })
    }

    /// A participant held against the citizen whom it names.
    fn with_citizen(&self, participant: &Participant) -> Compared {
        let citizen = participant.personal_id.and_then(|id| self.citizen_row(id));
        citizen.map_or(Compared::Unknown, |citizen| {
            compared(Comparison::new(participant, citizen))
        })
    }

    /// Whether a participant's personal id says nothing of who it is: only of such it is looked for others who are the
    /// same. Nothing where that cannot be told: the row of a citizen who is trusted is no evidence and so is not listed,
    /// nor is that of one who is not registered.
    fn is_doubted(&self, participant: &Participant) -> Option<bool> {
        let Some(id) = participant.personal_id else {
            return Some(true);
        };
        let citizen = self.citizen_row(id)?;
        let several = Compared::Differs(Cause::SeveralCauses);
        Some(
            citizen.superseded_by.is_some()
                || citizen.life_status == LifeStatus::Cancelled
                || compared(Comparison::new(participant, citizen)) == several,
        )
    }

    /// Ties the participants that linkage takes for one person, as it found them: two that share a key, of which one is
    /// doubted.
    fn alike(&mut self) {
        let participants: Vec<&Participant> = (self.rows.iter())
            .filter_map(|(_, record)| match record {
                Record::Participants(participant) => Some(participant),
                _ => None,
            })
            .collect();
        let keys = |own: &Participant| PersonKeys::of(own.full_name.as_str(), own.birth_date);
        let mut perhaps = Vec::new();
        for (place, one) in participants.iter().enumerate() {
            for other in &participants[place + 1..] {
                let is_one = one.personal_id.is_some() && one.personal_id == other.personal_id;
                let weight = self.weight(one, other);
                let shares = keys(one).first_shared(&keys(other)).is_some();
                if is_one || !shares || weight < self.linkage.least() {
                    continue;
                }
                match [one, other].map(|own| self.is_doubted(own)) {
                    [Some(true), _] | [_, Some(true)] => self.tie_alike(one, other, weight),
                    [Some(false), Some(false)] => {}
                    _ => perhaps.push((weight, *one, *other)),
                }
            }
        }
        // All of them are one cluster: what else would hold it together was found as well.
        perhaps.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
        for (weight, one, other) in perhaps {
            if !self.are_alike(one.si_number, other.si_number) {
                self.tie_alike(one, other, weight);
            }
        }
    }

    fn tie_alike(&mut self, one: &Participant, other: &Participant, weight: i32) {
        // From 0 to 10,000.
        let share = (probability(weight) * 10_000.0).round() as u16;
        let compared = compared(Comparison::new(one, other));
        self.link(
            Number::Participant(one.si_number),
            Number::Participant(other.si_number),
            Tie::Alike(share, compared),
        );
    }

    /// Whether two participants are tied by likeness, through others or not.
    fn are_alike(&self, one: SiNumber, other: SiNumber) -> bool {
        let mut reached = vec![Number::Participant(one)];
        let mut next = 0;
        while let Some(at) = reached.get(next).copied() {
            next += 1;
            for (from, to, tie) in &self.links {
                for (from, to) in [(from, to), (to, from)] {
                    let goes = matches!(tie, Tie::Alike(..)) && *from == at;
                    if goes && !reached.contains(to) {
                        reached.push(*to);
                    }
                }
            }
        }
        reached.contains(&Number::Participant(other))
    }

    fn weight(&self, one: &Participant, other: &Participant) -> i32 {
        let model = &self.linkage.model;
        let record = |own: &Participant| {
            model.record(PersonColumns {
                full_name: own.full_name.as_str(),
                birth_date: &own.birth_date.to_string(),
                sex: &own.sex.number().to_string(),
                province: own.province.as_ref().map(|province| province.as_str()),
            })
        };
        model.weight(&record(one), &record(other))
    }

    /// The people whom the alert is about: those whom the links hold together.
    fn ends(&self, numbers: &[Number]) -> Vec<usize> {
        let has = |own: &Number, tie: fn(&Tie) -> bool| {
            let mut links = self.links.iter();
            links.any(|(from, to, known)| tie(known) && (from == own || to == own))
        };
        let is_end = |own: &Number| match (self.reason, own) {
            (Reason::DuplicateIdentity, Number::Participant(_)) => {
                has(own, |tie| *tie == Tie::Holder)
            }
            (Reason::IdentityMismatch, Number::Participant(_)) => {
                has(own, |tie| *tie == Tie::Holder)
            }
            (Reason::IdentityMismatch, Number::Citizen(_)) => {
                has(own, |tie| *tie == Tie::NamedOnClaim)
            }
            (Reason::ProbableDuplicate, Number::Participant(_)) => true,
            (Reason::UnauthenticatedIdentity, Number::Participant(_) | Number::Citizen(_)) => true,
            _ => false,
        };
        let places = numbers.iter().enumerate();
        let ends = places.filter(|(_, number)| is_end(number));
        ends.map(|(place, _)| place).collect()
    }

    fn finish(self) -> Option<IdentityPath> {
        if self.links.is_empty() {
            return None;
        }
        let mut numbers = self.numbers.clone();
        // Stable: the first named of a kind stays the first.
        numbers.sort_by_key(|number| number.kind());
        let place = |number: &Number| {
            let found = numbers.iter().position(|own| own == number);
            found.expect("a link's ends are among the numbers")
        };
        let mut links: Vec<(usize, usize, Tie)> = (self.links.iter())
            .map(|(from, to, tie)| (place(from), place(to), *tie))
            .collect();
        links.sort_by_key(|(from, to, _)| (*from, *to));
        let ties: Vec<(usize, usize)> = links.iter().map(|(from, to, _)| (*from, *to)).collect();
        let bridges = bridges(numbers.len(), &ties, &self.ends(&numbers));
        let links = links.into_iter().zip(bridges);
        Some(IdentityPath {
            nodes: numbers.iter().map(|number| self.node(*number)).collect(),
            links: links
                .map(|((from, to, tie), is_bridge)| IdentityLink {
                    from,
                    to,
                    tie,
                    is_bridge,
                })
                .collect(),
        })
    }

    fn node(&self, number: Number) -> IdentityNode {
        let mut rows = self.rows.iter();
        let of_it = rows.find(|(_, record)| match (record, number) {
            (Record::Claims(_), Number::Claim) => record.key().to_string() == self.subject,
            (Record::Cards(card), Number::Card(own)) => card.card_number == own,
            (Record::Participants(one), Number::Participant(own)) => one.si_number == own,
            (Record::Citizens(one), Number::Citizen(own)) => one.personal_id == own,
            _ => false,
        });
        let initials = of_it.and_then(|(_, record)| match record {
            Record::Claims(claim) => Some(mask::name(claim.full_name.as_str())),
            Record::Participants(one) => Some(mask::name(one.full_name.as_str())),
            Record::Citizens(one) => Some(mask::name(one.full_name.as_str())),
            _ => None,
        });
        let visit = || match of_it {
            Some((_, Record::Claims(claim))) => mask::text(claim.visit_id.as_str()),
            _ => String::new(),
        };
        IdentityNode {
            kind: number.kind(),
            masked: match number {
                Number::Claim => visit(),
                Number::Card(number) => mask::identifier(&number),
                Number::Participant(number) => mask::identifier(&number),
                Number::Citizen(number) => mask::identifier(&number),
                Number::OldId(number) => mask::identifier(&number),
            },
            initials,
            row: of_it.map(|(place, _)| *place),
        }
    }
}

impl Number {
    fn kind(self) -> IdentityKind {
        match self {
            Self::Claim => IdentityKind::Claim,
            Self::Card(_) => IdentityKind::Card,
            Self::Participant(_) => IdentityKind::Participant,
            Self::Citizen(_) => IdentityKind::Citizen,
            Self::OldId(_) => IdentityKind::OldId,
        }
    }
}

fn compared(comparison: Comparison) -> Compared {
    comparison
        .cause()
        .map_or(Compared::Agrees, Compared::Differs)
}

#[cfg(test)]
#[path = "identity_path_tests.rs"]
mod tests;
