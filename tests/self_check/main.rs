//! Citizens ask a running service about themselves, through a portal: what they are told, what is refused, and how what
//! they say is wrong reaches people and comes back answered.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../review/browser.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails where it panics; tests/review uses the rest"
)]
mod browser;
mod portal;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/monitoring uses the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;
#[path = "../review/visitor.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails where it panics; tests/review uses the rest"
)]
mod visitor;
#[path = "../review/webdriver.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails where it panics; tests/review uses the rest"
)]
mod webdriver;

use std::fs;

use fundwatch::access::{NewUser, ProvinceSet, Register, Role};
use fundwatch::journal::{Directory, Keys};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, SystemClock};
use serde_json::{Value, json};

use browser::{Browser, in_time};
use portal::{Portal, Reply, now};
use running::{Data, Running, until};
use visitor::Visitor;

/// What visitors of the pages sign in with: no app of codes is set up here.
mod people {
    pub const PASSWORD: &str = "mưa phùn cổng chùa gạch đỏ";
    pub const CODE: &str = "";
}

/// 2025-01-15, in nanoseconds since 1970.
const JANUARY: i64 = 1_736_899_200_000_000_000;
const DEAD: &str = "079051000001";
const ALIVE: &str = "079051000002";
const UNKNOWN: &str = "079051000003";
/// All numbers and names that nobody but their owner is told.
const SECRET: [&str; 8] = [
    DEAD,
    ALIVE,
    "7900000001",
    "7900000002",
    "HT3797900000001",
    "079051000999",
    "Trần Thị Bích",
    "B20",
];

/// Rows of two people: one whom the register holds for dead, with a visit after that, and one who lives.
const ROWS: [(&str, &str); 6] = [
    (
        "citizens",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"life_status":"dead","death_date":"2025-03-04"}
{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000002","full_name":"Trần Thị Bích","birth_date":"1961-02-03","sex":2,"life_status":"alive"}"#,
    ),
    (
        "participants",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","si_number":"7900000001","personal_id":"079051000001","full_name":"Nguyen Mau An","birth_date":"1951-02-03","sex":1}
{"recorded_at":"2025-01-01T00:00:00Z","si_number":"7900000002","personal_id":"079051000002","full_name":"Trần Thị Bích","birth_date":"1961-02-03","sex":2}"#,
    ),
    (
        "cards",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","card_number":"HT3797900000001","valid_from":"2025-01-01","status":"valid"}"#,
    ),
    (
        "death_reports",
        r#"{"recorded_at":"2025-03-05T00:00:00Z","report_id":"R1","si_number":"7900000001","death_date":"2025-03-04","source":"contribution_form"}"#,
    ),
    (
        "health_profiles",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","blood_group":"A+","allergies":[],"chronic_conditions":["I10","B20"]}"#,
    ),
    (
        "claims",
        r#"{"recorded_at":"2025-05-02T00:00:00Z","facility":"79001","visit_id":"V1","cards":["HT3797900000001"],"personal_id":"079051000999","full_name":"Trần Thị Bích","birth_date":"1951-02-03","sex":1,"visit_type":"01","object_code":"1","main_diagnosis":"B20","other_diagnoses":[],"admitted_at":"2025-05-01T08:00","discharged_at":"2025-05-01T09:00","outcome":1,"discharge_type":1,"cost_drugs":0,"cost_supplies":0,"cost_total":100000,"cost_covered":100000,"paid_by_fund":95000,"copay":5000,"self_paid":0,"other_sources":0}"#,
    ),
];

/// A service with a portal, and the rows of two people whose alerts are stored.
fn started() -> (Data, Portal, Running) {
    let data = Data::new();
    let portal = Portal::new(&data.path(), "vssid");
    let config = format!(
        "[accounts]\ntotp = \"optional\"\n{}",
        portal.section("portal.pem")
    );
    let service = Running::start(&data, &config).ready();
    let mut epoch = 0;
    for (stream, rows) in ROWS {
        let receipt = service.push(stream, rows);
        assert_eq!(receipt["rejected"], json!([]), "{stream}");
        epoch = receipt["epoch"].as_u64().expect("an epoch");
    }
    stored(&data, &service, epoch);
    let portal = portal.at(&service.api);
    (data, portal, service)
}

/// All lines of the access log.
fn access_log(data: &Data) -> String {
    let log = fs::read_dir(data.path().join("access-log")).expect("a folder");
    log.filter_map(|file| fs::read_to_string(file.expect("a file").path()).ok())
        .collect()
}

/// Waits until an epoch is stored.
fn stored(data: &Data, service: &Running, epoch: u64) {
    let auditor = data.token("auditor");
    until("the epoch", std::time::Duration::from_secs(60), || {
        let status = portal::get(&service.api, "/v1/status", &auditor).json();
        (status["committed_epoch"].as_u64() >= Some(epoch)).then_some(())
    });
}

fn codes(told: &Value) -> Vec<&str> {
    let mismatches = told["mismatches"].as_array().expect("a list").iter();
    mismatches
        .map(|one| one["code"].as_str().expect("a code"))
        .collect()
}

/// The values that are told of a database.
fn values<'a>(told: &'a Value, database: &str) -> Vec<(&'a str, &'a str)> {
    let records = told["records"].as_array().expect("a list").iter();
    let of = records.filter(|record| record["database"] == database);
    let fields = of.flat_map(|record| record["fields"].as_array().expect("a list"));
    let text = |field: &'a Value, name: &str| field[name].as_str().expect("a text");
    fields
        .map(|field| (text(field, "field"), text(field, "value")))
        .collect()
}

fn assert_is(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status, reply.json()["code"].as_str()),
        (status, Some(code)),
        "{}",
        reply.body
    );
    assert!(
        reply.json()["remedy"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
}

#[test]
fn a_living_person_who_is_recorded_dead_is_told_so_and_what_to_do() {
    let (data, portal, service) = started();
    let told = portal.ask("/v1/self", &portal.about(DEAD), "en-GB,en;q=0.9");
    assert_eq!((told.status, &*told.language), (200, "en"), "{}", told.body);
    assert_eq!(told.cache, "no-store");
    let told = told.json();
    assert_eq!(
        codes(&told),
        [
            "dead_in_register",
            "death_reported",
            "name_spelling",
            "visits_after_death",
            "visits_of_others"
        ]
    );
    let first = &told["mismatches"][0];
    let says = "The population register says that you died on 4\u{a0}Mar\u{a0}2025.";
    assert_eq!(first["says"], says);
    assert!(
        first["what_to_do"]
            .as_str()
            .expect("a text")
            .contains("police")
    );
    // Numbers are masked, but not the person's own name; a visit is told in outline.
    let citizen = values(&told, "citizens");
    assert!(citizen.contains(&("personal_id", "•••001")));
    assert!(citizen.contains(&("full_name", "Nguyễn Mẫu An")));
    let participant = values(&told, "participants");
    assert!(participant.contains(&("full_name", "Nguyen Mau An")));
    assert!(participant.contains(&("si_number", "•••001")));
    assert!(values(&told, "cards").contains(&("card_number", "•••001")));
    assert!(values(&told, "health_profiles").contains(&("chronic_conditions", "I10")));
    let claim = values(&told, "claims");
    assert!(claim.contains(&("facility", "79001")) && claim.len() == 5);
    for secret in SECRET {
        assert!(!told.to_string().contains(secret), "{secret}");
    }
    // In Vietnamese no English is left.
    let told = portal.ask("/v1/self", &portal.about(DEAD), "");
    assert_eq!(&*told.language, "vi");
    let told = told.json();
    assert!(
        told["mismatches"][0]["says"]
            .as_str()
            .expect("a text")
            .contains("đã mất ngày 04/03/2025")
    );
    assert!(!told.to_string().contains("The "), "{told}");
    // The entry is put right: they are told so at once.
    let alive = ROWS[0]
        .1
        .lines()
        .next()
        .expect("a row")
        .replace("\"dead\",\"death_date\":\"2025-03-04\"", "\"alive\"");
    let alive = alive.replace("2025-01-01T00", "2025-06-01T00");
    let receipt = service.push("citizens", &alive);
    stored(
        &data,
        &service,
        receipt["epoch"].as_u64().expect("an epoch"),
    );
    let told = portal.ask("/v1/self", &portal.about(DEAD), "en").json();
    assert!(!codes(&told).contains(&"dead_in_register"));
}

#[test]
fn somebody_who_is_not_known_is_answered_as_one_without_records() {
    let (_data, portal, _service) = started();
    let unknown = portal.ask("/v1/self", &portal.about(UNKNOWN), "en");
    assert_eq!(unknown.status, 200);
    let told = unknown.json();
    for list in ["records", "mismatches", "more", "alerts", "corrections"] {
        assert_eq!(told[list], json!([]), "{list}");
    }
    let alive = portal.ask("/v1/self", &portal.about(ALIVE), "en");
    let names = |reply: &Reply| -> Vec<String> {
        reply
            .json()
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(names(&unknown), names(&alive));
    assert_eq!(alive.status, unknown.status);
    assert!(codes(&alive.json()).is_empty());
    // What is asked for of nobody is taken in as of anybody.
    let request = json!({"database": "citizens", "field": "other", "should_be": "tôi có ở đây"});
    let asked = portal.ask_with(
        "/v1/self/corrections",
        &portal.about(UNKNOWN),
        request,
        "vi",
    );
    assert_eq!(asked.status, 202, "{}", asked.body);
}

#[test]
fn an_assertion_that_is_not_the_portals_own_of_now_and_for_us_is_refused_alike_for_all() {
    let (data, portal, service) = started();
    for subject in [DEAD, UNKNOWN] {
        let mut bodies = Vec::new();
        let mut refused = |assertion: &str, status: u16, code: &str| {
            for path in [
                "/v1/self",
                "/v1/self/corrections",
                "/v1/self/corrections/status",
            ] {
                let more = match path {
                    "/v1/self" => json!({}),
                    "/v1/self/corrections" => {
                        json!({"database": "citizens", "field": "other", "should_be": "x"})
                    }
                    _ => json!({"reference": "0".repeat(32)}),
                };
                let reply = portal.ask_with(path, assertion, more, "en");
                assert_is(&reply, status, code);
                assert!(!reply.body.contains(subject));
                bodies.push(reply.body);
            }
        };
        let at = now();
        let claims = |name: &str, value: Value| {
            let mut claims = portal.claims(subject);
            claims[name] = value;
            claims
        };
        let signed = |claims: Value| portal.sign(&json!({"alg": "ES256"}), &claims);
        let mut over = claims("exp", json!(at - 120));
        over["iat"] = json!(at - 300);
        refused(&signed(over), 422, "assertion_expired");
        refused(
            &signed(claims("exp", json!(at + 3_600))),
            422,
            "assertion_too_long",
        );
        refused(
            &signed(claims("aud", json!("elsewhere"))),
            422,
            "assertion_audience",
        );
        refused(
            &signed(claims("iss", json!("elsewhere"))),
            422,
            "assertion_issuer",
        );
        let mut early = claims("exp", json!(at + 240));
        early["iat"] = json!(at + 120);
        refused(&signed(early), 422, "assertion_too_early");
        refused(&portal.by_another_key(subject), 422, "assertion_signature");
        refused(
            &portal.unsigned(subject, "none"),
            422,
            "assertion_algorithm",
        );
        refused(&portal.by_public_key(subject), 422, "assertion_algorithm");
        refused("not.a.jwt", 422, "assertion_malformed");
        let used = portal.about(subject);
        assert_eq!(portal.ask("/v1/self", &used, "en").status, 200);
        refused(&used, 409, "assertion_replayed");
        let told = fs::write(
            data.path().join(format!("refusals.{subject}")),
            bodies.join("\n"),
        );
        told.expect("written");
    }
    // Whether there is such a person makes no difference.
    let read = |subject| fs::read(data.path().join(format!("refusals.{subject}"))).expect("read");
    assert_eq!(read(DEAD), read(UNKNOWN));
    // Nor is one good after a start.
    let used = portal.about(ALIVE);
    assert_eq!(portal.ask("/v1/self", &used, "en").status, 200);
    drop(service);
    let config = fs::read_to_string(data.path().join("fundwatch.toml")).expect("read");
    let service = Running::start(&data, &config).ready();
    let portal = portal.at(&service.api);
    assert_is(
        &portal.ask("/v1/self", &used, "en"),
        409,
        "assertion_replayed",
    );
}

#[test]
fn only_a_portal_that_is_configured_asks_and_it_asks_for_nothing_else() {
    let (data, portal, service) = started();
    let body = json!({"assertion": portal.about(DEAD)}).to_string();
    let nobody = portal::post(&service.api, "/v1/self", None, &body, "en");
    assert_is(&nobody, 401, "unauthenticated");
    for role in [
        "feed",
        "auditor",
        "reviewer",
        "supervisor",
        "operator",
        "privacy_officer",
        "admin",
    ] {
        let token = data.token(role);
        let reply = known(&service.api, &token, &body);
        assert_is(&reply, 403, "forbidden");
    }
    let other = Portal::new(&data.path(), "other").at(&service.api);
    let reply = known(&service.api, &other.token, &body);
    assert_is(&reply, 403, "not_a_portal");
    let alerts = portal::get(&service.api, "/v1/alerts", &portal.token);
    assert_is(&alerts, 403, "forbidden");
    // Nothing was used up by those.
    let reply = portal::post(&service.api, "/v1/self", Some(&portal.token), &body, "en");
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Asks with a token that was just made: a running service knows of it within a second.
fn known(api: &str, token: &str, body: &str) -> Reply {
    let ask = || portal::post(api, "/v1/self", Some(token), body, "en");
    let mut reply = ask();
    for _ in 0..50 {
        if reply.status != 401 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        reply = ask();
    }
    reply
}

/// Makes somebody as the command line does; gives the setup code.
fn made(data: &Data, name: &str, role: Role) -> String {
    let mut register = Register::open_or_create(&data.path()).expect("a register");
    let new = NewUser {
        name: name.to_owned(),
        display_name: format!("Mẫu {name}"),
        role,
        provinces: ProvinceSet::ALL,
        language: Language::English,
    };
    let (_, code) = register.add_user(&new, SystemClock.now()).expect("made");
    code.reveal().to_string()
}

/// Somebody who begins with a setup code, and signs in.
fn begun(address: &str, name: &str, code: &str) -> Visitor {
    // A running service knows of a new user within a second; until then each attempt counts against the name.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let mut visitor = Visitor::new(address);
    let csrf = visitor.get("/setup").field("csrf");
    let form = [
        ("csrf", csrf.as_str()),
        ("name", name),
        ("setup_code", code),
        ("password", people::PASSWORD),
        ("repeat", people::PASSWORD),
    ];
    let answer = visitor.post("/setup", &form);
    assert_eq!(answer.status, 303, "{}", answer.body);
    Visitor::signed_in(address, name)
}

#[test]
fn what_a_citizen_says_is_wrong_is_answered_by_people() {
    let (data, portal, service) = started();
    let request = json!({"database": "citizens", "field": "life_status", "should_be": "còn sống",
        "note": "<script>alert(1)</script> Tôi vẫn đi làm."});
    let asked = portal.ask_with("/v1/self/corrections", &portal.about(DEAD), request, "vi");
    assert_eq!(asked.status, 202, "{}", asked.body);
    let asked = asked.json();
    let reference = asked["reference"].as_str().expect("a reference").to_owned();
    assert_eq!(asked["state"], "received");
    for wrong in [
        json!({"database": "citizens", "field": "copay", "should_be": "x"}),
        json!({"database": "enterprises", "field": "other", "should_be": "x"}),
        json!({"database": "nothing", "field": "other", "should_be": "x"}),
        json!({"database": "citizens", "field": "other", "should_be": " "}),
        json!({"database": "citizens", "field": "other", "should_be": "x".repeat(201)}),
    ] {
        let reply = portal.ask_with("/v1/self/corrections", &portal.about(DEAD), wrong, "en");
        assert_is(&reply, 422, "bad_correction");
    }
    // Another person's is as one that does not exist.
    let status = |subject: &str, reference: &str| {
        let of = json!({"reference": reference});
        portal.ask_with(
            "/v1/self/corrections/status",
            &portal.about(subject),
            of,
            "en",
        )
    };
    let (other, none) = (status(ALIVE, &reference), status(DEAD, &"0".repeat(32)));
    assert_is(&other, 404, "not_found");
    assert_eq!(other.body, none.body);
    assert_eq!(status(DEAD, &reference).json()["stands"], "Received");

    let code = made(&data, "lan", Role::Reviewer);
    let auditor = made(&data, "giang", Role::Auditor);
    let address = format!("http://{}", service.api);
    let mut lan = begun(&address, "lan", &code);
    let list = lan.get("/corrections");
    assert_eq!(list.status, 200);
    assert!(list.body.contains(&reference) && !list.body.contains("còn sống"));
    let path = format!("/corrections/{reference}");
    let page = lan.get(&path);
    assert!(page.body.contains("còn sống") && !page.body.contains("<script>alert"));
    assert!(!page.body.contains(DEAD));
    // The alert about the visit after death says that the person disagrees.
    let (_, alerts) = page
        .body
        .split_once("/groups/person/")
        .expect("alerts of the person");
    let group = alerts.split('"').next().expect("an end");
    let group = lan.get(&format!("/groups/person/{group}")).body;
    let (_, alert) = group.split_once("/alerts/").expect("an alert");
    let alert = lan.get(&format!("/alerts/{}", &alert[..32])).body;
    assert!(alert.contains("The person says that this is wrong") && alert.contains(&path));

    let act = |lan: &mut Visitor, action: &str, answer: &str| {
        let page = lan.get(&path);
        let (csrf, version) = (page.field("csrf"), page.field("version"));
        let form = [
            ("csrf", &*csrf),
            ("version", &version),
            ("action", action),
            ("answer", answer),
        ];
        lan.post(&format!("{path}/act"), &form)
    };
    assert_eq!(act(&mut lan, "start", "").status, 303);
    let csrf = lan.get(&path).field("csrf");
    let shown = lan.post(&format!("{path}/reveal"), &[("csrf", &csrf)]);
    assert!(
        shown.status == 200 && shown.body.contains(DEAD),
        "{}",
        shown.body
    );
    assert!(!lan.get(&path).body.contains(DEAD), "once");
    let short = act(&mut lan, "accept", " ");
    assert_eq!(short.status, 422, "an answer is needed");
    let done = act(
        &mut lan,
        "accept",
        "Đã chuyển Công an phường 1 ngày hôm nay.",
    );
    assert_eq!(
        (done.status, done.location()),
        (303, &*format!("{path}?done=1"))
    );
    let mut giang = begun(&address, "giang", &auditor);
    assert_eq!(giang.get("/corrections").status, 403);

    let told = status(DEAD, &reference).json();
    assert_eq!(told["state"], "accepted");
    assert_eq!(told["answer"], "Đã chuyển Công an phường 1 ngày hôm nay.");
    // They are told who read what: as whom and why, but not who.
    let told = portal.ask("/v1/self", &portal.about(DEAD), "en").json();
    let reads = told["reads"].as_array().expect("a list");
    let read = |action: &str| {
        let found = reads.iter().find(|read| read["action"] == action);
        found.unwrap_or_else(|| panic!("{action}: {told}"))
    };
    assert_eq!(read("open_alert")["role"], "reviewer");
    assert_eq!(read("reveal")["purpose"], "data_subject_request");
    assert!(!told.to_string().contains("\"lan\""));
    assert_eq!(told["corrections"][0]["state"], "accepted");

    // What was typed in a month that is over is erased when an operator asks for it, as is what arrived.
    let keys = Directory::create(&data.path().join("keys/review")).expect("a directory");
    let keys = Keys::new(std::sync::Arc::new(keys), None);
    keys.seal_text(JANUARY, b"a", "note", None).expect("sealed");
    let destroyed = binary::fundwatch()
        .args([
            "keys", "destroy", "--of", "review", "2025-01", "--yes", "--data",
        ])
        .arg(data.path())
        .output();
    assert!(destroyed.expect("run").status.success());
    until("the erasure", std::time::Duration::from_secs(60), || {
        (!data.path().join("keys/review/2025-01.key").exists()).then_some(())
    });
    until("the entry", std::time::Duration::from_secs(60), || {
        access_log(&data)
            .contains("\"object\":\"review/2025-01\"")
            .then_some(())
    });

    // All of it is in the access log, and nothing of anybody in any log.
    let log = access_log(&data);
    for action in [
        "self_check",
        "request_correction",
        "correction_status",
        "open_corrections",
        "open_correction",
        "start_correction",
        "reveal",
        "answer_correction",
        "erase_month",
    ] {
        assert!(
            log.contains(&format!("\"action\":\"{action}\"")),
            "{action}"
        );
    }
    assert!(log.contains("\"actor\":\"vssid\",\"role\":\"portal\""));
    let own = fs::read_to_string(data.path().join("serve.log")).expect("a log");
    let metrics = service.metrics().body;
    for secret in SECRET.iter().filter(|secret| **secret != "B20") {
        for (name, text) in [("access log", &log), ("log", &own), ("metrics", &metrics)] {
            assert!(!text.contains(secret), "{secret} is in the {name}");
        }
    }
}

/// The registers are put right while somebody looks at what rested on them: through the service, the store, the desk and
/// the page that is open.
#[test]
fn a_correction_of_a_register_withdraws_an_alert_under_the_eyes_of_who_has_it_open() {
    let (data, _portal, service) = started();
    let address = format!("http://{}", service.api);
    let code = made(&data, "lan", Role::Reviewer);
    begun(&address, "lan", &code);
    let auditor = data.token("auditor");
    // A running service knows of a new token within a second.
    let alerts = until("the alerts", std::time::Duration::from_secs(60), || {
        let answer = portal::get(&service.api, "/v1/alerts", &auditor).json();
        answer["alerts"].as_array().cloned()
    });
    let after_death = alerts
        .iter()
        .find(|alert| alert["reason"] == "service_after_death")
        .expect("an alert");
    let id = after_death["alert_id"].as_str().expect("an id");
    in_time(async {
        let Some(browser) = Browser::open(&address, 1440, 900).await else {
            return;
        };
        browser.sign_in("lan").await;
        browser.go(&format!("/alerts/{id}")).await;
        browser.run("window.isTheSame = true").await;
        let banner = "[data-alert-banner]:not([hidden])";
        assert!(!browser.has(banner).await);
        // It listens.
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        let alive = ROWS[0].1.lines().next().expect("a row");
        let alive = alive
            .replace("\"dead\",\"death_date\":\"2025-03-04\"", "\"alive\"")
            .replace("2025-01-01T00", "2025-06-01T00");
        service.push("citizens", &alive);
        let gone = r#"{"recorded_at":"2025-06-02T00:00:00Z","report_id":"R1","op":"delete"}"#;
        service.push("death_reports", gone);
        let told = "return document.querySelector('[data-alert-banner]').textContent === \
            'This alert has just been withdrawn: its evidence does not hold any more.'";
        browser.until("that it is withdrawn", told).await;
        let is_the_same = browser.run("return window.isTheSame === true").await;
        assert_eq!(is_the_same, true, "the page was loaded again");
        // And so it is on the page, and in the list of what is open.
        browser.go(&format!("/alerts/{id}")).await;
        let text = browser.text("main").await;
        assert!(text.contains("withdrawn"), "{text}");
        browser.go("/queue").await;
        assert!(!browser.has(&format!("a[href*='{id}']")).await);
        browser.close().await;
    });
}
