//! Random records of a universe so small that everything collides, with dates, times and amounts at
//! the limits that the contract draws.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;

use crate::plain::{
    Amount, Beneficiary, Card, CheckIn, Citizen, Claim, Clock, Day, DeathReport, Employment,
    Enterprise, HealthProfile, Identity, NAMES, Partial, Participant, Record,
};

/// How many of everything there are.
#[derive(Clone, Copy, Debug)]
pub struct Universe {
    pub people: usize,
    pub old_ids: usize,
    /// Of 100 steps, how many are about claims.
    pub claims: u32,
}

/// Four citizens and five si_numbers.
pub const TINY: Universe = Universe {
    people: 5,
    old_ids: 2,
    claims: 45,
};
/// Enough people for long chains of identities.
pub const CHAINS: Universe = Universe {
    people: 11,
    old_ids: 4,
    claims: 15,
};

pub fn personal_id(n: usize) -> String {
    format!("001080{n:06}")
}

pub fn si_number(n: usize) -> String {
    format!("79{n:08}")
}

/// The cards of a person: two each, of every kind that the contract treats apart.
pub fn cards_of(n: usize) -> [String; 2] {
    let prefixes = [
        ["DN479", "GD448"],
        ["HT379", "DN401"],
        ["TE179", "TE101"],
        ["QN579", "GD401"],
        // 03 is no province.
        ["CA579", "TE203"],
    ];
    prefixes[n % prefixes.len()].map(|prefix| format!("{prefix}{}", si_number(n)))
}

/// Two provinces, another between them, and what begins like none.
pub const FACILITIES: [&str; 6] = ["01001", "01002", "79010", "79B_1", "48005", "03001"];

impl Universe {
    /// The last person has no citizen in the register of histories.
    pub fn id(self) -> impl Strategy<Value = String> + Clone {
        (0..self.people).prop_map(personal_id)
    }

    fn si(self) -> impl Strategy<Value = String> + Clone {
        // The first people are met more often than the others.
        prop_oneof![2 => 0..2usize, 3 => 0..self.people].prop_map(si_number)
    }

    fn card_number(self) -> impl Strategy<Value = String> + Clone {
        (
            prop_oneof![3 => 0..2usize, 3 => 0..self.people, 1 => Just(self.people)],
            0..2usize,
        )
            .prop_map(|(person, which)| cards_of(person)[which].clone())
    }
}

/// Days on which something turns: deaths, ends of validity, 15 and 16 days after them, 119 and 120
/// days apart, ends of months and years.
pub fn day() -> impl Strategy<Value = Day> + Clone {
    prop_oneof![
        5 => select(vec![date(2025, 3, 9), date(2025, 3, 10), date(2025, 3, 11)]),
        2 => select(vec![date(2025, 3, 25), date(2025, 3, 26), date(2025, 3, 31), date(2025, 4, 1)]),
        1 => select(vec![date(2024, 12, 31), date(2025, 1, 1), date(2025, 2, 28), date(2025, 3, 1),
                         date(2025, 4, 15), date(2025, 4, 16), date(2024, 2, 29)]),
    ]
}

pub fn partial() -> impl Strategy<Value = Partial> + Clone {
    select(vec![
        "2025-03-09",
        "2025-03-10",
        "2025-03-10",
        "2025-03-11",
        "2025-03",
        "2025-02",
        "2024-02",
        "2025",
        "2024",
        "2026",
    ])
    .prop_map(|text| Partial(text.to_owned()))
}

fn clock() -> impl Strategy<Value = Clock> + Clone {
    let time = select(vec![
        (8, 0),
        (10, 0),
        (9, 59),
        (10, 1),
        (12, 0),
        (12, 1),
        (0, 0),
        (23, 59),
    ]);
    // 29 and 30, 365 and 366 days from the days around which everything turns.
    let far = select(vec![
        date(2025, 4, 8),
        date(2025, 4, 9),
        date(2024, 3, 10),
        date(2024, 3, 9),
        // From when personal ids are expected.
        date(2025, 6, 30),
        date(2025, 7, 1),
    ]);
    (prop_oneof![8 => day(), 1 => far], time)
        .prop_map(|(day, (hour, minute))| day.at(hour, minute, 0, 0))
}

/// Knowledge time: few instants, so that several rows share one and epochs hold several.
pub fn instant() -> impl Strategy<Value = Timestamp> + Clone {
    let day = select(vec![
        date(2024, 12, 31),
        date(2025, 1, 1),
        date(2025, 3, 9),
        date(2025, 3, 10),
        date(2025, 3, 11),
        date(2025, 3, 12),
        date(2025, 3, 31),
        date(2025, 4, 1),
        date(2025, 4, 20),
        date(2026, 1, 1),
    ]);
    let nanos = select(vec![
        0,
        28_800_000_000_000,
        28_800_500_000_000,
        30_000_000_000_000,
        43_200_000_000_000,
        86_399_000_000_000,
        86_399_999_999_999i64,
    ]);
    (day, nanos).prop_map(|(day, nanos)| start_of(day) + jiff::SignedDuration::from_nanos(nanos))
}

/// The first instant of a local day.
pub fn start_of(day: Day) -> Timestamp {
    jiff::tz::offset(7)
        .to_timestamp(day.at(0, 0, 0, 0))
        .expect("a day of the pools")
}

pub fn option<T: std::fmt::Debug + Clone>(
    some: f64,
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(some, strategy)
}

/// Mostly one identity, so that most authenticate; of the others each field is varied alone, or all.
pub fn identity() -> impl Strategy<Value = Identity> + Clone {
    let birth_date = || {
        select(vec![
            "1980-02-05",
            "1980-05-02",
            "1980-02",
            "1980",
            "1981-02-05",
        ])
        .prop_map(|text| Partial(text.to_owned()))
    };
    let sex = || select(vec![1u8, 2, 3]);
    prop_oneof![
        6 => Just(Identity::default()),
        2 => select(NAMES.to_vec()).prop_map(|name| Identity { name, ..Identity::default() }),
        2 => birth_date().prop_map(|birth_date| Identity { birth_date, ..Identity::default() }),
        1 => sex().prop_map(|sex| Identity { sex, ..Identity::default() }),
        1 => (select(NAMES.to_vec()), birth_date(), sex())
            .prop_map(|(name, birth_date, sex)| Identity { name, birth_date, sex }),
    ]
}

pub fn citizen(u: Universe) -> impl Strategy<Value = Record> {
    let status = select(vec![
        "alive",
        "alive",
        "dead",
        "dead",
        "declared_dead",
        "missing",
        "cancelled",
    ]);
    let old = (0..u.old_ids).prop_map(|n| format!("01234567{n}"));
    (
        u.id(),
        status,
        option(0.8, partial()),
        option(0.2, u.id()),
        option(0.3, old),
        province(),
        identity(),
    )
        .prop_map(
            |(personal_id, life_status, death_date, superseded_by, old_id, province, identity)| {
                Record::Citizen(Citizen {
                    personal_id,
                    identity,
                    life_status,
                    death_date,
                    superseded_by,
                    old_id,
                    province,
                })
            },
        )
}

fn province() -> impl Strategy<Value = Option<&'static str>> {
    option(0.3, select(vec!["01", "79"]))
}

pub fn death_report(u: Universe) -> impl Strategy<Value = Record> {
    let source = select(vec![
        "civil_registry",
        "contribution_form",
        "hospital",
        "court",
    ]);
    (
        0..5u8,
        option(0.6, u.id()),
        option(0.6, u.si()),
        partial(),
        source,
    )
        .prop_map(|(n, personal_id, si_number, death_date, source)| {
            let report_id = format!("R{n}");
            Record::DeathReport(DeathReport {
                report_id,
                personal_id,
                si_number,
                death_date,
                source,
            })
        })
}

pub fn participant(u: Universe) -> impl Strategy<Value = Record> {
    (u.si(), option(0.85, u.id()), province(), identity()).prop_map(
        |(si_number, personal_id, province, identity)| {
            Record::Participant(Participant {
                si_number,
                identity,
                personal_id,
                province,
            })
        },
    )
}

pub fn card(u: Universe) -> impl Strategy<Value = Record> {
    let status = prop_oneof![
        4 => Just("valid"),
        4 => select(vec!["replaced", "expired", "reduced", "revoked", "locked"]),
    ];
    let from = prop_oneof![3 => Just(date(2020, 1, 1)), 1 => day()];
    (
        u.card_number(),
        from,
        option(0.5, day()),
        status,
        option(0.7, day()),
    )
        .prop_map(|(card_number, valid_from, valid_to, status, status_date)| {
            let valid_to = valid_to.map(|to| to.max(valid_from));
            Record::Card(Card {
                card_number,
                valid_from,
                valid_to,
                status,
                status_date,
            })
        })
}

/// Lengths of visits around the limits of 120 minutes and 15 days.
fn minutes() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => select(vec![0, 30, 119, 120, 121]),
        3 => select(vec![240, 241, 242, 1440, 2880]),
        1 => select(vec![15 * 1440, 16 * 1440, 22 * 1440]),
    ]
}

/// covered, copay, other, the error in what is paid, lines.
type Amounts = (i64, i64, i64, i64, Option<u32>);

fn amounts() -> impl Strategy<Value = Amounts> {
    (
        // Around 15 % of the base salaries of 2024 and 2025, and above.
        select(vec![
            100_000_000i64,
            400_000_000,
            400_000_000,
            1_500_000_500,
            351_000_000,
            350_999_999,
            270_000_000,
            0,
        ]),
        // 0, 5 and 20 % of them.
        select(vec![0i64, 20_000_000, 80_000_000, 79_999_000, 300]),
        select(vec![0i64, 0, 1_000_000]),
        prop_oneof![
            4 => Just(0i64),
            3 => select(vec![1000, -1000, 1001, -1001, 2000, 2001, -2001, 3000, 3001, 500_000]),
        ],
        select(vec![None, Some(0), Some(1), Some(2), Some(3)]),
    )
}

/// What a visit cost: mostly one of two, so that bills agree.
fn cost_total() -> impl Strategy<Value = Amount> {
    prop_oneof![
        6 => select(vec![2_000_000_000, 2_000_001_000]),
        1 => select(vec![0, 35_000_500, 480_000_000, 16_300_000_000, 150_000_000_000]),
    ]
}

fn facility() -> impl Strategy<Value = String> + Clone {
    prop_oneof![6 => 0..2usize, 4 => 0..4usize, 1 => 4..FACILITIES.len()]
        .prop_map(|n| FACILITIES[n].to_owned())
}

fn any_personal_id(u: Universe) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        3 => Just(None),
        5 => u.id().prop_map(Some),
        1 => Just(Some(personal_id(99))),
        1 => select(vec!["012345678", "C1234567", "0010800000001", "00108000000A", "Đ"])
            .prop_map(|text| Some(text.to_owned())),
    ]
}

pub fn claim(u: Universe) -> impl Strategy<Value = Claim> {
    let lists = prop_oneof![
        1 => Just(0..=0usize), 6 => Just(1..=1), 2 => Just(2..=2), 1 => Just(3..=3),
    ];
    let cards = lists.prop_flat_map(move |count| prop::collection::vec(u.card_number(), count));
    let visit = select(vec!["V1", "V2", "V10", "v3"]);
    let birth = select(vec![
        "1980",
        "1980-05",
        "1980-05-17",
        "2025-01-08",
        "2025-01-09",
        "2025-01",
        "2025-03-10",
        "2025-03-11",
        "2025",
        "2024",
    ]);
    let who = (facility(), visit, cards, any_personal_id(u), birth, 1..=3u8);
    let visit_type = prop_oneof![
        5 => Just("01"), 5 => Just("03"), 2 => Just("09"), 2 => select(vec!["02", "04", "06", "07"]),
    ];
    let object = prop_oneof![
        18 => Just("1"), 1 => Just("8"), 1 => Just("1.2"), 1 => select(vec!["2", "2.1", "12", "1.3"]),
    ];
    let main = select(vec![
        "I10", "I10", "C61", "C61.9", "J18.9", "O96", "Z99.9", "z99", "Đau", "A33", "A50.3",
    ]);
    let code = select(vec![
        "C539", "C53.9", "O96.9", "O96.5", "N44.1", "J189", "C", "Đau", "A500", "A33.0",
    ]);
    let what = (visit_type, object, main, prop::collection::vec(code, 0..2));
    let outcome = prop_oneof![3 => Just(1u8), 2 => select(vec![5u8, 8, 4])];
    let when = (clock(), minutes(), outcome);
    let referral = || option(0.15, facility());
    let department = option(0.2, select(vec!["K01", "K02"]));
    let blood = option(0.3, blood_group());
    let exempt = option(0.1, day());
    let rest = (
        referral(),
        referral(),
        department,
        amounts(),
        cost_total(),
        blood,
        exempt,
    );
    (who, what, when, rest)
        .prop_map(|(who, what, when, rest)| {
            let (facility, visit_id, cards, personal_id, birth, sex) = who;
            let (visit_type, object_code, main_diagnosis, other_diagnoses) = what;
            let (admitted_at, minutes, outcome) = when;
            let (referred_from, referred_to, department, amounts, cost_total, blood_group, exempt) =
                rest;
            let (cost_covered, copay, other_sources, error, lines) = amounts;
            Claim {
                facility,
                visit_id: visit_id.to_owned(),
                cards,
                personal_id,
                birth_date: Partial(birth.to_owned()),
                sex,
                visit_type,
                object_code,
                main_diagnosis,
                other_diagnoses,
                admitted_at,
                discharged_at: admitted_at + jiff::SignedDuration::from_mins(minutes),
                outcome,
                referred_from,
                referred_to,
                department,
                cost_total,
                cost_covered,
                paid_by_fund: cost_covered - copay - other_sources + error,
                copay,
                other_sources,
                lines,
                blood_group,
                copay_exempt_from: exempt,
            }
        })
        // On the heap, since it is part of many others.
        .boxed()
}

fn blood_group() -> impl Strategy<Value = &'static str> + Clone {
    select(vec!["A", "A+", "A-", "AB", "B-", "O+"])
}

/// What a claim says when its patient arrives: mostly of a visit that may be claimed.
pub fn check_in(u: Universe) -> impl Strategy<Value = Record> {
    claim(u).prop_map(|claim| {
        Record::CheckIn(CheckIn {
            facility: claim.facility,
            visit_id: claim.visit_id,
            cards: claim.cards,
            personal_id: claim.personal_id,
            birth_date: claim.birth_date,
            visit_type: claim.visit_type,
            admitted_at: claim.admitted_at,
        })
    })
}

/// Tax codes of every form, one of them nobody's.
fn tax_code() -> impl Strategy<Value = &'static str> + Clone {
    // The first is met more often than the others.
    prop_oneof![
        2 => Just("0300000001"),
        1 => select(vec!["0300000001-001", "0300000002", "Đơn vị 3"]),
    ]
}

pub fn employment(u: Universe) -> impl Strategy<Value = Record> {
    let from = prop_oneof![4 => Just(date(2020, 1, 1)), 1 => day()];
    // Mostly those who have a card of employees.
    let si = prop_oneof![4 => (0..2usize).prop_map(si_number), 1 => u.si()];
    (si, tax_code(), from, option(0.2, day())).prop_map(|(si_number, tax_code, from, to)| {
        Record::Employment(Employment {
            si_number,
            tax_code,
            from,
            to: to.map(|to| to.max(from)),
        })
    })
}

pub fn beneficiary(u: Universe) -> impl Strategy<Value = Record> {
    let scheme = select(vec![
        "pension",
        "unemployment",
        "social_pension",
        "social assistance",
    ]);
    let from = prop_oneof![4 => Just(date(2020, 1, 1)), 1 => day()];
    let amount = select(vec![500_000_000, 3_600_000_500]);
    (u.id(), scheme, from, option(0.5, day()), amount).prop_map(
        |(personal_id, scheme, from, to, monthly_amount)| {
            Record::Beneficiary(Beneficiary {
                personal_id,
                scheme,
                from,
                to: to.map(|to| to.max(from)),
                monthly_amount,
            })
        },
    )
}

pub fn health_profile(u: Universe) -> impl Strategy<Value = Record> {
    (u.id(), option(0.8, blood_group()), any::<bool>()).prop_map(
        |(personal_id, blood_group, allergy)| {
            Record::HealthProfile(HealthProfile {
                personal_id,
                blood_group,
                allergy,
            })
        },
    )
}

pub fn enterprise() -> impl Strategy<Value = Record> {
    let status = prop_oneof![
        8 => select(vec!["dissolved", "bankrupt"]),
        2 => select(vec!["active", "suspended", "not_at_address", "dissolving", "merged"]),
        1 => select(vec!["suspended", "merged"]),
    ];
    // 90 and 91 days before the days around which everything turns.
    let since = prop_oneof![
        4 => select(vec![date(2024, 6, 1), date(2024, 12, 9), date(2024, 12, 10), date(2024, 12, 11)]),
        1 => day(),
    ];
    let successor = option(0.15, tax_code());
    (tax_code(), status, since, successor).prop_map(
        |(tax_code, status, effective_date, successor)| {
            Record::Enterprise(Enterprise {
                tax_code,
                status,
                effective_date,
                successor,
            })
        },
    )
}

pub fn record(u: Universe) -> impl Strategy<Value = Record> {
    prop_oneof![
        u.claims => claim(u).prop_map(Record::Claim),
        16 => card(u),
        12 => participant(u),
        12 => citizen(u),
        8 => death_report(u),
        5 => check_in(u),
        4 => enterprise(),
        6 => employment(u),
        4 => health_profile(u),
        5 => beneficiary(u),
    ]
    .boxed()
}
