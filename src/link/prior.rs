//! What is believed of a field before any record is seen.
//!
//! In: a role. Out: how often each level comes among records of one person. Must hold: the chances of
//! a role's levels add up to one, so that few records still give sensible weights.

use super::level::{MOST_LEVELS, levels};
use super::role::Role;

/// How many pairs of records the beliefs count as.
pub const PAIRS: f64 = 8.0;

/// The chance that two records of one person have exchanged fields.
pub const EXCHANGED: f64 = 0.01;

/// The chances of each level, by level; that of `missing` is 0.
pub fn chances(role: Role) -> [f64; MOST_LEVELS] {
    match role {
        Role::GivenName | Role::Surname => [0.0, 0.74, 0.05, 0.08, 0.04, 0.03, 0.02, 0.04],
        Role::FullName => [0.0, 0.72, 0.08, 0.03, 0.07, 0.04, 0.03, 0.03],
        Role::DateOfBirth => [0.0, 0.85, 0.06, 0.04, 0.02, 0.01, 0.02, 0.0],
        Role::Sex => [0.0, 0.97, 0.01, 0.02, 0.0, 0.0, 0.0, 0.0],
        Role::Province => [0.0, 0.88, 0.04, 0.08, 0.0, 0.0, 0.0, 0.0],
        Role::StreetNumber => [0.0, 0.80, 0.08, 0.02, 0.10, 0.0, 0.0, 0.0],
        Role::Phone => [0.0, 0.70, 0.08, 0.02, 0.20, 0.0, 0.0, 0.0],
        Role::NationalId | Role::Ssn => [0.0, 0.88, 0.06, 0.02, 0.04, 0.0, 0.0, 0.0],
        Role::Postcode => [0.0, 0.78, 0.08, 0.06, 0.08, 0.0, 0.0, 0.0],
        Role::Email => [0.0, 0.70, 0.05, 0.06, 0.06, 0.03, 0.03, 0.07],
        Role::Address | Role::City | Role::Text | Role::Ignore => {
            [0.0, 0.66, 0.05, 0.08, 0.06, 0.05, 0.10, 0.0]
        }
    }
}

/// The levels of a role that say something.
pub fn told(role: Role) -> std::ops::Range<usize> {
    1..levels(role).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_add_up() {
        for role in Role::ALL {
            let chances = chances(role);
            let sum: f64 = chances.iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{role}: {sum}");
            assert!(told(role).all(|level| chances[level] > 0.0), "{role}");
            assert!(
                chances[levels(role).len()..].iter().all(|c| *c == 0.0),
                "{role}"
            );
        }
    }
}
