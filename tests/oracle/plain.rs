//! Rows as plain text and whole numbers, written down from the contract's table and sharing no
//! type with the program, so that a mistake in its types cannot hide in the oracle.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

/// A local calendar day.
pub type Day = Date;
/// A local clock time.
pub type Clock = DateTime;
/// Thousandths of a dong.
pub type Amount = i64;
/// A stream and a key in it, written like a subject id.
pub type Key = (&'static str, String);

/// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial(pub String);

impl Partial {
    /// The first day that it allows.
    pub fn earliest(&self) -> Day {
        let text = &self.0;
        let whole = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.clone(),
        };
        whole.parse().expect("a partial date of the generators")
    }

    /// That day; the month's last day; 31 December.
    pub fn latest(&self) -> Day {
        let first = self.earliest();
        match self.0.len() {
            4 => jiff::civil::date(first.year(), 12, 31),
            7 => first.last_of_month(),
            _ => first,
        }
    }
}

/// The day `days` later.
pub fn plus(day: Day, days: i32) -> Day {
    day.checked_add(days.days()).expect("a day in range")
}

/// Whole minutes from one clock time to another.
pub fn minutes_between(from: Clock, to: Clock) -> i64 {
    to.duration_since(from).as_mins()
}

/// A name as a register writes it, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: &'static str,
    /// Whose it is: names of one number are spellings of one name.
    pub whose: u8,
    /// Names of one person with one number agree.
    pub spelling: u8,
    /// Its words in lower case, without marks.
    pub plain: &'static str,
}

const fn name(text: &'static str, whose: u8, spelling: u8, plain: &'static str) -> Name {
    Name {
        text,
        whose,
        spelling,
        plain,
    }
}

/// The names of the histories: case, spaces and composition make no difference, marks and slips do.
pub const NAMES: [Name; 8] = [
    name("Nguyễn Văn An", 0, 0, "nguyen van an"),
    name("NGUYỄN  VĂN AN", 0, 0, "nguyen van an"),
    // Marks of their own, as some keyboards write them.
    name("Nguye\u{302}\u{303}n Va\u{306}n An", 0, 0, "nguyen van an"),
    name("Nguyen Van An", 0, 1, "nguyen van an"),
    name("Nguyễn Văn Ân", 0, 2, "nguyen van an"),
    name("Nguyễn Văn Anq", 0, 4, "nguyen van anq"),
    name("Nguyễb Văn An", 0, 5, "nguyeb van an"),
    name("Trần Thị Bích", 1, 3, "tran thi bich"),
];

/// Who somebody is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub name: Name,
    pub birth_date: Partial,
    pub sex: u8,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            name: NAMES[0],
            birth_date: Partial("1980-02-05".into()),
            sex: 1,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    pub personal_id: String,
    pub identity: Identity,
    pub life_status: &'static str,
    pub death_date: Option<Partial>,
    pub superseded_by: Option<String>,
    pub old_id: Option<String>,
    /// A column that no reason reads.
    pub province: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeathReport {
    pub report_id: String,
    pub personal_id: Option<String>,
    pub si_number: Option<String>,
    pub death_date: Partial,
    pub source: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    pub si_number: String,
    pub identity: Identity,
    pub personal_id: Option<String>,
    pub province: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub card_number: String,
    pub valid_from: Day,
    pub valid_to: Option<Day>,
    pub status: &'static str,
    pub status_date: Option<Day>,
}

impl Card {
    /// valid_from ≤ day ≤ valid_to; a null valid_to is open.
    pub fn covers(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub facility: String,
    pub visit_id: String,
    pub cards: Vec<String>,
    pub personal_id: Option<String>,
    pub birth_date: Partial,
    pub sex: u8,
    pub visit_type: &'static str,
    pub object_code: &'static str,
    pub main_diagnosis: &'static str,
    pub other_diagnoses: Vec<&'static str>,
    pub admitted_at: Clock,
    pub discharged_at: Clock,
    pub outcome: u8,
    pub referred_from: Option<String>,
    pub referred_to: Option<String>,
    /// A column that no reason reads.
    pub department: Option<&'static str>,
    pub cost_total: Amount,
    pub cost_covered: Amount,
    pub paid_by_fund: Amount,
    pub copay: Amount,
    pub other_sources: Amount,
    pub lines: Option<u32>,
    pub blood_group: Option<&'static str>,
    pub copay_exempt_from: Option<Day>,
}

impl Claim {
    /// A sound claim of nobody, which costs nothing.
    pub fn sound(facility: &str, visit_id: &str, admitted_at: Clock, discharged_at: Clock) -> Self {
        Self {
            facility: facility.to_owned(),
            visit_id: visit_id.to_owned(),
            cards: vec![],
            personal_id: None,
            birth_date: Partial("1980".into()),
            sex: 1,
            visit_type: "01",
            object_code: "1",
            main_diagnosis: "I10",
            other_diagnoses: vec![],
            admitted_at,
            discharged_at,
            outcome: 1,
            referred_from: None,
            referred_to: None,
            department: None,
            cost_total: 0,
            cost_covered: 0,
            paid_by_fund: 0,
            copay: 0,
            other_sources: 0,
            lines: None,
            blood_group: None,
            copay_exempt_from: None,
        }
    }

    pub fn admission_date(&self) -> Day {
        self.admitted_at.date()
    }

    pub fn discharge_date(&self) -> Day {
        self.discharged_at.date()
    }

    /// `facility/visit_id`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.facility, self.visit_id)
    }

    /// visit_type 03, 04, 06, 09.
    pub fn is_stay(&self) -> bool {
        ["03", "04", "06", "09"].contains(&self.visit_type)
    }

    /// Whether this claim names a facility in referred_from or referred_to.
    pub fn names(&self, facility: &str) -> bool {
        self.referred_from.as_deref() == Some(facility)
            || self.referred_to.as_deref() == Some(facility)
    }

    /// `TE1`, and an allowed birth day lies within 60 days before the admission date or on it.
    pub fn is_newborn_card(&self, card: &str) -> bool {
        let admission = self.admission_date();
        card.starts_with("TE1")
            && (0..=60).any(|back| {
                let day = plus(admission, -back);
                self.birth_date.earliest() <= day && day <= self.birth_date.latest()
            })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    pub facility: String,
    pub visit_id: String,
    pub cards: Vec<String>,
    pub personal_id: Option<String>,
    pub birth_date: Partial,
    pub visit_type: &'static str,
    pub admitted_at: Clock,
}

impl CheckIn {
    /// A claim that says no more than the check-in.
    pub fn as_claim(&self) -> Claim {
        Claim {
            cards: self.cards.clone(),
            personal_id: self.personal_id.clone(),
            birth_date: self.birth_date.clone(),
            visit_type: self.visit_type,
            ..Claim::sound(
                &self.facility,
                &self.visit_id,
                self.admitted_at,
                self.admitted_at,
            )
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    pub tax_code: &'static str,
    pub status: &'static str,
    pub effective_date: Day,
    pub successor: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employment {
    pub si_number: String,
    pub tax_code: &'static str,
    pub from: Day,
    pub to: Option<Day>,
}

impl Employment {
    /// from ≤ day ≤ to; a null to is open.
    pub fn covers(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthProfile {
    pub personal_id: String,
    pub blood_group: Option<&'static str>,
    /// A column that no reason reads.
    pub allergy: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beneficiary {
    pub personal_id: String,
    pub scheme: &'static str,
    pub from: Day,
    pub to: Option<Day>,
    pub monthly_amount: Amount,
}

/// A record of any stream that the histories use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Citizen(Citizen),
    DeathReport(DeathReport),
    Participant(Participant),
    Card(Card),
    Claim(Claim),
    CheckIn(CheckIn),
    Enterprise(Enterprise),
    Employment(Employment),
    HealthProfile(HealthProfile),
    Beneficiary(Beneficiary),
}

impl Record {
    pub fn key(&self) -> Key {
        match self {
            Record::Citizen(r) => ("citizens", r.personal_id.clone()),
            Record::DeathReport(r) => ("death_reports", r.report_id.clone()),
            Record::Participant(r) => ("participants", r.si_number.clone()),
            Record::Card(r) => ("cards", r.card_number.clone()),
            Record::Claim(r) => ("claims", r.id()),
            Record::CheckIn(r) => ("check_ins", format!("{}/{}", r.facility, r.visit_id)),
            Record::Enterprise(r) => ("enterprises", r.tax_code.to_owned()),
            Record::Employment(r) => ("employments", format!("{}/{}", r.si_number, r.tax_code)),
            Record::HealthProfile(r) => ("health_profiles", r.personal_id.clone()),
            Record::Beneficiary(r) => ("beneficiaries", format!("{}/{}", r.personal_id, r.scheme)),
        }
    }
}

/// Whether a card is one of army, police or cipher.
pub fn is_force_card(card: &str) -> bool {
    ["QN", "CA", "CY"]
        .iter()
        .any(|group| card.starts_with(group))
}

/// The si_number of a card: its last 10 characters.
pub fn si_of(card: &str) -> &str {
    &card[card.len() - 10..]
}
