//! Who looked at what on the desk, in the access log.

use std::sync::Arc;

use crate::journal::Month;
use crate::review::{
    Access, BatchStep, CorrectionAction, DeskError, DeskLog, ErasedOf, Group, GroupId, Purpose,
    Viewer, WorkAction,
};
use crate::web::{AccessAction, AccessEntry, Ledger, Stage, Subject};

/// Tells the access log.
pub(in crate::server) struct LoggedDesk(pub(in crate::server) Arc<dyn Ledger>);

impl DeskLog for LoggedDesk {
    fn record(&self, who: &Viewer, access: &Access<'_>, epoch: u64) -> Result<(), DeskError> {
        // The pseudonym of a person is not told as what an entry is about, which pages show.
        let provider = match access {
            Access::Group(group @ Group::Provider(_), _) => group.to_string(),
            _ => String::new(),
        };
        let batch = match access {
            Access::Batch(_, number, _) => format!("batch/{number}"),
            _ => String::new(),
        };
        let (action, object, objects) = match access {
            Access::Search(_, alerts) => (AccessAction::SearchPerson, None, *alerts),
            Access::Reveal { alert_id, .. } => (AccessAction::Reveal, Some(*alert_id), 1),
            Access::Export(done) => (
                AccessAction::ExportCsv,
                None,
                done.map_or(0, |(alerts, _)| alerts),
            ),
            Access::Queue(items) => (AccessAction::OpenQueue, None, *items),
            Access::Alert(alert_id) => (AccessAction::OpenAlert, Some(*alert_id), 1),
            Access::Group(group, items) => {
                let object = match group {
                    Group::Person(_) => "person",
                    Group::Card(_) => "card",
                    Group::Provider(_) => &*provider,
                };
                (AccessAction::OpenGroup, Some(object), *items)
            }
            Access::Did(action, alert_id) => (did(*action), Some(*alert_id), 1),
            Access::Batch(step, _, alerts) => {
                let action = match step {
                    BatchStep::Propose => AccessAction::ProposeBatch,
                    BatchStep::Open => AccessAction::OpenBatch,
                    BatchStep::Approve => AccessAction::ApproveBatch,
                    BatchStep::Return => AccessAction::ReturnBatch,
                    BatchStep::Undo => AccessAction::UndoBatch,
                };
                (action, Some(&*batch), *alerts)
            }
            Access::AskedForCorrection(reference, _) => {
                (AccessAction::RequestCorrection, Some(*reference), 1)
            }
            Access::Corrections(count) => (AccessAction::OpenCorrections, None, *count),
            Access::Correction(reference, _) => (AccessAction::OpenCorrection, Some(*reference), 1),
            Access::DidCorrection(action, reference, _) => {
                (did_correction(*action), Some(*reference), 1)
            }
        };
        let role = who.role.as_str();
        let stage = match access {
            Access::Export(None) => Stage::Begun,
            Access::Export(Some((objects, complete))) => Stage::Ended {
                objects: *objects,
                complete: *complete,
            },
            _ => Stage::done(objects),
        };
        let entry = AccessEntry::new(&who.name, role, action, stage).epoch(epoch);
        let entry = match object {
            Some(object) => entry.object(object),
            None => entry,
        };
        let entry = match access {
            Access::Search(Some(group), _)
            | Access::Group(Group::Person(group) | Group::Card(group), _) => {
                entry.subject(subject(*group))
            }
            Access::Reveal {
                purpose,
                subject: whom,
                fields,
                ..
            } => {
                let entry = entry.purpose(purpose.as_str()).fields(fields);
                whom.map_or(entry, |group| entry.subject(subject(group)))
            }
            Access::DidCorrection(CorrectionAction::Reveal, _, whom) => entry
                .purpose(Purpose::DataSubjectRequest.as_str())
                .fields(&["personal_id"])
                .subject(subject(*whom)),
            Access::AskedForCorrection(_, whom)
            | Access::Correction(_, whom)
            | Access::DidCorrection(_, _, whom) => entry.subject(subject(*whom)),
            _ => entry,
        };
        self.0.record(&entry).map_err(|_| DeskError::NotLogged)
    }

    fn erased(&self, of: ErasedOf, month: Month, epoch: u64) -> Result<(), DeskError> {
        let object = format!("{}/{month}", of.as_str());
        let entry = AccessEntry::new(
            "fundwatch",
            "service",
            AccessAction::EraseMonth,
            Stage::done(1),
        );
        let kept = self.0.record(&entry.object(&object).epoch(epoch));
        kept.map_err(|_| DeskError::NotLogged)
    }
}

/// The pseudonym of a person or a card, as the log has it.
pub(in crate::server) fn subject(group: GroupId) -> Subject {
    let [a, b, c, d, e, f, g, h, ..] = group.0;
    Subject([a, b, c, d, e, f, g, h])
}

fn did_correction(action: CorrectionAction) -> AccessAction {
    match action {
        CorrectionAction::Request => AccessAction::RequestCorrection,
        CorrectionAction::Start => AccessAction::StartCorrection,
        CorrectionAction::Release => AccessAction::ReleaseCorrection,
        CorrectionAction::Accept | CorrectionAction::Refuse => AccessAction::AnswerCorrection,
        CorrectionAction::Reveal => AccessAction::Reveal,
    }
}

fn did(action: WorkAction) -> AccessAction {
    match action {
        WorkAction::Take => AccessAction::Take,
        WorkAction::Assign => AccessAction::Assign,
        WorkAction::Start => AccessAction::Start,
        WorkAction::Release => AccessAction::Release,
        WorkAction::Wait => AccessAction::Wait,
        WorkAction::Snooze => AccessAction::Snooze,
        WorkAction::Resume | WorkAction::Wake => AccessAction::Resume,
        WorkAction::Escalate => AccessAction::Escalate,
        WorkAction::Propose => AccessAction::Propose,
        WorkAction::Close | WorkAction::CloseTogether => AccessAction::Close,
        WorkAction::Undo => AccessAction::UndoBatch,
        WorkAction::Approve => AccessAction::Approve,
        WorkAction::Return => AccessAction::ReturnProposal,
        WorkAction::Retract => AccessAction::Retract,
        WorkAction::Reopen => AccessAction::Reopen,
        WorkAction::Uphold => AccessAction::Uphold,
        WorkAction::Note => AccessAction::Note,
    }
}
