//! What citizens say is wrong, as people look into it and answer it.

use serde_json::{Value, json};

use super::super::queue::correction::ACTIONS;
use super::operation::Operation;
use super::shape::{
    about, count, day, form, list, named, object, or_null, text, time, truth, word,
};
use crate::review::{CorrectionAction, CorrectionState, LONGEST_TEXT};
use crate::self_check::OwnField;

pub(super) fn operations() -> Vec<Operation> {
    let listed = Operation::new(
        ("GET", "/v1/corrections"),
        ("corrections", "list_corrections"),
        "Requests for corrections, those that are due first; or those that are answered, the last first.",
        object(
            vec![(
                "corrections",
                about(list(named("CorrectionLine")), "At most 200."),
            )],
            Vec::new(),
        ),
    )
    .query(
        "view",
        word(["open", "answered"]),
        "Which; `open` where nothing is said.",
    );
    let one = Operation::new(
        ("GET", "/v1/corrections/{reference}"),
        ("corrections", "get_correction"),
        "A request for a correction, what was done about it, and what can be.",
        named("Correction"),
    )
    .path("reference", named("Reference"));
    let act = Operation::new(
        ("POST", "/v1/corrections/{reference}/act"),
        ("corrections", "act_on_correction"),
        "Looks into a request, gives it back, or answers it.",
        object(
            vec![
                ("reference", named("Reference")),
                ("version", about(count(), "The next act on it names it.")),
                ("state", named("CorrectionState")),
            ],
            Vec::new(),
        ),
    )
    .description(
        "Takes a token that acts as a person. `version` is the one that the request had when it was looked at.",
    )
    .path("reference", named("Reference"))
    .document(object(
        vec![
            (
                "action",
                word(ACTIONS.map(CorrectionAction::as_str)),
            ),
            ("version", count()),
        ],
        vec![(
            "answer",
            about(
                or_null(json!({"type": "string", "maxLength": LONGEST_TEXT})),
                "What the citizen is told, of `accept` and `refuse`.",
            ),
        )],
    ))
    .problem(409);
    let reveal = Operation::new(
        ("POST", "/v1/corrections/{reference}/reveal"),
        ("corrections", "reveal_correction"),
        "The number of whom a request is about, for who looks into it.",
        object(
            vec![
                ("reference", named("Reference")),
                ("fields", list(named("FieldShown"))),
            ],
            Vec::new(),
        ),
    )
    .description(
        "Takes a token that acts as a person. It is in the access log, and in the history of the request, before it is told; so many \
         an hour, counted with rows behind alerts. It has no body.",
    )
    .path("reference", named("Reference"))
    .problem(409)
    .problem(429);
    vec![listed, one, act, reveal]
}

/// What several of these take or tell.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let state = || or_null(named("TypedState"));
    let own = |rest: Vec<(&'static str, Value)>| {
        let fields = vec![
            ("reference", named("Reference")),
            ("at", time()),
            ("due", about(day(), "The day on which the answer is due.")),
            ("database", named("Stream")),
            ("field", word(OwnField::ALL.iter().map(|one| one.as_str()))),
            ("state", named("CorrectionState")),
            ("handler", or_null(named("Name"))),
        ];
        object(fields.into_iter().chain(rest).collect(), Vec::new())
    };
    let actions = CorrectionAction::ALL.iter().map(|one| one.as_str());
    let event = object(
        vec![
            ("at", time()),
            ("actor", named("Actor")),
            ("action", word(actions.clone())),
        ],
        Vec::new(),
    );
    let whole = vec![
        ("version", about(count(), "An act on it names it.")),
        ("portal", text()),
        (
            "should_be",
            about(or_null(text()), "What is right, as the citizen says."),
        ),
        ("should_be_state", state()),
        ("note", or_null(text())),
        ("note_state", state()),
        ("answer", or_null(text())),
        ("answer_state", state()),
        ("answered_at", or_null(time())),
        ("events", list(event)),
        (
            "groups",
            about(
                list(named("Group")),
                "Of the person, those that have alerts which the caller may see.",
            ),
        ),
        (
            "allowed",
            about(
                list(word(actions)),
                "What the caller can do now; nothing where no person calls.",
            ),
        ),
    ];
    let states = CorrectionState::ALL.iter().map(|one| one.as_str());
    vec![
        (
            "Reference",
            about(
                form("^[0-9a-f]{32}$"),
                "What a request for a correction is known by.",
            ),
        ),
        ("CorrectionState", word(states)),
        ("CorrectionLine", own(vec![("is_late", truth())])),
        ("Correction", own(whole)),
    ]
}
