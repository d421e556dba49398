//! What a fund's claims are like: the figures that turn an observation into what the ensemble sees.
//!
//! In: claims, gone through three times, so that memory does not grow with them. Out: peer groups, tiers of
//! facilities, surprises. Must hold: figures depend on the set of claims alone; once learnt, a claim never
//! changes them.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::age_band::AgeBand;
use super::artefact::OutlierModel;
use super::feature::{Feature, Observation};
use super::peer::{PeerFigures, PeerGroups};
use super::peer_counts::PeerCounts;
use super::peer_group::{PeerGroup, PeerKind};
use super::surprise::{Diagnosed, SurpriseCounts, Surprises, Visited, diagnosed};
use super::tier::{TierCounts, Tiers};
use super::train::TrainingClaim;
use crate::record::Facility;

/// A claim as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The kind of visit, 1 to 16.
    pub visit_type: u8,
    /// The category of the main diagnosis: see [`parse_category`](super::parse_category).
    pub diagnosis: u16,
    /// The age at the admission.
    pub age: AgeBand,
    /// The facility.
    pub facility: Facility,
    /// The province of the card; 0 where it is not known.
    pub card_province: u8,
    /// The total cost in thousandths of ln dong.
    pub cost: i32,
    /// How long it lasted, in thousandths of ln minutes.
    pub stay: i32,
}

impl From<&Observation> for Counted {
    fn from(observation: &Observation) -> Self {
        Self {
            visit_type: observation.visit_type,
            diagnosis: observation.diagnosis,
            age: observation.age,
            facility: observation.facility,
            card_province: observation.card_province,
            cost: observation.value(Feature::Cost),
            stay: observation.value(Feature::Stay),
        }
    }
}

/// How much figures hold: what bounds an artefact's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigureLimits {
    /// The least number of claims of a peer group.
    pub peer_minimum: u64,
    /// The most peer groups, the largest of them.
    pub peers: usize,
    /// The least number of claims of a facility that has a tier.
    pub tier_minimum: u64,
    /// The most facilities, those with the most claims.
    pub facilities: usize,
    /// The most pairs of a facility and a province, those with the most claims.
    pub pairs: usize,
}

impl Default for FigureLimits {
    /// Peer groups of 200 claims, at most 4000; tiers from 50 claims; at most 10,000 facilities and
    /// 12,000 pairs. About a megabyte of JSON.
    fn default() -> Self {
        Self {
            peer_minimum: 200,
            peers: 4000,
            tier_minimum: 50,
            facilities: 10_000,
            pairs: 12_000,
        }
    }
}

/// What a fund's claims are like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// What claims of a kind cost, and how long they last.
    pub peers: PeerGroups,
    /// How dear facilities are.
    pub tiers: Tiers,
    /// How surprising a diagnosis is at a kind of visit.
    pub diagnoses: Surprises<Diagnosed>,
    /// How surprising a facility is for a province of cards.
    pub facilities: Surprises<Visited>,
}

/// An observation among its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// A value for each of [`Feature::ALL`], in its own unit.
    pub values: [i32; Feature::COUNT],
    /// The group that cost and stay are compared with.
    pub group: PeerGroup,
    /// Its figures.
    pub peers: &'a PeerFigures,
}

impl Encoded<'_> {
    /// What the ensemble sees of a value of a feature: cost and stay as deviations from the peer group,
    /// the others as they are.
    pub fn seen(&self, feature: Feature, value: i32) -> i32 {
        match feature {
            Feature::Cost => self.peers.cost.deviation(value),
            Feature::Stay => self.peers.stay.deviation(value),
            _ => value,
        }
    }

    /// What the ensemble sees.
    pub fn row(&self) -> [f64; Feature::COUNT] {
        Feature::ALL.map(|feature| self.seen(feature, self.values[feature.index()]).into())
    }
}

impl Figures {
    /// Learns figures from claims. `each` tells every claim, each time it is called the same ones in any
    /// order; it is called three times, with how often it was before. None, where there are no claims.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn learn<E>(
        mut each: impl FnMut(u32, &mut dyn FnMut(&Counted)) -> Result<(), E>,
        limits: &FigureLimits,
    ) -> Result<Option<Self>, E> {
        let mut counts = PeerCounts::default();
        let (mut diagnoses, mut facilities) =
            (SurpriseCounts::default(), SurpriseCounts::default());
        each(0, &mut |claim| {
            counts.add(claim.kind(&Tiers::default()), claim.cost, claim.stay);
            diagnoses.add(claim.visit_type, diagnosed(claim.diagnosis));
            facilities.add(claim.card_province, claim.facility.packed());
        })?;
        let Some(peers) = PeerGroups::new(&counts, limits.peer_minimum, limits.peers) else {
            return Ok(None);
        };
        let mut deviations = TierCounts::default();
        each(1, &mut |claim| {
            let (_, figures) = peers.find(claim.kind(&Tiers::default()));
            deviations.add(claim.facility, figures.cost.deviation(claim.cost));
        })?;
        let tiers = Tiers::new(&deviations, limits.tier_minimum, limits.facilities);
        let mut counts = PeerCounts::default();
        each(2, &mut |claim| {
            counts.add(claim.kind(&tiers), claim.cost, claim.stay);
        })?;
        let peers = PeerGroups::new(&counts, limits.peer_minimum, limits.peers);
        Ok(peers.map(|peers| Self {
            peers,
            tiers,
            // There are fewer diagnoses than a kind of visit can be counted with.
            diagnoses: Surprises::new(&diagnoses, limits.facilities, limits.pairs),
            facilities: Surprises::new(&facilities, limits.facilities, limits.pairs),
        }))
    }

    /// Learns figures from claims that are at hand, without those that a model of them is calibrated on (see
    /// [`OutlierModel::figures_before`]). None, where there are no claims.
    pub fn of_claims(claims: &[TrainingClaim], limits: &FigureLimits) -> Option<Self> {
        let before = OutlierModel::figures_before(claims)?;
        let each = |_, tell: &mut dyn FnMut(&Counted)| {
            let earlier = claims.iter().filter(|claim| claim.admitted < before);
            earlier.for_each(|claim| tell(&Counted::from(&claim.observation)));
            Ok::<(), Infallible>(())
        };
        match Self::learn(each, limits) {
            Ok(figures) => figures,
            Err(never) => match never {},
        }
    }

    /// An observation among its peers.
    pub fn encode(&self, observation: &Observation) -> Encoded<'_> {
        let (group, peers) = self
            .peers
            .find(Counted::from(observation).kind(&self.tiers));
        let values = Feature::ALL.map(|feature| match feature {
            Feature::DiagnosisSurprise => {
                (self.diagnoses).at(observation.visit_type, diagnosed(observation.diagnosis))
            }
            Feature::FacilitySurprise => {
                (self.facilities).at(observation.card_province, observation.facility.packed())
            }
            _ => observation.value(feature),
        });
        Encoded {
            values,
            group,
            peers,
        }
    }
}

impl Counted {
    fn kind(&self, tiers: &Tiers) -> PeerKind {
        PeerKind {
            visit_type: self.visit_type,
            diagnosis: self.diagnosis,
            tier: tiers.of(self.facility),
            age: self.age,
        }
    }
}
