//! From a claim and the person's earlier claims to an observation.
//!
//! In: visits of one person in order, the card's province, the earliest death. Out: an
//! [`Observation`]. Must hold: nothing after the claim is looked at; no value overflows.

use super::feature::{Feature, Observation};
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
    /// The total cost: [`thousandths_of_ln`] of whole dong.
    pub cost: i32,
}

/// The province of a card, if it is one of the 63.
pub fn card_province(card: CardNumber) -> Option<u8> {
    known_province((card.prefix() % 100) as u8)
}

/// The province of a facility, if its first two characters are one of the 63.
pub fn facility_province(facility: Facility) -> Option<u8> {
    let text = facility.to_string();
    let digits = text
        .get(..2)
        .filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
    known_province(digits.parse().ok()?)
}

fn known_province(code: u8) -> Option<u8> {
    PROVINCES.binary_search(&code).is_ok().then_some(code)
}

/// Observes a visit. `earlier` are the person's visits before it in order (by `admitted_at`, then
/// `facility`, then `visit_id`), oldest first; those longer ago than 365 days are not looked at.
/// `card_province` is that of the person's card. `earliest_death` is the earliest of the latest
/// days of the person's death evidence, whether it lies before the admission or not.
pub fn observe(
    visit: &Visit,
    earlier: &[Visit],
    card_province: Option<u8>,
    earliest_death: Option<Day>,
) -> Observation {
    let days_before = |past: &Visit| days_between(past.admitted_at.day(), visit.admitted_at.day());
    let year = earlier
        .iter()
        .rev()
        .take_while(|past| days_before(past) <= 365);
    let (mut month, mut facilities, mut at_facility, mut with_diagnosis) =
        (1, vec![visit.facility], 0, 0);
    for past in year {
        if days_before(past) < 30 {
            month += 1;
            facilities.push(past.facility);
        }
        at_facility += i32::from(past.facility == visit.facility);
        with_diagnosis += i32::from(past.diagnosis == visit.diagnosis);
    }
    facilities.sort_unstable();
    facilities.dedup();

    let mut values = [0; Feature::COUNT];
    let mut set = |feature: Feature, value: i32| values[feature.index()] = value;
    set(Feature::Cost, visit.cost);
    let after_death =
        earliest_death.map_or(0, |death| days_between(death, visit.admitted_at.day()));
    set(Feature::DaysAfterDeath, after_death.max(0));
    set(Feature::Visits30Days, month);
    set(
        Feature::Facilities30Days,
        i32::try_from(facilities.len()).unwrap_or(i32::MAX),
    );
    set(
        Feature::ProvinceDistance,
        province_distance(facility_province(visit.facility), card_province),
    );
    let minutes = visit
        .discharged_at
        .minutes()
        .saturating_sub(visit.admitted_at.minutes());
    set(Feature::Stay, thousandths_of_ln(minutes));
    set(Feature::VisitsAtFacility, at_facility);
    set(Feature::VisitsWithDiagnosis, with_diagnosis);
    let since = earlier.last().map_or(365, days_before);
    set(Feature::DaysSinceVisit, since.clamp(0, 365));
    Observation {
        visit_type: visit.visit_type,
        diagnosis: visit.diagnosis,
        values,
    }
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
    use crate::model::parse_category;
    use crate::record::Value;

    fn visit(day: i32, minute: u32, facility: &str, diagnosis: &str) -> Visit {
        let admitted_at = LocalTime::on(Day::from_number(day), minute);
        Visit {
            admitted_at,
            discharged_at: LocalTime::from_minutes(admitted_at.minutes() + 90),
            facility: Facility::from_text(facility).unwrap(),
            visit_type: 1,
            diagnosis: parse_category(diagnosis),
            cost: 12_000,
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
        let seen = |card, death: Option<i32>| {
            observe(&now, &earlier, card, death.map(Day::from_number)).values
        };
        assert_eq!(seen(Some(1), None), [12_000, 0, 3, 2, 0, 4510, 1, 2, 0]);
        assert_eq!(seen(Some(96), Some(20_000))[1], 0);
        assert_eq!(seen(Some(96), Some(19_999))[1], 1);
        assert_eq!(seen(Some(96), None)[4], 62);
        assert_eq!(seen(None, None)[4], 0);
        assert_eq!(
            observe(&now, &[], None, None).value(Feature::DaysSinceVisit),
            365
        );
        let long_ago = observe(&now, &earlier[..1], None, None);
        assert_eq!(long_ago.value(Feature::DaysSinceVisit), 365);
        assert_eq!(long_ago.value(Feature::VisitsWithDiagnosis), 0);
        let backwards = Visit {
            discharged_at: LocalTime::from_minutes(i64::MIN),
            ..now
        };
        assert_eq!(observe(&backwards, &[], None, None).value(Feature::Stay), 0);
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
