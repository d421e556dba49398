//! Desks, people and findings that are made here.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use fundwatch::access::Role;
use fundwatch::journal::Month;
use fundwatch::record::{Day, Instant, Money, Value};
use fundwatch::review::{
    Access, Act, Desk, DeskError, DeskLog, ErasedOf, EvidenceDigest, Finding, Frontier, Item,
    Refused, Seen, Typed, Verdict, Viewer, WorkAction,
};
use fundwatch::rule::{Class, Reason, Severity};
use fundwatch::store::AlertState;

/// A desk with a clock that is moved by hand.
pub struct Made {
    pub desk: Desk,
    clock: Arc<AtomicI64>,
    pub log: Arc<Log>,
    pub directory: tempfile::TempDir,
}

/// 2026-11-27, a Friday, 09:00 in UTC+7.
pub const START: i64 = 1_795_744_800_000;
pub const DAY: i64 = 86_400_000;

impl Made {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(AtomicI64::new(START));
        let log = Arc::new(Log::default());
        Self {
            desk: open(directory.path(), &clock, &log),
            clock,
            log,
            directory,
        }
    }

    /// Closes the desk, and opens it again.
    pub fn reopen(&mut self) {
        self.desk = open(self.directory.path(), &self.clock, &self.log);
    }

    pub fn pass(&self, days: i64) {
        self.clock.fetch_add(days * DAY, Ordering::SeqCst);
    }

    pub fn pass_millis(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn today(&self) -> Day {
        Instant::from_millis(self.now()).expect("a time").day()
    }

    /// Brings findings in, up to an epoch.
    pub fn project(&self, findings: &[Finding], epoch: u64) {
        let to = Frontier {
            epoch: Some(epoch),
            at: self.now(),
        };
        self.desk.project(findings, Some(to)).expect("brought in");
    }

    pub fn item(&self, alert_id: &str) -> Item {
        let item = self.desk.item(&supervisor("s1"), alert_id).expect("read");
        item.expect("an item")
    }

    /// Does something on what is there now.
    pub fn act(&self, who: &Viewer, alert_id: &str, action: WorkAction) -> Result<Item, Refused> {
        self.act_with(who, alert_id, action, |_| {})
    }

    pub fn act_with(
        &self,
        who: &Viewer,
        alert_id: &str,
        action: WorkAction,
        with: impl FnOnce(&mut Act),
    ) -> Result<Item, Refused> {
        let mut act = Act::new(action, seen(&self.item(alert_id)));
        with(&mut act);
        self.look(who, alert_id, action);
        self.desk.act(who, alert_id, &act)
    }

    /// Looks at a proposal first where one in twenty is, which nobody chooses.
    pub fn look(&self, who: &Viewer, alert_id: &str, action: WorkAction) {
        let item = self.item(alert_id);
        let is_due = |item| self.desk.is_look_due(who, item).expect("read");
        if action == WorkAction::Approve && is_due(&item) {
            let own = (item.work.version, Verdict::Inconclusive);
            // Whoever may not approve it may not look.
            let _ = self.desk.look(who, alert_id, own);
        }
    }
}

/// Keeps what it is told, or cannot.
#[derive(Default)]
pub struct Log {
    pub entries: Mutex<Vec<String>>,
    pub is_full: AtomicBool,
}

impl DeskLog for Log {
    fn record(&self, who: &Viewer, access: &Access<'_>, epoch: u64) -> Result<(), DeskError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(DeskError::NotLogged);
        }
        let entry = format!("{} {access:?} {epoch}", who.name);
        self.entries.lock().expect("nobody panicked").push(entry);
        Ok(())
    }

    fn erased(&self, of: ErasedOf, month: Month, epoch: u64) -> Result<(), DeskError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(DeskError::NotLogged);
        }
        let entry = format!("service EraseMonth {of:?} {month} {epoch}");
        self.entries.lock().expect("nobody panicked").push(entry);
        Ok(())
    }
}

fn open(directory: &Path, clock: &Arc<AtomicI64>, log: &Arc<Log>) -> Desk {
    let clock = clock.clone();
    let now = move || Instant::from_millis(clock.load(Ordering::SeqCst)).expect("a time");
    Desk::open_or_create(directory, None, Arc::new(now), log.clone()).expect("a desk")
}

/// What somebody typed; none where it is erased.
pub fn text(typed: &Option<Typed>) -> Option<&str> {
    typed.as_ref().and_then(Typed::text)
}

pub fn seen(item: &Item) -> Seen {
    Seen {
        version: item.work.version,
        digest: item.finding.digest,
    }
}

pub fn reviewer(name: &str) -> Viewer {
    viewer(name, Role::Reviewer)
}

pub fn supervisor(name: &str) -> Viewer {
    viewer(name, Role::Supervisor)
}

pub fn viewer(name: &str, role: Role) -> Viewer {
    Viewer {
        name: name.to_owned(),
        role,
        provinces: Vec::new(),
    }
}

pub fn id(number: u32) -> String {
    // Ids of alerts are spread, and so are these.
    format!("{:02x}{number:030x}", (number * 37) % 256)
}

pub fn day(text: &str) -> Day {
    Day::from_text(text).expect("a day")
}

/// A finding that holds.
pub fn finding(number: u32) -> Finding {
    Finding {
        alert_id: id(number),
        reason: Reason::ServiceAfterDeath,
        class: Class::MisuseSuspected,
        severity: Severity::High,
        subject_kind: "claim".to_owned(),
        facility: Some("79001".to_owned()),
        person: None,
        card: None,
        masked: "•••001".to_owned(),
        amount: Money::dong(1_000_000),
        grade: Some(2),
        cause: None,
        score: Some(9_000),
        misuse_probability: Some(5_000),
        priority: 20_000 + number,
        service_day: Some(day("2026-11-20")),
        raised_at: START,
        raised_epoch: 1,
        changed_epoch: 1,
        state: AlertState::Active,
        digest: EvidenceDigest([1; 16]),
    }
}
