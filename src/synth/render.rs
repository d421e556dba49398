//! Rows as the texts and numbers of the contract.

use std::fmt::Write;

use super::place::{FacilityNumber, PROVINCES};
use super::row::*;
use super::table::Table;
use super::truth::Code;
use super::world::{Person, World, whole};
use crate::record::{Day, PartialDate, Stream};

/// The day before which a row has a province's old code: the merger of 1 July 2025.
const MERGER: (i32, u32, u32) = (2025, 7, 1);

/// Tables of every stream, filled row by row.
pub(super) struct Renderer<'w> {
    world: &'w World,
    tables: Vec<Table>,
    text: String,
    merger: DayNumber,
}

impl<'w> Renderer<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        let (year, month, day) = MERGER;
        let merger = Day::from_civil(year, month, day).expect("a day of the calendar");
        Self {
            world,
            tables: Stream::ALL
                .iter()
                .map(|stream| Table::new(*stream))
                .collect(),
            text: String::new(),
            merger: merger.number() - world.start.number(),
        }
    }

    /// The tables so far, empty ones left out.
    pub(super) fn take(&mut self) -> Vec<(Stream, Table)> {
        let fresh = Stream::ALL
            .iter()
            .map(|stream| Table::new(*stream))
            .collect();
        let full = std::mem::replace(&mut self.tables, fresh);
        let named = Stream::ALL.iter().copied().zip(full);
        named.filter(|(_, table)| table.rows() > 0).collect()
    }

    /// Adds a row that becomes known at a second of the period, or before it.
    pub(super) fn row(&mut self, at: i64, row: &Row) {
        let stream = row.stream();
        let mut table = std::mem::replace(&mut self.tables[stream as usize], Table::empty());
        let mut cells = Cells {
            world: self.world,
            table: &mut table,
            text: &mut self.text,
        };
        cells.recorded_at(at);
        let day = at.div_euclid(86_400) as i32;
        let merged = day >= self.merger;
        match row {
            Row::Citizen(row) => cells.citizen(row, merged),
            Row::DeathReport(row) => cells.death_report(row),
            Row::Participant(row) => cells.participant(row, merged),
            Row::Card(row) => cells.card(row),
            Row::Claim(row) => cells.claim(row),
            Row::CheckIn(row) => cells.check_in(row),
            Row::Enterprise(row) => cells.enterprise(row),
            Row::Employment(row) => cells.employment(row),
            Row::Beneficiary(row) => cells.beneficiary(row),
            Row::HealthProfile(row) => cells.health_profile(row),
        }
        self.tables[stream as usize] = table;
    }
}

impl Row {
    /// The stream of the row.
    pub(super) fn stream(&self) -> Stream {
        match self {
            Row::Citizen(_) => Stream::Citizens,
            Row::DeathReport(_) => Stream::DeathReports,
            Row::Participant(_) => Stream::Participants,
            Row::Card(_) => Stream::Cards,
            Row::Claim(_) => Stream::Claims,
            Row::CheckIn(_) => Stream::CheckIns,
            Row::Enterprise(_) => Stream::Enterprises,
            Row::Employment(_) => Stream::Employments,
            Row::Beneficiary(_) => Stream::Beneficiaries,
            Row::HealthProfile(_) => Stream::HealthProfiles,
        }
    }
}

/// One row while it is written.
struct Cells<'a, 'w> {
    world: &'w World,
    table: &'a mut Table,
    text: &'a mut String,
}

/// Digits of a number, with leading zeros.
fn digits(out: &mut String, number: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut left = number;
    for place in buffer[..width].iter_mut().rev() {
        *place = b'0' + (left % 10) as u8;
        left /= 10;
    }
    buffer[..width]
        .iter()
        .for_each(|digit| out.push(char::from(*digit)));
}

fn date(out: &mut String, day: Day) {
    let (year, month, day) = day.civil();
    digits(out, year as u64, 4);
    out.push('-');
    digits(out, month.into(), 2);
    out.push('-');
    digits(out, day.into(), 2);
}

impl Cells<'_, '_> {
    /// A text that is written.
    fn put(&mut self, write: impl FnOnce(&mut String)) {
        self.text.clear();
        write(self.text);
        self.table.text(self.text);
    }

    fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut String, T)) {
        match value {
            Some(value) => self.put(|out| write(out, value)),
            None => self.table.null(),
        }
    }

    fn recorded_at(&mut self, at: i64) {
        let day = self.world.day(at.div_euclid(86_400) as i32);
        let second = at.rem_euclid(86_400) as u64;
        self.put(|out| {
            date(out, day);
            out.push('T');
            digits(out, second / 3600, 2);
            out.push(':');
            digits(out, second / 60 % 60, 2);
            out.push(':');
            digits(out, second % 60, 2);
            out.push_str("+07:00");
        });
    }

    fn day(&mut self, number: DayNumber) {
        let day = self.world.day(number);
        self.put(|out| date(out, day));
    }

    fn maybe_day(&mut self, number: Option<DayNumber>) {
        match number {
            Some(number) => self.day(number),
            None => self.table.null(),
        }
    }

    fn time(&mut self, minutes: i32) {
        let day = self.world.day(minutes.div_euclid(1440));
        let minute = minutes.rem_euclid(1440) as u64;
        self.put(|out| {
            date(out, day);
            out.push('T');
            digits(out, minute / 60, 2);
            out.push(':');
            digits(out, minute % 60, 2);
        });
    }

    fn partial(&mut self, date: Option<PartialDate>) {
        self.maybe(date, |out, date| {
            let _ = write!(out, "{date}");
        });
    }

    fn facility(&mut self, facility: Option<FacilityNumber>) {
        let code = facility.map(|facility| Code(self.world.places.code(facility)));
        self.maybe(code, |out, code| {
            let _ = write!(out, "{code}");
        });
    }

    fn province(&mut self, province: u8, merged: bool) {
        let province = &PROVINCES[usize::from(province)];
        let code = if merged {
            province.merged
        } else {
            province.code
        };
        self.put(|out| digits(out, code.into(), 2));
    }

    /// Name, birth date and sex.
    fn identity(&mut self, person: &Person, spelling: Spelling) {
        let names = &self.world.names;
        self.put(|out| names.write(person.name, out));
        let (year, month, day) = person.birth.civil();
        let swapped = || PartialDate::new(year as u16, Some(day as u8), Some(month as u8));
        let birth = match spelling {
            Spelling::BirthYear => PartialDate::new(year as u16, None, None),
            Spelling::BirthSwapped if day <= 12 => swapped(),
            _ if person.year_only => PartialDate::new(year as u16, None, None),
            _ => Some(whole(person.birth)),
        };
        if birth.is_some_and(|birth| birth.is_whole()) && spelling != Spelling::BirthSwapped {
            let birth = person.birth;
            self.put(|out| date(out, birth));
        } else {
            self.partial(birth);
        }
        let female = person.female != (spelling == Spelling::OtherSex);
        self.table.int(if female { 2 } else { 1 });
    }

    /// Name, birth date and sex, some of them wrong.
    fn wrong_identity(&mut self, person: &Person, wrong: &Wrong) {
        let names = &self.world.names;
        self.put(|out| match &wrong.name {
            Some(name) => out.push_str(&name.text),
            None => names.write(person.name, out),
        });
        let own = whole(person.birth);
        let year = PartialDate::new(own.year(), None, None);
        let registered = if person.year_only { year } else { Some(own) };
        self.partial(wrong.birth.or(registered));
        let female = person.female != wrong.other_sex;
        self.table.int(if female { 2 } else { 1 });
    }

    fn citizen(&mut self, row: &Citizen, merged: bool) {
        let person = self.world.person(row.who);
        self.put(|out| digits(out, row.id.number(), 12));
        self.identity(&person, row.spelling);
        self.table.text(row.status.as_str());
        self.partial(row.death);
        self.maybe(row.superseded_by, |out, id| digits(out, id.number(), 12));
        self.maybe(row.old_id, |out, id| digits(out, id.number(), 9));
        self.province(row.province, merged);
    }

    fn death_report(&mut self, row: &DeathReport) {
        if row.delete {
            self.table.text("delete");
            self.put(|out| digits(out, row.report, 10));
            for _ in 0..4 {
                self.table.null();
            }
            return;
        }
        self.table.null();
        self.put(|out| digits(out, row.report, 10));
        self.maybe(row.id, |out, id| digits(out, id.number(), 12));
        self.maybe(row.si, |out, si| digits(out, si.number(), 10));
        self.partial(Some(row.death));
        self.table.text(row.source.as_str());
    }

    fn participant(&mut self, row: &Participant, merged: bool) {
        let person = self.world.person(row.who);
        self.put(|out| digits(out, row.si.number(), 10));
        self.maybe(row.id, |out, id| digits(out, id.number(), 12));
        match &row.wrong {
            Some(wrong) => self.wrong_identity(&person, wrong),
            None => self.identity(&person, row.spelling),
        }
        self.province(row.province, merged);
    }

    fn card(&mut self, row: &Card) {
        self.put(|out| {
            let _ = write!(out, "{}", row.number);
        });
        self.day(row.from);
        self.maybe_day(row.to);
        self.table.text(row.status.as_str());
        self.maybe_day(row.since);
        self.facility(Some(row.facility));
    }

    /// The columns that a claim and a check-in begin with.
    fn visit(&mut self, row: &Claim, person: &Person) {
        self.facility(Some(row.facility));
        self.put(|out| digits(out, row.visit, 13));
        let cards = row.cards.map(|card| card.map(|card| card.to_string()));
        self.table.list(cards.iter().flatten().map(String::as_str));
        self.maybe(row.id, |out, id| digits(out, id.number(), 12));
        self.identity(person, row.spelling);
    }

    fn check_in(&mut self, row: &Claim) {
        let person = self.world.person(row.who);
        self.visit(row, &person);
        self.put(|out| digits(out, row.visit_type.into(), 2));
        self.time(row.admitted);
    }

    fn claim(&mut self, row: &Claim) {
        let world = self.world;
        let person = world.person(row.who);
        self.visit(row, &person);
        self.maybe(row.blood, |out, blood| {
            let groups = ["O+", "O-", "B+", "B-", "A+", "A-", "AB+", "AB-"];
            out.push_str(groups[usize::from(blood & 7)]);
        });
        self.put(|out| digits(out, row.visit_type.into(), 2));
        self.table.text(row.object.code());
        self.table.text(world.diagnoses.get(row.diagnosis).code);
        let others = row.others.iter().flatten();
        self.table
            .list(others.map(|place| world.diagnoses.get(*place).code));
        self.time(row.admitted);
        match matches!(row.visit_type, 3 | 4 | 9) {
            true => self.time(row.admitted),
            false => self.table.null(),
        }
        self.time(row.discharged);
        self.table.int(row.outcome.into());
        self.table.int(row.discharge_type.into());
        self.maybe_day(row.exempt_from);
        self.facility(row.from);
        self.facility(row.to);
        self.put(|out| {
            out.push('K');
            digits(out, row.department.into(), 2);
        });
        let m = &row.money;
        for amount in [
            m.drugs,
            m.supplies,
            m.total,
            m.covered,
            m.paid,
            m.copay,
            m.self_paid,
            m.other,
        ] {
            self.table.int(amount);
        }
        self.table.int(row.lines.into());
    }

    fn tax_code(&mut self, number: u32) {
        self.put(|out| digits(out, 100_000_000 + u64::from(number) * 7, 10));
    }

    fn enterprise(&mut self, row: &Enterprise) {
        self.tax_code(row.number);
        let names = &self.world.names;
        let mut draw = super::random::Draw::new(
            self.world.seed,
            super::world::domain::ENTERPRISE,
            row.number.into(),
        );
        let name = names.draw(&mut draw, 0, true, 2010);
        self.put(|out| {
            out.push_str("Công ty TNHH ");
            names.write(name, out);
        });
        self.table.text(row.status.as_str());
        self.day(row.since);
        match row.successor {
            Some(successor) => self.tax_code(successor),
            None => self.table.null(),
        }
        self.table.int(row.workforce.into());
    }

    fn employment(&mut self, row: &Employment) {
        self.put(|out| digits(out, row.si.number(), 10));
        self.tax_code(row.enterprise);
        self.day(row.from);
        self.maybe_day(row.to);
    }

    fn beneficiary(&mut self, row: &Beneficiary) {
        self.put(|out| digits(out, row.id.number(), 12));
        self.table.text(row.scheme.name());
        self.day(row.from);
        self.maybe_day(row.to);
        self.table.int(row.monthly);
    }

    fn health_profile(&mut self, row: &HealthProfile) {
        let person = self.world.person(row.who);
        self.put(|out| digits(out, row.id.number(), 12));
        let blood = ["O", "O-", "B", "B-", "A", "A-", "AB", "AB-"][usize::from(row.blood & 7)];
        self.table.text(blood);
        let allergic = row.who.is_multiple_of(17);
        self.table
            .list(allergic.then_some("penicillin").into_iter());
        let chronic = world_code(self.world, &person);
        self.table.list(chronic.into_iter());
    }
}

fn world_code(world: &World, person: &Person) -> Option<&'static str> {
    (person.chronic > 0).then(|| world.diagnoses.get(person.chronic_diagnosis).code)
}
