//! The one place of schemas: what several operations take or tell.

use serde_json::{Map, Value, json};

use super::super::queue::is_done_by_one;
use super::shape::{
    about, count, day, dong, form, list, named, number, object, open_object, or_null, share, small,
    text, time, truth, word,
};
use crate::authenticate::Cause;
use crate::case::Field;
use crate::record::{ErrorCode, Stream};
use crate::review::{Band, Purpose, Verdict, View, WorkAction, WorkState};
use crate::rule::{Class, Reason, Severity};
use crate::store::AlertState;

/// Every schema, by name.
pub(super) fn all() -> Value {
    let schemas = [
        words(),
        problems(),
        machine(),
        people(),
        super::batches::schemas(),
        super::corrections::schemas(),
        super::access_log::schemas(),
        rows(),
    ];
    let schemas = schemas.into_iter().flatten();
    let schemas: Map<String, Value> = schemas
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect();
    Value::Object(schemas)
}

type Named = Vec<(&'static str, Value)>;

/// Lists of words, as the program has them.
fn words() -> Named {
    let actions = WorkAction::ALL.iter().copied();
    let actions = actions.filter(|action| is_done_by_one(*action));
    let places = View::ALL.iter().map(|view| view.as_str());
    let places = ["mine"].into_iter().chain(places);
    vec![
        ("Reason", word(Reason::ALL.iter().map(|one| one.as_str()))),
        ("Class", word(Class::ALL.iter().map(|one| one.as_str()))),
        ("Severity", word(Severity::ALL.map(Severity::as_str))),
        ("Cause", word(Cause::ALL.iter().map(|one| one.as_str()))),
        ("Band", word(Band::ALL.map(Band::as_str))),
        ("View", word(View::ALL.iter().map(|one| one.as_str()))),
        (
            "WorkState",
            word(WorkState::ALL.iter().map(|one| one.as_str())),
        ),
        ("Action", word(actions.map(WorkAction::as_str))),
        (
            "AnyAction",
            about(
                word(WorkAction::ALL.iter().map(|one| one.as_str())),
                "Time and batches do what nobody does alone.",
            ),
        ),
        ("Place", word(places)),
        ("Field", word(Field::ALL.iter().map(|one| one.as_str()))),
        ("TypedState", word(["kept", "erased", "unreadable"])),
        ("Verdict", word(Verdict::ALL.iter().map(|one| one.as_str()))),
        ("Purpose", word(Purpose::ALL.iter().map(|one| one.as_str()))),
        (
            "EvidenceState",
            word(AlertState::ALL.map(AlertState::as_str)),
        ),
        ("Stream", word(Stream::ALL.iter().map(|one| one.name()))),
        (
            "RejectCode",
            word(ErrorCode::ALL.iter().map(|one| one.as_str())),
        ),
        ("RejectState", word(["open", "repaired", "dismissed"])),
        (
            "AlertId",
            about(
                form("^[0-9a-f]{32}$"),
                "The id of an alert, the same in every store.",
            ),
        ),
        ("Digest", form("^[0-9a-f]{32}$")),
        ("Name", form("^[a-z0-9._-]{1,64}$")),
    ]
}

fn problems() -> Named {
    let fields = || {
        vec![
            ("title", text()),
            (
                "status",
                json!({"type": "integer", "minimum": 400, "maximum": 599}),
            ),
            ("code", about(form("^[a-z0-9_]+$"), "Stable.")),
            ("detail", text()),
            ("remedy", text()),
        ]
    };
    let moved = vec![
        ("acted_on", about(truth(), "Whether somebody acted on it.")),
        (
            "evidence_changed",
            about(truth(), "Whether what it rests on changed."),
        ),
        ("now", named("Look")),
    ];
    vec![
        ("Problem", object(fields(), Vec::new())),
        ("Moved", object(fields(), moved)),
    ]
}

/// Alerts, as the machine has them.
fn machine() -> Named {
    let subject = object(vec![("kind", text()), ("id", text())], Vec::new());
    let evidence = object(
        vec![
            ("stream", named("Stream")),
            (
                "key",
                about(
                    text(),
                    "Numbers of people are masked; the key of a visit is whole.",
                ),
            ),
            ("recorded_at", time()),
            ("file", text()),
            ("row", count()),
        ],
        Vec::new(),
    );
    let alert = open_object(
        vec![
            ("alert_id", named("AlertId")),
            ("reason", named("Reason")),
            ("class", named("Class")),
            ("severity", named("Severity")),
            ("subject", subject),
            ("amount_vnd", dong()),
            ("priority", number()),
            ("raised_at", time()),
            ("evidence", list(evidence)),
            ("state", named("EvidenceState")),
            ("changed_epoch", count()),
        ],
        vec![
            ("grade", count()),
            ("cause", named("Cause")),
            ("score", share()),
            ("score_features", list(json!({"type": "object"}))),
            ("misuse_probability", share()),
            ("misuse_features", list(json!({"type": "object"}))),
            ("evidence_count", count()),
            ("evidence_sha256", form("^[0-9a-f]{64}$")),
        ],
    );
    vec![("Alert", alert)]
}

/// Alerts, as people work on them.
fn people() -> Named {
    let group = object(
        vec![
            ("kind", word(["person", "card", "provider"])),
            ("id", about(text(), "A pseudonym; of a provider its code.")),
        ],
        Vec::new(),
    );
    let subject = object(
        vec![
            ("kind", text()),
            (
                "masked",
                about(text(), "The card or number, but for its last digits."),
            ),
        ],
        Vec::new(),
    );
    let evidence = object(
        vec![
            ("state", named("EvidenceState")),
            (
                "is_moved",
                about(
                    truth(),
                    "Whether it is another than what was decided or proposed on.",
                ),
            ),
        ],
        Vec::new(),
    );
    let decision = object(
        vec![
            ("verdict", named("Verdict")),
            ("evidence_state", named("EvidenceState")),
            ("digest", named("Digest")),
            ("epoch", count()),
        ],
        Vec::new(),
    );
    let work = object(
        vec![
            ("state", named("WorkState")),
            ("assignee", or_null(named("Name"))),
            ("since", time()),
            ("until", or_null(day())),
            ("due", day()),
            ("proposer", or_null(named("Name"))),
            (
                "decision",
                about(
                    or_null(decision),
                    "What is proposed or was decided; of a proposal, not in lists, and not before a second look that is due.",
                ),
            ),
        ],
        Vec::new(),
    );
    let item = object(
        vec![
            ("alert_id", named("AlertId")),
            (
                "version",
                about(small(), "How often it was acted on: an act names it."),
            ),
            (
                "digest",
                about(named("Digest"), "What it rests on: an act names it."),
            ),
            ("reason", named("Reason")),
            ("class", named("Class")),
            ("severity", named("Severity")),
            ("subject", subject),
            ("facility", or_null(text())),
            ("groups", list(named("Group"))),
            ("amount_vnd", dong()),
            ("grade", or_null(count())),
            ("cause", or_null(named("Cause"))),
            ("score", or_null(share())),
            ("misuse_probability", or_null(share())),
            ("priority", count()),
            ("band", named("Band")),
            ("service_date", or_null(day())),
            ("raised_at", time()),
            ("raised_epoch", count()),
            ("changed_epoch", count()),
            ("evidence", evidence),
            ("work", work),
        ],
        Vec::new(),
    );
    let look = || {
        vec![
            ("item", named("Item")),
            (
                "allowed",
                about(
                    list(named("Action")),
                    "What the caller can do now; nothing where no person calls.",
                ),
            ),
            ("second_look_due", truth()),
        ]
    };
    let mut whole = look();
    whole.extend([
        ("events", list(named("Event"))),
        ("changes", list(named("MachineChange"))),
        ("reveals", list(named("RevealEvent"))),
    ]);
    vec![
        ("Group", group),
        (
            "Actor",
            object(vec![("name", text()), ("role", text())], Vec::new()),
        ),
        (
            "FieldShown",
            object(
                vec![("name", named("Field")), ("value", text())],
                Vec::new(),
            ),
        ),
        ("Item", item),
        ("Look", object(look(), Vec::new())),
        ("ItemWhole", object(whole, Vec::new())),
        ("Event", event()),
        ("MachineChange", machine_change()),
        ("RevealEvent", reveal()),
    ]
}

fn event() -> Value {
    object(
        vec![
            ("at", time()),
            ("actor", or_null(named("Actor"))),
            ("action", named("AnyAction")),
            ("from", named("WorkState")),
            ("to", named("WorkState")),
            ("assignee", or_null(named("Name"))),
            ("until", or_null(day())),
            ("verdict", or_null(named("Verdict"))),
            ("note", or_null(text())),
            ("note_state", or_null(named("TypedState"))),
            ("epoch", count()),
            ("look", or_null(named("Verdict"))),
            ("batch", or_null(count())),
        ],
        Vec::new(),
    )
}

fn machine_change() -> Value {
    object(
        vec![
            ("at", time()),
            ("epoch", count()),
            ("kind", word(["raised", "changed", "withdrawn", "archived"])),
            ("causes", list(named("Stream"))),
        ],
        Vec::new(),
    )
}

fn reveal() -> Value {
    object(
        vec![
            ("at", time()),
            ("actor", text()),
            ("row", count()),
            ("fields", list(text())),
            ("purpose", named("Purpose")),
            ("note", or_null(text())),
            ("note_state", or_null(named("TypedState"))),
        ],
        Vec::new(),
    )
}

/// Rows that are sent, and those that were not accepted.
fn rows() -> Named {
    let rejected = object(
        vec![("row", count()), ("code", named("RejectCode"))],
        Vec::new(),
    );
    let receipt = object(
        vec![
            ("accepted", count()),
            ("rejected", list(rejected)),
            ("epoch", count()),
        ],
        Vec::new(),
    );
    let reject = object(
        vec![
            ("id", count()),
            ("epoch", count()),
            ("source", text()),
            ("stream", text()),
            ("file", or_null(text())),
            ("row", count()),
            ("code", named("RejectCode")),
            ("reason", text()),
            ("received_at_ms", json!({"type": "integer"})),
            ("state", named("RejectState")),
            ("repaired_by_epoch", or_null(count())),
        ],
        Vec::new(),
    );
    vec![("Receipt", receipt), ("Reject", reject)]
}
