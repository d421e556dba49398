//! A database of an earlier format is brought up to date, and what people decided is in it.

use fundwatch::review::{REVIEW_DATABASE, Verdict, WorkAction, WorkState};

use crate::made::{Made, finding, id, reviewer};

/// The first format.
const FIRST: &str = include_str!("../../src/review/schema/1.sql");

/// Replaces the database by one of the first format with the same key, items and events.
fn as_first(made: &Made) {
    let path = made.directory.path().join(REVIEW_DATABASE);
    let kept = path.with_extension("kept");
    std::fs::rename(&path, &kept).expect("moved");
    for suffix in ["-wal", "-shm"] {
        let beside = format!("{}{suffix}", path.display());
        let _ = std::fs::rename(beside, format!("{}{suffix}", kept.display()));
    }
    let first = rusqlite::Connection::open(&path).expect("made");
    first.execute_batch(FIRST).expect("the first format");
    first
        .execute("ATTACH ? AS kept", [kept.display().to_string()])
        .expect("attached");
    for table in ["meta", "item", "event", "change"] {
        let columns = "SELECT group_concat(name, ', ') FROM pragma_table_info(?)";
        let columns: String = first
            .query_row(columns, [table], |row| row.get(0))
            .expect("columns");
        let copy =
            format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM kept.{table}");
        first.execute(&copy, []).expect("copied");
    }
    first
        .pragma_update(None, "application_id", 0x4657_5256)
        .expect("marked");
    first
        .pragma_update(None, "user_version", 1)
        .expect("marked");
}

#[test]
fn the_first_format_is_brought_up_to_date_once() {
    let mut made = Made::new();
    made.project(&[finding(1), finding(2)], 7);
    let r1 = reviewer("r1");
    made.act(&r1, &id(1), WorkAction::Take).expect("taken");
    made.act_with(&r1, &id(1), WorkAction::Close, |act| {
        act.verdict = Some(Verdict::LegitimateOther);
        act.note = Some("đã giải trình".to_owned());
    })
    .expect("closed");
    let before = (made.item(&id(1)), made.desk.events(&id(1)).expect("read"));
    // Closes its connections.
    made.desk = Made::new().desk;
    as_first(&made);
    for _ in 0..2 {
        made.reopen();
        let after = (made.item(&id(1)), made.desk.events(&id(1)).expect("read"));
        assert!(before == after);
        assert_eq!(made.desk.frontier().expect("read").epoch, Some(7));
    }
    // And what the new format has works.
    let take = fundwatch::review::Act::new(WorkAction::Take, crate::made::seen(&made.item(&id(2))));
    let done = made.desk.act_on_all(&r1, &[(id(2), take)]).expect("done");
    assert_eq!(made.item(&id(2)).work.state, WorkState::InReview);
    assert!(done.batch.is_some());
}
