//! Provinces and facilities.
//!
//! Codes are those of the 63 provinces before July 2025 and of the 34 after (Decision
//! 19/2025/QD-TTg, Resolution 202/2025/QH15); weights are population in tens of thousands, rounded
//! from the General Statistics Office's figures for 2023 and 2024.

use super::random::Draw;

/// A province: its code before July 2025, after, and its population in tens of thousands.
pub(super) struct Province {
    pub(super) code: u8,
    pub(super) merged: u8,
    pub(super) people: u32,
}

const fn p(code: u8, merged: u8, people: u32) -> Province {
    Province {
        code,
        merged,
        people,
    }
}

/// The 63 provinces, by code.
pub(super) const PROVINCES: [Province; 63] = [
    p(1, 1, 859),
    p(2, 8, 90),
    p(4, 4, 55),
    p(6, 19, 33),
    p(8, 8, 81),
    p(10, 15, 78),
    p(11, 11, 64),
    p(12, 12, 49),
    p(14, 14, 131),
    p(15, 15, 86),
    p(17, 25, 88),
    p(19, 19, 135),
    p(20, 20, 81),
    p(22, 22, 138),
    p(24, 24, 192),
    p(25, 25, 152),
    p(26, 25, 121),
    p(27, 24, 152),
    p(30, 31, 196),
    p(31, 31, 211),
    p(33, 33, 130),
    p(34, 33, 188),
    p(35, 37, 89),
    p(36, 37, 189),
    p(37, 37, 102),
    p(38, 38, 374),
    p(40, 40, 344),
    p(42, 42, 133),
    p(44, 44, 92),
    p(45, 44, 66),
    p(46, 46, 118),
    p(48, 48, 124),
    p(49, 48, 153),
    p(51, 51, 125),
    p(52, 52, 151),
    p(54, 66, 88),
    p(56, 56, 126),
    p(58, 56, 60),
    p(60, 68, 126),
    p(62, 51, 59),
    p(64, 52, 161),
    p(66, 66, 193),
    p(67, 68, 68),
    p(68, 68, 135),
    p(70, 75, 105),
    p(72, 80, 119),
    p(74, 79, 282),
    p(75, 75, 331),
    p(77, 79, 119),
    p(79, 79, 946),
    p(80, 80, 175),
    p(82, 82, 179),
    p(83, 86, 130),
    p(84, 86, 102),
    p(86, 86, 103),
    p(87, 82, 160),
    p(89, 91, 191),
    p(91, 91, 176),
    p(92, 92, 126),
    p(93, 92, 73),
    p(94, 92, 120),
    p(95, 96, 93),
    p(96, 96, 121),
];

/// Facilities that the country had in 2023.
const MOST_FACILITIES: u32 = 12_850;
const FEWEST_FACILITIES: u32 = 300;
const PEOPLE_A_FACILITY: u32 = 7_400;

/// A facility, by its number.
pub(super) type FacilityNumber = u16;

/// How much a facility may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Province,
    District,
    Commune,
}

/// Provinces in a thousand slots, and the facilities of each.
pub(super) struct Places {
    /// The province of each slot.
    pub(super) slots: Vec<u8>,
    /// Its place among the slots of its province.
    pub(super) ranks: Vec<u16>,
    /// Slots of each province.
    pub(super) widths: [u16; 63],
    /// The first facility of each province; one more than provinces.
    first: [u16; 64],
}

/// Slots over which provinces are spread by population.
pub(super) const SLOTS: usize = 1000;

impl Places {
    pub(super) fn new(citizens: u32) -> Self {
        let all: u32 = PROVINCES.iter().map(|p| p.people).sum();
        let mut slots = Vec::with_capacity(SLOTS);
        let mut ranks = Vec::with_capacity(SLOTS);
        let mut widths = [0u16; 63];
        let (mut so_far, mut province) = (0u64, 0usize);
        for slot in 0..SLOTS as u64 {
            // The province in whose share of the people the middle of the slot falls.
            while (2 * slot + 1) * u64::from(all)
                >= (so_far + u64::from(PROVINCES[province].people)) * 2 * SLOTS as u64
            {
                so_far += u64::from(PROVINCES[province].people);
                province += 1;
            }
            slots.push(province as u8);
            ranks.push(widths[province]);
            widths[province] += 1;
        }
        let facilities = (citizens / PEOPLE_A_FACILITY).clamp(FEWEST_FACILITIES, MOST_FACILITIES);
        let mut first = [0u16; 64];
        for (place, province) in PROVINCES.iter().enumerate() {
            let own = (facilities * province.people / all).max(4);
            first[place + 1] = first[place] + own as u16;
        }
        Self {
            slots,
            ranks,
            widths,
            first,
        }
    }

    /// Facilities of the country.
    #[cfg(test)]
    fn facilities(&self) -> u32 {
        u32::from(self.first[63])
    }

    /// Facilities of a province.
    fn of(&self, province: u8) -> u16 {
        let at = usize::from(province);
        self.first[at + 1] - self.first[at]
    }

    /// District hospitals of a province: an eighth of its facilities, at least two.
    fn districts(&self, province: u8) -> u16 {
        (self.of(province) / 8).max(2)
    }

    /// The provincial hospital.
    pub(super) fn provincial(&self, province: u8) -> FacilityNumber {
        self.first[usize::from(province)]
    }

    /// A district hospital of a province.
    pub(super) fn district(&self, province: u8, draw: &mut Draw) -> FacilityNumber {
        self.provincial(province) + 1 + draw.below(self.districts(province).into()) as u16
    }

    /// A commune's station or a clinic.
    pub(super) fn commune(&self, province: u8, draw: &mut Draw) -> FacilityNumber {
        let before = 1 + self.districts(province);
        self.provincial(province) + before + draw.below((self.of(province) - before).into()) as u16
    }

    /// Any facility of a province but one.
    pub(super) fn other_than(
        &self,
        facility: FacilityNumber,
        province: u8,
        draw: &mut Draw,
    ) -> FacilityNumber {
        let first = self.provincial(province);
        let drawn = first + draw.below(self.of(province).into()) as u16;
        if drawn != facility {
            return drawn;
        }
        first + (drawn - first + 1) % self.of(province)
    }

    /// The province of a facility.
    pub(super) fn province_of(&self, facility: FacilityNumber) -> u8 {
        (self.first.partition_point(|first| *first <= facility) - 1) as u8
    }

    /// The level of a facility.
    pub(super) fn level(&self, facility: FacilityNumber) -> Level {
        let province = self.province_of(facility);
        match facility - self.provincial(province) {
            0 => Level::Province,
            n if n <= self.districts(province) => Level::District,
            _ => Level::Commune,
        }
    }

    /// The five characters of a facility: its province, then a number, beyond 999 with a letter.
    /// Their byte order is the order of numbers.
    pub(super) fn code(&self, facility: FacilityNumber) -> [u8; 5] {
        let province = self.province_of(facility);
        let n = facility - self.provincial(province);
        let code = PROVINCES[usize::from(province)].code;
        let digit = |n: u16| b'0' + (n % 10) as u8;
        let hundreds = match n / 100 {
            n @ 0..=9 => b'0' + n as u8,
            n => b'A' + (n - 10).min(25) as u8,
        };
        [
            b'0' + code / 10,
            b'0' + code % 10,
            hundreds,
            digit(n / 10),
            digit(n),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facilities_have_codes_of_their_own_in_order() {
        for citizens in [1_000, 1_000_000, 95_000_000] {
            let places = Places::new(citizens);
            let codes: Vec<[u8; 5]> = (0..places.facilities() as u16)
                .map(|f| places.code(f))
                .collect();
            assert!(codes.is_sorted_by(|a, b| a < b));
            assert_eq!(places.slots.len(), SLOTS);
            assert!(places.widths.iter().all(|width| *width > 0));
            assert!(places.widths.iter().all(|width| *width <= 96));
            assert!(
                (300..=12_900).contains(&places.facilities()),
                "{}",
                places.facilities()
            );
        }
    }
}
