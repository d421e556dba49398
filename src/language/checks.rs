//! What checks of the data measures say, by their names.

use super::PageMessages;

impl PageMessages {
    /// What a check says; none where there is none of the name.
    pub fn check(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "authenticated" => self.check_authenticated,
            "single" => self.check_single,
            "in_step_with_deaths" => self.check_in_step_with_deaths,
            "cards_registered" => self.check_cards_registered,
            "one_identity" => self.check_one_identity,
            "diagnoses_fit" => self.check_diagnoses_fit,
            "amounts_agree" => self.check_amounts_agree,
            "not_repeated" => self.check_not_repeated,
            "identity_and_registers" => self.check_identity_and_registers,
            "alive" => self.check_alive,
            "compatible" => self.check_compatible,
            _ => return None,
        })
    }
}
