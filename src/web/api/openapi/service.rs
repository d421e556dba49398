//! How far the service is, and this description.

use serde_json::json;

use super::operation::Operation;
use super::shape::{count, form, list, number, object, open_object, or_null, text, word};

pub(super) fn operations() -> Vec<Operation> {
    let source = object(
        vec![
            ("name", text()),
            ("kind", word(["http", "configured"])),
            ("state", word(["paused", "running"])),
            ("waiting_rows", count()),
            ("waiting_bytes", count()),
            ("positions", count()),
        ],
        Vec::new(),
    );
    let trouble = object(vec![("code", text()), ("detail", text())], Vec::new());
    let phases = [
        "opening",
        "recovering",
        "running",
        "draining",
        "stopped",
        "failed",
    ];
    vec![
        Operation::new(
            ("GET", "/v1/sources"),
            ("service", "list_sources"),
            "The sources, and how far they are read.",
            object(vec![("sources", list(source))], Vec::new()),
        ),
        Operation::new(
            ("POST", "/v1/sources/{name}/resume"),
            ("service", "resume_source"),
            "Lets a source go on that was paused.",
            object(vec![("state", word(["resumed"]))], Vec::new()),
        )
        .path("name", form("^[A-Za-z0-9_.-]{1,64}$"))
        .problem(409),
        Operation::new(
            ("GET", "/v1/status"),
            ("service", "get_status"),
            "What the service does.",
            open_object(
                vec![
                    ("version", text()),
                    ("phase", word(phases)),
                    ("sealed_epoch", or_null(count())),
                    ("committed_epoch", or_null(count())),
                    ("lag_seconds", number()),
                    ("paused_sources", list(text())),
                    ("troubles", list(trouble)),
                ],
                Vec::new(),
            ),
        ),
        Operation::new(
            ("GET", "/v1/openapi.json"),
            ("service", "get_openapi"),
            "This description, for anybody.",
            json!({"type": "object"}),
        ),
    ]
}
