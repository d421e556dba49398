//! The thresholds of the contract's conditions, and random changes of them: an own reading of the
//! contract, which shares nothing with the program's catalogue but the names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;
use sha2::{Digest, Sha256};

use crate::models::NAMES;
use crate::plain::Day;
use crate::universe::{instant, start_of};

/// The thresholds in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    pub newborn_days: i32,
    pub misuse_sources: usize,
    pub days_later: i32,
    pub stay_grace_days: i32,
    pub overlap_minutes: i64,
    pub minutes_after_admission: i64,
    pub minutes_before_discharge: i64,
    pub facilities: usize,
    pub visits: usize,
    pub window_days: i32,
    pub money_tolerance_dong: i64,
    pub benefit_tolerance_dong: i64,
    /// Per cent at levels 1 to 5.
    pub level_rates: [i64; 5],
    pub exempt_percent: i64,
    /// Dong from a day on.
    pub base_salaries: Vec<(Day, i64)>,
    pub ceased_grace_days: i32,
    pub alert_budget: u32,
    /// 0 stands for the level that keeps to the budget.
    pub outlier_level: u32,
    /// The outlier model in force, which is no threshold but changes as they do.
    pub model: usize,
}

impl Default for Thresholds {
    /// Those that the contract names.
    fn default() -> Self {
        Self {
            newborn_days: 60,
            misuse_sources: 2,
            days_later: 1,
            stay_grace_days: 15,
            overlap_minutes: 120,
            minutes_after_admission: 120,
            minutes_before_discharge: 120,
            facilities: 3,
            visits: 50,
            window_days: 120,
            money_tolerance_dong: 1,
            benefit_tolerance_dong: 1,
            level_rates: [100, 100, 95, 80, 100],
            exempt_percent: 15,
            base_salaries: vec![
                (date(2019, 7, 1), 1_490_000),
                (date(2023, 7, 1), 1_800_000),
                (date(2024, 7, 1), 2_340_000),
            ],
            ceased_grace_days: 90,
            alert_budget: 1000,
            outlier_level: 0,
            model: 0,
        }
    }
}

/// One threshold with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    NewbornDays(i32),
    MisuseSources(usize),
    DaysLater(i32),
    StayGraceDays(i32),
    OverlapMinutes(i64),
    MinutesAfterAdmission(i64),
    MinutesBeforeDischarge(i64),
    Facilities(usize),
    Visits(usize),
    WindowDays(i32),
    MoneyTolerance(i64),
    BenefitTolerance(i64),
    LevelRates([i64; 5]),
    ExemptPercent(i64),
    BaseSalaries(Vec<(Day, i64)>),
    CeasedGraceDays(i32),
    AlertBudget(u32),
    OutlierLevel(u32),
    Model(usize),
}

impl Setting {
    /// Its group and name in a file, and its value there.
    fn entry(&self) -> (&'static str, &'static str, String) {
        use Setting::*;
        match self {
            NewbornDays(n) => ("newborn_card", "days", n.to_string()),
            MisuseSources(n) => ("service_after_death", "misuse_sources", n.to_string()),
            DaysLater(n) => ("death_on_living_card", "days_later", n.to_string()),
            StayGraceDays(n) => ("card_not_valid", "stay_grace_days", n.to_string()),
            OverlapMinutes(n) => ("overlapping_stay", "overlap_minutes", n.to_string()),
            MinutesAfterAdmission(n) => (
                "visit_during_stay",
                "minutes_after_admission",
                n.to_string(),
            ),
            MinutesBeforeDischarge(n) => (
                "visit_during_stay",
                "minutes_before_discharge",
                n.to_string(),
            ),
            Facilities(n) => ("same_day_facilities", "facilities", n.to_string()),
            Visits(n) => ("frequent_visits", "visits", n.to_string()),
            WindowDays(n) => ("frequent_visits", "window_days", n.to_string()),
            MoneyTolerance(n) => ("money_mismatch", "tolerance_dong_per_line", n.to_string()),
            BenefitTolerance(n) => ("benefit_mismatch", "tolerance_dong_per_line", n.to_string()),
            LevelRates(rates) => (
                "benefit_mismatch",
                "level_rates_percent",
                format!("{rates:?}"),
            ),
            ExemptPercent(n) => ("benefit_mismatch", "exempt_percent", n.to_string()),
            BaseSalaries(salaries) => {
                let row = |(from, dong): &(Day, i64)| format!("{{ from = {from}, dong = {dong} }}");
                let rows: Vec<String> = salaries.iter().map(row).collect();
                (
                    "benefit_mismatch",
                    "base_salaries",
                    format!("[{}]", rows.join(", ")),
                )
            }
            CeasedGraceDays(n) => ("employer_ceased", "grace_days", n.to_string()),
            AlertBudget(n) => ("cost_outlier", "alert_budget_millionths", n.to_string()),
            OutlierLevel(n) => ("cost_outlier", "level_millionths", n.to_string()),
            Model(n) => ("", "model", format!("\"{}\"", NAMES[*n])),
        }
    }

    /// The same threshold with the value that it has.
    pub fn as_in(&self, thresholds: &Thresholds) -> Self {
        if matches!(self, Setting::Model(_)) {
            return Setting::Model(thresholds.model);
        }
        let same = |setting: &Setting| {
            setting.entry().0 == self.entry().0 && setting.entry().1 == self.entry().1
        };
        thresholds
            .settings()
            .into_iter()
            .find(same)
            .expect("every threshold has a value")
    }
}

impl Thresholds {
    /// Every threshold with its value.
    fn settings(&self) -> Vec<Setting> {
        use Setting::*;
        vec![
            NewbornDays(self.newborn_days),
            MisuseSources(self.misuse_sources),
            DaysLater(self.days_later),
            StayGraceDays(self.stay_grace_days),
            OverlapMinutes(self.overlap_minutes),
            MinutesAfterAdmission(self.minutes_after_admission),
            MinutesBeforeDischarge(self.minutes_before_discharge),
            Facilities(self.facilities),
            Visits(self.visits),
            WindowDays(self.window_days),
            MoneyTolerance(self.money_tolerance_dong),
            BenefitTolerance(self.benefit_tolerance_dong),
            LevelRates(self.level_rates),
            ExemptPercent(self.exempt_percent),
            BaseSalaries(self.base_salaries.clone()),
            CeasedGraceDays(self.ceased_grace_days),
            AlertBudget(self.alert_budget),
            OutlierLevel(self.outlier_level),
        ]
    }

    pub fn set(&mut self, setting: &Setting) {
        use Setting::*;
        match setting.clone() {
            NewbornDays(n) => self.newborn_days = n,
            MisuseSources(n) => self.misuse_sources = n,
            DaysLater(n) => self.days_later = n,
            StayGraceDays(n) => self.stay_grace_days = n,
            OverlapMinutes(n) => self.overlap_minutes = n,
            MinutesAfterAdmission(n) => self.minutes_after_admission = n,
            MinutesBeforeDischarge(n) => self.minutes_before_discharge = n,
            Facilities(n) => self.facilities = n,
            Visits(n) => self.visits = n,
            WindowDays(n) => self.window_days = n,
            MoneyTolerance(n) => self.money_tolerance_dong = n,
            BenefitTolerance(n) => self.benefit_tolerance_dong = n,
            LevelRates(rates) => self.level_rates = rates,
            ExemptPercent(n) => self.exempt_percent = n,
            BaseSalaries(salaries) => self.base_salaries = salaries,
            CeasedGraceDays(n) => self.ceased_grace_days = n,
            AlertBudget(n) => self.alert_budget = n,
            OutlierLevel(n) => self.outlier_level = n,
            Model(n) => self.model = n,
        }
    }

    /// What they are called where they cause something: the documented digest of their values.
    pub fn key(&self) -> String {
        let mut entries: Vec<_> = self.settings().iter().map(Setting::entry).collect();
        entries.sort();
        let line = |(group, name, value)| format!("{group}.{name} = {value}\n");
        let text: String = entries.into_iter().map(line).collect();
        let digest = Sha256::digest(text);
        digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The reasons whose thresholds are others.
    pub fn reasons_changed(&self, from: &Self) -> BTreeSet<&'static str> {
        let pairs = self.settings().into_iter().zip(from.settings());
        let changed = pairs.filter(|(now, was)| now != was);
        let reasons = changed.flat_map(|(now, _)| match now.entry().0 {
            "newborn_card" => vec!["unknown_card", "card_not_valid"],
            reason => vec![reason],
        });
        reasons.collect()
    }
}

/// Thresholds before the first row, and changes of them at times, each its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub initial: Vec<Setting>,
    pub activations: Vec<(Timestamp, Vec<Setting>)>,
}

impl Default for Rules {
    /// The contract's thresholds, but for a level that the few claims of a history meet.
    fn default() -> Self {
        Self {
            initial: vec![Setting::OutlierLevel(250_000)],
            activations: Vec::new(),
        }
    }
}

impl Rules {
    /// The thresholds before the first change.
    pub fn before(&self) -> Thresholds {
        let mut thresholds = Thresholds::default();
        self.initial
            .iter()
            .for_each(|setting| thresholds.set(setting));
        thresholds
    }

    /// As a file of rules.
    pub fn toml(&self) -> String {
        let mut text = tables("", &self.initial);
        for (at, settings) in &self.activations {
            text.push_str(&format!("[[activation]]\nat = \"{at}\"\n"));
            // Before the tables of the activation.
            let mut models = settings
                .iter()
                .filter(|one| matches!(one, Setting::Model(_)));
            if let Some((_, name, value)) = models.next_back().map(Setting::entry) {
                text.push_str(&format!("{name} = {value}\n"));
            }
            text.push_str(&tables("activation.", settings));
        }
        text
    }
}

/// Settings by group; of one that is said twice, the last.
fn tables(prefix: &str, settings: &[Setting]) -> String {
    let mut entries: Vec<(&str, &str, String)> = Vec::new();
    let thresholds = settings
        .iter()
        .filter(|one| !matches!(one, Setting::Model(_)));
    for (group, name, value) in thresholds.map(Setting::entry) {
        entries.retain(|entry| (entry.0, entry.1) != (group, name));
        entries.push((group, name, value));
    }
    entries.sort();
    let mut text = String::new();
    for of_group in entries.chunk_by(|a, b| a.0 == b.0) {
        text.push_str(&format!("[{prefix}{}]\n", of_group[0].0));
        for (_, name, value) in of_group {
            text.push_str(&format!("{name} = {value}\n"));
        }
    }
    text
}

/// Values around which something turns in the histories.
fn setting() -> impl Strategy<Value = Setting> {
    use Setting::*;
    let minutes = || {
        select(vec![
            0i64, 1, 59, 119, 120, 121, 239, 240, 241, 1440, 43_200,
        ])
    };
    let dong = || select(vec![0i64, 1, 2, 3, 499, 500, 1000, 1_000_000]);
    let rates = select(vec![
        [100, 100, 95, 80, 100],
        [100, 100, 100, 100, 100],
        [80, 80, 80, 80, 80],
        [0, 0, 0, 0, 0],
        [100, 95, 80, 95, 60],
    ]);
    let salaries = select(vec![
        vec![],
        vec![
            (date(2019, 7, 1), 1_490_000),
            (date(2023, 7, 1), 1_800_000),
            (date(2024, 7, 1), 2_340_000),
        ],
        vec![(date(2025, 3, 10), 2_340_000)],
        vec![
            (date(2020, 1, 1), 2_333_333),
            (date(2025, 3, 10), 2_666_667),
        ],
        vec![(date(2020, 1, 1), 1_000_000_000)],
    ]);
    // Of what seldom holds, the thresholds are met more often.
    prop_oneof![
        2 => select(vec![0, 1, 29, 30, 59, 60, 61, 62, 250]).prop_map(NewbornDays),
        3 => select(vec![1, 2, 3, 4, 5]).prop_map(MisuseSources),
        6 => select(vec![1, 2, 15, 16, 17, 22, 365]).prop_map(DaysLater),
        4 => select(vec![0, 1, 14, 15, 16, 22, 365]).prop_map(StayGraceDays),
        2 => minutes().prop_map(OverlapMinutes),
        2 => minutes().prop_map(MinutesAfterAdmission),
        2 => minutes().prop_map(MinutesBeforeDischarge),
        3 => select(vec![2usize, 3, 4]).prop_map(Facilities),
        2 => select(vec![1usize, 2, 3, 49, 50, 51]).prop_map(Visits),
        1 => select(vec![1, 2, 15, 16, 30, 119, 120, 121, 366]).prop_map(WindowDays),
        2 => dong().prop_map(MoneyTolerance),
        1 => dong().prop_map(BenefitTolerance),
        1 => rates.prop_map(LevelRates),
        1 => select(vec![0i64, 14, 15, 16, 60, 100]).prop_map(ExemptPercent),
        1 => salaries.prop_map(BaseSalaries),
        8 => select(vec![0, 0, 89, 90, 91, 3660]).prop_map(CeasedGraceDays),
        1 => select(vec![1, 1000, 200_000]).prop_map(AlertBudget),
        2 => select(vec![0, 1, 1000, 100_000, 300_000, 600_000, 1_000_000]).prop_map(OutlierLevel),
    ]
}

/// Times with rows, and times before, between and after them.
fn time() -> impl Strategy<Value = Timestamp> {
    let quiet = select(vec![
        date(2024, 6, 1),
        date(2025, 2, 2),
        date(2025, 3, 20),
        date(2025, 3, 21),
    ]);
    let late = select(vec![
        date(2026, 3, 3),
        date(2026, 3, 4),
        date(2026, 6, 1),
        date(2026, 6, 2),
    ]);
    prop_oneof![2 => instant(), 1 => quiet.prop_map(start_of), 2 => late.prop_map(start_of)]
}

/// Rules that change things, at times of their own.
pub fn rules() -> impl Strategy<Value = Rules> {
    let activation = (time(), settings());
    let initial = prop::collection::vec(setting(), 0..3);
    (initial, prop::collection::vec(activation, 0..6)).prop_map(|(more, mut activations)| {
        let mut initial = Rules::default().initial;
        initial.extend(more);
        activations.sort_by_key(|(at, _)| *at);
        activations.dedup_by_key(|(at, _)| *at);
        Rules {
            initial,
            activations,
        }
    })
}

/// Settings of several thresholds at once, at times with another model.
pub fn settings() -> impl Strategy<Value = Vec<Setting>> {
    let model = (0..NAMES.len()).prop_map(Setting::Model);
    let models = prop::collection::vec(model, 0..2);
    (prop::collection::vec(setting(), 1..6), models)
        .prop_map(|(settings, models)| [settings, models].concat())
}
