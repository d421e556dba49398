//! Questions about one person, by a number that is in the body alone.

use serde_json::json;

use super::operation::Operation;
use super::shape::{about, count, named, object, or_null, text, truth};

pub(super) fn operations() -> Vec<Operation> {
    let number = || or_null(text());
    let sex = json!({"anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 3},
        {"type": "string", "enum": ["1", "2", "3"]},
    ]});
    vec![
        Operation::new(
            ("POST", "/v1/authenticate"),
            ("people", "authenticate"),
            "Whether a person is who they are said to be.",
            object(vec![("matched", truth())], vec![("cause", named("Cause"))]),
        )
        .description("One of the three numbers, with name, date of birth and sex. Every call is in the access log.")
        .document(object(
            vec![
                ("full_name", json!({"type": "string", "maxLength": 256})),
                ("birth_date", about(text(), "YYYY-MM-DD, YYYY-MM or YYYY.")),
                ("sex", sex),
            ],
            vec![
                ("card_number", number()),
                ("si_number", number()),
                ("personal_id", number()),
            ],
        )),
        Operation::new(
            ("POST", "/v1/search"),
            ("people", "search"),
            "The alerts of a person, found by a number of theirs.",
            object(
                vec![
                    ("group", or_null(named("Group"))),
                    ("as_of", or_null(count())),
                ],
                Vec::new(),
            ),
        )
        .description("The group is a pseudonym. So many searches an hour; each is in the access log.")
        .document(object(
            vec![(
                "number",
                about(text(), "Of a card, of the insurance or of a citizen, as people write it."),
            )],
            Vec::new(),
        )),
    ]
}
