//! The model's p-value of the claim is below the level; only with a model of the fund's own claims.

use super::{Findings, about};
use crate::models::models;
use crate::person::person_of;
use crate::plain::Day;
use crate::score::observation;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let model = &models()[world.thresholds.model];
    if !model.is_calibrated_on_fund() {
        return Findings::new();
    }
    let level = match world.thresholds.outlier_level {
        0 => match model.alert_level(world.thresholds.alert_budget) {
            Some(level) => level.millionths(),
            None => return Findings::new(),
        },
        level => level,
    };
    let of_persons = world
        .claims
        .values()
        .filter(|claim| person_of(world, claim).is_some());
    let outliers =
        of_persons.filter(|claim| model.p_value(&observation(world, claim)).millionths() < level);
    outliers
        .map(|claim| about(world, claim, "anomaly", []))
        .collect()
}
