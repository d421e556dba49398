//! Questions and changes: alerts, people, rejects and sources, with every wrong way to ask.

use std::sync::atomic::Ordering::SeqCst;

use fundwatch::web::{Event, Stage};

use crate::client::{get, post};
use crate::fakes::*;

const JSON: &str = "application/json";

#[test]
fn alerts_are_filtered_and_paged() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let reply = get(
        at,
        "/v1/alerts?reason=stale_card&class=data_quality&state=active&min_priority=1.5&limit=7",
        AUDITOR,
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let page = reply.json();
    let asked = page["alerts"][0]["asked"].as_str().unwrap();
    assert_eq!(
        asked,
        "AlertQuery { reason: Some(\"stale_card\"), class: Some(\"data_quality\"), state: Some(\"active\"), min_priority: Some(1.5), limit: 7, page: None }"
    );
    assert_eq!(page["next_page"], "p.2");
    let page = get(at, "/v1/alerts?page=p.2&reason=", AUDITOR).json();
    assert!(
        page["alerts"][0]["asked"]
            .as_str()
            .unwrap()
            .contains("reason: None, class: None")
    );
    assert_eq!(page["next_page"], serde_json::Value::Null);
    let done = Stage::Ended {
        objects: 1,
        complete: true,
    };
    assert_eq!(
        fake.log(),
        vec![("auditor-1".to_owned(), "read_alerts", done); 2]
    );
    for (query, code, status) in [
        ("reasons=x", "bad_parameter", 400),
        ("reason=x&reason=y", "bad_parameter", 400),
        ("reason=UPPER", "bad_parameter", 400),
        ("reason=%ff", "bad_parameter", 400),
        ("reason=%00", "bad_parameter", 400),
        ("limit=0", "bad_parameter", 400),
        ("limit=1001", "bad_parameter", 400),
        ("limit=-1", "bad_parameter", 400),
        ("min_priority=NaN", "bad_parameter", 400),
        ("min_priority=inf", "bad_parameter", 400),
        ("page=%3C", "bad_parameter", 400),
        ("reason=unknown", "bad_parameter", 400),
        ("reason=hydrating", "not_ready", 503),
        ("reason=broken", "unavailable", 503),
        ("reason=panic", "internal", 500),
    ] {
        let reply = get(at, &format!("/v1/alerts?{query}"), AUDITOR);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{query}"
        );
        assert_eq!(
            reply.header("retry-after").is_some(),
            status == 503,
            "{query}"
        );
    }
    assert_eq!(fake.count_of(Event::Panicked), 1);
    assert_eq!(get(at, "/v1/status", AUDITOR).json()["epoch"], 7);
    assert_eq!(get(at, "/v1/status?x=1", AUDITOR).status, 400);
    assert_eq!(
        get(at, "/v1/sources", AUDITOR).json()["sources"][0]["name"],
        "cards-topic"
    );
}

#[test]
fn people_authenticate_or_the_cause_is_told_and_the_call_is_logged() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let ask = |body: &str| post(at, "/v1/authenticate", DESK, JSON, body.as_bytes());
    let rest = r#""full_name":"Nguyễn Mẫu An","birth_date":"1979-01-25","sex":"2""#;
    let reply = ask(&format!("{{\"card_number\":\"HT3797900000001\",{rest}}}"));
    assert_eq!((reply.status, reply.text()), (200, "{\"matched\":true}"));
    let reply = ask(&format!("{{\"si_number\":\"7900000001\",{rest}}}"));
    assert_eq!(
        reply.json(),
        serde_json::json!({ "matched": false, "cause": "name_spelling" })
    );
    let done = Stage::Ended {
        objects: 1,
        complete: true,
    };
    assert_eq!(
        fake.log(),
        vec![("desk-1".to_owned(), "authenticate", done); 2]
    );
    for (body, status, code) in [
        (format!("{{{rest}}}"), 422, "one_number"),
        (
            format!("{{\"si_number\":\"1\",\"personal_id\":\"2\",{rest}}}"),
            422,
            "one_number",
        ),
        (
            format!("{{\"secret_079051000001\":\"1\",{rest}}}"),
            400,
            "bad_document",
        ),
        (
            "{\"si_number\":\"079051000001\"".to_owned(),
            400,
            "bad_document",
        ),
        ("\u{0}".to_owned(), 400, "bad_document"),
        (
            format!("{{\"si_number\":\"{}\",{rest}}}", "7".repeat(300)),
            422,
            "field_too_long",
        ),
        (
            format!(
                "{{\"si_number\":\"1\",\"full_name\":\"{}\"}}",
                "x".repeat(9000)
            ),
            413,
            "body_too_large",
        ),
        (
            r#"{"si_number":"1","full_name":"n","birth_date":"1979-01-25x","sex":1}"#.to_owned(),
            422,
            "bad_partial_date",
        ),
    ] {
        let reply = ask(&body);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{body}"
        );
        assert!(!reply.text().contains("0790510"), "{}", reply.text());
    }
    assert_eq!(
        post(at, "/v1/authenticate", DESK, "text/plain", b"{}").status,
        415
    );
    // What cannot be logged is not told.
    fake.log_is_full.store(true, SeqCst);
    let reply = ask(&format!("{{\"card_number\":\"HT3797900000001\",{rest}}}"));
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (503, "no_access_log")
    );
    assert_eq!(get(at, "/v1/alerts", AUDITOR).code(), "no_access_log");
    assert_eq!(
        get(at, "/v1/alerts.ndjson", AUDITOR).code(),
        "no_access_log"
    );
}

#[test]
fn rejects_are_repaired_or_dismissed_once() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let page = get(
        at,
        "/v1/rejects?stream=claims&code=bad_date&state=open",
        STEWARD,
    )
    .json();
    let asked = page["rejects"][0]["asked"].as_str().unwrap();
    assert!(
        asked.contains("stream: Some(Claims), code: Some(\"bad_date\")"),
        "{asked}"
    );
    assert_eq!(
        get(at, "/v1/rejects?stream=claim", STEWARD).code(),
        "bad_parameter"
    );
    assert_eq!(get(at, "/v1/rejects/5", STEWARD).json()["id"], 5);
    let repair =
        |id: &str, body: &[u8]| post(at, &format!("/v1/rejects/{id}/repair"), STEWARD, JSON, body);
    assert_eq!(repair("6", b"{}").status, 404);
    assert_eq!(
        (
            repair("5", b"[]").status,
            repair("5", b"[]").code().as_str()
        ),
        (422, "bad_json")
    );
    assert_eq!(repair("5", b"{\"theirs\":1}").status, 403);
    assert_eq!(repair("5", b"{\"full\":1}").status, 503);
    assert_eq!(
        repair("5", b"{}").json(),
        serde_json::json!({"accepted": 1, "rejected": [], "epoch": 8})
    );
    assert_eq!(
        (
            repair("5", b"{}").status,
            repair("5", b"{}").code().as_str()
        ),
        (409, "already_settled")
    );
    let dismiss = |id: &str, body: &str| {
        post(
            at,
            &format!("/v1/rejects/{id}/dismiss"),
            STEWARD,
            JSON,
            body.as_bytes(),
        )
    };
    assert_eq!(
        dismiss("5", "{\"reason\":\"test_row\"}").json()["state"],
        "dismissed"
    );
    assert_eq!(dismiss("6", "{\"reason\":\"test_row\"}").status, 404);
    assert_eq!(
        dismiss("5", "{\"reason\":\"Mrs. An\"}").code(),
        "bad_reason"
    );
    assert_eq!(dismiss("5", "{}").code(), "bad_document");
    let resume = |name: &str| {
        post(
            at,
            &format!("/v1/sources/{name}/resume"),
            STEWARD,
            JSON,
            b"",
        )
    };
    assert_eq!(resume("cards-topic").json()["state"], "resumed");
    assert_eq!(resume("runs").code(), "already_settled");
    assert_eq!(resume("broken").status, 503);
    let actions: Vec<_> = fake
        .log()
        .into_iter()
        .map(|(_, action, _)| action)
        .collect();
    for action in [
        "read_rejects",
        "repair_reject",
        "dismiss_reject",
        "resume_source",
    ] {
        assert!(actions.contains(&action), "{action}");
    }
}

#[test]
fn loads_are_undone_by_their_names() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let undo = |body: &str| post(at, "/v1/loads/undo", STEWARD, JSON, body.as_bytes());
    let reply = undo(r#"{"loads":["120.0","120.3","120.0"]}"#);
    let told = serde_json::json!({"undone": 20, "epoch": 130});
    assert_eq!(reply.json(), told);
    for (body, status, code) in [
        ("{}", 400, "bad_document"),
        (r#"{"loads":[]}"#, 422, "bad_loads"),
        (r#"{"loads":["120"]}"#, 422, "bad_loads"),
        (r#"{"loads":["120.0","x"]}"#, 422, "bad_loads"),
        (r#"{"loads":["121.0"]}"#, 409, "not_undoable"),
        (r#"{"loads":["122.0"]}"#, 404, "not_found"),
    ] {
        let reply = undo(body);
        let told = (reply.status, reply.code());
        assert_eq!(told, (status, code.to_owned()), "{body}");
    }
    let log = fake.log();
    let undone = log.iter().filter(|(_, action, _)| *action == "undo_loads");
    assert_eq!(undone.count(), 3, "what is understood is in the access log");
}

#[test]
fn claims_of_one_person_are_restored_and_the_person_is_not_told_back() {
    let (server, fake) = api(options());
    let at = server.local_addr();
    let restore = |body: &str| post(at, "/v1/claims/restore", STEWARD, JSON, body.as_bytes());
    let number = "HS4010000000001";
    let reply = restore(&format!("{{\"card\":\"{number}\",\"days\":30}}"));
    assert_eq!(
        reply.json(),
        serde_json::json!({"restored": 2, "until": "2026-06-30", "epoch": 9})
    );
    for (body, status, code) in [
        ("{}", 422, "one_number"),
        ("{\"card\":\"1\",\"si_number\":\"2\"}", 422, "one_number"),
        ("{\"card\":\"1\",\"days\":-1}", 400, "bad_document"),
        ("{\"name\":\"1\"}", 400, "bad_document"),
        ("{\"personal_id\":\"079\"}", 422, "bad_personal_id"),
        ("{\"si_number\":\"0790000001\"}", 409, "not_configured"),
    ] {
        let reply = restore(body);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{body}"
        );
    }
    let log = fake.log();
    let restored = log
        .iter()
        .filter(|(_, action, _)| *action == "restore_claims");
    assert_eq!(
        restored.count(),
        3,
        "what is understood is in the access log"
    );
}
