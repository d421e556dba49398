//! What sinks get, when, and what is seen of what they did not take.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::ports;
use crate::receiver::{Receiver, Reply};
use crate::support::{Files, si, text};

/// An outbox of a few notices of the insurance database.
fn few(count: usize) -> Files {
    let files = Files::new();
    files.stale_cards(count);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    files
}

#[test]
fn a_webhook_gets_signed_json_once_each() {
    let files = few(20);
    let receiver = Receiver::new(|_| Reply::status(200));
    files.webhook(&receiver.url(), "");
    let told = files.deliver(0, &[]);
    assert_eq!(
        told,
        "hub: 20 delivered, 0 attempts in vain; 0 pending, 0 failed\n"
    );
    let requests = receiver.requests();
    assert_eq!(requests.len(), 20);
    let (mut records, proposed) = (Vec::new(), files.notices("run"));
    for request in &requests {
        assert_eq!(
            request.line, "POST /notices HTTP/1.1",
            "no value in the address"
        );
        assert_eq!(request.headers["content-type"], "application/json");
        assert!(request.headers["user-agent"].starts_with("fundwatch/"));
        assert!(request.is_signed());
        let body = request.json();
        assert_eq!(body["type"], "notice.proposed");
        assert_eq!(body["id"], request.key());
        assert_eq!(body["timestamp"], "2025-03-03T08:00:00+07:00");
        let mut data = body["data"].clone();
        assert_eq!(
            data.as_object_mut().unwrap().remove("version"),
            Some(json!(1))
        );
        assert!(proposed.contains(&data), "as the run proposed it");
        records.push(data["key"].as_str().unwrap().to_owned());
    }
    records.sort_unstable();
    records.dedup();
    assert_eq!(records.len(), 20);
    // Nothing is sent twice that was taken.
    files.deliver(0, &["--until-empty"]);
    assert_eq!(receiver.requests().len(), 20);
}

#[test]
fn later_versions_and_cancellations_come_in_order() {
    let files = few(2);
    let receiver = Receiver::new(|_| Reply::status(200));
    files.webhook(&receiver.url(), "");
    files.deliver(0, &[]);
    // A second source confirms one death; the other was an error, and the report is deleted.
    let later = "recorded_at,op,report_id,si_number,death_date,source\n\
        2025-03-05T08:00:00+07:00,upsert,H1,SI1,2025-02-03,hospital\n\
        2025-03-05T08:00:00+07:00,delete,R2,,,\n";
    files.write(
        "input/death_reports-later.csv",
        &later.replace("SI1", &si(1)),
    );
    files.replay("later", &["--as-of", "2025-03-31"]);
    let told = files.reconcile("later");
    assert!(
        told.starts_with("Notices: 0 opened, 1 superseded, 1 cancelled, 0 as they were"),
        "{told}"
    );
    files.deliver(0, &[]);
    let of = |n: usize| {
        let card = format!("DN479{}", si(n));
        let bodies = receiver
            .requests()
            .into_iter()
            .map(|request| request.json());
        let of_card = bodies.filter(|body| body["data"]["key"] == card.as_str());
        let told = of_card.map(|body| {
            let (kind, data) = (body["type"].as_str().unwrap().to_owned(), &body["data"]);
            (
                kind,
                data["version"].as_u64().unwrap(),
                data["confidence"].clone(),
            )
        });
        told.collect::<Vec<_>>()
    };
    let proposed = || "notice.proposed".to_owned();
    assert_eq!(
        of(1),
        [
            (proposed(), 1, json!("medium")),
            (proposed(), 2, json!("high"))
        ]
    );
    let cancelled = "notice.cancelled".to_owned();
    assert_eq!(
        of(2),
        [
            (proposed(), 1, json!("medium")),
            (cancelled, 2, json!(null))
        ]
    );
    // The earlier run would cancel what came since, and is refused.
    let told = files.notices_told("reconcile", &["--run", "run"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("--allow-earlier"));
}

#[test]
fn what_was_never_sent_is_cancelled_in_silence() {
    let files = few(3);
    fs::remove_file(files.path("input/death_reports.csv")).unwrap();
    files.replay("mended", &["--as-of", "2025-03-31"]);
    files.reconcile("mended");
    let receiver = Receiver::new(|_| Reply::status(200));
    files.webhook(&receiver.url(), "");
    files.deliver(0, &[]);
    assert!(receiver.requests().is_empty());
    assert_eq!(files.count("unneeded"), 3);
    assert_eq!(
        files.list(&["--state", "unneeded"])["notices"][0]["kind"],
        "cancelled"
    );
}

#[test]
fn a_sink_that_asks_for_time_has_it() {
    let files = few(8);
    let mut asked = false;
    let receiver = Receiver::new(move |_| {
        let first = !std::mem::replace(&mut asked, true);
        match first {
            true => Reply::status(503).header("Retry-After", "2"),
            false => Reply::status(200),
        }
    });
    files.webhook(&receiver.url(), "concurrency = 1");
    let told = files.deliver(0, &["--until-empty"]);
    assert!(
        told.starts_with("hub: 8 delivered, 1 attempts in vain"),
        "{told}"
    );
    let requests = receiver.requests();
    let waited = requests[1].at.duration_since(requests[0].at);
    assert!(waited >= Duration::from_millis(1990), "{waited:?}");
}

#[test]
fn failures_of_the_receiver_are_tried_again() {
    let files = few(30);
    let mut count = 0;
    let receiver = Receiver::new(move |_| {
        count += 1;
        let statuses = [500, 200, 408, 425, 429, 502, 200, 504];
        match count {
            0..=40 => Reply::status(statuses[count % statuses.len()]),
            _ => Reply::status(202),
        }
    });
    files.webhook(&receiver.url(), "");
    files.deliver(0, &["--until-empty"]);
    assert_eq!(files.count("delivered"), 30);
}

#[test]
fn a_receiver_that_does_not_answer_in_time_gets_the_same_again() {
    let files = few(1);
    let mut slow = true;
    let receiver = Receiver::new(move |_| match std::mem::replace(&mut slow, false) {
        true => Reply::status(200).after(Duration::from_millis(1500)),
        false => Reply::status(200),
    });
    files.webhook(&receiver.url(), "timeout = \"300ms\"");
    files.deliver(0, &["--until-empty"]);
    let requests = receiver.requests();
    let [one, again] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!((one.key(), &one.body), (again.key(), &again.body));
}

#[test]
fn what_is_refused_fails_in_sight_and_can_be_sent_again() {
    let files = few(5);
    let refused = format!("DN479{}", si(3));
    let receiver = Receiver::new(move |request| match request.body.contains(&refused) {
        true => Reply::status(422),
        false => Reply::status(200),
    });
    files.webhook(&receiver.url(), "refusals_to_fail = 3");
    let told = files.deliver(1, &["--until-empty"]);
    assert!(
        told.contains("0 pending, 1 failed\n  last error at 20"),
        "{told}"
    );
    assert!(told.trim_end().ends_with("HTTP status 422"), "{told}");
    assert_eq!(receiver.requests().len(), 4 + 3, "three times, and no more");
    let failed = files.list(&["--state", "failed"]);
    assert_eq!(failed["matching"], 1);
    assert_eq!(failed["notices"][0]["last_error"], "HTTP status 422");
    assert_eq!(failed["notices"][0]["attempts"], 3);
    assert_eq!(failed["sinks"][0]["stuck"], 1);
    assert_eq!(files.deliver(1, &[]).lines().count(), 2, "it stays so");
    assert_eq!(receiver.requests().len(), 7);
    receiver.replies(|_| Reply::status(200));
    files.deliver(0, &["--retry-failed"]);
    assert_eq!(receiver.requests().len(), 8);
    assert_eq!(files.count("delivered"), 5);
}

#[test]
fn a_dead_receiver_is_asked_now_and_then_and_seen_to_be_dead() {
    let files = few(200);
    files.webhook(
        &format!("http://{}/notices", ports::free_address()),
        "failures_to_pause = 5",
    );
    let told = files.deliver(1, &[]);
    assert!(told.starts_with("hub: 0 delivered"), "{told}");
    let listed = files.list(&["--state", "stuck", "--stuck-after", "1ms"]);
    assert_eq!(listed["matching"], 200);
    let attempts = |listed: &serde_json::Value| -> u64 {
        let notices = listed["notices"].as_array().unwrap();
        notices
            .iter()
            .map(|notice| notice["attempts"].as_u64().unwrap())
            .sum()
    };
    assert!(
        (5..=12).contains(&attempts(&listed)),
        "{}",
        attempts(&listed)
    );
    let sink = &listed["sinks"][0];
    assert_eq!(sink["pending"], 200);
    assert!(sink["failures_in_a_row"].as_u64().unwrap() >= 5);
    assert!(
        sink["last_error"]
            .as_str()
            .unwrap()
            .starts_with("the connection failed")
    );
    assert!(sink["next_attempt_at"].is_string() && sink["oldest_pending_since"].is_string());
    // Another process begins where this one was: with one attempt, if any.
    files.deliver(1, &[]);
    let again = files.list(&["--state", "pending"]);
    assert!(attempts(&again) <= attempts(&listed) + 2);
    let started = Instant::now();
    files.deliver(1, &["--until-empty", "--give-up-after", "1s"]);
    let elapsed = started.elapsed();
    assert!(
        elapsed >= Duration::from_secs(1) && elapsed < Duration::from_secs(10),
        "{elapsed:?}"
    );
}

#[test]
fn redirects_are_not_followed() {
    let files = few(1);
    let elsewhere = Receiver::new(|_| Reply::status(200));
    let url = elsewhere.url();
    for status in [301, 302, 307, 308] {
        let url = url.clone();
        let receiver = Receiver::new(move |_| Reply::status(status).header("Location", &url));
        files.webhook(&receiver.url(), "refusals_to_fail = 1");
        let told = files.deliver(1, &["--retry-failed"]);
        assert!(told.contains("redirects are not followed"), "{told}");
        assert_eq!(receiver.requests().len(), 1);
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_directory_holds_a_file_a_notice() {
    let files = few(3);
    fs::create_dir(files.path("out")).unwrap();
    let sink = "[[sink]]\nname = \"files\"\ndatabase = \"insurance\"\nkind = \"directory\"\npath = \"out\"\n";
    files.write("sinks.toml", sink);
    files.deliver(0, &[]);
    let held = || {
        let entries = fs::read_dir(files.path("out")).unwrap();
        let mut held: Vec<(String, String)> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name().into_string().unwrap(),
                    fs::read_to_string(entry.path()).unwrap(),
                )
            })
            .collect();
        held.sort();
        held
    };
    let first = held();
    assert_eq!(first.len(), 3);
    for (name, content) in &first {
        let body: serde_json::Value = serde_json::from_str(content).unwrap();
        let (number, key) = name.strip_suffix(".json").unwrap().split_once('-').unwrap();
        assert!(number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(body["id"], key);
        assert!(!name.contains("79000"), "no number of a person in a name");
    }
    files.deliver(0, &[]);
    assert_eq!(held(), first);
    // A directory that is gone is tried again, and is there again later.
    fs::remove_dir_all(files.path("out")).unwrap();
    let told = files.notices_told("deliver", &["--sinks", "sinks.toml"]);
    assert_eq!(told.status.code(), Some(2));
    let stderr = text(&told.stderr);
    assert!(
        stderr.contains("sinks.toml, line 5: path:") && stderr.contains("make it first"),
        "{stderr}"
    );
}

#[test]
fn each_database_has_its_sinks_and_what_has_none_is_told() {
    let files = few(2);
    // A benefit of someone dead is a notice of the social-welfare databases.
    files.stream(
        "beneficiaries",
        "personal_id,scheme,from,to,monthly_amount",
        &["079044000027,pension,2004-04-01,,3600000".to_owned()],
    );
    files.stream(
        "death_reports-2",
        "report_id,personal_id,death_date,source",
        &["X1,079044000027,2025-01-20,civil_registry".to_owned()],
    );
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    let receiver = Receiver::new(|_| Reply::status(200));
    let (one, other) = (receiver.url(), receiver.url().replace("notices", "copies"));
    let sink = |name: &str, url: &str| {
        format!(
            "[[sink]]\nname = \"{name}\"\ndatabase = \"insurance\"\nkind = \"webhook\"\nurl = \"{url}\"\n\
             secret_env = \"HUB_SECRET\"\n"
        )
    };
    files.write("sinks.toml", &(sink("one", &one) + &sink("other", &other)));
    let mut command = files.command("deliver", &["--sinks", "sinks.toml"]);
    let told = command
        .env("HUB_SECRET", crate::support::SECRET)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert_eq!(
        text(&told.stderr),
        "warning: 1 notices of database social_welfare have no sink\n"
    );
    let at = |path: &str| {
        let requests = receiver.requests();
        requests
            .iter()
            .filter(|request| request.line.contains(path))
            .count()
    };
    assert_eq!((at("notices"), at("copies")), (2, 2));
    let listed = files.list(&["--state", "no_sink"]);
    assert_eq!(
        listed["without_sink"],
        json!([{"database": "social_welfare", "notices": 1}])
    );
    assert_eq!(listed["notices"][0]["key"], "•••027/pension");
    assert_eq!(listed["notices"][0].get("proposed"), None);
    let revealed = files.list(&["--state", "no_sink", "--reveal"]);
    assert_eq!(revealed["notices"][0]["key"], "079044000027/pension");
    assert_eq!(revealed["notices"][0]["proposed"], "2025-01-20");
}

#[test]
fn one_delivery_at_a_time() {
    let files = few(40);
    // The delivery lasts until the other processes have done their work, however long that takes: until then nothing is taken.
    let is_over = Arc::new(AtomicBool::new(false));
    let taken = Arc::new(AtomicUsize::new(0));
    let receiver = Receiver::new({
        let (is_over, taken) = (is_over.clone(), taken.clone());
        move |_| match is_over.load(Ordering::Acquire) {
            true => {
                taken.fetch_add(1, Ordering::Release);
                Reply::status(200)
            }
            false => Reply::status(503),
        }
    });
    files.webhook(&receiver.url(), "");
    let delivery = files.start_delivery();
    while receiver.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let told = files.notices_told("deliver", &["--sinks", "sinks.toml"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("another process delivers"));
    // What is found meanwhile is delivered as well.
    files.stale_cards(41);
    files.replay("run", &["--as-of", "2025-03-31"]);
    files.reconcile("run");
    is_over.store(true, Ordering::Release);
    assert_eq!(delivery.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(taken.load(Ordering::Acquire), 41);
}
