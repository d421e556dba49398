//! Who saw and changed what.

use serde_json::Value;

use super::operation::Operation;
use super::shape::{about, count, day, form, list, named, object, or_null, text, time, truth};

pub(super) fn operations() -> Vec<Operation> {
    let standing = object(
        vec![
            ("entries", count()),
            ("signed_at", or_null(time())),
            (
                "verified_at",
                about(
                    or_null(time()),
                    "When the whole of it was last found as it was written.",
                ),
            ),
            (
                "is_damaged",
                about(truth(), "Whether it was found changed or incomplete."),
            ),
        ],
        Vec::new(),
    );
    let code = || form("^[A-Za-z0-9._:/-]{1,128}$");
    let read = Operation::new(
        ("GET", "/v1/access-log"),
        ("access-log", "read_access_log"),
        "Entries of the access log, the newest first, and how the log stands.",
        object(
            vec![
                ("entries", list(named("LogEntry"))),
                ("next_page", or_null(text())),
                ("standing", standing),
            ],
            Vec::new(),
        ),
    )
    .description("That it is read is an entry of it. What has the form of a number of a person is not asked for.")
    .query("actor", code(), "Only of this user or token.")
    .query("action", form("^[a-z0-9_]{1,64}$"), "Only of this action.")
    .query("object", code(), "Only about this object.")
    .query("from", day(), "On this day or later, in UTC+7.")
    .query("to", day(), "On this day or earlier.")
    .paged();
    let sample = Operation::new(
        ("GET", "/v1/access-log/sample"),
        ("access-log", "sample_access_log"),
        "A share of what was revealed and opened on a day, for somebody to check.",
        object(
            vec![
                ("day", day()),
                ("reveals", count()),
                ("openings", count()),
                (
                    "entries",
                    about(
                        list(named("LogEntry")),
                        "Of the reveals, then of the openings: the same whenever it is asked for.",
                    ),
                ),
            ],
            Vec::new(),
        ),
    )
    .query(
        "day",
        day(),
        "A day that is over; yesterday where nothing is said.",
    );
    vec![read, sample]
}

/// What both tell.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let entry = object(
        vec![
            ("number", count()),
            ("at", time()),
            ("actor", text()),
            ("role", text()),
            ("action", text()),
            ("is_done", truth()),
            ("purpose", or_null(text())),
            ("object", or_null(text())),
            ("fields", list(text())),
            ("objects", or_null(count())),
            ("epoch", or_null(count())),
        ],
        Vec::new(),
    );
    vec![("LogEntry", entry)]
}
