//! Small outlier models that count as calibrated on the fund's own claims.
//!
//! In: what is usual. Out: a model of claims that are drawn from it. Must hold: the same for the same seed.

use fundwatch::model::{
    AgeBand, Counted, Feature, FigureLimits, Figures, Observation, OutlierModel, Population,
    TrainOptions, TrainingClaim,
};
use fundwatch::record::{Day, Facility, Value};

/// What claims are drawn from, each value as likely as another of its list.
pub struct Usual {
    pub of: fn(Feature) -> &'static [i32],
    pub visit_types: &'static [i32],
    pub diagnoses: &'static [i32],
    /// Facilities, and the province of the cards that are presented there.
    pub facilities: &'static [(&'static str, u8)],
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
    let mut claims = Vec::new();
    for number in 0..700 {
        let (facility, card_province) = usual.facilities[number as usize % usual.facilities.len()];
        let observation = Observation {
            facility: Facility::from_text(facility).expect("a facility"),
            visit_type: u8::try_from(draw(usual.visit_types)).expect("a visit type"),
            diagnosis: u16::try_from(draw(usual.diagnoses)).expect("a category"),
            age: AgeBand::default(),
            card_province,
            values: std::array::from_fn(|place| draw((usual.of)(Feature::ALL[place]))),
        };
        claims.push(TrainingClaim {
            admitted: Day::from_number(20_000 + number / 2),
            observation,
        });
    }
    let learned = Figures::learn(
        |_, tell: &mut dyn FnMut(&Counted)| {
            let counted = claims.iter().map(|claim| Counted::from(&claim.observation));
            counted.for_each(|claim| tell(&claim));
            Ok::<(), std::convert::Infallible>(())
        },
        &FigureLimits::default(),
    );
    let figures = learned.expect("it cannot fail").expect("there are claims");
    let options = TrainOptions {
        seed,
        samples: 12,
        anchors: 8,
        population: Population::Fund,
        ..TrainOptions::default()
    };
    OutlierModel::train(&claims, figures, &options).expect("enough claims")
}
