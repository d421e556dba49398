//! A guess at what a column holds.
//!
//! In: the name of a column and some of its cells. Out: a role. Must hold: a column that may hold the
//! answer - which records are of one person - is never compared, and the guess is a function of the
//! name and the cells.

use std::collections::BTreeSet;

use super::date;
use super::role::Role;
use super::text::{folded, is_missing, toned};

/// Names of columns that tell which records belong together.
const ANSWERS: &[&str] = &[
    "cluster",
    "group",
    "truth",
    "label",
    "labels",
    "entity",
    "entity id",
    "person id",
    "true id",
    "true match",
    "true match id",
    "match id",
    "match",
    "is match",
    "ground truth",
    "gold",
    "target",
    "household",
    "duplicate of",
    "original id",
    "cluster id",
    "group id",
    "uid true",
    "recid true",
];

/// Names of columns that number or describe the rows themselves.
const BOOKKEEPING: &[&str] = &[
    "id",
    "unique id",
    "rec id",
    "record id",
    "row id",
    "row",
    "index",
    "source",
    "source dataset",
    "source file",
    "dataset",
    "blocking number",
    "unnamed 0",
    "created at",
    "updated at",
    "stt",
];

/// Words of a name, whole, by role; the first that fits decides.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Email,
        &["email", "e mail", "email address", "mail", "thu dien tu"],
    ),
    (
        Role::DateOfBirth,
        &[
            "date of birth",
            "dob",
            "birth date",
            "birthdate",
            "birthday",
            "born",
            "birth",
            "birth year",
            "year of birth",
            "yob",
            "ngay sinh",
            "nam sinh",
            "ngay thang nam sinh",
            "ngaysinh",
            "namsinh",
            "dateofbirth",
            "d o b",
        ],
    ),
    (
        Role::FullName,
        &[
            "full name",
            "fullname",
            "name",
            "person name",
            "patient name",
            "ho ten",
            "ho va ten",
            "ten day du",
            "hoten",
            "ho ten benh nhan",
        ],
    ),
    (
        Role::GivenName,
        &[
            "given name",
            "first name",
            "firstname",
            "forename",
            "givenname",
            "fname",
            "first",
            "given",
            "ten",
            "ten dem va ten",
            "middle name",
            "middlename",
            "forename1",
            "ten dem",
            "ten lot",
        ],
    ),
    (
        Role::Surname,
        &[
            "surname",
            "last name",
            "lastname",
            "family name",
            "familyname",
            "lname",
            "last",
            "ho",
            "ho dem",
            "sname",
        ],
    ),
    (
        Role::Sex,
        &["sex", "gender", "gioi tinh", "gioitinh", "phai"],
    ),
    (
        Role::StreetNumber,
        &[
            "street number",
            "house number",
            "house no",
            "street no",
            "so nha",
            "unit number",
        ],
    ),
    (
        Role::Postcode,
        &[
            "postcode",
            "post code",
            "zip",
            "zip code",
            "zipcode",
            "postal code",
            "postcode fake",
            "birth postcode",
            "ma buu chinh",
            "ma buu dien",
        ],
    ),
    (
        Role::Ssn,
        &[
            "ssn",
            "soc sec id",
            "social security number",
            "social security",
            "social insurance number",
            "si number",
            "sin",
            "nino",
            "so bhxh",
            "ma so bhxh",
            "ma bhxh",
            "so the bhyt",
            "ma the bhyt",
            "ma the",
            "bhxh",
            "bhyt",
            "insurance number",
            "card number",
            "nhs number",
            "medicare number",
        ],
    ),
    (
        Role::NationalId,
        &[
            "national id",
            "nationalid",
            "personal id",
            "citizen id",
            "id card",
            "identity card",
            "passport",
            "passport number",
            "cccd",
            "so cccd",
            "cmnd",
            "so cmnd",
            "so dinh danh",
            "ma dinh danh",
            "so can cuoc",
            "can cuoc",
            "national id number",
            "national insurance number",
        ],
    ),
    (
        Role::Phone,
        &[
            "phone",
            "phone number",
            "telephone",
            "telephone number",
            "mobile",
            "mobile number",
            "tel",
            "cell",
            "sdt",
            "so dien thoai",
            "dien thoai",
            "phone home",
            "phone mobile",
        ],
    ),
    (
        Role::Province,
        &[
            "province",
            "state",
            "region",
            "county",
            "tinh",
            "tinh thanh",
            "tinh thanh pho",
            "country",
        ],
    ),
    (
        Role::City,
        &[
            "city",
            "town",
            "suburb",
            "commune",
            "district",
            "ward",
            "locality",
            "municipality",
            "place",
            "birth place",
            "place of birth",
            "xa",
            "phuong",
            "huyen",
            "quan",
            "xa phuong",
            "quan huyen",
            "thanh pho",
        ],
    ),
    (
        Role::Address,
        &[
            "address",
            "address 1",
            "address 2",
            "address 3",
            "address1",
            "address2",
            "street",
            "street name",
            "street address",
            "addr",
            "residence",
            "dia chi",
            "duong",
            "thuong tru",
            "que quan",
        ],
    ),
];

/// How many cells that say something are looked at.
pub const SAMPLE: usize = 1_000;

/// The words of a column's name: `recId_true` and `Rec ID true` are one name.
pub fn words_of(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if lower && c.is_uppercase() {
            spaced.push(' ');
        }
        lower = c.is_lowercase();
        spaced.push(c);
    }
    folded(&toned(&spaced))
}

/// Whether a column's name says that it identifies the rows.
pub fn is_bookkeeping(name: &str) -> bool {
    BOOKKEEPING.contains(&words_of(name).as_str())
}

/// The role of a column, from its name and else from its cells.
pub fn guess<'a>(name: &str, cells: impl IntoIterator<Item = &'a str>) -> Role {
    let words = words_of(name);
    if ANSWERS.contains(&words.as_str()) || BOOKKEEPING.contains(&words.as_str()) {
        return Role::Ignore;
    }
    for (role, names) in NAMES {
        if names.contains(&words.as_str()) {
            return *role;
        }
    }
    // `date_of_birth_1`, `patient_surname`: a name with something before or after.
    for (role, names) in NAMES {
        let within = |known: &str| {
            let padded = format!(" {words} ");
            known.len() >= 5 && padded.contains(&format!(" {known} "))
        };
        if names.iter().any(|known| within(known)) && !is_key(&words) {
            return *role;
        }
    }
    if is_key(&words) {
        return Role::Ignore;
    }
    by_cells(cells)
}

/// Whether a name ends as that of a key: what it numbers is not known, and it may be the answer.
fn is_key(words: &str) -> bool {
    ["id", "key", "uuid", "cluster", "group"]
        .iter()
        .any(|last| words.split(' ').next_back() == Some(last))
}

fn by_cells<'a>(cells: impl IntoIterator<Item = &'a str>) -> Role {
    let told = cells.into_iter().map(str::trim).filter(|c| !is_missing(c));
    let cells: Vec<&str> = told.take(SAMPLE).collect();
    let share = |test: &dyn Fn(&str) -> bool| {
        let fit = cells.iter().filter(|cell| test(cell)).count();
        fit * 10 >= cells.len() * 9
    };
    let distinct: BTreeSet<&str> = cells.iter().copied().collect();
    if distinct.len() < 2 {
        return Role::Ignore;
    }
    if share(&|cell| cell.contains('@')) {
        return Role::Email;
    }
    if share(&date::is_date) {
        return Role::DateOfBirth;
    }
    let sexes = ["m", "f", "male", "female", "nam", "nữ", "nu"];
    if share(&|cell| sexes.contains(&toned(cell).as_str())) {
        return Role::Sex;
    }
    let digits = |cell: &str| cell.bytes().all(|b| b.is_ascii_digit());
    if share(&digits) {
        // Numbers that count the rows say nothing of people.
        let numbers: Vec<u64> = cells.iter().filter_map(|cell| cell.parse().ok()).collect();
        let counts = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        return if counts {
            Role::Ignore
        } else {
            Role::StreetNumber
        };
    }
    if share(&|cell| cell.parse::<f64>().is_ok()) {
        return Role::Ignore;
    }
    Role::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_roles() {
        for (name, role) in [
            ("given_name", Role::GivenName),
            ("first_name", Role::GivenName),
            ("FirstName", Role::GivenName),
            ("surname", Role::Surname),
            ("street_number", Role::StreetNumber),
            ("address_1", Role::Address),
            ("suburb", Role::City),
            ("postcode", Role::Postcode),
            ("state", Role::Province),
            ("date_of_birth", Role::DateOfBirth),
            ("dob", Role::DateOfBirth),
            ("soc_sec_id", Role::Ssn),
            ("email", Role::Email),
            ("Họ và tên", Role::FullName),
            ("ho_ten", Role::FullName),
            ("Ngày sinh", Role::DateOfBirth),
            ("SỐ CCCD", Role::NationalId),
            ("giới tính", Role::Sex),
            ("patient_surname", Role::Surname),
            ("Địa chỉ", Role::Address),
            ("cluster", Role::Ignore),
            ("group", Role::Ignore),
            ("true_match_id", Role::Ignore),
            ("recid_cluster", Role::Ignore),
            ("household_id", Role::Ignore),
        ] {
            assert_eq!(guess(name, ["some", "text", "more"]), role, "{name}");
        }
    }

    #[test]
    fn cells_tell_roles() {
        let guess = |cells: [&str; 3]| guess("x", cells);
        assert_eq!(guess(["a@b.vn", "", "c@d.vn"]), Role::Email);
        assert_eq!(guess(["1971-06-24", "1980-01-01", ""]), Role::DateOfBirth);
        assert_eq!(guess(["Nam", "Nữ", "Nam"]), Role::Sex);
        assert_eq!(guess(["17", "4", "17"]), Role::StreetNumber);
        assert_eq!(guess(["1", "2", "3"]), Role::Ignore, "a count of rows");
        assert_eq!(guess(["farmer", "nurse", "farmer"]), Role::Text);
        assert_eq!(guess(["same", "same", ""]), Role::Ignore);
    }
}
