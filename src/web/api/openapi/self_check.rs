//! What citizens ask through portals about themselves.

use serde_json::json;

use super::operation::Operation;
use super::shape::{about, object, open_object, or_null, text};

pub(super) fn operations() -> Vec<Operation> {
    let assertion = || {
        about(
            text(),
            "The portal's signed assertion of who asks, good once: docs/self-check.md.",
        )
    };
    let language = json!({"type": "string"});
    let asked = |operation: Operation| {
        operation
            .header("Accept-Language", language.clone(), "`vi` or `en`.")
            .problem(409)
            .problem(404)
    };
    let correction = || {
        open_object(
            vec![
                ("reference", text()),
                ("database", text()),
                ("field", text()),
                ("state", text()),
            ],
            Vec::new(),
        )
    };
    vec![
        asked(
            Operation::new(
                ("POST", "/v1/self"),
                ("self", "self_records"),
                "A citizen's own records, what differs between them, and who read them.",
                json!({"type": "object"}),
            )
            .document(object(vec![("assertion", assertion())], Vec::new())),
        ),
        asked(
            Operation::new(
                ("POST", "/v1/self/corrections"),
                ("self", "request_correction"),
                "Asks for a correction of a record.",
                correction(),
            )
            .accepts()
            .document(object(
                vec![
                    ("assertion", assertion()),
                    ("database", text()),
                    ("field", text()),
                    ("should_be", text()),
                ],
                vec![("note", or_null(text()))],
            )),
        ),
        asked(
            Operation::new(
                ("POST", "/v1/self/corrections/status"),
                ("self", "correction_status"),
                "What became of a correction that was asked for.",
                correction(),
            )
            .document(object(
                vec![("assertion", assertion()), ("reference", text())],
                Vec::new(),
            )),
        ),
    ]
}
