//! The stories by name: what the truth says of each.

/// What a labelled alert really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Somebody takes what is not due.
    Misuse,
    /// A register or a form is wrong.
    Error,
    /// Neither: what honest life looks like.
    Noise,
}

impl Label {
    /// The word in `truth.csv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Misuse => "misuse",
            Label::Error => "error",
            Label::Noise => "noise",
        }
    }
}

/// A kind of story.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) label: Label,
    pub(super) why: &'static str,
}

macro_rules! kinds {
    ($( $kind:ident = $label:ident, $name:literal, $why:literal; )*) => {
        $( pub(super) static $kind: Kind = Kind { name: $name, label: Label::$label, why: $why }; )*
    };
}

kinds! {
    DEFAULT_FIRST = Error, "default_first_of_month", "the software put the first of the month for the day of death";
    FIRST_OF_LIVING = Error, "default_first_of_living", "a living person was marked dead and the software put the first of the month";
    WRONG_PERSON = Error, "wrong_person_recorded_dead", "the death of someone else was entered under this living person";
    SWAPPED_DATE = Error, "swapped_day_and_month", "day and month of the death were entered the wrong way round";
    FACILITY_INPUT = Error, "facility_input", "the facility keyed the wrong admission date or the card of another of the household";
    RELATIVES = Misuse, "relatives_use_card", "relatives went on using the card of the dead";
    STAFF = Misuse, "staff_bill_the_dead", "staff of a facility billed visits of patients who had died";
    LATE_DEATH = Noise, "late_death_report", "the death became known long after; the visits were before it";
    MONTH_DEATH = Noise, "death_known_to_the_month", "the day of death is not known and the visits may have been before it";
    MISCLICKED = Error, "misclicked_outcome", "the outcome of a living patient was entered as death by mistake";
    BORROWER_DIED = Misuse, "borrower_died_on_card", "somebody else died in hospital on this person's card";
    CARD_TYPO = Error, "card_number_typo", "a digit of the card number was keyed wrongly";
    FORGED_CARD = Misuse, "forged_card", "a card that was never issued was presented";
    CARD_LATE = Error, "card_entered_late", "the new card was used before it was entered in the register";
    EXPIRED_CARD = Misuse, "expired_card_used", "the card had expired and nobody renewed it";
    LATE_RENEWAL = Error, "renewal_entered_late", "the renewal was entered weeks after it took effect";
    GRACE_STAY = Noise, "expired_during_stay", "the card expired during the stay, within the days of grace";
    REVOKED_CARD = Misuse, "revoked_card_used", "the card was revoked for fraud and used again";
    REDUCED_BY_MISTAKE = Error, "reduced_by_mistake", "the card of somebody who still takes part was reduced by mistake";
    TWO_NUMBERS = Misuse, "two_numbers_paid_twice", "one person draws on two cards under two insurance numbers";
    CLERK_DUPLICATE = Error, "registered_twice_by_clerk", "a clerk registered the person again instead of looking up the number";
    LENT_CARD = Misuse, "lent_card", "somebody else was treated on this person's card";
    ID_TYPO = Error, "personal_id_typo", "the personal id on the claim was keyed wrongly";
    SUPERSEDED_ID = Noise, "superseded_personal_id", "the claim names the number that the person had before a correction";
    BILLED_STAY_TWICE = Misuse, "stay_at_two_hospitals", "two hospitals billed the same nights";
    DISCHARGE_TYPO = Error, "discharge_date_typo", "the discharge was keyed days too late, into the next stay";
    HANDOVER = Noise, "handover_between_hospitals", "the hospitals overlap by the time of a transfer or name each other";
    GHOST_VISIT = Misuse, "visit_billed_during_stay", "a visit was billed for somebody who lay in another hospital";
    LATE_DISCHARGE = Error, "discharge_entered_late", "the patient had gone home; the ward entered the discharge later";
    TEST_ELSEWHERE = Noise, "test_elsewhere", "the hospital sent its patient to another for a test";
    BILLED_TWICE = Misuse, "visit_billed_twice", "the facility billed the same visit again under another number";
    KEYED_TWICE = Error, "visit_keyed_twice", "the visit was keyed twice by mistake";
    RESENT = Noise, "claim_sent_again", "a claim was corrected and sent again under its number";
    DAY_SHOPPER = Misuse, "drugs_from_many_facilities", "the same drugs were collected at several facilities in a day";
    REFERRAL_CHAIN = Noise, "referred_on_in_a_day", "the patient was sent on from facility to facility in a day";
    SHOPPER = Misuse, "visits_for_resale", "visits far beyond need, to many facilities, for drugs";
    DIALYSIS = Noise, "dialysis", "dialysis three times a week";
    OTHER_SEX = Misuse, "diagnosis_of_other_sex", "a dearer diagnosis was billed that the patient cannot have";
    SEX_TYPO = Error, "sex_keyed_wrongly", "the sex was keyed wrongly on the claim";
    INFLATED = Misuse, "inflated_request", "the fund is asked for more than the lines of the bill";
    MONEY_SLIP = Error, "amount_keyed_wrongly", "an amount was keyed wrongly";
    STALE_CARD = Error, "stale_card_of_dead", "the card of somebody long dead was never reduced";
    NOT_REDUCED = Error, "card_not_reduced_yet", "the death is known and the card is about to be reduced";
    CHECK_IN_OF_DEAD = Misuse, "check_in_of_the_dead", "somebody checked in with the card of a dead person and left";
    FORCE_CARD = Noise, "force_card_unregistered", "cards of the army and the police are not in the fund's register";
    NEWBORN = Noise, "newborn_temporary_card", "a newborn was treated on a temporary card";
    AGE_BILLED = Misuse, "diagnosis_of_other_age", "a diagnosis was billed that the patient is too young for";
    OVERPAID = Misuse, "level_above_card", "the fund is asked for more than the level of the card";
    NO_ID = Error, "participant_without_id", "the participant was never linked to a citizen";
    UNKNOWN_ID = Error, "participant_id_keyed_wrongly", "the personal id in the insurance database was keyed wrongly or is the old number";
    OUTDATED_ID = Error, "participant_id_outdated", "the personal id in the insurance database was superseded and nobody followed";
    CANCELLED_ID = Error, "participant_id_cancelled", "the personal id in the insurance database was cancelled";
    MISSPELT_NAME = Error, "participant_name_misspelt", "the name was misspelt in the insurance database";
    OTHER_NAME = Error, "participant_other_name", "the insurance database has the name by which the person is called";
    PARTIAL_BIRTH = Error, "participant_birth_partial", "one database has no day or month of birth";
    SWAPPED_BIRTH = Error, "participant_birth_swapped", "day and month of birth were entered the wrong way round";
    OTHER_BIRTH = Error, "participant_birth_wrong", "the date of birth was entered wrongly in the insurance database";
    OTHER_SEX_ENTERED = Error, "participant_sex_wrong", "the sex was entered wrongly in the insurance database";
    SEVERAL_FIELDS = Error, "participant_entered_carelessly", "several fields were entered wrongly in the insurance database";
    REGISTERED_TWICE = Error, "participant_registered_twice", "somebody registered the person again, without the personal id, instead of looking up the number";
    CITIZEN_LATER = Noise, "citizen_entered_later", "the population database learned of the person after the insurance did";
    COINCIDENCE = Noise, "coincidence", "ordinary life that happens to meet the condition";
}
