//! The stories: misuse, register errors, and honest life that looks like either.
//!
//! A story is about the first member of its household, the protagonist, who has a plain card and no
//! fate but the story's; the others live as everyone. It writes rows and labels what it did. What of
//! it is an alert is not decided here but by the judge: a row that becomes known after the end, or a
//! visit that did not fit into a short period, is simply not there.

mod benefit;
mod bill;
mod blood;
mod card;
mod death;
mod identity;
mod stay;
mod work;

use super::cast::Role;
use super::house::{House, TagOn};
use super::kind::Kind;
use super::row::{Claim, DayNumber, Row};
use super::truth::{Reason, Subject};

const DAY: i32 = 86_400;

/// Writes a household's period.
pub(super) fn play(house: &mut House<'_>) {
    let role = house.home.role;
    if role == Role::Ordinary {
        house.write_registers();
        house.live(0);
        return;
    }
    let fate = &mut house.fates[0];
    (fate.dies, fate.long_dead) = (None, false);
    if role != Role::ForceCard {
        house.plain_card(0);
    }
    match role {
        Role::Ordinary => {}
        Role::DefaultFirst => death::default_first(house),
        Role::WrongPerson => death::wrong_person(house),
        Role::SwappedDate => death::swapped_date(house),
        Role::FacilityInput => death::facility_input(house),
        Role::Relatives => death::relatives(house),
        Role::Staff => death::staff(house),
        Role::LateDeath => death::late_death(house),
        Role::MonthDeath => death::month_death(house),
        Role::OldStaleCard => death::old_stale_card(house),
        Role::CheckInOfDead => death::check_in_of_dead(house),
        Role::MisclickedDeath => death::misclicked(house),
        Role::BorrowerDied => death::borrower_died(house),
        Role::CardTypo => card::typo(house),
        Role::ForgedCard => card::forged(house),
        Role::CardEnteredLate => card::entered_late(house),
        Role::ExpiredCard => card::expired(house),
        Role::LateRenewal => card::late_renewal(house),
        Role::GraceStay => card::grace_stay(house),
        Role::RevokedCard => card::revoked(house),
        Role::ReducedByMistake => card::reduced_by_mistake(house),
        Role::ForceCard => card::force(house),
        Role::TwoNumbers => identity::two_numbers(house),
        Role::ClerkDuplicate => identity::clerk_duplicate(house),
        Role::LentCard => identity::lent_card(house),
        Role::IdTypo => identity::id_typo(house),
        Role::SupersededId => identity::superseded_id(house),
        Role::BilledStayTwice => stay::billed_twice(house),
        Role::DischargeTypo => stay::discharge_typo(house),
        Role::Handover => stay::handover(house),
        Role::GhostVisit => stay::ghost_visit(house),
        Role::LateDischarge => stay::late_discharge(house),
        Role::TestElsewhere => stay::test_elsewhere(house),
        Role::DayShopper => stay::day_shopper(house),
        Role::ReferralChain => stay::referral_chain(house),
        Role::Shopper => stay::shopper(house),
        Role::Dialysis => stay::dialysis(house),
        Role::BilledTwice => bill::billed_twice(house),
        Role::KeyedTwice => bill::keyed_twice(house),
        Role::Resent => bill::resent(house),
        Role::OtherSexBilled => bill::other_sex(house),
        Role::SexTypo => bill::sex_typo(house),
        Role::InflatedRequest => bill::inflated(house),
        Role::MoneySlip => bill::money_slip(house),
        Role::AgeBilled => bill::other_age(house),
        Role::OverpaidLevel => bill::overpaid(house),
        Role::BloodSlip => blood::slip(house),
        Role::OtherRhesus => blood::other_rhesus(house),
        Role::ProfileSlip => blood::profile_slip(house),
        Role::BloodOfAnother => blood::of_another(house),
        Role::ShamEmployer => work::sham_employer(house),
        Role::ClosedByMistake => work::closed_by_mistake(house),
        Role::SuccessorLate => work::successor_late(house),
        Role::EmployerCeases => work::employer_ceases(house),
        Role::WorksUnemployed => work::works_unemployed(house),
        Role::EndOfWorkLate => work::end_of_work_late(house),
        Role::BetweenJobs => work::between_jobs(house),
        Role::BenefitKept => benefit::kept(house),
        Role::OfficeNotTold => benefit::office_not_told(house),
        Role::LivingBeneficiary => benefit::living(house),
        Role::TwoOffices => benefit::two_offices(house),
    }
}

impl House<'_> {
    /// Registers of everyone and the lives of all but the protagonist: what a story begins with once
    /// it has set the protagonist's fate.
    fn begin(&mut self) {
        self.write_registers();
        self.live(1);
    }

    /// A day of the period, away from its ends where there is room.
    fn some_day(&mut self, after_start: i32, before_end: i32) -> DayNumber {
        let last = self.days() - 1;
        let from = after_start.min(last / 3);
        self.draw.range(from, (last - before_end).max(from))
    }

    /// Sends a claim a few days after its end, without corrections, and gives when.
    fn file(&mut self, claim: &Claim) -> i32 {
        let days = self.draw.range(0, 4).min(self.draw.range(0, 9));
        let at = claim.discharged * 60 + days * DAY + self.draw.range(600, 40_000);
        self.push(at, Row::Claim(Box::new(claim.clone())));
        at
    }

    /// A check-in for a claim, when it comes about.
    fn check_in(&mut self, claim: &Claim) -> i32 {
        let at = claim.admitted * 60 + self.draw.range(300, 3_600);
        self.push(at, Row::CheckIn(Box::new(claim.clone())));
        at
    }

    /// Sends a claim again, corrected, some weeks after `at`.
    fn correct(&mut self, claim: Claim, at: i32) {
        let later = at + self.draw.range(3, 28) * DAY + self.draw.range(0, 30_000);
        self.push(later, Row::Claim(Box::new(claim)));
    }

    /// Labels every alert about a visit.
    fn label(&mut self, claim: &Claim, kind: &'static Kind) {
        self.tag(TagOn::Visit(claim.visit), kind);
    }

    /// A visit of the protagonist on a day, amid the usual ones of other days.
    fn visit_amid(&mut self, day: DayNumber, from: DayNumber, to: DayNumber) -> Claim {
        self.habit(0, from, day - 1);
        let claim = self.usual(0, day, None);
        let last = if claim.is_stay() {
            claim.last_day()
        } else {
            day
        };
        self.habit(0, last + 1, to);
        claim
    }

    /// Says that a claim must not be an alert.
    fn innocent(&mut self, reason: Reason, claim: &Claim, kind: &'static Kind) {
        self.tag(
            TagOn::Nothing(reason, Subject::Claim(claim.facility, claim.visit)),
            kind,
        );
    }

    /// A visit as usual that is an outpatient's, so that it takes no longer than its day.
    fn outpatient(&mut self, member: usize, day: DayNumber) -> Claim {
        let mut claim = self.usual(member, day, None);
        // A newborn has no other visits than stays, and others some: an examination it is then.
        for _ in 0..16 {
            if !claim.is_stay() {
                return claim;
            }
            claim = self.usual(member, day, None);
        }
        claim.visit_type = 1;
        claim.discharged = claim.admitted + self.draw.range(20, 200);
        claim
    }

    /// Some distinct days, in order.
    fn some_days(&mut self, count: usize, from: DayNumber, to: DayNumber) -> Vec<DayNumber> {
        let mut days: Vec<DayNumber> = (0..count).map(|_| self.draw.range(from, to)).collect();
        days.sort_unstable();
        days.dedup();
        days.retain(|day| (from..=to).contains(day));
        days
    }
}
