//! Names of people, by the frequencies of Vietnamese names.
//!
//! Shares of family names are approximate published ones (Lê Trung Hoa, "Họ và tên người Việt Nam",
//! 2005); middle names `Văn` and `Thị` fall among the young. Given names are from
//! vietnamese-namedb (MIT, `streams/names/LICENSE`), two words of which are a middle and a given name.

use super::random::Draw;

/// Family names and how many in ten thousand have them.
const FAMILIES: [(&str, u32); 40] = [
    ("Nguyễn", 3840),
    ("Trần", 1100),
    ("Lê", 950),
    ("Phạm", 700),
    ("Hoàng", 310),
    ("Huỳnh", 200),
    ("Phan", 450),
    ("Vũ", 200),
    ("Võ", 190),
    ("Đặng", 210),
    ("Bùi", 200),
    ("Đỗ", 140),
    ("Hồ", 130),
    ("Ngô", 130),
    ("Dương", 100),
    ("Lý", 50),
    ("Đinh", 90),
    ("Đoàn", 80),
    ("Trương", 90),
    ("Lâm", 70),
    ("Mai", 70),
    ("Trịnh", 70),
    ("Đào", 60),
    ("Cao", 60),
    ("Hà", 60),
    ("Lương", 60),
    ("Lưu", 50),
    ("Châu", 30),
    ("Tạ", 35),
    ("Phùng", 35),
    ("Tô", 30),
    ("Vương", 30),
    ("Quách", 20),
    ("Thái", 30),
    ("Nông", 25),
    ("Triệu", 25),
    ("Kiều", 20),
    ("Tống", 20),
    ("Chu", 25),
    ("Thạch", 15),
];

static MALE: &str = include_str!("../../streams/names/male_two_words.txt");
static FEMALE: &str = include_str!("../../streams/names/female_two_words.txt");
static MALE_ONE: &str = include_str!("../../streams/names/male_one_word.txt");
static FEMALE_ONE: &str = include_str!("../../streams/names/female_one_word.txt");

/// The lists of names.
pub(super) struct Names {
    two: [Vec<&'static str>; 2],
    one: [Vec<&'static str>; 2],
}

/// A name, by places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FullName {
    family: u8,
    /// Whether `Văn` or `Thị` comes in the middle.
    traditional: bool,
    two_words: bool,
    female: bool,
    given: u16,
}

impl FullName {
    /// The family's, as [`Names::draw`] takes it.
    pub(super) fn family(self) -> u8 {
        self.family
    }
}

impl Names {
    pub(super) fn new() -> Self {
        let lines = |text: &'static str| text.lines().collect();
        Self {
            two: [lines(MALE), lines(FEMALE)],
            one: [lines(MALE_ONE), lines(FEMALE_ONE)],
        }
    }

    /// A family name.
    pub(super) fn family(&self, draw: &mut Draw) -> u8 {
        draw.weighted(FAMILIES.iter().map(|(_, share)| *share)) as u8
    }

    /// The name of someone of a family and a generation.
    pub(super) fn draw(&self, draw: &mut Draw, family: u8, female: bool, born: i32) -> FullName {
        let per_mille = match (female, born) {
            (true, ..1970) => 780,
            (true, ..2000) => 520,
            (true, _) => 130,
            (false, ..1970) => 580,
            (false, ..2000) => 400,
            (false, _) => 110,
        };
        let traditional = draw.chance(per_mille);
        let two_words = !traditional || draw.chance(if female { 350 } else { 60 });
        let list = if two_words { &self.two } else { &self.one };
        let given = draw.below(list[usize::from(female)].len() as u32) as u16;
        FullName {
            family,
            traditional,
            two_words,
            female,
            given,
        }
    }

    /// Writes a name.
    pub(super) fn write(&self, name: FullName, out: &mut String) {
        out.push_str(FAMILIES[usize::from(name.family)].0);
        if name.traditional {
            out.push_str(if name.female { " Thị" } else { " Văn" });
        }
        out.push(' ');
        let list = if name.two_words { &self.two } else { &self.one };
        out.push_str(list[usize::from(name.female)][usize::from(name.given)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_family_is_as_common_as_published() {
        assert_eq!(FAMILIES.iter().map(|(_, share)| share).sum::<u32>(), 10_000);
        let names = Names::new();
        let mut draw = Draw::new(1, 1, 1);
        let nguyen = (0..10_000).filter(|_| names.family(&mut draw) == 0).count();
        assert!((3_600..4_100).contains(&nguyen), "{nguyen}");
        let mut text = String::new();
        for n in 0..200 {
            let name = names.draw(&mut draw, n % 40, n % 2 == 0, 1950 + i32::from(n));
            text.clear();
            names.write(name, &mut text);
            assert!((2..=5).contains(&text.split(' ').count()), "{text}");
        }
    }
}
