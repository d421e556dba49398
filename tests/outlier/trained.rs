//! A model that is trained on claims.
//!
//! In: made-up claims. Out: the model, its scores and what it says of them. Must hold: equal claims make an equal model
//! to the byte, a stored model is the model, p-values of ordinary claims are valid, and an explanation adds up.

use std::sync::OnceLock;

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use fundwatch::model::{
    ALERT_BUDGET, AgeBand, Factor, Feature, FigureLimits, Figures, Observation, OutlierModel,
    PValue, TrainError, TrainOptions, TrainingClaim, auroc, average_precision,
};
use fundwatch::record::{Day, Facility, Value};
use made_up::{Draws, claims, dated, figures};

#[path = "../../src/model/made_up.rs"]
mod made_up;

fn trained(claims: &[TrainingClaim], seed: u64) -> OutlierModel {
    let options = TrainOptions {
        seed,
        trained_on: "made up".to_owned(),
        ..Default::default()
    };
    OutlierModel::train(claims, figures(claims), &options).unwrap()
}

fn model() -> &'static OutlierModel {
    static MODEL: OnceLock<OutlierModel> = OnceLock::new();
    MODEL.get_or_init(|| trained(&dated(&claims(20_000, 3), 100), 5))
}

#[test]
fn the_order_of_the_claims_leaves_every_byte_equal() {
    let mut claims = dated(&claims(1500, 3), 30);
    let first = trained(&claims, 5);
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    for last in (1..claims.len()).rev() {
        claims.swap(last, generator.next_u32() as usize % (last + 1));
    }
    let again = trained(&claims, 5);
    assert_eq!(first.to_json(), again.to_json());
    assert_eq!(first.digest(), again.digest());
    assert_ne!(first.digest(), trained(&claims, 6).digest());
}

#[test]
fn what_calibrates_is_later_than_what_is_fitted() {
    let made_up = claims(1000, 3);
    let period = trained(&dated(&made_up, 10), 5).period();
    let days = [period.first, period.calibrated_from, period.last];
    assert_eq!(days.map(Day::number), [20_000, 20_008, 20_009]);
    let before = |days| OutlierModel::figures_before(&dated(&made_up, days)).map(Day::number);
    assert_eq!((before(10), before(1)), (Some(20_008), Some(20_001)));
    assert_eq!(OutlierModel::figures_before(&[]), None);
    // Claims of one day are parted by a draw.
    let of_one_day = trained(&dated(&made_up, 1), 5);
    assert_eq!(of_one_day.calibration().size(), 200);
}

#[test]
fn claims_whose_year_before_is_not_known_are_not_fitted() {
    let mut claims = dated(&claims(4000, 3), 1000);
    for claim in claims
        .iter_mut()
        .filter(|claim| claim.admitted.number() < 20_365)
    {
        claim.observation.values[Feature::Visits30Days.index()] = 1000;
    }
    let usual = *trained(&claims, 5).usual(Feature::Visits30Days);
    assert!(usual.percentiles[4] < 50, "{usual:?}");
    // In a period that is too short, all are.
    claims.retain(|claim| claim.admitted.number() < 20_600);
    let usual = *trained(&claims, 5).usual(Feature::Visits30Days);
    assert_eq!(usual.percentiles[4], 1000);
}

#[test]
fn a_stored_model_is_the_model() {
    let json = model().to_json();
    let read = OutlierModel::from_json(&json).unwrap();
    assert_eq!(read, *model());
    assert_eq!(read.to_json(), json);
}

#[test]
fn what_is_no_model_is_refused_with_a_reason() {
    let json = model().to_json();
    for (from, to, reason) in [
        ("\"version\": 2", "\"version\": 1", "version 1"),
        (
            "\"calibrated_on\": \"fund\"",
            "\"calibrated_on\": \"us\"",
            "unknown variant",
        ),
        ("\"last\": \"", "\"last\": \"0", "YYYY-MM-DD"),
        ("\"last\": \"2", "\"last\": \"1", "ascend"),
        (
            "\"name\": \"stay\"",
            "\"name\": \"outcome\"",
            "train it anew",
        ),
        ("\"all\": [", "\"every\": [", "no peer group"),
        ("\"spread\": [", "\"spread\": [0.0,", "as many centres"),
        (
            "\"distances\": [",
            "\"distances\": [281474976710656,",
            "ascend",
        ),
        ("\"percentiles\": [", "\"percentiles\": [99999,", "trailing"),
        ("\"unseen\": ", "\"unseen\": -", "0 to 65,535"),
        ("\"tiers\": [", "\"tiers\": [[],", "four tiers"),
        ("\"seed\"", "\"sead\"", "sead"),
    ] {
        let spoiled = json.replacen(from, to, 1);
        assert_ne!(spoiled, json, "{from}");
        let error = OutlierModel::from_json(&spoiled).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert!(OutlierModel::from_json("{}").is_err());
    assert!(OutlierModel::from_json("").is_err());
}

#[test]
fn training_says_what_it_lacks() {
    let few = dated(&claims(499, 3), 10);
    let options = TrainOptions::default();
    let error = OutlierModel::train(&few, figures(&few), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "499 claims are too few to train on: at least 500 are needed"
    );
    let claims = dated(&claims(600, 3), 10);
    for options in [
        TrainOptions {
            trim: 0.9,
            ..options.clone()
        },
        TrainOptions {
            samples: 0,
            ..options.clone()
        },
    ] {
        let error = OutlierModel::train(&claims, figures(&claims), &options).unwrap_err();
        assert!(matches!(error, TrainError::Fit(_)));
    }
    let options = TrainOptions {
        most_calibrated: 0,
        ..options
    };
    let error = OutlierModel::train(&claims, figures(&claims), &options).unwrap_err();
    assert!(matches!(
        error,
        TrainError::Option {
            name: "most_calibrated",
            ..
        }
    ));
}

#[test]
fn a_fund_of_equal_claims_can_be_trained_on() {
    let claim = Draws::new(1).everyday();
    let model = trained(&dated(&[claim; 600], 7), 1);
    assert_eq!(model.distance(&claim), 0);
    let other = Observation {
        age: AgeBand::Unknown,
        ..claim
    };
    assert_eq!(model.score(&other), model.score(&claim));
    let mut dearer = claim;
    dearer.values[0] += 500;
    assert!(model.score(&dearer) > model.score(&claim));
    assert_eq!(model.explain(&dearer).factors[0].feature, Feature::Cost);
    assert_eq!(
        model
            .explain(&claim)
            .factors
            .iter()
            .map(|factor| factor.share)
            .max(),
        Some(0)
    );
}

#[test]
fn misuse_is_found_among_everyday_claims() {
    let new = claims(20_000, 7);
    let distances: Vec<u64> = new.iter().map(|claim| model().distance(claim)).collect();
    let labels: Vec<bool> = (0..new.len()).map(|place| place % 100 == 99).collect();
    let area = auroc(&distances, &labels).unwrap();
    let precision = average_precision(&distances, &labels).unwrap();
    assert!(area > 0.93, "AUROC {area}");
    assert!(precision > 0.4, "average precision {precision}");
}

/// Of clean claims, a share `alpha` has a p-value of at most `alpha`, up to sampling error.
#[test]
fn p_values_of_ordinary_claims_are_valid() {
    let mut draws = Draws::new(76);
    let everyday: Vec<Observation> = (0..30_000).map(|_| draws.everyday()).collect();
    let model = trained(&dated(&everyday, 100), 5);
    const NEW: usize = 20_000;
    let p: Vec<PValue> = (0..NEW).map(|_| model.p_value(&draws.everyday())).collect();
    for millionths in [10_000, 50_000, 100_000] {
        let found = p.iter().filter(|p| p.millionths() <= millionths).count() as f64 / NEW as f64;
        let alpha = f64::from(millionths) / 1e6;
        let calibrated = model.calibration().size() as f64;
        let error = (alpha * (1.0 - alpha) * (1.0 / calibrated + 1.0 / NEW as f64)).sqrt();
        assert!((found - alpha).abs() < 4.0 * error, "{found} for {alpha}");
    }
    let level = model.alert_level(ALERT_BUDGET).unwrap();
    let alerted = p.iter().filter(|p| **p < level).count();
    assert!(alerted <= NEW / 1000, "{alerted} of {NEW}");
    assert_eq!(model.alert_level(1), None);
}

#[test]
fn an_explanation_names_what_is_strange() {
    let mut draws = Draws::new(8);
    let usual = draws.everyday();
    let mut often = usual;
    often.values[Feature::Visits30Days.index()] = 40;
    let explanation = model().explain(&often);
    let first = explanation.factors[0];
    assert_eq!((first.feature, first.observed), (Feature::Visits30Days, 40));
    assert_eq!(first.typical, model().usual(Feature::Visits30Days).median());
    assert!(first.contribution > 0 && first.range[1] < 40);
    assert_eq!(first.direction(), std::cmp::Ordering::Greater);
    assert!(explanation.score > model().score(&usual));
    let elsewhere = Observation {
        facility: Facility::from_text("zzzzz").unwrap(),
        diagnosis: 1,
        ..usual
    };
    let explanation = model().explain(&elsewhere);
    let two = [
        explanation.factors[0].feature,
        explanation.factors[1].feature,
    ];
    let surprises = [Feature::DiagnosisSurprise, Feature::FacilitySurprise];
    assert!(
        surprises.iter().all(|feature| two.contains(feature)),
        "{two:?}"
    );
}

proptest! {
    #[test]
    fn any_observation_is_scored_and_explained(
        visit_type: u8,
        diagnosis: u16,
        age in 0u8..6,
        facility in 0u32..84u32.pow(5) / 2,
        card_province: u8,
        values: [i32; Feature::OBSERVED],
        shift in 0u32..32,
    ) {
        let observation = Observation {
            facility: Facility::from_packed(facility).unwrap(),
            diagnosis,
            visit_type,
            age: AgeBand::from_number(age).unwrap(),
            card_province,
            values: values.map(|value| value >> shift),
        };
        let explanation = model().explain(&observation);
        prop_assert_eq!(explanation.score, model().score(&observation));
        prop_assert_eq!(explanation.p_value, model().p_value(&observation));
        prop_assert_eq!(explanation.distance, model().distance(&observation));
        let shares = explanation.factors.iter().map(|factor| factor.share);
        prop_assert!(explanation.factors.is_sorted_by(|a, b| a.share + 1 >= b.share));
        let share: u32 = shares.map(u32::from).sum();
        prop_assert_eq!(share, if explanation.distance == 0 { 0 } else { 10_000 });
        let parts = explanation.factors.iter().map(|factor| factor.contribution.unsigned_abs());
        prop_assert_eq!(parts.sum::<u64>(), explanation.distance);
        let signed = |factor: &Factor| (factor.contribution < 0) <= (factor.observed < factor.typical);
        prop_assert!(explanation.factors.iter().all(signed));
    }
}
