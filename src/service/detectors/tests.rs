use std::fs;

use super::*;

fn of(reasons: &[Reason]) -> Detector {
    Detector {
        reasons: reasons.iter().copied().collect(),
        ..Detector::default()
    }
}

const OTHERS: &[Reason] = &[Reason::UnknownCard, Reason::OverlappingStay];

fn is_refused(opened: Result<Detectors, ServiceError>) -> bool {
    let error = opened.err();
    matches!(error, Some(ServiceError::OtherDetector { what }) if what == "the list of reasons")
}

#[test]
fn what_is_refused_leaves_no_trace_and_a_new_store_takes_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    let all = Detector::default();
    let first = Detectors::open(directory, &all, true).expect("of a new store");
    let first = first.current().to_owned();
    let names = || fs::read_dir(directory).expect("readable").count();
    let before = names();
    assert!(is_refused(Detectors::open(directory, &of(OTHERS), false)));
    assert_eq!(names(), before);
    Detectors::open(directory, &all, false).expect("as before");
    // A new store is computed with the others, the epochs of the first document among them.
    for is_new_store in [true, false] {
        let opened = Detectors::open(directory, &of(OTHERS), is_new_store).expect("of these");
        let of_first = opened.of_document(&first).expect("known");
        assert_eq!(of_first.reasons, of(OTHERS).reasons);
    }
    assert!(is_refused(Detectors::open(directory, &all, false)));
    let of_journal = Detectors::of_journal(directory, &all).expect("read");
    let of_first = of_journal.of_document(&first).expect("known");
    assert_eq!(of_first.reasons, of(OTHERS).reasons);
}

#[test]
fn a_directory_without_the_note_is_of_its_documents() {
    let directory = tempfile::tempdir().expect("a directory");
    let directory = directory.path();
    Detectors::open(directory, &of(OTHERS), true).expect("of a new store");
    let note = directory.join("computed-with.json");
    let noted = fs::read(&note).expect("noted");
    fs::remove_file(&note).expect("removed");
    let all = Detector::default();
    assert!(is_refused(Detectors::open(directory, &all, false)));
    Detectors::of_journal(directory, &all).expect("read");
    Detectors::open(directory, &of(OTHERS), false).expect("as before");
    assert_eq!(fs::read(&note).expect("noted again"), noted);
}

/// Another program comes with other thresholds.
#[test]
fn thresholds_are_those_of_the_program_that_decided() {
    let directory = tempfile::tempdir().expect("a directory");
    let artefacts = Artefacts::of(directory.path());
    let now = Detector::default();
    let opened = Detectors::open(directory.path(), &now, true).expect("opened");
    let present = opened.of_document(opened.current()).expect("known");
    assert_eq!(present.rules.initial(), Settings::defaults());
    let written = |defaults: Option<&str>, rules: Option<&str>| {
        let document = Document {
            defaults: defaults.map(str::to_owned),
            rules: rules.map(|text| (PathBuf::from("/etc/rules.toml"), text.to_owned())),
            ..Document::of(&now)
        };
        let text = serde_json::to_string(&document).expect("JSON");
        artefacts.keep_document(&text).expect("kept");
        text
    };
    let visits = "frequent_visits.visits = 7\n";
    let told = [
        written(Some(visits), None),
        written(Some(visits), Some("frequent_visits.window_days = 9")),
        written(Some(visits), Some("frequent_visits.visits = 8")),
        written(None, None),
    ];
    let opened = Detectors::open(directory.path(), &now, false).expect("opened");
    let frequent = told.map(|text| {
        let detector = opened.of_document(&text).expect("known");
        let frequent = &detector.rules.initial().frequent_visits;
        (frequent.visits, frequent.window_days)
    });
    let usual = &Settings::defaults().frequent_visits;
    let expected = [
        (7, usual.window_days),
        (7, 9),
        (8, usual.window_days),
        (usual.visits, usual.window_days),
    ];
    assert_eq!(frequent, expected);
}

/// An earlier program goes on as long as the journal names nothing of a later one.
#[test]
fn what_a_later_program_wrote_harms_where_the_journal_names_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let artefacts = Artefacts::of(directory.path());
    let now = Detector::default();
    Detectors::open(directory.path(), &now, true).expect("opened");
    let text = |change: fn(&mut serde_json::Value)| {
        let mut document = serde_json::to_value(Document::of(&now)).expect("JSON");
        change(&mut document);
        let text = document.to_string();
        artefacts.keep_document(&text).expect("kept");
        text
    };
    let later = [
        (
            text(|one| one["window"] = 3.into()),
            "unknown field `window`",
        ),
        (text(|one| one["model"] = "00".into()), "model-00.json"),
        (
            text(|one| one["defaults"] = "no_reason.visits = 1".into()),
            "has no thresholds",
        ),
    ];
    let opened = Detectors::open(directory.path(), &now, false).expect("opened");
    opened.of_document(opened.current()).expect("known");
    for (document, why) in later {
        let error = opened.of_document(&document).expect_err("unreadable");
        let told = error.to_string();
        let remedy = "run the version of fundwatch that wrote it, or a later one";
        assert!(told.contains(why) && told.contains(remedy), "{told}");
    }
    let unknown = opened.of_document("{}").expect_err("unknown");
    assert!(matches!(unknown, ServiceError::NoArtefact), "{unknown}");
}
