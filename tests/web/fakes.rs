//! Parts that are made up: what they do is asked for by what is sent.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fundwatch::access::Role;
use fundwatch::case::Field;
use fundwatch::journal::{LoadId, Month};
use fundwatch::language::Language;
use fundwatch::record::{Day, Instant, Money, Stream};
use fundwatch::review::{
    Access, Act, BatchAct, Desk, DeskError, DeskLog, ErasedOf, EvidenceDigest, Filters, Finding,
    Frontier, GroupId, QueueQuery, Seen, Verdict, View, Viewer, WorkAction,
};
use fundwatch::rule::Reason;
use fundwatch::service::Undone;
use fundwatch::store::AlertState;
use fundwatch::web::{
    AccessEntry, AccessError, AccessLogReader, Action, AlertQuery, Answer, ApiOptions, ApiParts,
    Asked, AskedCorrection, AskedId, CaseError, CaseTold, Cases, Event, Export, Filter, Gate,
    Health, Inlet, Ledger, LogPage, LogQuery, LogSample, LogStanding, Metrics, Observation,
    OpsOptions, OpsParts, Page, Payload, Principal, Push, PushError, ReadError, Reader, Readiness,
    Receipt, RejectQuery, Restored, Revealed, SelfCheck, SelfCheckError, Server, Stage, Startup,
    Steward, StewardError, Submission, TakeLine, Unready, serve_api, serve_ops,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Tokens, and what they may.
pub const FEED: &str = "feed-token.1";
pub const AUDITOR: &str = "auditor-token.2";
pub const STEWARD: &str = "steward-token.3";
pub const DESK: &str = "desk-token.4";
pub const NOBODY: &str = "nobody-token.5";
/// Of a person, who supervises.
pub const PERSON: &str = "person-token.7";
pub const PORTAL: &str = "portal-token.6";

pub struct Person {
    pub id: String,
    role: &'static str,
    actions: &'static [Action],
    streams: Option<&'static [Stream]>,
    desk_role: Option<Role>,
}

impl Principal for Person {
    fn id(&self) -> &str {
        &self.id
    }

    fn role(&self) -> &'static str {
        self.role
    }

    fn may(&self, action: Action, stream: Option<Stream>) -> bool {
        let fits = match (self.streams, stream) {
            (Some(own), Some(stream)) => own.contains(&stream),
            _ => true,
        };
        self.actions.contains(&action) && fits
    }

    fn viewer(&self) -> Option<Viewer> {
        Some(viewer(&self.id, self.desk_role?))
    }

    fn is_person(&self) -> bool {
        self.desk_role == Some(Role::Supervisor)
    }
}

fn viewer(name: &str, role: Role) -> Viewer {
    Viewer {
        name: name.to_owned(),
        role,
        provinces: Vec::new(),
    }
}

/// The id of an alert on the desk: one that is new, or one that is proposed.
pub fn alert_id(is_proposed: bool) -> String {
    if is_proposed { "cd" } else { "ab" }.repeat(16)
}

/// All alerts that nobody has are to be closed, as batch 1.
fn propose_batch(desk: &Desk, who: &Viewer) {
    let query = QueueQuery {
        view: View::Open,
        filters: Filters::default(),
        as_of: None,
        after: None,
        limit: 50,
    };
    let offer = desk.offer_batch(who, &query).unwrap();
    let asked = BatchAct {
        action: WorkAction::CloseTogether,
        assignee: None,
        verdict: Some(Verdict::FalsePositiveDeathRecord),
        note: "seen".to_owned(),
    };
    let number = desk.propose_batch(who, (&query, offer.mark), &asked);
    assert_eq!(number.unwrap(), 1);
}

/// A desk with two alerts, in a directory of its own.
pub struct FakeDesk {
    pub desk: Arc<Desk>,
    _directory: tempfile::TempDir,
}

struct NoLog;

impl DeskLog for NoLog {
    fn record(&self, _: &Viewer, _: &Access<'_>, _: u64) -> Result<(), DeskError> {
        Ok(())
    }

    fn erased(&self, _: ErasedOf, _: Month, _: u64) -> Result<(), DeskError> {
        Ok(())
    }
}

impl Default for FakeDesk {
    fn default() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let now = || Instant::from_millis(1_764_176_400_000).unwrap();
        let desk =
            Desk::open_or_create(directory.path(), None, Arc::new(now), Arc::new(NoLog)).unwrap();
        let findings = [false, true].map(|is_proposed| finding(alert_id(is_proposed)));
        let to = Frontier {
            epoch: Some(7),
            at: 1_764_176_400_000,
        };
        desk.project(&findings, Some(to)).unwrap();
        let an = viewer("an", Role::Reviewer);
        for (version, action) in [(0, WorkAction::Take), (1, WorkAction::Propose)] {
            let digest = EvidenceDigest([0xda; 16]);
            let mut act = Act::new(action, Seen { version, digest });
            if action == WorkAction::Propose {
                act.verdict = Some(Verdict::ConfirmedFraud);
                act.note = Some("seen".to_owned());
            }
            desk.act(&an, &alert_id(true), &act).unwrap();
        }
        propose_batch(&desk, &an);
        Self {
            desk: Arc::new(desk),
            _directory: directory,
        }
    }
}

fn finding(alert_id: String) -> Finding {
    let reason = Reason::OverlappingStay;
    Finding {
        alert_id,
        reason,
        class: reason.class(),
        severity: reason.severity(),
        subject_kind: "claim".to_owned(),
        facility: Some("79001".to_owned()),
        person: Some(GroupId([2; 16])),
        card: None,
        masked: "•••001".to_owned(),
        amount: Money::dong(150_000),
        grade: None,
        cause: None,
        score: None,
        misuse_probability: None,
        priority: 900,
        service_day: None,
        raised_at: 1_764_000_000_000,
        raised_epoch: 1,
        changed_epoch: 1,
        state: AlertState::Active,
        digest: EvidenceDigest([0xda; 16]),
    }
}

/// The path of a route, to things that there are.
pub fn path(template: &str) -> String {
    let alert = alert_id(template.ends_with("second-look"));
    let path = template
        .replace("{stream}", "claims")
        .replace("{alert_id}", &alert)
        .replace("{name}", "cards-topic")
        .replace("{kind}/{id}", "provider/79001")
        .replace("{number}", "1")
        .replace("{reference}", &"e".repeat(32))
        .replace("{id}", "5");
    assert!(!path.contains('{'), "{path}");
    match &*path {
        "/v1/changes" => format!("{path}?since=0"),
        _ => path,
    }
}

/// A body that a route takes.
pub fn body(path: &str) -> Vec<u8> {
    let seen = format!(r#""version":0,"digest":"{}""#, "da".repeat(16));
    match path.rsplit('/').next().unwrap() {
        "dismiss" => b"{\"reason\":\"test_row\"}".to_vec(),
        "authenticate" => {
            br#"{"card_number":"1","full_name":"n","birth_date":"1980","sex":1}"#.to_vec()
        }
        "restore" => b"{\"card\":\"1\"}".to_vec(),
        "self" => br#"{"assertion":"a.b.c"}"#.to_vec(),
        "corrections" => {
            br#"{"assertion":"a.b.c","database":"citizens","field":"other","should_be":"x"}"#
                .to_vec()
        }
        _ if path.ends_with("corrections/status") => {
            br#"{"assertion":"a.b.c","reference":"x"}"#.to_vec()
        }
        "search" => br#"{"number":"7900000001"}"#.to_vec(),
        "batches" => {
            let list = r#"{"view":"open","as_of":7}"#;
            let mark = "0".repeat(32);
            format!(
                r#"{{"list":{list},"mark":"{mark}","action":"assign","assignee":"an","note":"n"}}"#
            )
            .into()
        }
        "decide" => br#"{"decision":"approve"}"#.to_vec(),
        "undo" if path.starts_with("/v1/loads/") => br#"{"loads":["120.0"]}"#.to_vec(),
        "undo" => br#"{"note":"n"}"#.to_vec(),
        "seen" => br#"{"place":"open","epoch":7,"event":0}"#.to_vec(),
        "reveal" if path.starts_with("/v1/queue/") => {
            let digest = "da".repeat(16);
            format!(r#"{{"row":1,"before":0,"digest":"{digest}","purpose":"identity_check"}}"#)
                .into()
        }
        "act" if path.starts_with("/v1/corrections/") => {
            br#"{"action":"start","version":1}"#.to_vec()
        }
        "second-look" => br#"{"version":2,"verdict":"duplicate"}"#.to_vec(),
        "act" if path == "/v1/queue/act" => {
            let alert = alert_id(false);
            let alerts = format!(r#"[{{"alert_id":"{alert}",{seen}}}]"#);
            format!(r#"{{"action":"take","alerts":{alerts}}}"#).into()
        }
        "act" => format!(r#"{{"action":"note","note":"n",{seen}}}"#).into(),
        _ => b"{}".to_vec(),
    }
}

pub fn feed(id: &str) -> Arc<Person> {
    Arc::new(Person {
        id: id.to_owned(),
        role: "feed",
        actions: &[Action::Push],
        streams: Some(&[Stream::Claims, Stream::Citizens]),
        desk_role: None,
    })
}

fn person(id: &str, role: &'static str, actions: &'static [Action]) -> Arc<Person> {
    Arc::new(Person {
        id: id.to_owned(),
        role,
        actions,
        streams: None,
        desk_role: [Role::Auditor, Role::Supervisor]
            .into_iter()
            .find(|own| own.as_str() == role),
    })
}

/// Everything that a listener stands on.
#[derive(Default)]
pub struct Fake {
    pub pushes: Mutex<Vec<(Payload, Vec<u8>)>>,
    pub held: Mutex<Vec<Bytes>>,
    pub certificates: Mutex<HashMap<Vec<u8>, Arc<Person>>>,
    pub events: Mutex<Vec<Event>>,
    pub observed: Mutex<Vec<(String, &'static str, &'static str)>>,
    pub log: Mutex<Vec<(String, &'static str, Stage)>>,
    pub log_is_full: AtomicBool,
    pub export_lines: AtomicU64,
    pub export_fails_at: AtomicU64,
    pub is_ready: AtomicBool,
    pub settled: Mutex<Vec<u64>>,
    pub desk: FakeDesk,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fake {
    pub fn count_of(&self, event: Event) -> usize {
        lock(&self.events)
            .iter()
            .filter(|own| **own == event)
            .count()
    }

    pub fn pushes(&self) -> Vec<(Payload, Vec<u8>)> {
        lock(&self.pushes).clone()
    }

    pub fn log(&self) -> Vec<(String, &'static str, Stage)> {
        lock(&self.log).clone()
    }

    pub fn observed(&self) -> Vec<(String, &'static str, &'static str)> {
        lock(&self.observed).clone()
    }
}

impl Inlet for Fake {
    fn submit(&self, push: Push) -> Submission {
        let wait = |milliseconds| tokio::time::sleep(Duration::from_millis(milliseconds));
        let lines = push
            .body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let (bad, good): (Vec<_>, Vec<_>) = lines
            .enumerate()
            .partition(|(_, line)| line.starts_with(b"bad"));
        let receipt = Receipt {
            accepted: good.len() as u64,
            rejected: bad
                .iter()
                .map(|(row, _)| (*row as u64 + 1, "bad_json"))
                .collect(),
            epoch: 7,
        };
        lock(&self.pushes).push((push.payload, push.body.to_vec()));
        let retry_after = Duration::from_millis(2_300);
        match push.idempotency_key.as_deref() {
            Some("full") => Box::pin(async move { Err(PushError::Full { retry_after }) }),
            Some("draining") => Box::pin(async { Err(PushError::Draining) }),
            Some("reused") => Box::pin(async { Err(PushError::KeyReused) }),
            Some("in-progress") => Box::pin(async { Err(PushError::InProgress) }),
            Some("no-disk") => Box::pin(async { Err(PushError::Unavailable("no disk")) }),
            Some("panic") => Box::pin(async { panic!("on purpose") }),
            Some("hold") => {
                lock(&self.held).push(push.body);
                Box::pin(async { Ok(receipt) })
            }
            Some("slow") => Box::pin(async move {
                let _body = push.body;
                wait(600).await;
                Ok(receipt)
            }),
            Some("never") => Box::pin(async move {
                wait(600_000).await;
                Ok(receipt)
            }),
            _ => Box::pin(async move {
                wait(1).await;
                Ok(receipt)
            }),
        }
    }
}

impl Gate for Fake {
    fn by_token(&self, token: &str) -> Option<Arc<dyn Principal>> {
        let person = match token {
            FEED => feed("feed-1"),
            "other-feed" => feed("feed-2"),
            AUDITOR => person(
                "auditor-1",
                "auditor",
                &[
                    Action::ReadAlerts,
                    Action::Export,
                    Action::ReadRejects,
                    Action::ReadSources,
                    Action::ReadAccessLog,
                    Action::ReadStatus,
                ],
            ),
            STEWARD => person(
                "steward-1",
                "data_steward",
                &[
                    Action::ReadRejects,
                    Action::SettleRejects,
                    Action::RestoreClaims,
                    Action::UndoLoads,
                    Action::ReadSources,
                    Action::ResumeSources,
                ],
            ),
            DESK => person("desk-1", "desk", &[Action::Authenticate]),
            PERSON => person(
                "person-1",
                "supervisor",
                &[
                    Action::ReviewAlerts,
                    Action::ApproveVerdicts,
                    Action::Reveal,
                    Action::SearchPeople,
                    Action::AnswerCorrections,
                ],
            ),
            PORTAL => person("portal-1", "portal", &[Action::SelfCheck]),
            NOBODY => person("nobody-1", "platform", &[]),
            _ => return None,
        };
        Some(person)
    }

    fn by_certificate(&self, certificate: &[u8]) -> Option<Arc<dyn Principal>> {
        let certificates = lock(&self.certificates);
        Some(certificates.get(certificate)?.clone())
    }
}

fn raw(value: serde_json::Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

impl Reader for Fake {
    fn alerts(&self, _: &dyn Principal, query: &AlertQuery) -> Result<Page, ReadError> {
        let retry_after = Duration::from_secs(5);
        match query.reason.as_deref() {
            Some("unknown") => return Err(ReadError::UnknownValue(Filter::Reason)),
            Some("hydrating") => {
                let reason = "hydrating";
                return Err(ReadError::NotReady {
                    reason,
                    retry_after,
                });
            }
            Some("broken") => return Err(ReadError::Unavailable("the store is closed")),
            Some("panic") => panic!("on purpose"),
            Some("slow") => std::thread::sleep(Duration::from_millis(1500)),
            _ => {}
        }
        Ok(Page {
            items: vec![raw(serde_json::json!({ "asked": format!("{query:?}") }))],
            next: query.page.is_none().then(|| "p.2".to_owned()),
        })
    }

    fn export(
        &self,
        _: &dyn Principal,
        export: Export,
        line: &mut TakeLine<'_>,
    ) -> Result<(), ReadError> {
        let fails_at = self.export_fails_at.load(Ordering::SeqCst);
        for number in 0..self.export_lines.load(Ordering::SeqCst) {
            if fails_at == number + 1 {
                return Err(ReadError::Unavailable("the store is closed"));
            }
            line(&format!(
                "{{\"export\":\"{export:?}\",\"number\":{number}}}"
            ))?;
        }
        Ok(())
    }

    fn rejects(&self, _: &dyn Principal, query: &RejectQuery) -> Result<Page, ReadError> {
        let items = vec![raw(
            serde_json::json!({ "id": 5, "asked": format!("{query:?}") }),
        )];
        Ok(Page { items, next: None })
    }

    fn reject(&self, _: &dyn Principal, id: u64) -> Result<Option<Box<RawValue>>, ReadError> {
        Ok((id == 5).then(|| raw(serde_json::json!({ "id": 5 }))))
    }

    fn sources(&self, _: &dyn Principal) -> Result<Vec<Box<RawValue>>, ReadError> {
        Ok(vec![raw(serde_json::json!({ "name": "cards-topic" }))])
    }

    fn status(&self, _: &dyn Principal) -> Result<Box<RawValue>, ReadError> {
        Ok(raw(serde_json::json!({ "epoch": 7 })))
    }

    fn authenticate(&self, asked: &Asked) -> Result<Answer, ReadError> {
        if asked.birth_date.len() > 10 {
            return Err(ReadError::BadField {
                code: "bad_partial_date",
                field: "birth_date",
                expected: "expected YYYY-MM-DD, YYYY-MM or YYYY",
            });
        }
        let cause = match &asked.id {
            AskedId::Card(_) => None,
            AskedId::SiNumber(_) => Some("name_spelling"),
            AskedId::PersonalId(_) => Some("unknown_personal_id"),
        };
        Ok(Answer { cause })
    }
}

impl Steward for Fake {
    fn repair(&self, _: &dyn Principal, id: u64, row: Bytes) -> Result<Receipt, StewardError> {
        if id != 5 {
            return Err(StewardError::NotFound);
        }
        if row.starts_with(b"[") {
            return Err(StewardError::StillWrong { code: "bad_json" });
        }
        if row.starts_with(b"{\"theirs\"") {
            return Err(StewardError::NotTheirs);
        }
        if row.starts_with(b"{\"full\"") {
            return Err(StewardError::Push(PushError::Draining));
        }
        let mut settled = lock(&self.settled);
        if settled.contains(&id) {
            return Err(StewardError::Settled("this row is already repaired"));
        }
        settled.push(id);
        Ok(Receipt {
            accepted: 1,
            rejected: Vec::new(),
            epoch: 8,
        })
    }

    fn dismiss(&self, _: &dyn Principal, id: u64, _: &str) -> Result<(), StewardError> {
        if id == 5 {
            Ok(())
        } else {
            Err(StewardError::NotFound)
        }
    }

    fn restore(
        &self,
        _: &dyn Principal,
        whose: &AskedId,
        days: Option<u32>,
    ) -> Result<Restored, StewardError> {
        assert!(days.is_none_or(|days| days == 30));
        Self::restored(whose)
    }

    fn undo(&self, _: &dyn Principal, loads: &BTreeSet<LoadId>) -> Result<Undone, StewardError> {
        match loads.first().map_or(0, |load| load.epoch) {
            120 => Ok(Undone {
                rows: loads.len() as u64 * 10,
                epoch: Some(130),
            }),
            121 => Err(StewardError::NotUndoable("it is erased")),
            _ => Err(StewardError::NotFound),
        }
    }

    fn resume(&self, _: &dyn Principal, source: &str) -> Result<(), StewardError> {
        match source {
            "cards-topic" => Ok(()),
            "runs" => Err(StewardError::Settled("this source runs")),
            "broken" => Err(StewardError::Unavailable("the store is closed")),
            _ => Err(StewardError::NotFound),
        }
    }
}

impl Fake {
    fn restored(whose: &AskedId) -> Result<Restored, StewardError> {
        match whose {
            AskedId::Card(_) => Ok(Restored {
                claims: 2,
                until: "2026-06-30".to_owned(),
                epoch: Some(9),
            }),
            AskedId::SiNumber(_) => Err(StewardError::NotConfigured("no claim is retired")),
            AskedId::PersonalId(_) => Err(StewardError::BadField {
                code: "bad_personal_id",
                field: "personal_id",
                expected: "expected 12 digits".to_owned(),
            }),
        }
    }
}

impl Ledger for Fake {
    fn record(&self, entry: &AccessEntry<'_>) -> Result<(), AccessError> {
        if self.log_is_full.load(Ordering::SeqCst) {
            return Err(AccessError);
        }
        let entry = (entry.principal.to_owned(), entry.action.name(), entry.stage);
        lock(&self.log).push(entry);
        Ok(())
    }
}

impl Metrics for Fake {
    fn render(&self) -> Vec<u8> {
        b"# HELP fundwatch_build_info Build.\n# TYPE fundwatch_build_info gauge\nfundwatch_build_info 1\n".to_vec()
    }

    fn observe(&self, seen: &Observation<'_>) {
        assert!(seen.seconds >= 0.0);
        lock(&self.observed).push((seen.route.to_owned(), seen.method, seen.class));
    }

    fn count(&self, event: Event) {
        lock(&self.events).push(event);
    }
}

impl Health for Fake {
    fn live(&self) -> Result<(), Cow<'static, str>> {
        match self.is_ready.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err("the loop has not turned for 60 s".into()),
        }
    }

    fn startup(&self) -> Startup {
        Startup {
            done: self.is_ready.load(Ordering::SeqCst),
            phase: "hydrating",
            rows_done: 10,
            rows_total: Some(40),
            rows_per_second: 2.5,
        }
    }

    fn readiness(&self) -> Readiness {
        let mut readiness = Readiness::default();
        if !self.is_ready.load(Ordering::SeqCst) {
            readiness.reasons.push(Unready {
                code: "hydrating",
                detail: "the journal is being read".into(),
            });
        }
        readiness.details.insert("ruleset".into(), "r1".into());
        readiness
    }
}

pub fn options() -> ApiOptions {
    ApiOptions::new("127.0.0.1:0".parse().unwrap())
}

pub fn parts(fake: &Arc<Fake>) -> ApiParts {
    ApiParts {
        inlet: fake.clone(),
        gate: fake.clone(),
        reader: fake.clone(),
        steward: fake.clone(),
        self_check: fake.clone(),
        ledger: fake.clone(),
        desk: fake.desk.desk.clone(),
        cases: fake.clone(),
        access_log: fake.clone(),
        metrics: fake.clone(),
        pages: None,
    }
}

pub fn api(options: ApiOptions) -> (Server, Arc<Fake>) {
    let fake = Arc::new(Fake::default());
    let server = serve_api(options, parts(&fake)).unwrap();
    (server, fake)
}

pub fn ops(fake: &Arc<Fake>) -> Server {
    let options = OpsOptions::new("127.0.0.1:0".parse().unwrap());
    let parts = OpsParts {
        health: fake.clone(),
        metrics: fake.clone(),
    };
    serve_ops(options, parts).unwrap()
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Cases for Fake {
    fn case(&self, _: &Viewer, _: &str, _: Language) -> Result<Option<CaseTold>, CaseError> {
        Ok(Some(CaseTold::default()))
    }

    fn revealed(
        &self,
        _: &Viewer,
        _: &str,
        row: u32,
        _: Language,
    ) -> Result<Option<Revealed>, CaseError> {
        Ok((row == 1).then(|| Revealed {
            stream: Stream::Claims,
            columns: Vec::new(),
            fields: vec![Field::FullName],
            values: vec![(Field::FullName, "n".to_owned())],
            person: None,
        }))
    }
}

impl AccessLogReader for Fake {
    fn read(&self, _: &Viewer, _: &LogQuery) -> Result<LogPage, &'static str> {
        Ok(LogPage::default())
    }

    fn sample(&self, _: &Viewer, _: Day) -> Result<LogSample, &'static str> {
        Ok(LogSample::default())
    }

    fn standing(&self) -> LogStanding {
        LogStanding::default()
    }
}

impl SelfCheck for Fake {
    fn records(&self, _: &dyn Principal, _: &str, _: Language) -> Result<Value, SelfCheckError> {
        Ok(json!({}))
    }

    fn correct(
        &self,
        _: &dyn Principal,
        _: &str,
        _: &AskedCorrection,
        _: Language,
    ) -> Result<Value, SelfCheckError> {
        Ok(json!({}))
    }

    fn status(
        &self,
        _: &dyn Principal,
        _: &str,
        _: &str,
        _: Language,
    ) -> Result<Value, SelfCheckError> {
        Ok(json!({}))
    }
}
