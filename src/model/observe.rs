//! From a claim and the person's earlier claims to an observation.
//!
//! In: visits of one person in order. Out: an [`Observation`] of one, or of each. Must hold: nothing after
//! the claim is looked at; no value overflows; one visit by itself and all in one pass give the same.

use std::hash::Hash;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::age_band::AgeBand;
use super::feature::Observation;
use super::logarithm::thousandths_of_ln;
use crate::record::{CardNumber, Day, Facility, LocalTime};

/// The two-digit codes of the 63 provinces as on cards and facilities, ascending. They run roughly
/// from north to south (Decision 124/2004/QĐ-TTg and its amendments).
const PROVINCES: [u8; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37,
    38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77,
    79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
];

/// What features need of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Arrival.
    pub admitted_at: LocalTime,
    /// End of the visit.
    pub discharged_at: LocalTime,
    /// The facility.
    pub facility: Facility,
    /// The kind of visit, 1 to 16.
    pub visit_type: u8,
    /// The category of the main diagnosis: see [`parse_category`](super::parse_category).
    pub diagnosis: u16,
    /// The age at the admission.
    pub age: AgeBand,
    /// The total cost: [`thousandths_of_ln`] of whole dong.
    pub cost: i32,
    /// The province of the person's card on it: see [`card_province`].
    pub card_province: Option<u8>,
}

/// The province of a card, if it is one of the 63.
pub fn card_province(card: CardNumber) -> Option<u8> {
    known_province((card.prefix() % 100) as u8)
}

/// The province of a facility, if its first two characters are one of the 63.
pub fn facility_province(facility: Facility) -> Option<u8> {
    let size = Facility::ALPHABET.len() as u32;
    let first_two = facility.packed() / size.pow(3);
    let digit = |place: u32| {
        let byte = Facility::ALPHABET.get(place as usize)?;
        byte.is_ascii_digit().then(|| byte - b'0')
    };
    known_province(digit(first_two / size)? * 10 + digit(first_two % size)?)
}

fn known_province(code: u8) -> Option<u8> {
    is_province(code).then_some(code)
}

/// Whether one of the 63 provinces has this code.
pub fn is_province(code: u8) -> bool {
    PROVINCES.binary_search(&code).is_ok()
}

/// Observes a visit. `earlier` are the person's visits before it in order (by `admitted_at`, then
/// `facility`, then `visit_id`), oldest first; those longer ago than 365 days are not looked at.
///
/// This is the definition. [`observations`] gives the same for all visits of a person in one pass.
pub fn observe(visit: &Visit, earlier: &[Visit]) -> Observation {
    let days_before = |past: &Visit| days_before(past, visit);
    let year = earlier
        .iter()
        .rev()
        .take_while(|past| days_before(past) <= YEAR);
    let (mut facilities, mut history) = (vec![visit.facility], History::default());
    for past in year {
        if days_before(past) < MONTH {
            history.month += 1;
            facilities.push(past.facility);
        }
        history.at_facility += i32::from(past.facility == visit.facility);
        history.with_diagnosis += i32::from(past.diagnosis == visit.diagnosis);
    }
    facilities.sort_unstable();
    facilities.dedup();
    history.facilities = i32::try_from(facilities.len()).unwrap_or(i32::MAX);
    history.since = earlier.last().map_or(YEAR, days_before);
    observation(visit, &history)
}

/// Days before a visit, from which visits of the year before it count.
const YEAR: i32 = 365;
/// Days of the month that ends with a visit.
const MONTH: i32 = 30;

/// What the visits before one come to.
#[derive(Clone, Copy, Debug, Default)]
struct History {
    /// Visits of the month before it.
    month: i32,
    /// Their facilities and its own.
    facilities: i32,
    at_facility: i32,
    with_diagnosis: i32,
    since: i32,
}

fn observation(visit: &Visit, history: &History) -> Observation {
    let minutes = visit
        .discharged_at
        .minutes()
        .saturating_sub(visit.admitted_at.minutes());
    Observation {
        facility: visit.facility,
        diagnosis: visit.diagnosis,
        visit_type: visit.visit_type,
        age: visit.age,
        card_province: visit.card_province.unwrap_or(0),
        // In the order of the features.
        values: [
            visit.cost,
            history.month + 1,
            history.facilities,
            province_distance(facility_province(visit.facility), visit.card_province),
            thousandths_of_ln(minutes),
            history.at_facility,
            history.with_diagnosis,
            history.since.clamp(0, YEAR),
        ],
    }
}

/// The observations of all visits of a person, given in order (by `admitted_at`, then `facility`, then
/// `visit_id`), oldest first, in time in proportion to their number.
///
/// Two windows go along: visits enter them once and leave them once, and how often each facility and
/// diagnosis is in them is counted.
pub fn observations(visits: &[Visit]) -> impl ExactSizeIterator<Item = Observation> {
    let (mut month, mut year) = (0, 0);
    let mut counts = Counts::default();
    (0..visits.len()).map(move |now| {
        let visit = &visits[now];
        while days_before(&visits[year], visit) > YEAR {
            counts.leave_year(&visits[year]);
            year += 1;
        }
        while days_before(&visits[month], visit) >= MONTH {
            remove(&mut counts.facilities_of_month, visits[month].facility);
            month += 1;
        }
        let of = |count: Option<&u32>| count.map_or(0, |count| *count as i32);
        let is_met = counts.facilities_of_month.contains_key(&visit.facility);
        let history = History {
            month: (now - month) as i32,
            facilities: counts.facilities_of_month.len() as i32 + i32::from(!is_met),
            at_facility: of(counts.facilities_of_year.get(&visit.facility)),
            with_diagnosis: of(counts.diagnoses_of_year.get(&visit.diagnosis)),
            since: match now.checked_sub(1) {
                Some(last) => days_before(&visits[last], visit),
                None => YEAR,
            },
        };
        if now + 1 < visits.len() {
            counts.enter(visit);
        }
        observation(visit, &history)
    })
}

/// How often what is met in the windows.
#[derive(Default)]
struct Counts {
    facilities_of_month: HashMap<Facility, u32>,
    facilities_of_year: HashMap<Facility, u32>,
    diagnoses_of_year: HashMap<u16, u32>,
}

impl Counts {
    fn enter(&mut self, visit: &Visit) {
        *self.facilities_of_month.entry(visit.facility).or_default() += 1;
        *self.facilities_of_year.entry(visit.facility).or_default() += 1;
        *self.diagnoses_of_year.entry(visit.diagnosis).or_default() += 1;
    }

    fn leave_year(&mut self, visit: &Visit) {
        remove(&mut self.facilities_of_year, visit.facility);
        remove(&mut self.diagnoses_of_year, visit.diagnosis);
    }
}

/// Counts one less; what is not met any more is not kept.
fn remove<K: Hash + Eq>(counts: &mut HashMap<K, u32>, key: K) {
    if let Entry::Occupied(mut entry) = counts.entry(key) {
        match *entry.get() {
            ..=1 => drop(entry.remove()),
            _ => *entry.get_mut() -= 1,
        }
    }
}

fn days_before(past: &Visit, visit: &Visit) -> i32 {
    days_between(past.admitted_at.day(), visit.admitted_at.day())
}

fn days_between(from: Day, to: Day) -> i32 {
    to.number().saturating_sub(from.number())
}

/// How many provinces lie from one to another in the ascending order of their codes; 0 where one
/// of them is unknown.
pub fn province_distance(one: Option<u8>, other: Option<u8>) -> i32 {
    let rank = |code: Option<u8>| PROVINCES.binary_search(&code?).ok();
    match (rank(one), rank(other)) {
        (Some(one), Some(other)) => one.abs_diff(other) as i32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Feature, parse_category};
    use crate::record::Value;
    use proptest::prelude::*;

    fn visit(day: i32, minute: u32, facility: &str, diagnosis: &str) -> Visit {
        let admitted_at = LocalTime::on(Day::from_number(day), minute);
        Visit {
            admitted_at,
            discharged_at: LocalTime::from_minutes(admitted_at.minutes() + 90),
            facility: Facility::from_text(facility).unwrap(),
            visit_type: 1,
            diagnosis: parse_category(diagnosis),
            age: AgeBand::To39,
            cost: 12_000,
            card_province: Some(1),
        }
    }

    #[test]
    fn boundaries_of_every_feature() {
        let earlier = [
            visit(20_000 - 366, 0, "01001", "J18"),
            visit(20_000 - 365, 0, "01001", "J18"),
            visit(20_000 - 30, 0, "01002", "J18.1"),
            visit(20_000 - 29, 0, "01003", "I10"),
            visit(20_000, 480, "01001", "E11"),
        ];
        let now = visit(20_000, 480, "01003", "J18.9");
        let seen = |card_province| {
            let now = Visit {
                card_province,
                ..now
            };
            observe(&now, &earlier)
        };
        assert_eq!(seen(Some(1)).values, [12_000, 3, 2, 0, 4510, 1, 2, 0]);
        assert_eq!(seen(Some(96)).value(Feature::ProvinceDistance), 62);
        assert_eq!(seen(None).value(Feature::ProvinceDistance), 0);
        assert_eq!(
            (seen(None).card_province, seen(Some(96)).card_province),
            (0, 96)
        );
        assert_eq!(observe(&now, &[]).value(Feature::DaysSinceVisit), 365);
        let long_ago = observe(&now, &earlier[..1]);
        assert_eq!(long_ago.value(Feature::DaysSinceVisit), 365);
        assert_eq!(long_ago.value(Feature::VisitsWithDiagnosis), 0);
        let backwards = Visit {
            discharged_at: LocalTime::from_minutes(i64::MIN),
            ..now
        };
        assert_eq!(observe(&backwards, &[]).value(Feature::Stay), 0);
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_each_visit_by_itself_does(
            mut drawn in proptest::collection::vec((0i32..900, 0u32..3, 0usize..4, 0usize..4), 0..120),
            scale in 1i32..40,
        ) {
            drawn.iter_mut().for_each(|visit| visit.0 /= scale);
            drawn.sort_unstable();
            let visits = drawn.into_iter().map(|(day, minute, facility, diagnosis)| {
                let facility = ["01001", "01002", "79001", "zzzzz"][facility];
                visit(20_000 + day, minute, facility, ["J18", "I10", "E11", ""][diagnosis])
            });
            let visits: Vec<Visit> = visits.collect();
            let each = (0..visits.len()).map(|place| observe(&visits[place], &visits[..place]));
            prop_assert!(each.eq(observations(&visits)));
        }
    }

    #[test]
    fn provinces_are_those_of_the_list() {
        let facility = |text| facility_province(Facility::from_text(text).unwrap());
        assert_eq!(facility("79012"), Some(79));
        assert_eq!(facility("03012"), None);
        assert_eq!(facility("+9012"), None);
        let card = CardNumber::from_text("DN4020123456789").unwrap();
        assert_eq!(card_province(card), Some(2));
        assert_eq!(province_distance(Some(1), Some(3)), 0);
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/spec/province_codes.csv"
        );
        let Ok(list) = std::fs::read_to_string(path) else {
            eprintln!("SKIPPED: no list of provinces at ../shared/spec");
            return;
        };
        let codes = list
            .lines()
            .skip(1)
            .map(|line| line[..2].parse::<u8>().unwrap());
        assert!(codes.eq(PROVINCES));
    }
}
