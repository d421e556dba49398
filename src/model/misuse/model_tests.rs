use proptest::prelude::*;

use super::*;
use crate::model::misuse::train::{
    FEWEST_OF_EITHER, MisuseTrainOptions, MisuseTraining, train_misuse,
};

/// Cases in which few visits after death with many sources are misuse.
fn cases(count: i32) -> Vec<MisuseTraining> {
    let case = |n: i32| {
        let mut values = [-1; MisuseFeature::COUNT];
        values[MisuseFeature::Sources.index()] = 1 + n % 3;
        values[MisuseFeature::VisitsAfterDeath.index()] = 1 + n / 3 % 5;
        values[MisuseFeature::Cost.index()] = 9000 + n * 37 % 4000;
        MisuseTraining {
            reason: ReasonKind::ServiceAfterDeath,
            observation: MisuseObservation { values },
            is_misuse: n % 3 == 2 && n / 3 % 5 < 2,
        }
    };
    (0..count).map(case).collect()
}

fn trained() -> MisuseModel {
    let options = MisuseTrainOptions {
        trees: 30,
        columns: 1.0,
        ..MisuseTrainOptions::default()
    };
    train_misuse(&cases(900), &MisuseModel::new(), &options).unwrap()
}

#[test]
fn it_learns_from_labels_whatever_their_order() {
    let model = trained();
    let mut backwards = cases(900);
    backwards.reverse();
    let options = MisuseTrainOptions {
        trees: 30,
        columns: 1.0,
        ..MisuseTrainOptions::default()
    };
    assert_eq!(
        train_misuse(&backwards, &MisuseModel::new(), &options).unwrap(),
        model
    );
    let probability = |sources, visits| {
        let mut values = cases(1)[0].observation.values;
        values[MisuseFeature::Sources.index()] = sources;
        values[MisuseFeature::VisitsAfterDeath.index()] = visits;
        let observation = MisuseObservation { values };
        model
            .probability(ReasonKind::ServiceAfterDeath, &observation)
            .unwrap()
    };
    assert!(probability(3, 1) > probability(1, 1));
    assert!(probability(3, 1) > probability(3, 5));
    // By what they mean, whatever the labels say of values that were not seen.
    assert!(probability(9, 1) >= probability(3, 1));
    assert!(probability(3, 99) <= probability(3, 5));
}

#[test]
fn a_reason_with_few_labels_keeps_what_was_known() {
    let few = cases(FEWEST_OF_EITHER as i32);
    let options = MisuseTrainOptions::default();
    let nothing = train_misuse(&few, &MisuseModel::new(), &options).unwrap();
    assert_eq!(nothing, MisuseModel::new());
    let observation = few[0].observation;
    assert_eq!(
        nothing.probability(ReasonKind::ServiceAfterDeath, &observation),
        None
    );
    let before = trained();
    assert_eq!(train_misuse(&few, &before, &options).unwrap(), before);
}

#[test]
fn what_is_stored_says_the_same_and_what_is_broken_is_refused() {
    let model = trained();
    let json = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<MisuseModel>(&json).unwrap(), model);
    for (from, to) in [
        ("death_sources", "death_source"),
        ("service_after_death", "frequent_visits"),
        ("\"columns\":30", "\"columns\":29"),
    ] {
        assert!(json.contains(from), "{from}");
        let broken = json.replacen(from, to, 1);
        assert!(
            serde_json::from_str::<MisuseModel>(&broken).is_err(),
            "{to}"
        );
    }
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_log_odds(values: [i16; 30]) {
        let model = trained_once();
        let observation = MisuseObservation { values: values.map(i32::from) };
        let reason = ReasonKind::ServiceAfterDeath;
        let (base, parts) = model.contributions(reason, &observation).unwrap();
        let sum: i32 = parts.iter().map(|part| part.log_odds).sum();
        prop_assert_eq!(Some(base + sum), model.log_odds(reason, &observation));
        prop_assert!(parts.is_sorted_by_key(|part| std::cmp::Reverse(part.log_odds.unsigned_abs())));
    }
}

fn trained_once() -> &'static MisuseModel {
    static MODEL: std::sync::OnceLock<MisuseModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(trained)
}
