//! A directory of a few people, and lists of who is asked about.

use std::fs;

use super::*;

const CITIZENS: &str = "\
recorded_at,op,personal_id,full_name,birth_date,sex,life_status,superseded_by,old_id
2025-01-02T08:00:00+07:00,,001080000011,Nguyễn Văn An,1980-05-17,1,alive,,012345678
2025-01-01T08:00:00+07:00,,001080000011,Nguyễn Văn Cũ,1980-05-17,1,alive,,
2025-01-01T08:00:00+07:00,,001185000022,Trần Thị Lan,1985-03-09,2,alive,,
2025-01-01T08:00:00+07:00,,001185000033,Lê Thị Bình,1985-03-09,2,alive,,
2025-01-03T08:00:00+07:00,delete,001185000033,,,,,,
nonsense,,001185000044,Lê Thị Bình,1985-03-09,2,alive,,
";
const PARTICIPANTS: &str = "\
recorded_at,si_number,personal_id,full_name,birth_date,sex
2025-01-01T08:00:00+07:00,7900000001,001080000011,Nguyễn Văn An,1980-05-17,1
2025-01-01T08:00:00+07:00,7900000002,001185000022,Trần Thị Lan,1985-09-03,2
2025-01-01T08:00:00+07:00,7900000003,001185000033,Lê Thị Bình,1985-03-09,2
";

fn registers(as_of: Option<&str>) -> Registers {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        fs::write(directory.path().join(name), text).expect("written");
    };
    write("citizens.csv", CITIZENS);
    write("participants.csv", PARTICIPANTS);
    let as_of = as_of.and_then(<crate::record::Instant as crate::record::Value>::from_text);
    Registers::read(directory.path(), as_of, directory.path()).expect("registers")
}

fn lines(registers: &Registers, name: &str, text: &str, format: Format) -> (String, Counts) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    fs::write(&path, text).expect("written");
    let mut out = Vec::new();
    let people = People::open(&path).expect("a list");
    let counts = authenticate_all(registers, people, format, &mut out).expect("written");
    (String::from_utf8(out).expect("text"), counts)
}

#[test]
fn a_key_holds_its_latest_row() {
    let now = registers(None);
    let names = |registers: &Registers| -> Vec<String> {
        let people = registers.participants().map(|p| p.si_number);
        let asked = people.map(|si| Asked {
            si_number: Some(si),
            ..Asked::default()
        });
        let causes = asked.map(|asked| authenticate_one(registers, 1, Ok(asked)).verdict);
        causes
            .map(|verdict| {
                verdict
                    .expect("whole")
                    .cause
                    .map_or("", Cause::as_str)
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(
        names(&now),
        ["", "birth_date_swapped", "unknown_personal_id"]
    );
    assert_eq!(now.rejected().get("citizens.csv"), Some(&1));
    let then = registers(Some("2025-01-01T12:00:00+07:00"));
    assert_eq!(names(&then), ["name_differs", "birth_date_swapped", ""]);
}

#[test]
fn lists_are_csv_or_ndjson_and_a_bad_row_harms_itself_only() {
    let registers = registers(None);
    let csv = "si_number,note,personal_id,full_name,birth_date,sex\n\
        7900000001,x,,,,\n\
        7900000002,,,,,\n\
        7900000009,,,,,\n\
        ,,012345678,\"Nguyễn, Văn An\",1980-05-17,1\n\
        ,,001080000011,,,\n\
        79,,,,,\n\
        ,,\n";
    let (found, counts) = lines(&registers, "people.csv", csv, Format::Csv);
    let expected = "\
row,si_number,personal_id,matched,cause,database,field,current,proposed,confidence,basis,error
1,7900000001,001080000011,true,,,,,,,,
2,7900000002,001185000022,false,birth_date_swapped,insurance,birth_date,1985-09-03,1985-03-09,high,swapped_day_month,
3,7900000009,,,,,,,,,,\"unknown_participant: no participant has this social-insurance number; give personal_id, full_name, birth_date and sex\"
4,,012345678,false,unknown_personal_id,insurance,personal_id,012345678,001080000011,high,old_number,
5,,001080000011,,,,,,,,,missing_column: column `full_name`: a value is required where no si_number or card_number is given
6,,,,,,,,,,,bad_si_number: column `si_number`: expected a social-insurance number of 10 digits
7,,,,,,,,,,,bad_csv: the row has 3 cells where the header has 6
";
    assert_eq!(found, expected);
    assert_eq!((counts.people, counts.matched, counts.faults), (7, 1, 4));
    assert_eq!(counts.corrected, 2);

    let json = "\u{feff}{\"card_number\":\"TE1797900000002\",\"birth_date\":\"1985-03-09\"}\n\n\
        {\"personal_id\":\"001080000011\",\"full_name\":\"Nguyen Van An\",\"birth_date\":\"1980\",\"sex\":1}\n\
        {\"sex\":[1]}\nno\n";
    let (found, _) = lines(&registers, "people.ndjson", json, Format::Ndjson);
    let found: Vec<serde_json::Value> = found
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    assert_eq!(found.len(), 4);
    assert_eq!(found[0]["matched"], true);
    assert_eq!(found[1]["cause"], "several_causes");
    assert_eq!(found[1]["corrections"][0]["proposed"], "Nguyễn Văn An");
    assert_eq!(found[2]["error"]["code"], "bad_type");
    assert_eq!(found[3]["error"]["code"], "bad_json");
}

#[test]
fn what_is_no_list_is_refused_by_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("people.csv");
    fs::write(&path, "a,b\n1,2\n").expect("written");
    let error = People::open(&path)
        .err()
        .expect("it has no column of a list");
    assert!(error.to_string().ends_with(
        "people.csv, line 1: the header names none of the columns si_number, card_number, \
         personal_id, full_name, birth_date, sex"
    ));
    let error = Registers::read(directory.path(), None, directory.path()).err();
    assert!(
        error
            .expect("no citizens")
            .to_string()
            .contains("citizens.csv")
    );
}
