//! Everything known of one person at one time, unpacked from the table by person.
//!
//! In: the facts of a person, in any order, and the settings. Out: [`Outcome`]s. Must hold: an outcome depends on these
//! alone, never on the numbers that claims were given, which follow the order of arrival.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::claim_fact::ClaimFact;
use super::fact::{CardFact, CeasedFact, DeathFact, EmploymentFact, Fact};
use super::finding::{
    Basis, Compared, Finding, Forgiving, Observed, Sampled, Sign, Visits, Weighed,
};
use super::node::{Node, Person};
use super::row_ref::RowRef;
use super::settings::PersonSettings;
use super::view::{Excluded, Member, ToJudge, UnemployedFact};
use crate::journal::Place;
use crate::record::{BloodType, CardNumber, Day, PersonalId};
use crate::rule::{Dial, Reason};

/// Compares the visits of two claims of one facility, by byte order of `visit_id`. It is asked only
/// where claims tie otherwise, so that the texts need not be in the arrangement.
pub type VisitOrder = Arc<dyn Fn(Place, Place) -> Ordering + Send + Sync>;

/// What is known of a person, and the settings under which it is judged.
pub struct Dossier<'a> {
    /// The settings.
    pub settings: &'a PersonSettings,
    /// Who.
    pub person: Person,
    /// The registered cards.
    pub cards: SmallVec<[CardFact; 4]>,
    /// The citizen, where the participant's row names one.
    pub citizen: Option<PersonalId>,
    /// The death evidence.
    pub deaths: SmallVec<[DeathFact; 2]>,
    /// The identity cluster, if the person is linked beyond the trivial link.
    pub cluster: Option<Node>,
    /// The claims, by arrival, facility, then visit.
    pub claims: SmallVec<[ClaimFact; 16]>,
    /// The check-ins without a claim yet.
    pub check_ins: SmallVec<[ClaimFact; 2]>,
    /// The blood group of the health profile.
    pub blood_type: Option<BloodType>,
    /// The employments.
    pub employments: SmallVec<[EmploymentFact; 2]>,
    /// Those of the employers that ceased without a successor.
    pub ceased: SmallVec<[CeasedFact; 2]>,
    /// The benefits that exclude an employment.
    pub unemployed: SmallVec<[UnemployedFact; 1]>,
    /// Whether the citizen is missing.
    pub is_missing: bool,
    /// Whether the register calls the citizen of a participant, or of a claim, alive.
    pub is_alive: bool,
}

/// What a fold over a person gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// A reason holds.
    Finding(Finding),
    /// What the outlier score of a claim rests on.
    Observed(Observed),
    /// A claim of a sample.
    Sampled(Sampled),
    /// The person's claims, where a finding or an observation rests on many of them.
    Visits(Visits),
    /// What keeps a reason from holding of a claim.
    Forgiving(Forgiving),
    /// What the person brings into an identity cluster.
    Member(Node, Member),
    /// `death_on_living_card` would hold of the claim if the citizen were alive.
    DiedThenCame(RowRef),
    /// `identity_mismatch` holds unless the claim's citizen is in the cluster of the holder.
    OtherCitizen(Person, PersonalId, Finding),
    /// It holds when the as-of date is from the first day to the last, both included.
    HoldsBetween(Day, Day, Finding),
    /// The citizen is reported dead by the insurance number alone.
    ReportedDead(PersonalId, DeathFact),
    /// An employment that a benefit of the person excludes.
    Excluded(Excluded),
    /// The citizen is missing, and claims are known of the person.
    Sign(Sign),
    /// What the observation of an outlier rested and rests on.
    Basis(Basis),
    /// What a shadow model makes of a claim.
    Compared(Compared),
    /// What a threshold is compared with.
    Weighed(Weighed),
    /// A claim that is to be judged by the outlier model. It does not leave the fold: what it comes to does.
    ToJudge(Box<ToJudge>),
}

impl<'a> Dossier<'a> {
    /// Sorts facts out.
    pub fn new(
        person: Person,
        facts: impl Iterator<Item = Fact>,
        visits: &VisitOrder,
        settings: &'a PersonSettings,
    ) -> Self {
        let mut dossier = Self {
            settings,
            person,
            cards: SmallVec::new(),
            citizen: None,
            deaths: SmallVec::new(),
            cluster: None,
            claims: SmallVec::new(),
            check_ins: SmallVec::new(),
            blood_type: None,
            employments: SmallVec::new(),
            ceased: SmallVec::new(),
            unemployed: SmallVec::new(),
            is_missing: false,
            is_alive: true,
        };
        let mut is_registered = false;
        for fact in facts {
            match fact {
                Fact::Card(card) => dossier.cards.push(card),
                Fact::Citizen(id) => dossier.citizen = id.as_citizen(),
                Fact::Death(death) => dossier.deaths.push(death),
                Fact::Cluster(cluster) => dossier.cluster = Some(cluster),
                Fact::BloodType(blood_type) => dossier.blood_type = Some(blood_type),
                Fact::Employment(employment) => dossier.employments.push(employment),
                Fact::Ceased(ceased) => dossier.ceased.push(ceased),
                Fact::Unemployed(benefit) => dossier.unemployed.push(benefit),
                Fact::Missing => (dossier.is_missing, dossier.is_alive) = (true, false),
                Fact::NotAlive => dossier.is_alive = false,
                Fact::Registered => is_registered = true,
                Fact::Claim(claim) if claim.is_check_in() => dossier.check_ins.push(claim),
                Fact::Claim(claim) => dossier.claims.push(claim),
            }
        }
        // Of a citizen the claims without a card are held before it is known whether the citizen is registered.
        if person.as_citizen().is_some() && !is_registered {
            dossier.claims.clear();
            dossier.check_ins.clear();
        }
        // Claims become known about as they happen, so a sort that makes use of runs. Only ties of arrival
        // and facility need the visits.
        dossier.claims.sort_by(|a, b| {
            a.arrival()
                .cmp(&b.arrival())
                .then_with(|| visits(a.number, b.number))
        });
        dossier
    }

    /// The claims, and the check-ins without one: where cards were presented.
    pub fn presentations(&self) -> impl Iterator<Item = &ClaimFact> {
        self.claims.iter().chain(&self.check_ins)
    }

    /// The registered card under a prefix.
    pub fn card(&self, prefix: u32) -> Option<&CardFact> {
        self.cards.iter().find(|card| card.prefix == prefix)
    }

    /// The person's card on a claim, registered or not.
    pub fn presented(&self, claim: &ClaimFact) -> Option<CardNumber> {
        CardNumber::from_parts(claim.card_prefix()?, self.person.as_participant()?)
    }

    /// The row that ties a claim to its person: the person's card, or, without a card, the citizen.
    pub fn ties(&self, claim: &ClaimFact) -> Vec<RowRef> {
        let card = self.presented(claim).map(RowRef::card);
        let tie = card.or_else(|| self.person.as_citizen().map(RowRef::citizen));
        tie.into_iter().collect()
    }

    /// The person, if it is a participant.
    pub fn participant(&self) -> Option<Node> {
        self.person.as_participant().map(|_| self.person)
    }

    /// The participant's row, if the person is a participant.
    pub fn participant_row(&self) -> Option<RowRef> {
        self.person.as_participant().map(RowRef::participant)
    }
}

/// What a threshold is compared with of a claim.
pub(super) fn weighed(claim: &ClaimFact, dial: Dial, number: i64) -> Outcome {
    Outcome::Weighed(Weighed {
        claim: claim.row(),
        dial,
        number: u32::try_from(number).unwrap_or(u32::MAX),
        facility: claim.facility,
        admitted: claim.admission_date(),
    })
}

/// A finding about a claim, with the class that its reason always has.
pub(super) fn about(claim: &ClaimFact, reason: Reason, evidence: Vec<RowRef>) -> Finding {
    Finding::new(reason, reason.class(), claim.row(), evidence)
}
