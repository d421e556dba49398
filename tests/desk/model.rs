//! An alert on a desk, as naively as it can be said.

use fundwatch::access::Role;
use fundwatch::review::{Verdict, Viewer, WorkAction, WorkState};

/// What is known of an alert.
#[derive(Clone, Debug)]
pub struct Model {
    pub state: WorkState,
    pub assignee: Option<String>,
    pub proposer: Option<String>,
    /// Who did something since the alert was last new, reopened or returned.
    pub took_part: Vec<String>,
    pub verdict: Option<Verdict>,
    /// Whether the evidence is what the verdict was given on.
    pub is_overtaken: bool,
    pub acts: u32,
}

/// What becomes of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    Done,
    NotPossible,
    NotTheirs,
    TookPart,
    Overtaken,
    Wrong,
}

impl Model {
    pub fn new() -> Self {
        Self {
            state: WorkState::New,
            assignee: None,
            proposer: None,
            took_part: Vec::new(),
            verdict: None,
            is_overtaken: false,
            acts: 0,
        }
    }

    /// Does something with everything beside it in order, but for the verdict.
    pub fn act(&mut self, who: &Viewer, action: WorkAction, verdict: Verdict) -> Became {
        use WorkAction as A;
        use WorkState as S;
        let has_it = self.assignee.as_deref() == Some(&who.name);
        let supervises = who.role == Role::Supervisor;
        let reviews = supervises || who.role == Role::Reviewer;
        let (to, may) = match (action, self.state) {
            (A::Take, S::New | S::Reopened) => (S::InReview, reviews),
            (A::Take, S::Escalated) => (S::InReview, supervises),
            (A::Assign, S::Proposed | S::Closed) => return Became::NotPossible,
            (A::Assign, _) => (S::Assigned, supervises),
            (A::Start, S::Assigned) => (S::InReview, reviews && has_it),
            (A::Release, S::Assigned | S::InReview | S::Waiting | S::Snoozed | S::Returned) => {
                (S::New, supervises || reviews && has_it)
            }
            (A::Wait, S::InReview) => (S::Waiting, reviews && has_it),
            (A::Snooze, S::Assigned | S::InReview) => (S::Snoozed, reviews && has_it),
            (A::Resume, S::Waiting | S::Snoozed | S::Returned) => (S::InReview, reviews && has_it),
            (A::Escalate, S::InReview) => (S::Escalated, reviews && has_it),
            (A::Propose, S::InReview) => (S::Proposed, reviews && has_it),
            (A::Close, S::InReview) => (S::Closed, reviews && has_it),
            (A::Approve, S::Proposed) => {
                if supervises && self.took_part.contains(&who.name) {
                    return Became::TookPart;
                }
                if supervises && self.is_overtaken {
                    return Became::Overtaken;
                }
                (S::Closed, supervises)
            }
            (A::Return, S::Proposed) => {
                let proposed = self.proposer.as_deref() == Some(&who.name);
                (S::Returned, supervises && !proposed)
            }
            (A::Retract, S::Proposed) => {
                let proposed = self.proposer.as_deref() == Some(&who.name);
                (S::InReview, reviews && proposed)
            }
            (A::Reopen, S::Closed) => (S::Reopened, reviews),
            (A::Uphold, S::Closed) => {
                let took_two = self.verdict.is_some_and(|one| one.needs_approval());
                if reviews && (!self.is_overtaken || took_two) {
                    return Became::Wrong;
                }
                (S::Closed, reviews)
            }
            (A::Note, state) => (state, reviews),
            // Of a batch alone.
            (A::CloseTogether, S::Proposed | S::Closed) => return Became::NotPossible,
            (A::CloseTogether, _) => return Became::NotTheirs,
            _ => {
                return if action == A::Wake && matches!(self.state, S::Waiting | S::Snoozed) {
                    Became::NotTheirs
                } else {
                    Became::NotPossible
                };
            }
        };
        if !may {
            return Became::NotTheirs;
        }
        if action == A::Close && verdict.needs_approval() {
            return Became::Wrong;
        }
        self.acts += 1;
        if matches!(to, S::New | S::Reopened | S::Returned) && to != self.state {
            self.took_part.clear();
        } else if action != A::Assign {
            self.took_part.push(who.name.clone());
        }
        self.state = to;
        match action {
            A::Take => self.assignee = Some(who.name.clone()),
            A::Assign => self.assignee = Some("r1".to_owned()),
            A::Release | A::Escalate | A::Reopen => self.assignee = None,
            _ => {}
        }
        match action {
            A::Propose => {
                self.proposer = Some(who.name.clone());
                self.verdict = Some(verdict);
                self.is_overtaken = false;
            }
            A::Close => {
                self.verdict = Some(verdict);
                self.is_overtaken = false;
            }
            A::Approve | A::Uphold => self.is_overtaken = false,
            A::Return | A::Retract | A::Reopen => {
                self.proposer = None;
                self.verdict = None;
                self.is_overtaken = false;
            }
            _ => {}
        }
        Became::Done
    }
}
