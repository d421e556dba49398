//! Alerts as people work on them.

use serde_json::{Value, json};

use super::operation::Operation;
use super::shape::{
    about, count, day, dong, form, list, named, object, or_null, small, text, truth, word,
};

pub(super) fn operations() -> Vec<Operation> {
    let listed = Operation::new(
        ("GET", "/v1/queue"),
        ("queue", "list_queue"),
        "A list of alerts to work on, the highest priority first.",
        object(
            vec![
                ("items", list(named("Item"))),
                ("as_of", count()),
                ("next_page", or_null(text())),
            ],
            Vec::new(),
        ),
    )
    .description("Pages that belong together are of alerts that were raised up to one epoch, `as_of`; `next_page` says it.")
    .query("view", named("View"), "Which list; `open` where nothing is said.")
    .query("reason", named("Reason"), "Only this reason.")
    .query("class", named("Class"), "Only this class.")
    .query("band", named("Band"), "Only this urgent.")
    .query("province", form("^[0-9]{2}$"), "Only of facilities of this province.")
    .query("facility", form("^[0-9]{5}$"), "Only of this facility.")
    .query("state", named("WorkState"), "Only where people are this far.")
    .query("assignee", named("Name"), "Only of whom this is assigned to.")
    .query("as_of", count(), "Only alerts that were raised up to this epoch.")
    .paged();
    let one = Operation::new(
        ("GET", "/v1/queue/{alert_id}"),
        ("queue", "get_queue_item"),
        "An alert with both axes, what can be done about it, and what was.",
        named("ItemWhole"),
    )
    .path("alert_id", named("AlertId"));
    vec![
        listed,
        one,
        act(),
        act_on_all(),
        second_look(),
        changes(),
        group(),
    ]
}

/// What an act may say beside what was seen.
fn said() -> Vec<(&'static str, Value)> {
    vec![
        (
            "assignee",
            about(or_null(named("Name")), "To whom, of `assign`."),
        ),
        (
            "until",
            about(or_null(day()), "The last day, of `wait` and `snooze`."),
        ),
        (
            "verdict",
            about(or_null(named("Verdict")), "Of `propose` and `close`."),
        ),
        (
            "note",
            about(
                or_null(json!({"type": "string", "maxLength": crate::review::LONGEST_NOTE})),
                "Why, in the author's words.",
            ),
        ),
    ]
}

fn act() -> Operation {
    let document = object(
        vec![
            ("action", named("Action")),
            ("version", small()),
            ("digest", named("Digest")),
        ],
        said(),
    );
    Operation::new(
        ("POST", "/v1/queue/{alert_id}/act"),
        ("queue", "act"),
        "Does something about an alert, as it was seen.",
        named("Look"),
    )
    .description(
        "Takes a token that acts as a person. `version` and `digest` are those that the alert had when it was looked at; where \
         somebody acted meanwhile, or a decision rests on other evidence than there is now, nothing is done.",
    )
    .path("alert_id", named("AlertId"))
    .document(document)
    .conflict(named("Moved"))
}

fn act_on_all() -> Operation {
    let alert = object(
        vec![
            ("alert_id", named("AlertId")),
            ("version", small()),
            ("digest", named("Digest")),
        ],
        Vec::new(),
    );
    let alerts = json!({
        "type": "array",
        "items": alert,
        "minItems": 1,
        "maxItems": crate::review::LARGEST_BULK,
    });
    let outcome = object(
        vec![
            ("alert_id", named("AlertId")),
            (
                "status",
                about(
                    count(),
                    "What asking for it alone would have been answered with.",
                ),
            ),
            ("code", about(text(), "`done`, or the code of the problem.")),
            ("detail", or_null(text())),
            ("now", or_null(named("Look"))),
        ],
        Vec::new(),
    );
    Operation::new(
        ("POST", "/v1/queue/act"),
        ("queue", "act_on_all"),
        "Does the same for several alerts, each as it was seen.",
        object(
            vec![
                ("done", count()),
                ("refused", count()),
                (
                    "batch",
                    about(
                        or_null(count()),
                        "The batch that undoes what was done; nothing where nothing was.",
                    ),
                ),
                ("outcomes", list(outcome)),
            ],
            Vec::new(),
        ),
    )
    .description(
        "Each stands for itself: what can be done is done, and of every alert it is told what became of it. What is decided is \
         decided alert by alert, but for duplicates, which are closed together.",
    )
    .document(object(
        vec![("action", named("Action")), ("alerts", alerts)],
        said(),
    ))
}

fn second_look() -> Operation {
    Operation::new(
        ("POST", "/v1/queue/{alert_id}/second-look"),
        ("queue", "second_look"),
        "An approver's own verdict, before the proposed one is told.",
        object(
            vec![
                ("own", named("Verdict")),
                ("proposed", named("Verdict")),
                ("is_same", truth()),
            ],
            Vec::new(),
        ),
    )
    .path("alert_id", named("AlertId"))
    .document(object(
        vec![("version", small()), ("verdict", named("Verdict"))],
        Vec::new(),
    ))
    .conflict(named("Moved"))
}

fn changes() -> Operation {
    let alert = object(
        vec![
            ("alert_id", named("AlertId")),
            ("kind", word(["raised", "changed", "withdrawn"])),
        ],
        Vec::new(),
    );
    Operation::new(
        ("GET", "/v1/changes"),
        ("queue", "list_changes"),
        "What became of alerts since an epoch, net.",
        object(
            vec![
                ("since", count()),
                ("until", count()),
                ("raised", count()),
                ("changed", count()),
                ("withdrawn", count()),
                ("alerts", about(list(alert), "The first 200, by id.")),
            ],
            Vec::new(),
        ),
    )
    .description("An alert that was raised and withdrawn in between is none. The next look is since `until`.")
    .required("since", count(), "The `until` of the look before.")
}

fn group() -> Operation {
    let total = object(
        vec![
            ("reason", named("Reason")),
            ("alerts", count()),
            ("open", count()),
            ("amount_vnd", dong()),
        ],
        Vec::new(),
    );
    Operation::new(
        ("GET", "/v1/groups/{kind}/{id}"),
        ("queue", "get_group"),
        "The alerts of a person, of a card or of a provider.",
        object(
            vec![
                ("group", named("Group")),
                ("amount_vnd", dong()),
                ("by_reason", list(total)),
                (
                    "is_limited",
                    about(
                        truth(),
                        "Whether there may be more; sums are of those that are told.",
                    ),
                ),
                ("items", list(named("Item"))),
            ],
            Vec::new(),
        ),
    )
    .path("kind", word(["person", "card", "provider"]))
    .path("id", form("^([0-9a-f]{32}|[0-9]{5})$"))
}
