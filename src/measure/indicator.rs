//! "Sufficient": which columns are expected of which rows, and why.
//!
//! In: a record. Out: for each indicator of its stream, whether the record is expected to have it and
//! whether it does. Must hold: an indicator is data with its source beside it; what the parser requires
//! of every row is none, since it is always there.

use crate::record::{
    Card, CardStatus, CheckIn, Citizen, Claim, Day, DeathReport, Enterprise, EnterpriseStatus,
    HealthProfile, LifeStatus, Participant, Record, Stream,
};

/// A column, or a part of one, that a stream is expected to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its name: that of the column, or what of it is asked for.
    pub name: &'static str,
    /// The rows that it is expected of.
    pub of: &'static str,
    /// Who expects it.
    pub basis: &'static str,
}

/// The most indicators of a stream.
pub const MOST_INDICATORS: usize = 8;

/// Two bits an indicator, the first one lowest: expected, and filled where it is expected.
pub type Cells = u32;

/// The cells of indicators from the first on: for each, none where it is not expected of the row.
fn cells<const N: usize>(answers: [Option<bool>; N]) -> Cells {
    const { assert!(N <= MOST_INDICATORS) };
    let mut cells = 0;
    for (place, answer) in answers.into_iter().enumerate() {
        let bits = match answer {
            None => 0b00,
            Some(false) => 0b01,
            Some(true) => 0b11,
        };
        cells |= bits << (2 * place);
    }
    cells
}

macro_rules! indicators {
    ($( $stream:ident($record:ident: $ty:ty) {
        $( $name:literal of $of:literal, $basis:literal: $answer:expr; )*
    } )*) => {
        impl Indicator {
            /// The indicators of a stream, in the order of its columns.
            pub fn of_stream(stream: Stream) -> &'static [Indicator] {
                match stream {
                    $( Stream::$stream => &[
                        $( Indicator { name: $name, of: $of, basis: $basis }, )*
                    ], )*
                }
            }
        }

        /// What a record has of what is expected of it.
        pub fn cells_of(record: &Record) -> Cells {
            match record {
                $( Record::$stream(record) => {
                    let $record: &$ty = record;
                    let _ = $record;
                    cells([$( $answer, )*])
                } )*
            }
        }
    };
}

indicators! {
    Citizens(citizen: Citizen) {
        "birth_date_to_the_day" of "every citizen",
            "Contract 2: where one database lacks the day, nobody authenticates (birth_date_partial)":
            Some(citizen.birth_date.is_whole());
        "death_date" of "the dead and declared dead",
            "The population register holds day, month and year of death":
            is_dead(citizen).then_some(citizen.death_date.is_some());
        "death_date_to_the_day" of "the dead and declared dead",
            "The same; where software fills in a day, visits before the death seem to follow it":
            is_dead(citizen).then_some(citizen.death_date.is_some_and(|date| date.is_whole()));
        "province" of "every citizen",
            "The population register holds the permanent residence":
            Some(citizen.province.is_some());
    }
    DeathReports(report: DeathReport) {
        "person" of "every report",
            "Contract 1: a report that names neither personal_id nor si_number tells of nobody":
            Some(report.personal_id.is_some() || report.si_number.is_some());
        "death_date_to_the_day" of "every report",
            "A contribution form often has the month of a death and not its day":
            Some(report.death_date.is_whole());
    }
    Participants(participant: Participant) {
        "personal_id" of "every participant",
            "Decision 1864/QD-BHXH: one citizen, one insurance number, supplemented with the personal id":
            Some(participant.personal_id.is_some());
        "birth_date_to_the_day" of "every participant",
            "Contract 2: where one database lacks the day, nobody authenticates (birth_date_partial)":
            Some(participant.birth_date.is_whole());
        "province" of "every participant",
            "Decree 43/2021/ND-CP, basic personal data: residence":
            Some(participant.province.is_some());
    }
    Cards(card: Card) {
        "valid_to" of "cards of other groups than QN, CA and CY",
            "Decree 43/2021/ND-CP, health insurance: expiry":
            (!card.card_number.is_force_card()).then_some(card.valid_to.is_some());
        "status_date" of "cards that are not valid",
            "Contract 2: without it a withdrawn card withdraws no visit (card_withdrawn)":
            (card.status != CardStatus::Valid).then_some(card.status_date.is_some());
        "primary_facility" of "every card",
            "Decree 43/2021/ND-CP, health insurance: primary facility":
            Some(card.primary_facility.is_some());
    }
    Claims(claim: Claim) {
        "cards" of "every claim",
            "Contract 1.2: the card says whose the claim is; XML1, MA_THE_BHYT":
            Some(!claim.cards.is_empty());
        "personal_id" of "claims admitted from 2025-07-01",
            "Decree 102/2025/ND-CP Art. 6: the personal id is the medical identity code":
            (claim.admission_date() >= PERSONAL_ID_SINCE).then_some(claim.personal_id.is_some());
        "inpatient_at" of "visit types 03 and 04",
            "Decision 4750/QD-BYT, XML1, NGAY_VAO_NOI_TRU":
            matches!(claim.visit_type.number(), 3 | 4).then_some(claim.inpatient_at.is_some());
        "referred_from" of "object code 1.3, with a referral slip",
            "Decision 4750/QD-BYT, XML1, MA_NOI_DI":
            (claim.object_code.as_str() == "1.3").then_some(claim.referred_from.is_some());
        "referred_to" of "discharge types 2 and 5, transferred",
            "Decision 4750/QD-BYT, XML1, MA_NOI_DEN":
            matches!(claim.discharge_type.number(), 2 | 5).then_some(claim.referred_to.is_some());
        "department" of "every claim",
            "Decision 4750/QD-BYT, XML1, MA_KHOA, which the portal requires":
            Some(claim.department.is_some());
    }
    CheckIns(check_in: CheckIn) {
        "cards" of "every check-in",
            "Contract 1.2: the card says whose the visit is; XML0, MA_THE_BHYT":
            Some(!check_in.cards.is_empty());
        "personal_id" of "check-ins from 2025-07-01",
            "Decree 102/2025/ND-CP Art. 6: the personal id is the medical identity code":
            (check_in.admitted_at.day() >= PERSONAL_ID_SINCE)
                .then_some(check_in.personal_id.is_some());
    }
    Enterprises(enterprise: Enterprise) {
        "successor" of "merged enterprises",
            "Contract 2: employees of an enterprise with a successor stay insured (employer_ceased)":
            (enterprise.status == EnterpriseStatus::Merged)
                .then_some(enterprise.successor.is_some());
        "workforce" of "every enterprise",
            "Decision 1864/QD-BHXH: the projected total workforce is shared":
            Some(enterprise.workforce.is_some());
    }
    Employments(employment: crate::record::Employment) {}
    Beneficiaries(beneficiary: crate::record::Beneficiary) {}
    HealthProfiles(profile: HealthProfile) {
        "blood_group" of "every profile",
            "Decision 3074/QD-BYT, as the stream reads it":
            Some(profile.blood_group.is_some());
        "allergies" of "every profile; one that lists none may be of somebody who has none",
            "Decision 3074/QD-BYT, as the stream reads it":
            Some(!profile.allergies.is_empty());
        "chronic_conditions" of "every profile; one that lists none may be of somebody who has none",
            "Decision 3074/QD-BYT, as the stream reads it":
            Some(!profile.chronic_conditions.is_empty());
    }
}

/// From when the personal id is the medical identity code: 2025-07-01.
const PERSONAL_ID_SINCE: Day = Day::from_number(20_270);

fn is_dead(citizen: &Citizen) -> bool {
    matches!(
        citizen.life_status,
        LifeStatus::Dead | LifeStatus::DeclaredDead
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_from_which_the_personal_id_is_expected() {
        assert_eq!(PERSONAL_ID_SINCE.to_string(), "2025-07-01");
    }

    #[test]
    fn what_is_not_expected_is_not_filled() {
        assert_eq!(cells([None, Some(true), Some(false)]), 0b01_11_00);
        assert_eq!(cells([]), 0);
    }

    #[test]
    fn indicators_are_told_apart_and_name_their_source() {
        for stream in Stream::ALL {
            let indicators = Indicator::of_stream(*stream);
            let mut names: Vec<&str> = indicators.iter().map(|one| one.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), indicators.len(), "{stream}");
            for indicator in indicators {
                assert!(
                    !indicator.of.is_empty() && !indicator.basis.is_empty(),
                    "{stream}"
                );
            }
        }
    }
}
