//! What the page of thresholds stands on.

use crate::alert::{NoTurn, Turn};
use crate::review::Outcome;
use crate::rule::Dial;

/// What other thresholds would come to. It may wait for an epoch that is being taken in.
pub trait Dials: Send + Sync + 'static {
    /// What a value of a dial, or else the one in force, would come to in some provinces, and in all where none is
    /// named; and what the values of [`Dial::steps`] would, with both.
    ///
    /// # Errors
    /// Why it is not known.
    fn turn(&self, dial: Dial, value: Option<u32>, provinces: &[String]) -> Result<Turn, NoTurn>;

    /// The number that a dial is compared with of the claim of each of these alerts; alerts that do not hold are left
    /// out.
    fn numbers(&self, dial: Dial, alerts: Vec<(String, Outcome)>) -> Vec<(u32, Outcome)>;
}
