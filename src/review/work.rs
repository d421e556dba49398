//! Where people are with an alert, and what they can do about it: one table.
//!
//! The machine's axis - active, changed, withdrawn - is not in it: neither writes the other. What the table does
//! not have is refused, but for `undo`: it leads back to where each alert of a batch was.

use crate::language::worded;

worded! {
    /// Where people are with an alert.
    WorkState {
        New = "new", "new", "mới";
        Assigned = "assigned", "assigned", "đã giao";
        InReview = "in_review", "in review", "đang xem xét";
        Waiting = "waiting", "waiting for others", "chờ bổ sung";
        Snoozed = "snoozed", "snoozed", "tạm hoãn";
        Escalated = "escalated", "escalated", "đã chuyển cấp trên";
        Proposed = "proposed", "proposed", "chờ duyệt";
        Returned = "returned", "returned", "trả lại";
        Closed = "closed", "closed", "đã kết thúc";
        Reopened = "reopened", "reopened", "mở lại";
    }
}

worded! {
    /// What is done about an alert.
    WorkAction {
        Take = "take", "take", "nhận xử lý";
        Assign = "assign", "assign", "giao";
        Start = "start", "start review", "bắt đầu xem xét";
        Release = "release", "give back", "trả về danh sách";
        Wait = "wait", "wait for others", "chờ bổ sung";
        Snooze = "snooze", "snooze", "tạm hoãn";
        Resume = "resume", "go on", "tiếp tục";
        Escalate = "escalate", "escalate", "chuyển cấp trên";
        Propose = "propose", "propose a verdict", "đề nghị kết thúc";
        Close = "close", "close", "kết thúc";
        Approve = "approve", "approve", "duyệt";
        Return = "return", "return", "trả lại";
        Retract = "retract", "take the proposal back", "rút đề nghị";
        Reopen = "reopen", "reopen", "mở lại";
        Uphold = "uphold", "the verdict stands", "giữ nguyên kết luận";
        Note = "note", "note", "ghi chú";
        CloseTogether = "close_together", "close together", "kết thúc hàng loạt";
        Undo = "undo", "undo", "hoàn tác";
        Wake = "wake", "the time is up", "hết thời gian chờ";
    }
}

/// Who may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// Whoever reviews alerts.
    Reviewer,
    /// Whoever has it.
    Assignee,
    /// Whoever has it, or a supervisor.
    AssigneeOrSupervisor,
    /// A supervisor.
    Supervisor,
    /// Whoever proposed.
    Proposer,
    /// A supervisor who took no part since the alert was last new, reopened or returned.
    Approver,
    /// Nobody: time.
    Clock,
    /// Nobody alone: two people, of a batch.
    Batch,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What is done.
    pub action: WorkAction,
    /// Where the alert is before.
    pub from: WorkState,
    /// Where it is after.
    pub to: WorkState,
    /// Who may.
    pub by: By,
}

macro_rules! transitions {
    ($( $action:ident: $( $from:ident )|+ => $to:ident, $by:ident; )*) => {
        /// Everything that people can do, and time.
        pub const TRANSITIONS: &[Transition] = &[$( $( Transition {
            action: WorkAction::$action,
            from: WorkState::$from,
            to: WorkState::$to,
            by: By::$by,
        }, )+ )*];
    };
}

transitions! {
    Take: New | Reopened => InReview, Reviewer;
    Take: Escalated => InReview, Supervisor;
    Assign: New | Assigned | InReview | Waiting | Snoozed | Escalated | Returned | Reopened => Assigned, Supervisor;
    Start: Assigned => InReview, Assignee;
    Release: Assigned | InReview | Waiting | Snoozed | Returned => New, AssigneeOrSupervisor;
    Wait: InReview => Waiting, Assignee;
    Snooze: Assigned | InReview => Snoozed, Assignee;
    Resume: Waiting | Snoozed | Returned => InReview, Assignee;
    Wake: Waiting | Snoozed => InReview, Clock;
    Escalate: InReview => Escalated, Assignee;
    Propose: InReview => Proposed, Assignee;
    Close: InReview => Closed, Assignee;
    Approve: Proposed => Closed, Approver;
    Return: Proposed => Returned, Supervisor;
    Retract: Proposed => InReview, Proposer;
    Reopen: Closed => Reopened, Reviewer;
    Uphold: Closed => Closed, Reviewer;
    CloseTogether: New | Assigned | InReview | Waiting | Snoozed | Escalated | Returned | Reopened => Closed, Batch;
    Note: New => New, Reviewer;
    Note: Assigned => Assigned, Reviewer;
    Note: InReview => InReview, Reviewer;
    Note: Waiting => Waiting, Reviewer;
    Note: Snoozed => Snoozed, Reviewer;
    Note: Escalated => Escalated, Reviewer;
    Note: Proposed => Proposed, Reviewer;
    Note: Returned => Returned, Reviewer;
    Note: Closed => Closed, Reviewer;
    Note: Reopened => Reopened, Reviewer;
}

/// The line of the table for this, if there is one.
pub fn transition(from: WorkState, action: WorkAction) -> Option<&'static Transition> {
    let mut lines = TRANSITIONS.iter();
    lines.find(|line| line.from == from && line.action == action)
}

impl WorkState {
    /// Whether somebody still has to decide.
    pub fn is_open(self) -> bool {
        self != Self::Closed
    }

    /// Whether somebody has looked at the evidence: an alert withdrawn before that leaves the queue by itself.
    pub fn is_looked_at(self) -> bool {
        !matches!(self, Self::New | Self::Assigned)
    }

    /// Whether somebody has it.
    pub fn has_assignee(self) -> bool {
        !matches!(self, Self::New | Self::Reopened | Self::Escalated)
    }
}

impl WorkAction {
    /// Whether it is a decision on the evidence, and so on what its author saw of it.
    pub fn is_decision(self) -> bool {
        matches!(
            self,
            Self::Propose | Self::Close | Self::Approve | Self::Uphold | Self::CloseTogether
        )
    }

    /// Whether it needs a note.
    pub fn needs_note(self) -> bool {
        matches!(
            self,
            Self::Note | Self::Return | Self::Escalate | Self::Reopen | Self::Uphold
        )
    }

    /// Whether it ends on a day.
    pub fn needs_day(self) -> bool {
        matches!(self, Self::Wait | Self::Snooze)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::{Language, is_composed};

    #[test]
    fn a_state_and_an_action_have_one_line_at_most() {
        let keys: Vec<_> = TRANSITIONS
            .iter()
            .map(|line| (line.from, line.action))
            .collect();
        let distinct: BTreeSet<_> = keys.iter().collect();
        assert_eq!(keys.len(), distinct.len());
    }

    #[test]
    fn every_state_is_reached_and_left_and_every_action_leads_somewhere() {
        for state in WorkState::ALL {
            let moves = |line: &&Transition| line.from != line.to;
            let mut lines = TRANSITIONS.iter().filter(moves);
            assert!(
                lines.clone().any(|line| line.from == *state),
                "{state} is never left"
            );
            let is_reached = *state == WorkState::New || lines.any(|line| line.to == *state);
            assert!(is_reached, "{state} is never reached");
        }
        let table = WorkAction::ALL
            .iter()
            .filter(|one| **one != WorkAction::Undo);
        for action in table {
            assert!(
                TRANSITIONS.iter().any(|line| line.action == *action),
                "{action}"
            );
        }
    }

    #[test]
    fn an_alert_is_closed_by_a_decision_and_by_nothing_else() {
        for line in TRANSITIONS {
            if line.to == WorkState::Closed && line.from != WorkState::Closed {
                assert!(line.action.is_decision());
            }
            if line.by == By::Clock {
                assert!(line.to.is_open(), "time decides nothing");
            }
        }
        let closing = TRANSITIONS
            .iter()
            .filter(|line| line.from == WorkState::Proposed);
        let closing = closing.filter(|line| line.to == WorkState::Closed);
        assert!(closing.map(|line| line.by).eq([By::Approver]));
        // What a batch does needs two people as well.
        let by_batch = TRANSITIONS.iter().filter(|line| line.by == By::Batch);
        assert!(by_batch.clone().count() > 0);
        assert!(
            by_batch
                .clone()
                .all(|line| line.action == WorkAction::CloseTogether)
        );
    }

    #[test]
    fn words_are_of_two_languages_and_found_again() {
        for state in WorkState::ALL {
            assert_eq!(WorkState::from_name(state.as_str()), Some(*state));
            assert!(is_composed(state.text(Language::Vietnamese)));
        }
        for action in WorkAction::ALL {
            assert_eq!(WorkAction::from_name(action.as_str()), Some(*action));
            assert!(action.text(Language::English).is_ascii());
        }
        assert_eq!(WorkState::from_name("open"), None);
    }
}
