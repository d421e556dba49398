//! The description of the API: every route and no other, and the published copy of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use fundwatch::web::{ROUTES, openapi};
use serde_json::Value;

use crate::client::{ask, get};
use crate::fakes::*;

#[test]
fn the_published_document_is_the_generated_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let generated = format!("{:#}\n", openapi());
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test web document",
        path.display()
    );
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let document = openapi();
    let mut described = BTreeSet::new();
    for (template, path) in document["paths"].as_object().unwrap() {
        for (method, operation) in path.as_object().unwrap() {
            described.insert((method.to_ascii_uppercase(), template.clone()));
            let is_open = operation["security"] == Value::Array(Vec::new());
            let route = ROUTES.iter().find(|route| {
                route.template == template && route.method.eq_ignore_ascii_case(method)
            });
            let needs = route.and_then(|route| route.action);
            assert_eq!(is_open, needs.is_none(), "{method} {template}");
            let permission = operation["x-permission"].as_str();
            assert_eq!(permission, needs.map(|action| action.granted().as_str()));
            // What stands in the path is a parameter, and the other way around.
            let places = template.split('{').skip(1);
            let places: BTreeSet<&str> = places
                .filter_map(|rest| Some(rest.split_once('}')?.0))
                .collect();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let told = parameters.filter(|one| one["in"] == "path");
            let told: BTreeSet<&str> = told.filter_map(|one| one["name"].as_str()).collect();
            assert_eq!(told, places, "{method} {template}");
        }
    }
    let routes = ROUTES.iter();
    let routes: BTreeSet<(String, String)> = routes
        .map(|route| (route.method.to_owned(), route.template.to_owned()))
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn operations_have_names_of_their_own_and_refer_to_what_there_is() {
    let document = openapi();
    let mut names = Vec::new();
    let mut references = Vec::new();
    walk(&document, &mut |key, value| match (key, value.as_str()) {
        ("operationId", Some(name)) => names.push(name.to_owned()),
        ("$ref", Some(place)) => references.push(place.to_owned()),
        _ => {}
    });
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (ROUTES.len(), ROUTES.len()));
    assert!(references.len() > ROUTES.len());
    for place in references {
        let pointer = place.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{place}");
    }
}

fn walk(value: &Value, each: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                each(key, value);
                walk(value, each);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, each)),
        _ => {}
    }
}

#[test]
fn anybody_may_read_it() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let reply = ask(at, "GET", "/v1/openapi.json", &[], b"");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.json(), openapi());
    let wrong = get(at, "/v1/openapi.json?x=1", NOBODY);
    assert_eq!(
        (wrong.status, wrong.code()),
        (400, "bad_parameter".to_owned())
    );
    assert!(fake.log().is_empty());
}

/// What the made-up service answers is of the schemas, as far as it is what the service answers.
#[test]
fn problems_and_the_queue_are_as_described() {
    let document = openapi();
    let schema = |name: &str| {
        let mut schema = document.clone();
        schema["$ref"] = format!("#/components/schemas/{name}").into();
        jsonschema::validator_for(&schema).unwrap()
    };
    let (server, _) = api(options());
    let at = server.local_addr();
    let problem = schema("Problem");
    for path in ["/v1/alerts?x=1", "/v1/queue/x", "/v1/nowhere"] {
        let reply = get(at, path, AUDITOR).json();
        assert!(problem.is_valid(&reply), "{path}: {reply}");
    }
    let whole = schema("ItemWhole");
    for is_proposed in [false, true] {
        let path = format!("/v1/queue/{}", alert_id(is_proposed));
        let mut reply = get(at, &path, AUDITOR).json();
        assert!(
            whole.is_valid(&reply),
            "{:?}",
            whole
                .iter_errors(&reply)
                .map(|e| e.to_string())
                .collect::<Vec<_>>()
        );
        reply["item"]["work"]["state"] = "lost".into();
        assert!(!whole.is_valid(&reply), "a schema that takes anything");
    }
}
