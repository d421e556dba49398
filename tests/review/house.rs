//! A service with pages: a real desk in a directory, people and cases that are made up.

use std::sync::Arc;

use fundwatch::access::Role;
use fundwatch::record::Instant;
use fundwatch::review::{
    Act, BatchAct, CorrectionAction, Desk, EvidenceDigest, Filters, Finding, Frontier, GroupId,
    Item, MachineChange, NewCorrection, Place, QueueQuery, Seen, Verdict, View, Viewer, WorkAction,
};
use fundwatch::self_check::OwnField;
use fundwatch::store::{AlertState, HistoryKind};
use fundwatch::web::pages::{PagesParts, Voucher, router};
use fundwatch::web::{ApiOptions, ApiParts, Server, serve_api};

use super::callers::Callers;
use super::log::{Log, start};
use super::made::{Made, NAME, finding, id, now, today};
use super::made_rejects::MadeRejects;
use super::nothing::Nothing;
use super::overheard::overheard;
use super::people::People;
use super::watched::Watched;
use crate::said::{self, Kind};

pub struct House {
    pub desk: Arc<Desk>,
    pub people: Arc<People>,
    pub log: Arc<Watched>,
    pub rejects: Arc<MadeRejects>,
    pub desk_log: Arc<Log>,
    pub address: String,
    /// What a citizen says is wrong, one looked into by an and one that nobody looks into.
    pub corrections: Vec<String>,
    server: Option<Server>,
    _directory: tempfile::TempDir,
}

pub fn viewer(name: &str, role: Role) -> Viewer {
    Viewer {
        name: name.to_owned(),
        role,
        provinces: Vec::new(),
    }
}

impl House {
    /// A house without an alert.
    pub fn empty() -> Self {
        Self::made(None, |_| None)
    }

    /// The same, behind a proxy at this address.
    pub fn behind(origin: &str) -> Self {
        Self::made(Some(origin), |_| None)
    }

    /// The same, where people also sign in by a provider.
    pub fn with_provider(provider: impl FnOnce(Arc<People>) -> Arc<dyn Voucher>) -> Self {
        Self::made(None, |people| Some(provider(people)))
    }

    fn made(
        origin: Option<&str>,
        provider: impl FnOnce(Arc<People>) -> Option<Arc<dyn Voucher>>,
    ) -> Self {
        start();
        said::keep(Kind::Person, NAME.split(" <").next().unwrap());
        let directory = tempfile::tempdir().unwrap();
        let nothing = Arc::new(Nothing);
        let cases = Arc::new(Made);
        let desk_log = Arc::new(Log::default());
        let clock = || Instant::from_millis(now()).unwrap();
        let desk = Arc::new(
            Desk::open_or_create(directory.path(), None, Arc::new(clock), desk_log.clone())
                .unwrap(),
        );
        let people = People::new();
        let provider = provider(people.clone());
        let log = Arc::new(Watched::default());
        let rejects = Arc::new(MadeRejects::new());
        let pages = router(PagesParts {
            desk: desk.clone(),
            cases: cases.clone(),
            accounts: people.clone(),
            feeds: Arc::new(Made),
            rejects: rejects.clone(),
            dials: Arc::new(Made),
            measures: Arc::new(Made),
            access_log: log.clone(),
            directory: people.clone(),
            now: Arc::new(clock),
            metrics: nothing.clone(),
            provider,
            has_passwords: true,
            public_origin: origin.map(str::to_owned),
            has_tls: false,
            is_loopback: true,
        });
        let parts = ApiParts {
            inlet: nothing.clone(),
            gate: Arc::new(Callers),
            reader: nothing.clone(),
            steward: nothing.clone(),
            self_check: nothing.clone(),
            ledger: nothing.clone(),
            desk: desk.clone(),
            cases,
            access_log: log.clone(),
            metrics: nothing,
            pages: Some(overheard(pages.unwrap())),
        };
        let options = ApiOptions::new("127.0.0.1:0".parse().unwrap());
        let server = serve_api(options, parts).unwrap();
        let house = Self {
            desk,
            people,
            log,
            rejects,
            desk_log,
            // A name, since browsers trust loopback by it as well.
            address: format!("http://localhost:{}", server.local_addr().port()),
            corrections: Vec::new(),
            server: Some(server),
            _directory: directory,
        };
        house.project(&[], 1);
        house
    }

    /// All alerts of the open list are to be closed, as somebody asks.
    fn propose_batch(&self, who: &Viewer) {
        let query = QueueQuery {
            view: View::Open,
            filters: Filters::default(),
            as_of: None,
            after: None,
            limit: 50,
        };
        let offer = self.desk.offer_batch(who, &query).unwrap();
        let asked = BatchAct {
            action: WorkAction::CloseTogether,
            assignee: None,
            verdict: Some(Verdict::FalsePositiveDeathRecord),
            note: "Tệp khai tử của tỉnh nạp nhầm.".to_owned(),
        };
        let query = QueueQuery {
            as_of: Some(offer.as_of),
            ..query
        };
        (self.desk.propose_batch(who, (&query, offer.mark), &asked)).unwrap();
    }

    /// A house with alerts in every state.
    pub fn full() -> Self {
        let mut house = Self::empty();
        let findings: Vec<Finding> = (0..32).map(finding).collect();
        house.project(&findings, 2);
        house.machine(&findings, HistoryKind::Raised, 1);
        let open = Place::List(View::Open);
        let (an, binh) = (viewer("an", Role::Reviewer), viewer("binh", Role::Reviewer));
        let chi = viewer("chi", Role::Supervisor);
        for (number, who) in [
            (1, &an),
            (2, &an),
            (3, &an),
            (4, &an),
            (5, &binh),
            (6, &binh),
            (7, &an),
            (9, &an),
        ] {
            house.act(who, number, WorkAction::Take, |_| {});
        }
        let fraud = |act: &mut Act| {
            act.verdict = Some(Verdict::ConfirmedFraud);
            act.note = Some("Bệnh án và sổ khám không có tên; cơ sở xác nhận kê khống.".to_owned());
        };
        house.act(&an, 2, WorkAction::Propose, fraud);
        house.act(&binh, 5, WorkAction::Propose, fraud);
        house.act(&an, 3, WorkAction::Wait, |act| {
            act.until = Some(today().plus(5))
        });
        house.act(&binh, 6, WorkAction::Escalate, |act| {
            act.note = Some("Cần phối hợp.".to_owned())
        });
        house.act(&an, 4, WorkAction::Propose, fraud);
        house.act(&chi, 4, WorkAction::Return, |act| {
            act.note = Some("Chưa có xác nhận của cơ sở KCB.".to_owned());
        });
        house.act(&chi, 8, WorkAction::Assign, |act| {
            act.assignee = Some("an".to_owned())
        });
        house.act(&an, 9, WorkAction::Close, |act| {
            act.verdict = Some(Verdict::LegitimateTiming);
        });
        // What an saw before the evidence moved.
        let here = house.desk.here().unwrap();
        let seen = (here.epoch, here.event);
        house.desk.mark_seen(&an, &Place::Mine, seen).unwrap();
        house.desk.mark_seen(&an, &open, seen).unwrap();
        for number in [7, 9] {
            house.desk.open_alert(&an, &id(number)).unwrap();
        }
        house.act(&chi, 9, WorkAction::Note, |act| {
            act.note = Some("Đề nghị xem lại.".to_owned());
        });
        let changed = Finding {
            digest: EvidenceDigest([2; 16]),
            grade: Some(1),
            changed_epoch: 3,
            ..finding(9)
        };
        let withdrawn = Finding {
            state: AlertState::Withdrawn,
            changed_epoch: 3,
            ..finding(7)
        };
        let findings = [changed, withdrawn];
        house.project(&findings, 3);
        house.machine(&findings[..1], HistoryKind::Changed, 3);
        house.machine(&findings[1..], HistoryKind::Withdrawn, 3);
        house.corrections = vec![house.correction(), house.correction()];
        let what = (CorrectionAction::Start, 1);
        let begun = (house.desk).act_on_correction(&an, &house.corrections[0], what, None);
        begun.unwrap();
        house.propose_batch(&an);
        house
    }

    /// A citizen says that something is wrong, about whom alert 1 is where it has a person. Gives the reference.
    pub fn correction(&self) -> String {
        let person = GroupId([9; 16]);
        let of_alert = self.item(1).finding.person;
        let new = NewCorrection {
            portal: "vssid".to_owned(),
            person,
            people: of_alert.into_iter().collect(),
            subject: "079051000001".to_owned(),
            stream: fundwatch::record::Stream::Citizens,
            field: OwnField::LifeStatus,
            should_be: "còn sống".to_owned(),
            note: Some("Tôi vẫn đi làm hằng ngày.".to_owned()),
        };
        self.desk.request_correction(&new).unwrap().reference
    }

    /// Stops the listener, as the service does.
    pub fn stop(&mut self, within: std::time::Duration) -> fundwatch::web::Drained {
        self.server.take().unwrap().shutdown(within)
    }

    pub fn project(&self, findings: &[Finding], epoch: u64) {
        let to = Frontier {
            epoch: Some(epoch),
            at: now() - 3_000,
        };
        self.desk.project(findings, Some(to)).unwrap();
    }

    pub fn machine(&self, findings: &[Finding], kind: HistoryKind, epoch: u64) {
        let change = |finding: &Finding| MachineChange {
            alert_id: finding.alert_id.clone(),
            epoch,
            at: now(),
            kind,
            causes: vec![fundwatch::record::Stream::DeathReports],
        };
        let changes: Vec<MachineChange> = findings.iter().map(change).collect();
        self.desk.add_changes(&changes).unwrap();
    }

    pub fn item(&self, number: u32) -> Item {
        let item = self
            .desk
            .item(&viewer("chi", Role::Supervisor), &id(number));
        item.unwrap().unwrap()
    }

    pub fn act(&self, who: &Viewer, number: u32, action: WorkAction, with: impl FnOnce(&mut Act)) {
        let item = self.item(number);
        let seen = Seen {
            version: item.work.version,
            digest: item.finding.digest,
        };
        let mut act = Act::new(action, seen);
        with(&mut act);
        self.desk.act(who, &id(number), &act).unwrap();
    }
}
