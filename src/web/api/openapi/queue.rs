//! Alerts as people work on them.

use serde_json::{Value, json};

use super::operation::Operation;
use super::shape::{
    about, count, day, dong, form, list, named, object, or_null, small, text, time, truth, word,
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
    .of_list()
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
        rows(),
        reveal(),
        changes(),
        seen(),
        group(),
    ]
}

/// Why, in the author's words.
pub(super) fn note() -> Value {
    json!({"type": "string", "maxLength": crate::review::LONGEST_NOTE})
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
            about(or_null(note()), "Why, in the author's words."),
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

fn rows() -> Operation {
    let row = object(
        vec![
            ("number", about(small(), "Asking for it unmasked names it.")),
            ("stream", named("Stream")),
            ("valid_from", or_null(day())),
            ("valid_to", or_null(day())),
            ("known_at", time()),
            ("place", text()),
            (
                "texts",
                about(
                    or_null(list(text())),
                    "What it says, masked; nothing where it was erased.",
                ),
            ),
            ("masked", list(named("Field"))),
        ],
        Vec::new(),
    );
    Operation::new(
        ("GET", "/v1/queue/{alert_id}/rows"),
        ("queue", "get_rows"),
        "Why an alert holds, and the rows behind it, masked.",
        object(
            vec![
                ("sentence", text()),
                ("rows", list(row)),
                (
                    "rows_in_all",
                    about(count(), "How many there are: those that are told are the first."),
                ),
                (
                    "digest",
                    about(named("Digest"), "Asking for a row unmasked names it."),
                ),
                (
                    "before",
                    about(
                        small(),
                        "How many rows of it the caller had told unmasked: asking for one names it.",
                    ),
                ),
                ("can_reveal", truth()),
            ],
            Vec::new(),
        ),
    )
    .path("alert_id", named("AlertId"))
    .header(
        "Accept-Language",
        text(),
        "`vi` or `en`: what words are in.",
    )
}

fn reveal() -> Operation {
    Operation::new(
        ("POST", "/v1/queue/{alert_id}/reveal"),
        ("queue", "reveal"),
        "One row behind an alert, unmasked, once, for a purpose.",
        object(
            vec![
                ("row", small()),
                ("stream", named("Stream")),
                (
                    "fields",
                    about(
                        list(named("FieldShown")),
                        "What is masked otherwise; a field as often as the row has it.",
                    ),
                ),
            ],
            Vec::new(),
        ),
    )
    .description(
        "Takes a token that acts as a person who has the alert or supervises. It is in the access log, and on the alert for \
         everybody who sees it, before it is told. So many an hour. Sent again it is answered 409, since `before` has passed.",
    )
    .path("alert_id", named("AlertId"))
    .document(object(
        vec![
            ("row", about(small(), "Its `number` among the rows of the alert, from 1 on.")),
            ("before", small()),
            ("digest", named("Digest")),
            ("purpose", named("Purpose")),
        ],
        vec![(
            "note",
            about(or_null(note()), "More about why; `other_documented` takes one."),
        )],
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
    let event = object(
        vec![
            ("alert_id", named("AlertId")),
            ("at", time()),
            ("actor", or_null(named("Actor"))),
            ("action", named("AnyAction")),
            ("to", named("WorkState")),
        ],
        Vec::new(),
    );
    Operation::new(
        ("GET", "/v1/changes"),
        ("queue", "list_changes"),
        "What became of alerts since an epoch, or since a list was marked as seen, net.",
        object(
            vec![
                (
                    "since",
                    about(
                        or_null(count()),
                        "Nothing where the list was never marked as seen, and no epoch is asked for.",
                    ),
                ),
                ("until", count()),
                (
                    "event",
                    about(
                        or_null(count()),
                        "The number of the last thing that people did: with `until`, what is marked as seen. Nothing without a \
                         `place`, where what people did is not told.",
                    ),
                ),
                ("is_cut", about(truth(), "Whether there is more after `until`.")),
                (
                    "is_limited",
                    about(
                        truth(),
                        "Whether more alerts came, changed or went than are named: `GET /v1/queue` has them all.",
                    ),
                ),
                ("raised", count()),
                ("changed", count()),
                ("withdrawn", count()),
                ("alerts", about(list(alert), "The first 200, by id.")),
                (
                    "events",
                    about(
                        list(event),
                        "Of `mine`: what others did about alerts that the caller has or had a part in.",
                    ),
                ),
            ],
            Vec::new(),
        ),
    )
    .description(
        "An alert that was raised and withdrawn in between is none. The next look is since `until`. At least one of `since` and `place` \
         is given; with both, what the machine did is told since the epoch, and what people did since the mark. `place` takes a token that acts as a person, whose marks are theirs on the pages as well.",
    )
    .query("since", count(), "The `until` of the look before.")
    .query("place", named("Place"), "Of this list, since it was marked as seen.")
}

fn seen() -> Operation {
    Operation::new(
        ("POST", "/v1/changes/seen"),
        ("queue", "mark_seen"),
        "Marks a list, what the caller has, or an alert as seen, up to where it was told.",
        object(vec![("state", word(["seen"]))], Vec::new()),
    )
    .description(
        "Takes a token that acts as a person. One of `place` and `alert_id` is given. What was seen before stays seen, and nothing \
         is seen that has not happened.",
    )
    .document(object(
        vec![
            ("epoch", about(count(), "The `until` of `GET /v1/changes`.")),
            ("event", about(count(), "The `event` of `GET /v1/changes`.")),
        ],
        vec![
            ("place", or_null(named("Place"))),
            ("alert_id", or_null(named("AlertId"))),
        ],
    ))
    .problem(404)
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
