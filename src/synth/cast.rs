//! Which household plays which story.
//!
//! Households are permuted; the first ranks play the first role, the next the next one. So "who plays
//! a role" and "what does a household play" are both a function of the seed, and every role has a
//! fixed number of players.
//!
//! Of the claims after death, 88 in a hundred are register errors, 4 misuse (half by relatives, half
//! by staff) and the rest facilities' input: 575, 13 and 13 of 650 cases verified in 2018 and 2019.

use super::random::Permutation;
use super::world::{Age, domain};

macro_rules! roles {
    ($( $role:ident: $age:ident, $female:expr, $weight:expr; )*) => {
        /// What a household plays.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Role {
            /// Ordinary life.
            Ordinary,
            $( $role, )*
        }

        /// Every role, what its protagonist is, and its weight.
        const ROLES: &[(Role, Age, Option<bool>, Weight)] = &[
            $( (Role::$role, Age::$age, $female, $weight), )*
        ];
    };
}

/// How often a role is played.
#[derive(Clone, Copy, Debug)]
enum Weight {
    /// Percent of the claims after death, and such claims a household, in tenths.
    AfterDeath(u64, u64),
    /// Households for a million visits where 500 claims in a million are after death.
    Visits(u64),
}
use Weight::{AfterDeath, Visits};

roles! {
    DefaultFirst: Old, None, AfterDeath(52, 19);
    WrongPerson: Adult, None, AfterDeath(24, 27);
    SwappedDate: Old, None, AfterDeath(12, 20);
    FacilityInput: Old, None, AfterDeath(8, 12);
    Relatives: Old, None, AfterDeath(2, 16);
    Staff: Old, None, AfterDeath(2, 16);
    LateDeath: Old, None, Visits(40);
    MonthDeath: Old, None, Visits(20);
    MisclickedDeath: Adult, None, Visits(40);
    BorrowerDied: Adult, None, Visits(10);
    CardTypo: Adult, None, Visits(40);
    ForgedCard: Adult, None, Visits(10);
    CardEnteredLate: Adult, None, Visits(40);
    ExpiredCard: Adult, None, Visits(40);
    LateRenewal: Adult, None, Visits(60);
    GraceStay: Adult, None, Visits(15);
    RevokedCard: Adult, None, Visits(15);
    ReducedByMistake: Adult, None, Visits(30);
    TwoNumbers: Adult, None, Visits(3);
    ClerkDuplicate: Adult, None, Visits(60);
    LentCard: Adult, None, Visits(20);
    IdTypo: Adult, None, Visits(60);
    SupersededId: Adult, None, Visits(20);
    BilledStayTwice: Adult, None, Visits(12);
    DischargeTypo: Adult, None, Visits(25);
    Handover: Adult, None, Visits(15);
    GhostVisit: Adult, None, Visits(15);
    LateDischarge: Adult, None, Visits(20);
    TestElsewhere: Adult, None, Visits(10);
    BilledTwice: Adult, None, Visits(30);
    KeyedTwice: Adult, None, Visits(40);
    Resent: Adult, None, Visits(10);
    DayShopper: Adult, None, Visits(15);
    ReferralChain: Adult, None, Visits(15);
    Shopper: Adult, None, Visits(6);
    Dialysis: Adult, None, Visits(12);
    OtherSexBilled: Adult, Some(false), Visits(20);
    SexTypo: Adult, Some(true), Visits(30);
    InflatedRequest: Adult, None, Visits(20);
    MoneySlip: Adult, None, Visits(30);
    OldStaleCard: Old, None, Visits(20);
    CheckInOfDead: Old, None, Visits(8);
    ForceCard: Adult, None, Visits(10);
    AgeBilled: Adult, None, Visits(10);
    OverpaidLevel: Adult, None, Visits(20);
    BloodSlip: Adult, None, Visits(15);
    OtherRhesus: Adult, None, Visits(10);
    ProfileSlip: Adult, None, Visits(10);
    BloodOfAnother: Adult, None, Visits(10);
    ShamEmployer: Adult, None, Visits(10);
    ClosedByMistake: Adult, None, Visits(10);
    SuccessorLate: Adult, None, Visits(10);
    EmployerCeases: Adult, None, Visits(10);
    BenefitKept: Old, None, Visits(10);
    OfficeNotTold: Old, None, Visits(10);
    LivingBeneficiary: Old, None, Visits(10);
    WorksUnemployed: Adult, None, Visits(10);
    EndOfWorkLate: Adult, None, Visits(15);
    BetweenJobs: Adult, None, Visits(10);
    TwoOffices: Old, None, Visits(15);
}

impl Role {
    /// What the role asks of the age of its protagonist, the first member.
    pub(super) fn protagonist(self) -> Age {
        ROLES
            .iter()
            .find(|(role, ..)| *role == self)
            .map_or(Age::Any, |(_, age, ..)| *age)
    }

    /// Whether the protagonist must be a woman, or a man.
    pub(super) fn female(self) -> Option<bool> {
        ROLES
            .iter()
            .find(|(role, ..)| *role == self)
            .and_then(|(_, _, female, _)| *female)
    }
}

/// The allotment of roles.
pub(super) struct Cast {
    whole: u32,
    permutation: Permutation,
    /// The rank below which a role is played, in order.
    until: Vec<(u32, Role)>,
}

/// Visits of a person and year, of the insured and the uninsured.
const VISITS_A_THOUSAND_PERSON_YEARS: u64 = 2_050;

impl Cast {
    /// `whole` households of four play; `per_million` claims of a million visits are to be after
    /// death, or more where a role would have too few players.
    pub(super) fn new(seed: u64, whole: u32, days: u32, per_million: u32) -> Self {
        let people = u64::from(whole) * 4;
        let visits = people * VISITS_A_THOUSAND_PERSON_YEARS * u64::from(days) / 365_000;
        let least = (people / 5_000).clamp(1, 3);
        // Claims after death of which 4 in a hundred are those of `least` players of either misuse.
        let flagged = (visits * u64::from(per_million) / 1_000_000).max(least * 2 * 16 / 10 * 25);
        let players = |weight| match weight {
            AfterDeath(percent, tenths) => (flagged * percent / 10 / tenths).max(least),
            Visits(weight) => {
                let wanted = visits * weight * u64::from(per_million) / 500 / 1_000_000;
                wanted.max(least)
            }
        };
        let all: u64 = ROLES.iter().map(|(.., weight)| players(*weight)).sum();
        // Never more than half of the households play.
        let room = u64::from(whole / 2);
        let (mut until, mut rank) = (Vec::new(), 0u64);
        for (role, .., weight) in ROLES {
            rank += if all > room {
                players(*weight) * room / all
            } else {
                players(*weight)
            };
            until.push((rank as u32, *role));
        }
        Self {
            whole,
            permutation: Permutation::new(seed, domain::CAST, u64::from(whole).max(1)),
            until,
        }
    }

    /// What a household plays.
    pub(super) fn role(&self, household: u32) -> Role {
        if household >= self.whole {
            return Role::Ordinary;
        }
        let rank = self.permutation.apply(household.into()) as u32;
        let place = self.until.partition_point(|(until, _)| *until <= rank);
        self.until
            .get(place)
            .map_or(Role::Ordinary, |(_, role)| *role)
    }
}
