//! Nobody is told in what the program says to others: in logs, metrics, addresses and answers that refuse.
//!
//! In: what the other tests of a run kept (`tests/support/said.rs`). Out: lines with a number that has the form of a
//! person's, or with the name of somebody in the data. `tests/run` empties the directory, runs all tests and then the
//! one here that is ignored otherwise, since alone it would find nothing.

mod digits;
mod kept;
#[path = "../support/said.rs"]
mod kinds;
mod names;

use digits::numbers;
use kept::{Kept, Kind, told_in};
use names::Names;

/// Names that a whole run has at least.
const LEAST_NAMES: usize = 1_000;
/// Bytes that a whole run says at least, in each kind of place.
const LEAST_BYTES: u64 = 1_000;

/// What is missing for a run to have been whole.
fn missing(kept: &Kept) -> Vec<String> {
    let mut missing = Vec::new();
    for kind in Kind::ALL {
        let (has, least) = match kind {
            Kind::Person => (kept.names.len() as u64, LEAST_NAMES as u64),
            _ => (kept.bytes(kind), LEAST_BYTES),
        };
        if has < least {
            missing.push(format!("{}: {has}, and not {least}", kind.folder()));
        }
    }
    missing
}

#[test]
#[ignore = "tests/run runs it when the others have ended"]
fn nobody_is_told_in_what_a_run_of_the_tests_said() {
    let kept = Kept::read(&kinds::place());
    // Of a run of some tests, what there is.
    if std::env::var_os("FUNDWATCH_SAID").is_some_and(|run| run == "whole") {
        let missing = missing(&kept);
        assert!(missing.is_empty(), "little was kept: {missing:?}");
    }
    let told = kept.told();
    assert!(
        told.is_empty(),
        "{} lines tell of somebody, such as\n{}",
        told.len(),
        told[..told.len().min(40)].join("\n")
    );
}

fn people() -> Names {
    let mut names = Names::default();
    names.add("Nguyễn Thị Đào");
    names.add("Lê An");
    // A word alone is none.
    names.add("Request");
    names
}

#[test]
fn who_is_told_is_found_wherever_it_is() {
    let names = people();
    let found = |kind, line: &str| told_in(kind, line, &names).join(",");
    for (line, told) in [
        (r#"{"level":"WARN","row":"7900000001"}"#, "7900000001"),
        ("no such row: 079051000001", "079051000001"),
        ("so079051000001 la cua ai", "079051000001"),
        ("thẻ HT3797900000001.", "HT3797900000001"),
        ("the card ht3797900000001", "ht3797900000001"),
        ("123456789012345", "123456789012345"),
        ("NGUYỄN THỊ ĐÀO", "nguyen thi dao"),
        ("của nguyen thi dao,", "nguyen thi dao"),
        ("\"Lê  An\"", "le an"),
    ] {
        assert_eq!(found(Kind::Log, line), told, "{line}");
        assert_eq!(found(Kind::Error, &format!("<p>{line}</p>")), told);
    }
    for (line, told) in [
        ("/alerts?q=7900000001", "7900000001"),
        ("/alerts?q=%20079051000001x", "079051000001"),
        ("/search?name=L%C3%AA+An", "le an"),
        (
            "/search?name=Nguy%E1%BB%85n%20Th%E1%BB%8B%20%C4%90%C3%A0o",
            "nguyen thi dao",
        ),
        ("/groups/person/079051000001", "079051000001"),
    ] {
        assert!(
            found(Kind::Address, line).contains(told),
            "{line}: {}",
            found(Kind::Address, line)
        );
    }
    let label = "fundwatch_rows_total{person=\"7900000001\"} 1";
    assert_eq!(found(Kind::Metrics, label), "7900000001");
    let help = "# HELP fundwatch_rows_total of 079051000001";
    assert_eq!(found(Kind::Metrics, help), "079051000001");
}

#[test]
fn what_tells_of_nobody_is_left_alone() {
    let names = people();
    for (kind, line) in [
        // Times: nanoseconds, milliseconds, and as texts.
        (
            Kind::Log,
            r#"{"timestamp":"2026-11-27T03:14:15.926535Z","nanos":1795755785000000000,"millis":1795755785000}"#,
        ),
        // Digests, and the ids of alerts and tokens, which begin with a run of digits by chance.
        (
            Kind::Log,
            "0123456789abcdef 1234567890ab 012345678901234567890123456789ab",
        ),
        (Kind::Address, "/static/0123456789abcdef/pages.css"),
        (Kind::Metrics, "process_start_time_seconds 1795755785"),
        (
            Kind::Metrics,
            "fundwatch_bytes_bucket{le=\"1073741824\"} 1795755785",
        ),
        (Kind::Error, "tại trang <b>thi</b> Đào"),
    ] {
        assert_eq!(told_in(kind, line, &names), Vec::<String>::new(), "{line}");
    }
    // A number is no digest because letters follow it.
    assert_eq!(numbers(Kind::Log, "079051000001abc"), ["079051000001"]);
    assert_eq!(numbers(Kind::Log, "7900000001xy"), ["7900000001"]);
}

#[test]
fn what_was_kept_is_read_and_nothing_is_not_enough() {
    let place = tempfile::tempdir().expect("a directory");
    let empty = Kept::read(place.path());
    assert_eq!(missing(&empty).len(), Kind::ALL.len());
    assert!(empty.told().is_empty());

    for kind in Kind::ALL {
        let folder = place.path().join(kind.folder());
        std::fs::create_dir(&folder).expect("a folder");
        let line = match kind {
            Kind::Person => (0..LEAST_NAMES)
                .map(|n| format!("Mẫu Người {n}\n"))
                .collect(),
            _ => "nothing of anybody\n".repeat(100),
        };
        std::fs::write(folder.join("one"), line).expect("written");
    }
    let whole = Kept::read(place.path());
    assert_eq!(missing(&whole), Vec::<String>::new());
    assert_eq!(whole.told(), Vec::<String>::new());

    // An address that a test typed is not the program's; the same number elsewhere is.
    let file = place.path().join("addresses/two");
    std::fs::write(
        &file,
        "/search?number=7900000001\n/queue?number=7900000001\n",
    )
    .expect("written");
    std::fs::create_dir(place.path().join("typed")).expect("a folder");
    std::fs::write(
        place.path().join("typed/two"),
        "/search?number=7900000001\n",
    )
    .expect("written");
    let told = Kept::read(place.path()).told();
    assert!(
        told.len() == 1 && told[0].ends_with("/queue?number=7900000001"),
        "{told:?}"
    );
    std::fs::remove_file(&file).expect("removed");

    // Planted in each kind of place, a number and a name.
    for kind in Kind::ALL {
        if kind == Kind::Person {
            continue;
        }
        let file = place.path().join(kind.folder()).join("two");
        std::fs::write(&file, b"\xff\nfor 7900000001\nof mau nguoi 7 there\n").expect("written");
        let told = Kept::read(place.path()).told();
        let lines: Vec<&str> = told
            .iter()
            .map(|line| line.rsplit_once(": ").expect("a line").1)
            .collect();
        assert_eq!(
            lines,
            ["for 7900000001", "of mau nguoi 7 there"],
            "{kind:?}"
        );
        std::fs::remove_file(&file).expect("removed");
    }
}
