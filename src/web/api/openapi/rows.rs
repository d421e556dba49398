//! Rows in, and those that were not accepted.

use serde_json::json;

use super::super::loads::MOST_LOADS;
use super::operation::Operation;
use super::shape::{count, list, named, object, or_null, word};

pub(super) fn operations() -> Vec<Operation> {
    let key = || json!({"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 255});
    let again =
        "At random for each push, and the same when it is sent again: its rows then count once.";
    let rows = json!({"type": "string", "description": "One JSON object a line, in UTF-8, as the stream has its columns."});
    let id = || json!({"type": "integer", "minimum": 0, "maximum": i64::MAX});
    let rejects = object(
        vec![
            ("rejects", list(named("Reject"))),
            ("next_page", or_null(json!({"type": "string"}))),
        ],
        Vec::new(),
    );
    let pushed = |operation: Operation| {
        operation
            .header("Idempotency-Key", key(), again)
            .problem(409)
            .problem(422)
    };
    vec![
        pushed(
            Operation::new(
                ("POST", "/v1/streams/{stream}"),
                ("rows", "push_rows"),
                "Sends rows of a stream.",
                named("Receipt"),
            )
            .description("Answered once the rows are durable. May be packed with gzip or zstd.")
            .path("stream", named("Stream"))
            .body(json!({
                "application/x-ndjson": {"schema": rows},
                "application/ndjson": {"schema": rows},
                "application/json": {"schema": {"description": "One row, or one a line."}},
            })),
        ),
        pushed(
            Operation::new(
                ("POST", "/v1/claims/xml"),
                ("rows", "push_envelope"),
                "Sends one XML envelope of claims.",
                named("Receipt"),
            )
            .body(json!({
                "application/xml": {"schema": {"type": "string"}},
                "text/xml": {"schema": {"type": "string"}},
            })),
        ),
        Operation::new(
            ("GET", "/v1/rejects"),
            ("rows", "list_rejects"),
            "Rows that were not accepted, the oldest first.",
            rejects,
        )
        .query("stream", named("Stream"), "Only of this stream.")
        .query("code", named("RejectCode"), "Only with this code.")
        .query("state", named("RejectState"), "Only in this state.")
        .paged(),
        Operation::new(
            ("GET", "/v1/rejects/{id}"),
            ("rows", "get_reject"),
            "A row that was not accepted.",
            named("Reject"),
        )
        .path("id", id()),
        Operation::new(
            ("POST", "/v1/rejects/{id}/repair"),
            ("rows", "repair_reject"),
            "Sends a row in the place of one that was not accepted.",
            named("Receipt"),
        )
        .path("id", id())
        .document(json!({"type": "object"}))
        .problem(409),
        Operation::new(
            ("POST", "/v1/rejects/{id}/dismiss"),
            ("rows", "dismiss_reject"),
            "Sets a row that was not accepted aside.",
            object(vec![("state", word(["dismissed"]))], Vec::new()),
        )
        .path("id", id())
        .document(object(
            vec![(
                "reason",
                json!({"type": "string", "pattern": "^[a-z0-9_]{1,64}$"}),
            )],
            Vec::new(),
        ))
        .problem(409),
        Operation::new(
            ("POST", "/v1/claims/restore"),
            ("rows", "restore_claims"),
            "Has the retired claims of a person decided on again for a while.",
            object(
                vec![
                    ("restored", count()),
                    ("until", json!({"type": "string"})),
                    ("epoch", or_null(count())),
                ],
                Vec::new(),
            ),
        )
        .document(object(
            Vec::new(),
            vec![
                ("card", or_null(json!({"type": "string"}))),
                ("si_number", or_null(json!({"type": "string"}))),
                ("personal_id", or_null(json!({"type": "string"}))),
                (
                    "days",
                    or_null(json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})),
                ),
            ],
        ))
        .problem(404)
        .problem(409),
        Operation::new(
            ("POST", "/v1/loads/undo"),
            ("rows", "undo_loads"),
            "Takes back what loads brought, as if they had never come.",
            object(
                vec![("undone", count()), ("epoch", or_null(count()))],
                Vec::new(),
            ),
        )
        .document(object(
            vec![(
                "loads",
                json!({
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_LOADS,
                    "items": {"type": "string", "pattern": "^[1-9][0-9]{0,15}\\.(0|[1-9][0-9]{0,8})$"},
                }),
            )],
            Vec::new(),
        ))
        .problem(404)
        .problem(409),
    ]
}
