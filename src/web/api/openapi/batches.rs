//! Lists that are acted on as a whole.

use super::operation::Operation;
use super::queue::note;
use super::shape::{
    about, count, dong, form, list, named, object, or_null, text, time, truth, word,
};
use crate::review::{BATCH_ACTIONS, BatchOutcome, BatchState, WorkAction};
use serde_json::Value;

pub(super) fn operations() -> Vec<Operation> {
    let number = || about(count(), "The number of a batch.");
    let listed = Operation::new(
        ("GET", "/v1/batches"),
        ("batches", "list_batches"),
        "The batches that are the caller's to see, the latest first.",
        object(
            vec![("batches", about(list(named("Batch")), "The latest 50."))],
            Vec::new(),
        ),
    )
    .query(
        "state",
        named("BatchState"),
        "Only where they are this far.",
    );
    let one = Operation::new(
        ("GET", "/v1/batches/{number}"),
        ("batches", "get_batch"),
        "A batch, what came of it, and some of its alerts.",
        named("BatchWhole"),
    )
    .path("number", number());
    let decide = Operation::new(
        ("POST", "/v1/batches/{number}/decide"),
        ("batches", "decide_batch"),
        "Approves or returns a batch that somebody else proposed.",
        named("Batch"),
    )
    .description(
        "Takes a token that acts as a supervisor. What is approved is carried out from now on: of a large one the answer may tell \
         that it is under way.",
    )
    .path("number", number())
    .document(object(
        vec![("decision", word(["approve", "return"]))],
        vec![("note", about(or_null(note()), "Why; `return` takes one."))],
    ))
    .problem(409);
    let undo = Operation::new(
        ("POST", "/v1/batches/{number}/undo"),
        ("batches", "undo_batch"),
        "Leads the alerts of a batch back to where they were, but for those that somebody acted on since.",
        named("Batch"),
    )
    .description("Takes a token that acts as a person: whoever proposed it, or a supervisor.")
    .path("number", number())
    .document(object(vec![("note", about(note(), "Why."))], Vec::new()))
    .problem(409);
    vec![listed, offer(), propose(), one, decide, undo]
}

fn offer() -> Operation {
    Operation::new(
        ("GET", "/v1/batches/offer"),
        ("batches", "offer_batch"),
        "What a list would be as a batch, and the mark by which it is asked for.",
        object(
            vec![
                ("list", named("ListOfBatch")),
                (
                    "mark",
                    about(
                        named("Digest"),
                        "Tells the set from any other: each alert as it is.",
                    ),
                ),
                ("alerts", count()),
                ("amount_vnd", dong()),
                ("by_reason", list(named("ReasonTotal"))),
                (
                    "is_too_large",
                    about(truth(), "Then it cannot be acted on as one."),
                ),
                (
                    "allowed",
                    about(
                        list(named("BatchAction")),
                        "What the caller can ask for; nothing where no person calls.",
                    ),
                ),
            ],
            Vec::new(),
        ),
    )
    .of_list()
}

fn propose() -> Operation {
    Operation::new(
        ("POST", "/v1/batches"),
        ("batches", "propose_batch"),
        "Asks that something is done with all of a list, as it was told.",
        named("Batch"),
    )
    .description(
        "Takes a token that acts as a person. `list` and `mark` are those of `GET /v1/batches/offer`; where the list is not any more \
         what it was, nothing is kept. What closes, and what is more than 50 alerts, waits for a second person.",
    )
    .document(object(
        vec![
            ("list", named("ListOfBatch")),
            ("mark", named("Digest")),
            ("action", named("BatchAction")),
            ("note", about(note(), "Why.")),
        ],
        vec![
            (
                "assignee",
                about(or_null(named("Name")), "To whom, of `assign`."),
            ),
            (
                "verdict",
                about(or_null(named("Verdict")), "Of `close_together`."),
            ),
        ],
    ))
    .problem(409)
}

/// What several of these take or tell.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let actions = BATCH_ACTIONS.map(WorkAction::as_str);
    let asked = object(
        vec![("view", named("View")), ("as_of", count())],
        vec![
            ("reason", or_null(named("Reason"))),
            ("class", or_null(named("Class"))),
            ("band", or_null(named("Band"))),
            ("province", or_null(form("^[0-9]{2}$"))),
            ("facility", or_null(form("^[0-9]{5}$"))),
            ("state", or_null(named("WorkState"))),
            ("assignee", or_null(named("Name"))),
        ],
    );
    let total = object(
        vec![
            ("reason", named("Reason")),
            ("alerts", count()),
            ("amount_vnd", dong()),
        ],
        Vec::new(),
    );
    let outcomes = BatchOutcome::ALL.iter().map(|one| one.as_str());
    let outcome = object(
        vec![
            (
                "outcome",
                about(
                    or_null(word(outcomes)),
                    "Nothing of those of which nothing came yet.",
                ),
            ),
            ("alerts", count()),
        ],
        Vec::new(),
    );
    let part = object(
        vec![
            ("step", word(["propose", "approve", "return", "undo"])),
            ("at", time()),
            ("name", text()),
            ("note", or_null(text())),
            ("note_state", or_null(named("TypedState"))),
        ],
        Vec::new(),
    );
    let line = || {
        vec![
            ("number", count()),
            (
                "action",
                about(
                    named("AnyAction"),
                    "Of alerts that were chosen one by one, what was done with them.",
                ),
            ),
            ("assignee", or_null(named("Name"))),
            ("verdict", or_null(named("Verdict"))),
            ("state", named("BatchState")),
            ("alerts", count()),
            ("proposer", text()),
            ("proposed_at", time()),
            ("can_decide", truth()),
            ("can_undo", truth()),
        ]
    };
    let mut whole = line();
    whole.extend([
        ("amount_vnd", dong()),
        ("by_reason", list(named("ReasonTotal"))),
        ("outcomes", list(outcome)),
        ("parts", list(part)),
        (
            "sample",
            about(
                list(named("Item")),
                "Of each reason and band, drawn so that nobody chooses which.",
            ),
        ),
    ]);
    let states = BatchState::ALL.iter().map(|one| one.as_str());
    vec![
        ("BatchAction", word(actions)),
        ("BatchState", word(states)),
        (
            "ListOfBatch",
            about(asked, "A list by its filters, up to an epoch."),
        ),
        ("ReasonTotal", total),
        ("Batch", object(line(), Vec::new())),
        ("BatchWhole", object(whole, Vec::new())),
    ]
}
