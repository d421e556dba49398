//! Months of what people typed are erased, and nothing that is still to be decided with.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use fundwatch::journal::{Directory, KeyState, Keys, Month, OpenedText};
use fundwatch::record::Stream;
use fundwatch::review::{
    CorrectionAction, DeskError, ERASURE_GRACE_HOURS, Erasure, GroupId, Held, NewCorrection,
    REVIEW_DATABASE, REVIEW_MONTHS, Refused, Typed, Verdict, WorkAction, WorkState,
};
use fundwatch::self_check::OwnField;

use crate::made::{Made, START, finding, id, reviewer, text};

fn months(made: &Made, place: &str) -> Keys {
    let directory = Directory::create(&made.directory.path().join(place)).expect("a directory");
    Keys::new(Arc::new(directory), None)
}

fn november() -> Month {
    Month::of(START * 1_000_000)
}

/// What `fundwatch keys destroy --of review` does.
fn ask(made: &Made) {
    let keys = months(made, REVIEW_MONTHS);
    keys.request_destruction(november(), made.now() * 1_000_000)
        .expect("asked for");
}

fn waits(made: &Made) -> Option<Held> {
    match &made.desk.erase_months(None).expect("looked at")[..] {
        [Erasure::Done(month)] => {
            assert_eq!(*month, november());
            None
        }
        [Erasure::Waits(month, held)] => {
            assert_eq!(*month, november());
            Some(*held)
        }
        other => panic!("{other:?}"),
    }
}

fn note(made: &Made, number: u32) -> Option<Typed> {
    let events = made.desk.events(&id(number)).expect("read");
    events.last().expect("an event").note.clone()
}

/// The note of the first alert as the database has it.
fn sealed(made: &Made) -> Vec<u8> {
    let path = made.directory.path().join(REVIEW_DATABASE);
    let database = rusqlite::Connection::open(path).expect("opened");
    let query = "SELECT note FROM event WHERE note IS NOT NULL AND alert_id = ?";
    let note = database.query_row(query, [id(1)], |row| row.get(0));
    note.expect("a note")
}

/// What a citizen asks for: its reference.
fn correction(made: &Made) -> String {
    let asked = NewCorrection {
        portal: "vssid".to_owned(),
        person: GroupId([1; 16]),
        people: vec![GroupId([1; 16])],
        subject: "079051000001".to_owned(),
        stream: Stream::Citizens,
        field: OwnField::LifeStatus,
        should_be: "còn sống".to_owned(),
        note: None,
    };
    made.desk
        .request_correction(&asked)
        .expect("taken in")
        .reference
}

fn close(made: &Made, number: u32, note: &str) {
    let r1 = reviewer("r1");
    made.act_with(&r1, &id(number), WorkAction::Close, |act| {
        act.verdict = Some(Verdict::LegitimateOther);
        act.note = Some(note.to_owned());
    })
    .expect("closed");
}

#[test]
fn a_month_is_erased_when_nothing_rests_on_it() {
    let mut made = Made::new();
    made.project(&[finding(1), finding(2), finding(3)], 1);
    let (r1, handler) = (reviewer("r1"), reviewer("r2"));
    for number in [1, 2, 3] {
        made.act(&r1, &id(number), WorkAction::Take).expect("taken");
    }
    close(&made, 1, "đã giải trình");
    made.act_with(&r1, &id(2), WorkAction::Note, |act| {
        act.note = Some("hỏi cơ sở".to_owned());
    })
    .expect("noted");
    let asked = correction(&made);

    // It has to have passed.
    let keys = months(&made, REVIEW_MONTHS);
    assert!(
        keys.request_destruction(november(), made.now() * 1_000_000)
            .is_err()
    );
    made.pass(10);
    assert!(made.desk.erase_months(None).expect("looked at").is_empty());
    ask(&made);
    let alerts_and_corrections = |alerts, corrections| Held {
        alerts,
        corrections,
        ..Held::default()
    };
    assert_eq!(waits(&made), Some(alerts_and_corrections(1, 1)));
    assert_eq!(made.desk.months_to_erase().expect("counted"), 1);
    // The one without a note is no hindrance.
    close(&made, 2, "xong");
    assert_eq!(waits(&made), Some(alerts_and_corrections(0, 1)));
    let act = |action, answer| {
        let case = made.desk.correction(&handler, &asked);
        let version = case.expect("read").expect("one").correction.version;
        made.desk
            .act_on_correction(&handler, &asked, (action, version), answer)
    };
    let done = act(CorrectionAction::Start, None);
    let done = done.and_then(|_| act(CorrectionAction::Accept, Some("đã sửa")));
    done.expect("answered");

    assert_eq!(
        note(&made, 1),
        Some(Typed::Text("đã giải trình".to_owned()))
    );
    let copied = sealed(&made);
    let keys = months(&made, REVIEW_MONTHS);
    let opened = |keys: &Keys| keys.open_text(id(1).as_bytes(), &copied);
    assert!(matches!(opened(&keys), Ok(Some(OpenedText::Text(_)))));
    assert_eq!(waits(&made), None);
    assert_eq!(made.desk.months_to_erase().expect("counted"), 0);
    for is_reopened in [false, true] {
        if is_reopened {
            made.reopen();
        }
        // That there was a note stays known, and who wrote it when; what was typed since is there.
        assert_eq!(note(&made, 1), Some(Typed::Erased));
        assert_eq!(made.item(&id(1)).work.state, WorkState::Closed);
        let events = made.desk.events(&id(2)).expect("read");
        assert_eq!(events[1].note, Some(Typed::Erased));
        assert_eq!(text(&events[2].note), Some("xong"));
        let case = made.desk.correction(&handler, &asked);
        let case = case.expect("read").expect("one").correction;
        assert_eq!(case.should_be, Typed::Erased);
        assert_eq!(text(&case.answer), Some("đã sửa"));
    }
    // Nor does a copy of the database open, made before or after; nothing there was ever plain.
    let keys = months(&made, REVIEW_MONTHS);
    assert_eq!(sealed(&made), copied);
    assert!(matches!(opened(&keys), Ok(Some(OpenedText::Erased))));
    let names = std::fs::read_dir(made.directory.path().join(REVIEW_MONTHS)).expect("listed");
    let names: Vec<_> = names.map(|entry| entry.expect("one").file_name()).collect();
    assert!(!names.iter().any(|name| name == "2026-11.key"), "{names:?}");
    assert!(!String::from_utf8_lossy(&copied).contains("giải trình"));
}

#[test]
fn a_batch_that_waits_holds_its_month() {
    let made = Made::new();
    made.project(&(0..60).map(finding).collect::<Vec<_>>(), 1);
    let (r1, s1) = (reviewer("r1"), crate::made::supervisor("s1"));
    let number = crate::batches::propose_closing(&made, &r1);
    made.pass(10);
    ask(&made);
    let held = Held {
        batches: 1,
        ..Held::default()
    };
    assert_eq!(waits(&made), Some(held));
    crate::batches::approve(&made, &s1, number).expect("approved and carried out");
    assert_eq!(waits(&made), None);
    let page = made
        .desk
        .batch(&s1, number)
        .expect("read")
        .expect("a batch");
    assert_eq!(page.batch.proposed.note, Some(Typed::Erased));
    // And what was carried out later has the note of the batch, which goes with it.
    assert_eq!(note(&made, 1), Some(Typed::Erased));
}

#[test]
fn what_is_kept_for_a_time_is_erased_after_it() {
    let made = Made::new();
    made.project(&[finding(1)], 1);
    made.act(&reviewer("r1"), &id(1), WorkAction::Take)
        .expect("taken");
    close(&made, 1, "xong");
    // November ends three days after this.
    let erased = |kept| {
        let looked = made.desk.erase_months(Some(kept)).expect("looked at");
        matches!(looked[..], [Erasure::Done(month)] if month == november())
    };
    let state = || months(&made, REVIEW_MONTHS).months().expect("listed")[&november()];
    let hours = |hours: i64| made.pass_millis(hours * 3_600_000);
    made.pass(4 + 29);
    assert!(!erased(30));
    hours(ERASURE_GRACE_HOURS);
    assert!(!erased(30), "it is not over for thirty days");
    hours(24 - ERASURE_GRACE_HOURS);
    // Due, and not done at once: the setting may have been wrong.
    assert!(!erased(30));
    hours(ERASURE_GRACE_HOURS);
    assert!(!erased(300) && state() == KeyState::Kept);
    assert_eq!(made.desk.months_to_erase().expect("counted"), 0);
    assert!(!erased(30), "due from now on");
    // Or the clock: it was a year ahead, and is put right.
    hours(-ERASURE_GRACE_HOURS);
    let year = 365 * 24;
    assert!(!erased(300));
    hours(year);
    assert!(!erased(300), "due by the wrong clock");
    hours(-year);
    assert!(!erased(300) && state() == KeyState::Kept);
    assert!(!erased(30));
    hours(ERASURE_GRACE_HOURS);
    made.pass_millis(-1);
    assert!(!erased(30));
    made.pass_millis(1);
    assert_eq!(made.desk.months_to_erase().expect("counted"), 1);
    assert!(erased(30) && !erased(30));
    assert_eq!(made.desk.months_to_erase().expect("counted"), 0);
    assert_eq!(note(&made, 1), Some(Typed::Erased));
}

#[test]
fn a_key_that_is_lost_is_missed_and_holds_nothing_else_up() {
    let mut made = Made::new();
    made.project(&[finding(1), finding(2), finding(3)], 1);
    let r1 = reviewer("r1");
    for number in [1, 2, 3] {
        made.act(&r1, &id(number), WorkAction::Take).expect("taken");
    }
    close(&made, 1, "xong");
    let key = made
        .directory
        .path()
        .join(REVIEW_MONTHS)
        .join("2026-11.key");
    let kept = std::fs::read(&key).expect("a key");
    std::fs::remove_file(&key).expect("lost");
    made.reopen();
    // What was typed is told to be unreadable; the list, the alert and what needs no note are as ever.
    assert_eq!(note(&made, 1), Some(Typed::Unreadable));
    made.act(&r1, &id(2), WorkAction::Release)
        .expect("given back");
    // No other key takes its place: what is typed is refused until it is there again.
    let refused = made.act_with(&r1, &id(3), WorkAction::Note, |act| {
        act.note = Some("hỏi cơ sở".to_owned());
    });
    assert!(
        matches!(refused, Err(Refused::Database(DeskError::Key(_)))),
        "{refused:?}"
    );
    assert!(!key.exists());
    std::fs::write(&key, kept).expect("restored");
    assert_eq!(note(&made, 1), Some(Typed::Text("xong".to_owned())));
    // A month whose key cannot be destroyed holds no other up.
    made.pass(40);
    close(&made, 3, "xong");
    made.pass(40);
    ask(&made);
    let december = Month::of((START + 40 * 86_400_000) * 1_000_000);
    let keys = months(&made, REVIEW_MONTHS);
    keys.request_destruction(december, made.now() * 1_000_000)
        .expect("asked for");
    std::fs::write(&key, b"damaged").expect("written");
    made.reopen();
    let looked = made.desk.erase_months(None).expect("looked at");
    assert!(
        matches!(looked[..], [Erasure::Failed(first, _), Erasure::Done(second)]
            if first == november() && second == december),
        "{looked:?}"
    );
    assert_eq!(made.desk.months_to_erase().expect("counted"), 1);
}

#[test]
fn what_an_open_request_is_about_is_not_shown_once_it_is_gone() {
    let mut made = Made::new();
    let asked = correction(&made);
    let r1 = reviewer("r1");
    let case = made
        .desk
        .correction(&r1, &asked)
        .expect("read")
        .expect("one");
    let version = case.correction.version;
    made.desk
        .act_on_correction(&r1, &asked, (CorrectionAction::Start, version), None)
        .expect("begun");
    assert!(made.desk.reveal_correction(&r1, &asked).is_ok());
    made.pass(40);
    let keys = months(&made, REVIEW_MONTHS);
    keys.write_off(november(), made.now() * 1_000_000)
        .expect("written off");
    made.reopen();
    let logged = made.log.entries.lock().expect("nobody panicked").len();
    assert!(made.desk.reveal_correction(&r1, &asked).is_err());
    let now = made.log.entries.lock().expect("nobody panicked").len();
    assert_eq!(now, logged, "what was not shown is not told as shown");
}

#[test]
fn every_erasure_is_in_the_access_log_once() {
    let mut made = Made::new();
    made.project(&[finding(1)], 4);
    made.act(&reviewer("r1"), &id(1), WorkAction::Take)
        .expect("taken");
    close(&made, 1, "xong");
    let journal = months(&made, "keys");
    let at = START * 1_000_000;
    journal.seal_text(at, b"", "a row", None).expect("a key");
    made.pass(10);
    let now = made.now() * 1_000_000;
    assert_eq!(made.desk.note_erased(&journal).expect("none"), 0);
    journal.destroy(november(), now).expect("destroyed");
    ask(&made);
    assert_eq!(waits(&made), None);
    let logged = |made: &Made| {
        let entries = made.log.entries.lock().expect("nobody panicked");
        let erased = entries.iter().filter(|entry| entry.contains("EraseMonth"));
        erased.cloned().collect::<Vec<_>>()
    };
    // What cannot be logged is told later.
    made.log.is_full.store(true, Ordering::SeqCst);
    let refused = made.desk.note_erased(&journal);
    assert!(matches!(refused, Err(DeskError::NotLogged)), "{refused:?}");
    assert!(logged(&made).is_empty());
    made.log.is_full.store(false, Ordering::SeqCst);
    assert_eq!(made.desk.note_erased(&journal).expect("noted"), 2);
    made.reopen();
    assert_eq!(made.desk.note_erased(&journal).expect("noted"), 0);
    assert_eq!(
        logged(&made),
        [
            "service EraseMonth Journal 2026-11 4",
            "service EraseMonth Review 2026-11 4"
        ]
    );
    let state = months(&made, REVIEW_MONTHS).months().expect("listed")[&november()];
    assert!(
        matches!(state, KeyState::Destroyed { at } if at == now),
        "{state:?}"
    );
}
