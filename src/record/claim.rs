//! Stream `claims`: one visit or stay and what the fund is asked to pay (XML1 of Decisions
//! 130, 4750 and 3176).

use serde::{Deserialize, Serialize};

use super::cell::{Row, Value, record};
use super::code::{BloodGroup, DischargeType, Outcome, Sex, VisitType};
use super::count::Count;
use super::date::{Day, PartialDate};
use super::error::{ErrorCode, RowError};
use super::identifier::{CardNumber, Facility, PersonalId};
use super::money::Money;
use super::name::Name;
use super::text::Text;
use super::time::LocalTime;

record! {
    /// A claim. `facility` and `visit_id` are the key; a re-sent visit replaces the claim.
    Claim {
        /// The facility that claims.
        required facility: Facility,
        /// The visit, in the facility's numbering.
        required visit_id: Text,
        /// The cards presented, in order.
        list cards: CardNumber,
        /// Any identity number: 12 digits, 9 digits, a passport.
        optional personal_id: Text,
        /// Full name.
        required full_name: Name,
        /// Date of birth.
        required birth_date: PartialDate,
        /// Legal sex.
        required sex: Sex,
        /// Blood group.
        optional blood_group: BloodGroup,
        /// Kind of visit.
        required visit_type: VisitType,
        /// Entitlement code; `8` withdraws the payment request.
        required object_code: Text,
        /// Main diagnosis, ICD-10.
        required main_diagnosis: Text,
        /// Other diagnoses, ICD-10.
        list other_diagnoses: Text,
        /// Arrival.
        required admitted_at: LocalTime,
        /// Admission as an inpatient.
        optional inpatient_at: LocalTime,
        /// End of the visit.
        required discharged_at: LocalTime,
        /// Outcome; 5 and 8 are deaths.
        required outcome: Outcome,
        /// How the patient left.
        required discharge_type: DischargeType,
        /// From when the co-payment is waived.
        optional copay_exempt_from: Day,
        /// The facility that sent the patient.
        optional referred_from: Text,
        /// The facility the patient was sent to.
        optional referred_to: Text,
        /// Department.
        optional department: Text,
        /// Cost of drugs.
        required cost_drugs: Money,
        /// Cost of supplies.
        required cost_supplies: Money,
        /// Total cost.
        required cost_total: Money,
        /// Cost within the scope of insurance.
        required cost_covered: Money,
        /// What the fund is asked to pay.
        required paid_by_fund: Money,
        /// The patient's share.
        required copay: Money,
        /// What the patient pays outside the scope.
        required self_paid: Money,
        /// What other sources pay.
        required other_sources: Money,
        /// Detail lines.
        optional lines: Count,
    }
    beside the columns {
        /// What the detail tables add up to, where the claim came with them (XML only).
        line_totals: Option<LineTotals>,
    }
}

/// What the detail tables of an XML claim add up to: XML2 (drugs) and XML3 (services, supplies).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineTotals {
    /// Sum of `THANH_TIEN_BV` over XML2.
    pub drugs: Money,
    /// Sum of `THANH_TIEN_BV` over the XML3 lines that are supplies.
    pub supplies: Money,
    /// Sum of `THANH_TIEN_BV` over both.
    pub total: Money,
    /// Sum of `THANH_TIEN_BH` over both.
    pub covered: Money,
    /// Lines of both; a claim with totals has no need of its `lines` column.
    pub lines: u32,
    /// Whether XML2 was present.
    pub has_drugs: bool,
    /// Whether XML3 was present.
    pub has_services: bool,
}

impl Claim {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        let claim = Self::read(row)?;
        if claim.discharged_at < claim.admitted_at {
            return Err(RowError::new(
                ErrorCode::DischargedBeforeAdmitted,
                "`discharged_at` is before `admitted_at`",
            ));
        }
        Ok(claim)
    }

    /// Whether the claim withdraws its payment request: it then removes the claim (contract 1).
    pub fn is_withdrawal(&self) -> bool {
        self.object_code.as_str() == "8"
    }

    /// The identity number, where it is a citizen's: 12 digits.
    pub fn citizen(&self) -> Option<PersonalId> {
        PersonalId::from_text(self.personal_id.as_ref()?.as_str())
    }

    /// The admission date.
    pub fn admission_date(&self) -> Day {
        self.admitted_at.day()
    }

    /// The least age in days of the patient, where a listed card is a child's; see
    /// [`CardNumber::newborn_age_days`].
    pub fn newborn_age_days(&self, card: CardNumber) -> Option<u32> {
        card.newborn_age_days(self.birth_date, self.admission_date())
    }
}
