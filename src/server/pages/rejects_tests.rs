//! Rejected rows of a service that runs: read, repaired, dismissed, each in the access log.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Elapsed};

use super::rejects::JournalledRejects;
use crate::access::Role;
use crate::access_log::{AccessLog, Entry, Options, Query};
use crate::config::{Call, Config};
use crate::record::{ErrorCode, Stream};
use crate::review::Viewer;
use crate::server::steward::JournalSteward;
use crate::server::{Parts, ServiceParts, measuring, options};
use crate::service::{self, Breakers, Clock, Service, Submission};
use crate::store::{RejectState, StoreKey, StoreReaders};
use crate::web::pages::{Given, RejectFault, Rejects as _, RejectsAsked};

/// A row of a death whose date is none, and which names a person.
const WRONG: &str = r#"{"report_id":"R-1","personal_id":"079051000001","death_date":"2026-13-40","source":"civil_registry"}"#;
const ALSO_WRONG: &str = r#"{"report_id":"R-2","personal_id":"079051000002","death_date":"2026-10-01","source":"Nguyễn Mẫu An"}"#;

struct Office {
    rejects: JournalledRejects,
    log: Arc<AccessLog>,
    service: Option<Service>,
    _data: tempfile::TempDir,
}

fn who(name: &str, role: Role) -> Viewer {
    Viewer {
        name: name.to_owned(),
        role,
        provinces: Vec::new(),
    }
}

impl Office {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a directory");
        service::make(data.path()).expect("a data directory");
        let config = Config::load(None, &Call::default(), &|_| None).expect("defaults");
        let clock = Clock::system();
        let metrics = measuring::metrics(&config).expect("metrics");
        let store = options::store(&config, data.path()).expect("a store");
        let of_service = options::service(&config, data.path(), store.clone(), None, clock.clone());
        let service = Service::start(of_service.expect("options"), metrics.clone());
        let service = service.expect("a service");
        assert!(service.status().wait_until_running());
        let log = AccessLog::open(data.path(), Options::new(metrics.clone()));
        let log = Arc::new(log.expect("a log"));
        let key = StoreKey::open_or_create(data.path(), None).expect("a key");
        let parts = Parts {
            config: Arc::new(std::sync::RwLock::new(config.clone())),
            data: data.path().into(),
            store: StoreReaders::new(store, key),
            service: Arc::new(ServiceParts {
                queue: service.queue(),
                status: service.status(),
                positions: service.positions(),
                rows: service.rows(),
                archive: service.archive(),
                undoer: service.undoer(),
            }),
            breakers: Arc::new(Breakers::new(options::breakers(&config))),
            metrics,
            access_log: log.clone(),
            clock,
            sources: options::source_names(&config).into(),
            settling: Arc::default(),
        };
        Self {
            rejects: JournalledRejects {
                rows: service.journalled_rows(),
                steward: JournalSteward::new(parts.clone()),
                log: log.clone(),
                parts,
            },
            log,
            service: Some(service),
            _data: data,
        }
    }

    /// Sends rows as a feed does, and waits until they are stored.
    fn send(&self, rows: &str) {
        let parts = &self.rejects.parts;
        let stream = Stream::DeathReports;
        let mut delivery = service::lines(stream, rows.as_bytes(), parts.clock.now());
        delivery.source = "http".to_owned();
        let (reply, told) = sync_channel(1);
        let reply = Box::new(move |outcome| {
            let _ = reply.send(outcome);
        });
        let submission = Submission::of(delivery, 1_000, Elapsed::now(), reply);
        let pushed = parts.service.queue.try_push(submission);
        assert!(pushed.is_ok(), "there is room");
        let receipt = told.recv().expect("answered").expect("taken");
        self.stored(receipt.epoch);
    }

    /// Waits until an epoch is stored.
    fn stored(&self, epoch: u64) {
        let until = Elapsed::now() + Duration::from_secs(60);
        while self.rejects.parts.service.status.committed_epoch() < epoch {
            assert!(Elapsed::now() < until, "epoch {epoch} is not stored");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn state(&self, id: u64) -> RejectState {
        let sealed = self.rejects.parts.service.status.sealed_epoch();
        self.stored(sealed);
        let opened = self.rejects.open(&who("giang", Role::Auditor), id);
        opened.expect("there").told.state
    }

    /// What the log has of somebody, the first first.
    fn entries(&self, actor: &str) -> Vec<String> {
        let asked = Query {
            actor: Some(actor.to_owned()),
            limit: 100,
            ..Query::default()
        };
        let mut entries = self.log.search(&asked).expect("found").entries;
        entries.reverse();
        let text = |entry: &Entry| {
            let object = entry.object.as_deref().unwrap_or("-");
            format!("{} {object} {}", entry.action, entry.fields.join("+"))
        };
        entries.iter().map(text).collect()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(service) = self.service.take() {
            service.drain();
            // What went wrong has failed the test.
            let _ = service.join();
        }
    }
}

fn asked() -> RejectsAsked {
    RejectsAsked {
        limit: 1,
        ..RejectsAsked::default()
    }
}

#[test]
fn a_rejected_row_is_read_masked_repaired_once_and_dismissed_by_who_may() {
    let office = Office::new();
    office.send(&format!("{WRONG}\n{ALSO_WRONG}\n"));
    let (dung, giang) = (who("dung", Role::Operator), who("giang", Role::Auditor));
    let first = office.rejects.list(&dung, &asked()).expect("read");
    let second = RejectsAsked {
        after: first.next,
        ..asked()
    };
    let second = office.rejects.list(&dung, &second).expect("read");
    assert_eq!(
        (first.rejects.len(), second.rejects.len(), second.next),
        (1, 1, None)
    );
    let (first, second) = (&first.rejects[0], &second.rejects[0]);
    assert_eq!(
        (first.code, first.column, first.row),
        (Some(ErrorCode::BadPartialDate), Some("death_date"), 1)
    );
    assert_eq!(second.code, Some(ErrorCode::BadSource));
    assert_eq!(office.rejects.totals().expect("read")[0].open, 2);
    let by_code = RejectsAsked {
        code: Some(ErrorCode::BadSource),
        source: Some("http".to_owned()),
        ..asked()
    };
    let by_code = office.rejects.list(&dung, &by_code).expect("read");
    assert_eq!(by_code.rejects[0].id, second.id);

    let opened = office.rejects.open(&dung, first.id).expect("read");
    assert!(opened.is_read);
    let text = |name: &str| {
        let mut fields = opened.fields.iter().filter(|field| field.name == name);
        let field = fields.next().expect("a column");
        (field.text.as_deref(), field.is_masked)
    };
    assert_eq!(text("death_date"), (Some("2026-13-40"), false));
    assert_eq!(text("personal_id"), (None, true));
    let other = office.rejects.open(&dung, second.id).expect("read");
    assert!(!format!("{other:?}").contains("Mẫu"));

    let given = |date: &str| [("death_date", Given::Text(date.to_owned()))];
    let right = given("2026-10-30");
    let refused = office.rejects.repair(&giang, first.id, &right);
    assert_eq!(refused, Err(RejectFault::NotTheirs));
    let wrong = office.rejects.repair(&dung, first.id, &given("x"));
    assert_eq!(
        wrong,
        Err(RejectFault::StillWrong(Some(ErrorCode::BadPartialDate)))
    );
    assert_eq!(office.state(first.id), RejectState::Open);
    assert_eq!(office.rejects.repair(&dung, first.id, &right), Ok(()));
    assert_eq!(office.state(first.id), RejectState::Repaired);
    let again = office.rejects.repair(&dung, first.id, &right);
    assert_eq!(again, Err(RejectFault::Settled));
    // The row that was sent has the number that was not shown.
    let status = &office.rejects.parts.service.status;
    let sent = office
        .rejects
        .rows
        .row(status.sealed_epoch(), 1)
        .expect("read");
    let service::JournalledRow::Kept(sent) = sent else {
        panic!("no row was sent");
    };
    let sent = String::from_utf8(crate::journal::row_text(&sent)).expect("UTF-8");
    assert!(sent.contains("079051000001") && sent.contains("2026-10-30"));

    assert_eq!(
        office.rejects.dismiss(&dung, second.id, "not_needed"),
        Ok(())
    );
    assert_eq!(office.state(second.id), RejectState::Dismissed);
    let again = office.rejects.dismiss(&dung, second.id, "not_needed");
    assert_eq!(again, Err(RejectFault::Settled));
    assert_eq!(
        office.rejects.resume(&dung, "http"),
        Err(RejectFault::Settled)
    );
    assert_eq!(
        office.rejects.resume(&dung, "x"),
        Err(RejectFault::NotFound)
    );
    assert_eq!(office.rejects.open(&dung, 1), Err(RejectFault::NotFound));

    let entries = office.entries("dung");
    let of = |text: &str| entries.iter().filter(|entry| *entry == text).count();
    let (one, other) = (first.id, second.id);
    assert_eq!(
        of(&format!("repair_reject reject:{one} death_date")),
        3,
        "{entries:?}"
    );
    assert_eq!(of(&format!("dismiss_reject reject:{other} ")), 2);
    assert_eq!(of(&format!("read_rejects reject:{one} ")), 1);
    assert_eq!(of("read_rejects - "), 3);
    assert_eq!(of("resume_source source:http "), 1);
}

#[test]
fn what_cannot_be_logged_is_neither_shown_nor_done() {
    let office = Office::new();
    office.send(WRONG);
    let dung = who("dung", Role::Operator);
    let id = office.rejects.list(&dung, &asked()).expect("read").rejects[0].id;
    office.log.close();
    let right = [("death_date", Given::Text("2026-10-30".to_owned()))];
    let none = Err(RejectFault::Unavailable);
    assert_eq!(office.rejects.open(&dung, id).map(drop), none);
    assert_eq!(office.rejects.list(&dung, &asked()).map(drop), none);
    assert_eq!(office.rejects.repair(&dung, id, &right), none);
    assert_eq!(office.rejects.dismiss(&dung, id, "not_needed"), none);
    let sealed = office.rejects.parts.service.status.sealed_epoch();
    office.stored(sealed);
    assert_eq!(office.rejects.totals().expect("read")[0].open, 1);
}
