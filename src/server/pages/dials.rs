//! What other thresholds would come to, for the page of them.

use crate::alert::{NoTurn, Turn, Weighings};
use crate::review::Outcome;
use crate::rule::Dial;
use crate::web::pages::Dials;

/// What the running service weighs.
pub(in crate::server) struct WeighedDials(pub(in crate::server) Weighings);

impl Dials for WeighedDials {
    fn turn(&self, dial: Dial, value: Option<u32>, provinces: &[String]) -> Result<Turn, NoTurn> {
        self.0.turn((dial, value), provinces, |in_force| {
            let mut steps = dial.steps().to_vec();
            steps.push(in_force);
            steps.extend(value);
            steps.sort_unstable();
            steps.dedup();
            steps
        })
    }

    fn numbers(&self, dial: Dial, alerts: Vec<(String, Outcome)>) -> Vec<(u32, Outcome)> {
        self.0.numbers(dial, alerts)
    }
}
