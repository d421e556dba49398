//! A small country of made-up people, as many claims as wanted, and something to find in them.
//!
//! In: how many people and claims. Out: tables in order of knowledge time, without ties. Must hold:
//! the same numbers give the same rows.

use fundwatch::record::{Day, Instant, LocalTime, Stream};

use crate::support::Random;
use crate::tables::{Directory, Table};

pub const CITIZENS: &str = "personal_id,full_name,birth_date,sex,life_status,death_date,\
                            superseded_by,old_id,province,recorded_at,op";
pub const PARTICIPANTS: &str =
    "si_number,personal_id,full_name,birth_date,sex,province,recorded_at,op";
pub const CARDS: &str = "card_number,valid_from,valid_to,status,status_date,primary_facility,\
                         recorded_at,op";
pub const DEATH_REPORTS: &str = "report_id,personal_id,si_number,death_date,source,recorded_at,op";
pub const ENTERPRISES: &str =
    "tax_code,name,status,effective_date,successor,workforce,recorded_at,op";
pub const EMPLOYMENTS: &str = "si_number,tax_code,from,to,recorded_at,op";
pub const BENEFICIARIES: &str = "personal_id,scheme,from,to,monthly_amount,recorded_at,op";
pub const CLAIMS: &str = "facility,visit_id,cards,personal_id,full_name,birth_date,sex,blood_group,\
                          visit_type,object_code,main_diagnosis,other_diagnoses,admitted_at,\
                          inpatient_at,discharged_at,outcome,discharge_type,copay_exempt_from,\
                          referred_from,referred_to,department,cost_drugs,cost_supplies,cost_total,\
                          cost_covered,paid_by_fund,copay,self_paid,other_sources,lines,\
                          recorded_at,op";

/// Days over which claims become known, and the day before the first.
const DAYS: u64 = 180;
const START: (i32, u32, u32) = (2025, 1, 10);

/// Registers of `people` and `claims` of theirs.
pub fn country(people: usize, claims: usize) -> Directory {
    let mut tables = registers(people);
    tables.push(claims_of(people, claims));
    Directory {
        tables,
        envelopes: Vec::new(),
    }
}

fn registers(people: usize) -> Vec<Table> {
    let first = Day::from_civil(2024, 1, 1).unwrap();
    let known = |day: i32, second: usize| {
        Instant::on(first.plus(day), u32::try_from(second % 86_400).unwrap()).unwrap()
    };
    let mut citizens = Vec::new();
    let mut participants = Vec::new();
    let mut cards = Vec::new();
    let mut reports = Vec::new();
    let mut employments = Vec::new();
    let mut beneficiaries = Vec::new();
    for n in 0..people {
        let (id, si, name, born, sex) = (personal_id(n), si_number(n), name(n), born(n), sex(n));
        let at = known(n as i32 / 80_000, n);
        let life = if n % 45 == 4 { "missing" } else { "alive" };
        citizens.push(format!("{id},{name},{born},{sex},{life},,,,01,{at},"));
        participants.push(format!("{si},{id},{name},{born},{sex},01,{at},upsert"));
        let valid_to = if n % 29 == 3 {
            "2025-02-28"
        } else {
            "2026-12-31"
        };
        let (status, since) = match n % 37 {
            5 => ("revoked", "2025-02-01"),
            _ => ("valid", ""),
        };
        if n % 41 != 7 {
            let card = card(n);
            cards.push(format!(
                "{card},2024-01-01,{valid_to},{status},{since},,{at},"
            ));
        }
        if n % 25 == 1 {
            let at = known(520, n);
            reports.push(format!("R{n},{id},,2025-03-01,hospital,{at},"));
        }
        if n % 10 == 0 {
            let enterprise = 1 + n / 10 % 3;
            employments.push(format!("{si},010000000{enterprise},2020-01-01,,{at},"));
            beneficiaries.push(format!("{id},pension,2020-01-01,2030-01-01,3000000,{at},"));
        }
    }
    // Deaths become known while claims go on.
    for n in (0..people).filter(|n| n % 50 == 1) {
        let (id, name, born, sex, at) = (personal_id(n), name(n), born(n), sex(n), known(500, n));
        citizens.push(format!(
            "{id},{name},{born},{sex},dead,2025-03-01,,,01,{at},"
        ));
    }
    let at = known(510, 0);
    let enterprises = vec![
        format!("0100000001,Công ty Mẫu Một,suspended,2025-05-01,,20,{at},"),
        format!("0100000002,Công ty Mẫu Hai,merged,2025-05-01,0100000003,20,{at},"),
    ];
    vec![
        Table::csv(Stream::Citizens, CITIZENS, citizens),
        Table::csv(Stream::Participants, PARTICIPANTS, participants),
        Table::csv(Stream::Cards, CARDS, cards),
        Table::csv(Stream::DeathReports, DEATH_REPORTS, reports),
        Table::csv(Stream::Enterprises, ENTERPRISES, enterprises),
        Table::csv(Stream::Employments, EMPLOYMENTS, employments),
        Table::csv(Stream::Beneficiaries, BENEFICIARIES, beneficiaries),
    ]
}

fn claims_of(people: usize, claims: usize) -> Table {
    let first = Day::from_civil(START.0, START.1, START.2).unwrap();
    let mut random = Random(7);
    let mut rows: Vec<String> = Vec::with_capacity(claims);
    let mut repeated = String::new();
    for n in 0..claims {
        let second = n as u64 * DAYS * 86_400 / claims as u64;
        let day = first.plus((second / 86_400) as i32);
        let at = Instant::on(day, (second % 86_400) as u32).unwrap();
        if n % 101 == 100 {
            // The same visit under another number.
            rows.push(format!("{:05},W{n},{repeated}{at},", 1001 + (n - 1) % 200));
            continue;
        }
        let person = random.below(people);
        let is_stay = n % 20 == 0;
        let minute = 7 * 60 + random.below(600) as u32;
        let admitted = LocalTime::on(day.plus(-9), minute);
        let left = LocalTime::on(day.plus(if is_stay { -6 } else { -9 }), minute + 45);
        let kind = if is_stay { "03" } else { "01" };
        let diagnosis = if n % 53 == 0 { "O80" } else { "J02" };
        let covered = 100_000 + 1000 * random.below(900) as u64;
        let paid = covered * 4 / 5 + if n % 97 == 0 { 500 } else { 0 };
        let copay = covered / 5;
        let (card, id, name) = (card(person), personal_id(person), name(person));
        let (born, sex) = (born(person), sex(person));
        repeated = format!(
            "{card},{id},{name},{born},{sex},,{kind},1.1,{diagnosis},,{admitted},,{left},2,1,,,,,\
             {covered},0,{covered},{covered},{paid},{copay},0,0,2,"
        );
        rows.push(format!("{:05},V{n},{repeated}{at},", 1001 + n % 200));
    }
    Table::csv(Stream::Claims, CLAIMS, rows)
}

pub fn personal_id(n: usize) -> String {
    format!("001080{n:06}")
}

pub fn si_number(n: usize) -> String {
    format!("{:010}", 100_000_000 + n)
}

pub fn card(n: usize) -> String {
    format!("DN401{}", si_number(n))
}

fn name(n: usize) -> String {
    let words = ["An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Khánh"];
    format!("Nguyễn {} Mẫu", words[n % words.len()])
}

fn born(n: usize) -> String {
    match n % 3 {
        0 => "1980".to_owned(),
        1 => "1975-06".to_owned(),
        _ => format!("1990-01-{:02}", 1 + n % 28),
    }
}

fn sex(n: usize) -> usize {
    1 + n % 2
}
