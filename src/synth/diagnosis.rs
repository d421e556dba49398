//! Diagnoses with their frequencies by age and sex, relative costs and limits.
//!
//! Weights are made up in proportion to what Vietnamese outpatient statistics name most often
//! (hypertension, diabetes, upper respiratory infections, back pain, gastritis).

use super::random::Draw;

static TABLE: &str = include_str!("diagnoses.csv");
static RULES: &str = include_str!("../../streams/icd10_rules.csv");

/// Why one comes with a diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Passes.
    Acute,
    /// Stays, with drugs every month.
    Chronic,
    /// Is treated in a ward.
    Stay,
    /// Is treated in courses of rehabilitation.
    Rehabilitation,
    /// Of newborns.
    Newborn,
    /// Dialysis.
    Dialysis,
    /// Not drawn: only where a story claims it.
    Never,
}

/// One diagnosis.
pub(super) struct Diagnosis {
    pub(super) code: &'static str,
    /// 1 male, 2 female, 0 both.
    pub(super) sex: u8,
    /// Full years of age, both included.
    pub(super) ages: (i32, i32),
    weights: [u32; 5],
    /// Percent of the usual cost.
    pub(super) cost: u64,
    pub(super) course: Course,
    /// The only sex that the rules allow, if they do.
    pub(super) only_sex: Option<u8>,
    /// The least age that the rules allow, in full years.
    pub(super) least_years: i32,
}

/// The table of diagnoses.
pub(super) struct Diagnoses {
    table: Vec<Diagnosis>,
    /// Places by sex, age band and whether chronic.
    lists: Vec<Vec<(u8, u32)>>,
}

/// The age band of full years.
fn band(years: i32) -> usize {
    match years {
        ..6 => 0,
        6..18 => 1,
        18..40 => 2,
        40..60 => 3,
        _ => 4,
    }
}

fn list_of(female: bool, band: usize, chronic: bool) -> usize {
    (band * 2 + usize::from(female)) * 2 + usize::from(chronic)
}

impl Diagnoses {
    pub(super) fn new() -> Self {
        let table: Vec<Diagnosis> = TABLE.lines().skip(1).filter_map(Diagnosis::read).collect();
        let mut lists = vec![Vec::new(); 20];
        for (place, diagnosis) in table.iter().enumerate() {
            if matches!(diagnosis.course, Course::Dialysis | Course::Never) {
                continue;
            }
            for female in [false, true] {
                if diagnosis.sex == 2 - u8::from(female) {
                    continue;
                }
                for band in 0..5 {
                    let weight = diagnosis.weights[band];
                    if weight > 0 {
                        let chronic = diagnosis.course == Course::Chronic;
                        lists[list_of(female, band, chronic)].push((place as u8, weight));
                    }
                }
            }
        }
        Self { table, lists }
    }

    /// A diagnosis by its place.
    pub(super) fn get(&self, place: u8) -> &Diagnosis {
        &self.table[usize::from(place)]
    }

    /// The place of a code of the table.
    pub(super) fn place(&self, code: &str) -> u8 {
        let place = self.table.iter().position(|d| d.code == code);
        place.expect("stories name codes of the table, as a test holds") as u8
    }

    /// Something that one of a sex and age comes with; an acute one if nothing chronic is usual.
    pub(super) fn draw(&self, draw: &mut Draw, female: bool, years: i32, chronic: bool) -> u8 {
        let list = &self.lists[list_of(female, band(years), chronic)];
        let list = match list.as_slice() {
            [] => &self.lists[list_of(female, band(years), false)],
            _ => list,
        };
        for _ in 0..8 {
            let (place, _) = list[draw.weighted(list.iter().map(|(_, weight)| *weight))];
            let (from, to) = self.get(place).ages;
            if (from..=to).contains(&years) && self.get(place).course != Course::Newborn {
                return place;
            }
        }
        0
    }
}

impl Diagnosis {
    fn read(line: &'static str) -> Option<Self> {
        let cells: Vec<&'static str> = line.split(',').collect();
        let number = |at: usize| cells.get(at)?.parse::<u32>().ok();
        let code = *cells.first()?;
        let rule = rule(code);
        let rule_number = |at: usize| rule.as_ref().and_then(|rule| rule[at].parse::<i32>().ok());
        Some(Self {
            code,
            sex: number(1)? as u8,
            ages: (number(2)? as i32, number(3)? as i32),
            weights: [number(4)?, number(5)?, number(6)?, number(7)?, number(8)?],
            cost: number(9)?.into(),
            course: match *cells.get(10)? {
                "c" => Course::Chronic,
                "s" => Course::Stay,
                "r" => Course::Rehabilitation,
                "n" => Course::Newborn,
                "d" => Course::Dialysis,
                "x" => Course::Never,
                _ => Course::Acute,
            },
            only_sex: rule_number(1).map(|sex| sex as u8),
            least_years: rule_number(4).unwrap_or(0),
        })
    }
}

/// The rule of a code: its own, else that of its category.
fn rule(code: &str) -> Option<Vec<&'static str>> {
    let code = code.replace('.', "");
    let of = |code: &str| {
        let mut rows = RULES
            .lines()
            .skip(1)
            .map(|row| row.split(',').collect::<Vec<_>>());
        rows.find(|cells| cells[0] == code && cells.len() >= 6)
    };
    of(&code).or_else(|| of(code.get(..3)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_breaks_no_rule() {
        let diagnoses = Diagnoses::new();
        assert!(diagnoses.table.len() > 80);
        let mut draw = Draw::new(1, 2, 3);
        for n in 0..20_000u32 {
            let (female, years) = (n % 2 == 0, (n / 2 % 100) as i32);
            let drawn = diagnoses.get(diagnoses.draw(&mut draw, female, years, n % 3 == 0));
            assert!(
                drawn.only_sex.is_none_or(|sex| (sex == 2) == female),
                "{}",
                drawn.code
            );
            assert!(years >= drawn.least_years, "{} at {years}", drawn.code);
        }
        for code in [
            "N18.5", "C56", "C61", "H25.9", "J00", "I10", "O80", "P59", "E11",
        ] {
            assert_eq!(diagnoses.get(diagnoses.place(code)).code, code);
        }
    }

    #[test]
    fn every_age_and_sex_has_something() {
        let diagnoses = Diagnoses::new();
        for (place, list) in diagnoses.lists.iter().enumerate() {
            assert!(place % 2 == 1 || !list.is_empty(), "{place}");
        }
    }
}
