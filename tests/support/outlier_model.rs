//! Small outlier models that count as calibrated on the fund's own claims.
//!
//! In: what is usual. Out: a model of claims that are drawn from it. Must hold: the same for the same seed.

use fundwatch::model::{Feature, Observation, OutlierModel, PeerCounts, TrainOptions};

/// What claims are drawn from, each value as likely as another of its list.
pub struct Usual {
    pub of: fn(Feature) -> &'static [i32],
    pub visit_types: &'static [i32],
    pub diagnoses: &'static [i32],
}

/// A model of claims that are drawn from what is usual.
pub fn trained(seed: u64, usual: &Usual) -> OutlierModel {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = move |from: &[i32]| {
        // An xorshift: the draws only have to vary.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        from[(state >> 20) as usize % from.len()]
    };
    let mut observations = Vec::new();
    let mut peers = PeerCounts::new();
    for _ in 0..700 {
        let observation = Observation {
            visit_type: u8::try_from(draw(usual.visit_types)).expect("a visit type"),
            diagnosis: u16::try_from(draw(usual.diagnoses)).expect("a category"),
            values: Feature::ALL.map(|feature| draw((usual.of)(feature))),
        };
        let cost = observation.value(Feature::Cost);
        peers.add(observation.visit_type, observation.diagnosis, cost);
        observations.push(observation);
    }
    let options = TrainOptions {
        seed,
        samples: 12,
        anchors: 8,
        ..TrainOptions::default()
    };
    OutlierModel::train(&observations, &peers, &options).expect("enough claims")
}
