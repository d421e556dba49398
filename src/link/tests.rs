//! The whole linkage on made-up people, whose truth is known.

use super::*;
use crate::link::block_keys::mixed;
use crate::progress::Progress;

/// Nobody is told of progress.
struct Silent;

impl Progress for Silent {
    fn told(&self, _: &'static str, _: u64, _: u64) {}
}

/// Draws that are the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 += 1;
        (mixed(self.0) % bound as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A name of four syllables' worth of letters, the low numbers the most common.
    fn name(&mut self, kinds: usize) -> String {
        let kind = self.below(kinds).min(self.below(kinds));
        let syllables = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu"];
        let at = |digit: usize| syllables[kind / digit % 10];
        [at(1), at(10), at(100), at(1)].concat()
    }

    fn date(&mut self) -> String {
        let (year, month, day) = (
            1930 + self.below(80),
            1 + self.below(12),
            1 + self.below(28),
        );
        format!("{year}-{month:02}-{day:02}")
    }
}

/// A table of rows: an id and the cells of the columns.
fn table(names: &[&str], rows: &[Vec<String>]) -> Table {
    let mut text = String::from("id");
    names.iter().for_each(|name| text.extend([",", name]));
    for row in rows {
        text.push('\n');
        text.push_str(&row.join(","));
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    Table::read(file.path(), None).expect("a table")
}

fn linked(table: &Table, threads: usize) -> Linkage {
    let roles = roles(table, &[]);
    let records = Records::new(table, &roles, None);
    let options = LinkOptions {
        threshold: 0.5,
        bounds: Bounds::default(),
        threads,
    };
    link(&records, None, &options, &Silent)
}

const COLUMNS: [&str; 4] = ["given_name", "surname", "dob", "sex"];

/// People and copies of the first of them, with slips of known chances. A person and its copy have the
/// same number before the point.
fn people(draw: &mut Draw, people: usize, copies: usize) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for person in 0..people {
        let sex = if draw.chance(50) { "f" } else { "m" };
        let cells = [
            draw.name(1000),
            draw.name(1000),
            draw.date(),
            sex.to_owned(),
        ];
        let mut row = vec![format!("{person}.a")];
        row.extend(cells.clone());
        rows.push(row);
        if person < copies {
            let [mut given, surname, mut dob, mut sex] = cells;
            if draw.chance(20) {
                given = "zzyzx".to_owned();
            }
            if draw.chance(10) {
                dob = draw.date();
            }
            if draw.chance(5) {
                sex = if sex == "f" { "m" } else { "f" }.to_owned();
            }
            rows.push(vec![format!("{person}.b"), given, surname, dob, sex]);
        }
    }
    rows
}

fn is_true(table: &Table, link: &Link) -> bool {
    let person = |record: u32| table.ids[record as usize].split('.').next();
    person(link.left) == person(link.right)
}

#[test]
fn chances_are_recovered_without_labels() {
    let rows = people(&mut Draw(1), 3_000, 1_500);
    let linkage = linked(&table(&COLUMNS, &rows), 2);
    let model = &linkage.model;
    let bits = |weight: i32| f64::from(weight) / 1000.0;
    let near = |weight: i32, expected: f64, within: f64| {
        let bits = bits(weight);
        assert!(
            (bits - expected).abs() < within,
            "{bits} bits, not {expected}"
        );
    };
    let last = |field: usize| {
        model.fields()[field]
            .weights
            .last()
            .copied()
            .expect("levels")
    };
    let roles: Vec<Role> = model.fields().iter().map(|f| f.field.role).collect();
    assert_eq!(
        roles,
        [Role::GivenName, Role::Surname, Role::DateOfBirth, Role::Sex]
    );
    // 1,500 pairs among 4,500 records.
    near(
        model.prior(),
        (1_500.0_f64 / (4_500.0 * 4_499.0 / 2.0)).log2(),
        0.2,
    );
    // A fifth of the given names differ, where nearly all of other people's do.
    near(last(0), 0.2_f64.log2(), 0.5);
    assert!(bits(last(1)) < -4.0, "surnames never differ");
    near(last(3), (0.05_f64 / 0.5).log2(), 0.5);
    let common = &model.fields()[3].common;
    assert_eq!(common.len(), 2, "two sexes");
    common
        .values()
        .for_each(|weight| near(*weight, (0.95_f64 / 0.5).log2(), 0.3));
}

#[test]
fn the_same_people_are_found_on_any_number_of_threads() {
    let rows = people(&mut Draw(2), 600, 300);
    let table = table(&COLUMNS, &rows);
    let one = linked(&table, 1);
    let three = linked(&table, 3);
    assert_eq!(one.links, three.links);
    assert_eq!(one.model.to_json(), three.model.to_json());
    let right = one
        .links
        .iter()
        .filter(|link| is_true(&table, link))
        .count();
    assert!(
        right >= 290 && right * 100 >= one.links.len() * 98,
        "{right} of {}",
        one.links.len()
    );
}

#[test]
fn few_copies_are_found_and_none_are_made_up() {
    for copies in [0, 3] {
        let rows = people(&mut Draw(3), 500, copies);
        let table = table(&COLUMNS, &rows);
        let links = linked(&table, 2).links;
        assert!(links.iter().all(|link| is_true(&table, link)), "{copies}");
        assert!(links.len() + 1 >= copies);
    }
}

#[test]
fn an_artefact_reads_back_and_scores_alike() {
    let rows = people(&mut Draw(4), 400, 200);
    let table = table(&COLUMNS, &rows);
    let records = Records::new(&table, &roles(&table, &[]), None);
    let model = linked(&table, 2).model;
    let json = model.to_json();
    let read = LinkModel::from_json(&json).expect("an artefact");
    assert_eq!(read, model);
    assert_eq!(read.to_json(), json);
    for (a, b) in [(0, 1), (2, 3), (0, 7)] {
        let (a, b) = (records.record(a), records.record(b));
        assert_eq!(read.weight(&a, &b), model.weight(&b, &a));
        let told: i32 = read.explain(&a, &b).iter().map(|field| field.weight).sum();
        let together: i32 = read.explain_together(&a, &b).iter().map(|(_, w)| w).sum();
        let straight: i32 = read.exchanged().iter().map(|[straight, _]| straight).sum();
        assert_eq!(
            read.weight(&a, &b),
            read.prior() + told + together + straight
        );
    }
    // No name is in it.
    assert!(
        rows.iter()
            .all(|row| !json.contains(&row[1]) && !json.contains(&row[3]))
    );
    for bad in [
        json.replace("\"version\": 2", "\"version\": 99"),
        json.replacen("\"role\": \"surname\"", "\"role\": \"sex\"", 1),
        "{}".to_owned(),
    ] {
        assert!(LinkModel::from_json(&bad).is_err());
    }
}

/// A thousand people share one name and one year of birth; other people have copies.
#[test]
fn people_of_one_common_name_and_year_are_not_merged() {
    let columns = ["ho_ten", "ngay_sinh", "xa"];
    let mut draw = Draw(5);
    let communes: Vec<String> = (0..200).map(|_| draw.name(1000)).collect();
    let mut rows = Vec::new();
    for person in 0..1_000 {
        let dob = format!("1970-{:02}-{:02}", 1 + draw.below(12), 1 + draw.below(28));
        let commune = communes[draw.below(200)].clone();
        rows.push(vec![
            format!("{person}.a"),
            "Nguyễn Văn Hùng".to_owned(),
            dob,
            commune,
        ]);
    }
    for person in 1_000..3_000 {
        let name = format!("{} {}", draw.name(300), draw.name(1000));
        let row = vec![name, draw.date(), communes[draw.below(200)].clone()];
        let copies = if draw.chance(40) { 2 } else { 1 };
        for copy in 0..copies {
            let id = vec![format!("{person}.{copy}")];
            rows.push([id, row.clone()].concat());
        }
    }
    let table = table(&columns, &rows);
    let linkage = linked(&table, 2);
    let wrong = linkage.links.iter().filter(|link| !is_true(&table, link));
    // Some of a thousand have one birthday and one commune by chance, and nothing tells them apart.
    let told_apart = wrong.filter(|link| {
        let cells = |record: u32| &rows[record as usize][1..];
        cells(link.left) != cells(link.right)
    });
    assert_eq!(told_apart.count(), 0);
    let right = linkage
        .links
        .iter()
        .filter(|link| is_true(&table, link))
        .count();
    let copies = rows.len() - 3_000;
    assert!(right * 100 >= copies * 98, "{right} of {copies}");
    // Far from every pair, and not even every pair of the thousand.
    let n = rows.len();
    assert!(linkage.compared < n * 80, "{} pairs", linkage.compared);
}

#[test]
fn two_tables_of_other_columns_are_linked_with_each_other_only() {
    let left = table(
        &["Họ và tên", "ngày sinh", "note"],
        &[
            vec![
                "1".into(),
                "Nguyễn Văn Đức".into(),
                "24/06/1971".into(),
                "x".into(),
            ],
            vec![
                "2".into(),
                "Trần Thị Lan".into(),
                "01/02/1980".into(),
                "y".into(),
            ],
            vec![
                "3".into(),
                "Trần Thị Lan".into(),
                "01/02/1980".into(),
                "z".into(),
            ],
            vec![
                "4".into(),
                "Lê Quang Huy".into(),
                "13/05/1990".into(),
                "z".into(),
            ],
        ],
    );
    let right = table(
        &["surname", "first_name", "dob"],
        &[
            vec![
                "a".into(),
                "NGUYEN".into(),
                "Van Duc".into(),
                "1971-06-24".into(),
            ],
            vec![
                "b".into(),
                "Trần".into(),
                "Thị Lan".into(),
                "1980-02-01".into(),
            ],
        ],
    );
    let (of_left, of_right) = (roles(&left, &[]), roles(&right, &[]));
    let records = Records::new(&left, &of_left, Some((&right, &of_right)));
    let fields: Vec<Role> = records.schema.fields().iter().map(|f| f.role).collect();
    assert_eq!(fields, [Role::FullName, Role::DateOfBirth]);
    let options = LinkOptions {
        threshold: 0.1,
        bounds: Bounds::default(),
        threads: 2,
    };
    let links = link(&records, None, &options, &Silent).links;
    let pairs: Vec<_> = links.iter().map(|link| (link.left, link.right)).collect();
    assert_eq!(pairs, [(0, 4), (1, 5), (2, 5)]);
}

/// People of one name have like addresses, which says no more than their names do.
#[test]
fn addresses_made_of_names_merge_nobody() {
    let mut draw = Draw(6);
    let mut rows = Vec::new();
    for person in 0..2_000 {
        let (given, surname) = (draw.name(40), draw.name(40));
        let number = draw.below(30);
        let host = draw.name(60);
        let address = format!("{}.{surname}{number}@{host}.vn", &given[..1]);
        let row = vec![given, surname, draw.date(), address];
        let copies = if draw.chance(30) { 2 } else { 1 };
        for copy in 0..copies {
            let id = vec![format!("{person}.{copy}")];
            rows.push([id, row.clone()].concat());
        }
    }
    let table = table(&["first_name", "surname", "dob", "email"], &rows);
    let linkage = linked(&table, 2);
    let links = &linkage.links;
    let right = links.iter().filter(|link| is_true(&table, link)).count();
    let copies = rows.len() - 2_000;
    assert!(right * 100 >= copies * 98, "{right} of {copies}");
    assert!(
        right * 100 >= links.len() * 98,
        "{right} of {}",
        links.len()
    );
    // Between near and far, likeness says less where names agree.
    let json = linkage.model.to_json();
    let model: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let echo = model["echoes"][1][5].as_i64().expect("a weight");
    assert!(echo < -500, "{echo}");
}
