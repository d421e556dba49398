//! Made-up observations for tests, those in `tests/outlier` among them: everyday claims with known shapes, and misuse among
//! them.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{AgeBand, Feature, FigureLimits, Figures, Observation, TrainingClaim};
use crate::record::{Day, Facility, Value};

/// Diagnosis categories, and the usual cost of an examination for them in thousandths of ln dong.
const DIAGNOSES: [(u16, i32); 10] = [
    (810, 12_400),  // I10
    (411, 12_600),  // E11
    (918, 12_300),  // J18
    (906, 11_800),  // J06
    (1029, 12_000), // K29
    (1254, 12_100), // M54
    (1318, 13_900), // N18
    (250, 13_600),  // C50
    (1480, 13_000), // O80
    (1901, 11_900), // T01
];

/// Draws of what a claim is made of.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn below(&mut self, bound: i32) -> i32 {
        (self.0.next_u32() % bound as u32) as i32
    }

    /// About normal: a sum of uniform draws with this standard deviation.
    fn noise(&mut self, deviation: i32) -> i32 {
        (0..12).map(|_| self.below(deviation + 1)).sum::<i32>() - 6 * deviation
    }

    /// 0, 1, 2 ... each `percent` as likely as the one before.
    fn count(&mut self, percent: i32) -> i32 {
        (0..200).find(|_| self.below(100) >= percent).unwrap_or(200)
    }

    pub(super) fn everyday(&mut self) -> Observation {
        let rank = self.below(10).min(self.below(10)) as usize;
        let (diagnosis, usual) = DIAGNOSES[rank];
        let chronic = rank < 2 || diagnosis == 1318;
        let stay = self.below(100) < 12;
        let visits = 1 + self.count(if chronic { 45 } else { 18 });
        let far = if self.below(100) < 15 {
            self.count(88)
        } else {
            0
        };
        let (cost, minutes) = if stay {
            (usual + 2500 + self.noise(700), 8500 + self.noise(600))
        } else {
            (usual + self.noise(450), 5000 + self.noise(500))
        };
        let facilities = 1 + (self.below(100) < 12 && visits > 1) as i32;
        let at_facility = self.count(if chronic { 85 } else { 55 });
        let with_diagnosis = (at_facility + self.noise(2)).max(0) / if chronic { 1 } else { 3 };
        let since = if at_facility + with_diagnosis == 0 {
            365
        } else {
            7 + self.count(97)
        };
        // A card is of one of ten provinces, and most go to one of its three facilities.
        let home = self.below(10).min(self.below(10));
        let (place, number) = (home + 10, self.below(3));
        Observation {
            facility: Facility::from_int(i64::from(place * 1000 + number)).unwrap(),
            diagnosis,
            visit_type: if stay { 3 } else { 1 },
            age: AgeBand::ALL[1 + self.below(5) as usize],
            card_province: home as u8 + 10,
            values: [
                // The third facility of a province is a dear one.
                cost + 600 * i32::from(number == 2),
                visits,
                facilities,
                far,
                minutes,
                at_facility,
                with_diagnosis,
                since,
            ],
        }
    }

    /// A claim far from home with a diagnosis that is none of the usual, of a doctor shopper, or with an
    /// inflated bill.
    pub(super) fn misuse(&mut self) -> Observation {
        let mut claim = self.everyday();
        let mut add = |feature: Feature, more| claim.values[feature.index()] += more;
        match self.below(3) {
            0 => {
                add(Feature::ProvinceDistance, 10 + self.below(20));
                claim.facility = Facility::from_int(96_001).unwrap();
                claim.diagnosis = 700 + self.below(100) as u16;
            }
            1 => {
                add(Feature::Visits30Days, 4 + self.below(12));
                add(Feature::Facilities30Days, 2 + self.below(5));
                claim.values[Feature::DaysSinceVisit.index()] = self.below(3);
            }
            _ => add(Feature::Cost, 1800 + self.below(2000)),
        }
        claim
    }
}

/// Claims of so many days, as many on each.
pub(super) fn dated(claims: &[Observation], days: usize) -> Vec<TrainingClaim> {
    let dated = claims
        .iter()
        .enumerate()
        .map(|(place, observation)| TrainingClaim {
            admitted: Day::from_number(20_000 + (place % days) as i32),
            observation: *observation,
        });
    dated.collect()
}

/// What claims are like, but for those that are held out.
pub(super) fn figures(claims: &[TrainingClaim]) -> Figures {
    Figures::of_claims(claims, &FigureLimits::default()).unwrap()
}

/// Everyday claims, one in a hundred of them misuse.
pub(super) fn claims(number: usize, seed: u64) -> Vec<Observation> {
    let mut draws = Draws::new(seed);
    let claim = |place| {
        if place % 100 == 99 {
            draws.misuse()
        } else {
            draws.everyday()
        }
    };
    (0..number).map(claim).collect()
}
