//! What is around every page: navigation, who is signed in, up to when data are complete.

use super::Needs;

use super::assets::{Addresses, addresses};
use super::caller::Caller;
use super::label::Label;
use super::parts::Session;
use super::standing::{Standing, State, label, standings};
use super::told::{clock, told};
use crate::access::{Action, Role};
use crate::language::{Language, PageMessages};

/// From how many minutes on it is said that data are late.
const LATE_MINUTES: i64 = 2;

/// A link of the navigation.
pub(super) struct Link {
    pub address: &'static str,
    pub text: &'static str,
    pub is_current: bool,
}

/// Up to when data are complete.
pub(super) struct Complete {
    pub text: String,
    pub late: Option<String>,
    /// The stream that is furthest behind, and how many are.
    pub worst: Option<String>,
    pub streams: String,
    /// Each stream, the worst first.
    pub all: Vec<StreamLine>,
}

impl Complete {
    /// Whether rows may be missing that should be in.
    pub fn is_behind(&self) -> bool {
        self.late.is_some() || self.worst.is_some()
    }
}

/// Up to when a stream is complete.
pub(super) struct StreamLine {
    pub text: String,
    pub state: Label,
}

/// What is around every page.
pub(super) struct Shell {
    pub t: &'static PageMessages,
    pub lang: &'static str,
    pub other_lang: &'static str,
    pub title: String,
    pub assets: &'static Addresses,
    pub csrf: String,
    /// The path and the query, for forms that come back.
    pub path: String,
    pub person: Option<String>,
    pub links: Vec<Link>,
    pub complete: Option<Complete>,
    pub epoch: u64,
    pub has_shortcuts: bool,
    /// Said once, after something was done.
    pub done: Option<String>,
    /// Something that was refused.
    pub refused: Option<String>,
    /// The alert that the page is of.
    pub alert_id: String,
    /// Whether the page is a list that may change.
    pub is_list: bool,
    /// Whether people may be searched for.
    pub can_search: bool,
    /// What is said of personal data on the page.
    pub confidential: &'static str,
}

impl Shell {
    pub fn new(caller: &Caller, title: &str) -> Self {
        let t = caller.texts();
        let session = caller.session.as_deref();
        Self {
            t,
            lang: caller.language.code(),
            other_lang: match caller.language {
                Language::English => "vi",
                Language::Vietnamese => "en",
            },
            title: title.to_owned(),
            assets: addresses(),
            csrf: caller.csrf.to_string(),
            path: caller.path.clone(),
            person: session.map(|own| own.display_name.clone()),
            links: session.map_or_else(Vec::new, |own| links(own, t, &caller.path)),
            complete: session.map(|_| complete(caller)),
            epoch: caller
                .frontier
                .and_then(|own| own.epoch)
                .unwrap_or_default(),
            has_shortcuts: caller.has_shortcuts,
            done: None,
            refused: None,
            alert_id: String::new(),
            is_list: false,
            confidential: t.confidential,
            can_search: session.is_some_and(|own| own.may(Action::SearchPeople)),
        }
    }
}

/// Up to when data are complete.
pub(super) fn complete(caller: &Caller) -> Complete {
    let t = caller.texts();
    let Some(frontier) = caller.frontier.filter(|own| own.epoch.is_some()) else {
        return Complete {
            text: t.complete_unknown.to_owned(),
            late: None,
            worst: None,
            streams: String::new(),
            all: Vec::new(),
        };
    };
    let now = caller.now;
    let at = clock(caller.language, frontier.at, now);
    let minutes = (now - frontier.at) / 60_000;
    let late = (minutes >= LATE_MINUTES).then(|| {
        let minutes = caller.language.count(minutes.unsigned_abs());
        told(t.complete_late, &[("minutes", &minutes)])
    });
    let text = told(t.complete_up_to, &[("at", &at)]);
    let all = standings(&caller.streams, Some(frontier.at), now);
    // What never came, and is not expected, is nobody's lack.
    let known = all.iter().filter(|one| one.state != State::Empty);
    let known: Vec<&Standing> = known.collect();
    let behind: Vec<&&Standing> = known.iter().filter(|one| one.is_behind()).collect();
    let count = |number: usize| caller.language.count(number as u64);
    let streams = match behind.len() {
        0 => told(t.streams_complete, &[("count", &count(known.len()))]),
        some => {
            let values = [("count", &*count(some)), ("all", &*count(known.len()))];
            told(t.streams_behind, &values)
        }
    };
    Complete {
        text,
        late,
        worst: behind.first().map(|one| up_to(one, caller)),
        streams,
        all: { known.iter() }
            .map(|one| StreamLine {
                text: up_to(one, caller),
                state: label(one.state, t),
            })
            .collect(),
    }
}

/// Up to when a stream is complete, in words.
fn up_to(one: &Standing, caller: &Caller) -> String {
    let (language, t) = (caller.language, caller.texts());
    let stream = language.stream(one.stream);
    match one.complete_at {
        None => told(t.stream_no_row, &[("stream", stream)]),
        Some(at) => {
            let at = clock(language, at, caller.now);
            told(t.stream_up_to, &[("stream", stream), ("at", &at)])
        }
    }
}

fn links(session: &Session, t: &'static PageMessages, path: &str) -> Vec<Link> {
    let all = [
        ("/mine", t.mine, Needs::May(Action::ReviewAlerts)),
        ("/queue", t.queue, Needs::May(Action::ReadAlerts)),
        (
            "/approvals",
            t.approvals,
            Needs::May(Action::ApproveVerdicts),
        ),
        (
            "/corrections",
            t.corrections,
            Needs::May(Action::AnswerCorrections),
        ),
        ("/what-if", t.what_if, Needs::May(Action::WhatIf)),
        ("/feeds", t.feeds, Needs::May(Action::ReadStatus)),
        ("/measures", t.measures, Needs::May(Action::ReadStatus)),
        (
            "/access-log",
            t.access_log,
            Needs::May(Action::ReadAccessLog),
        ),
        ("/admin", t.admin, Needs::May(Action::ManageUsers)),
        ("/account", t.account, Needs::SignedIn),
    ];
    let may = |needs: &Needs| match needs {
        Needs::May(action) => session.may(*action),
        Needs::SignedIn | Needs::Anybody | Needs::Signature => true,
    };
    let allowed = all.into_iter().filter(|(_, _, needs)| may(needs));
    let link = |(address, text, _): (&'static str, &'static str, Needs)| Link {
        address,
        text,
        is_current: path.split('?').next() == Some(address),
    };
    allowed.map(link).collect()
}

/// A role as people call it.
pub(crate) fn role(role: Role, t: &PageMessages) -> &'static str {
    match role {
        Role::Feed => t.role_feed,
        Role::Auditor => t.role_auditor,
        Role::Operator => t.role_operator,
        Role::Reviewer => t.role_reviewer,
        Role::Supervisor => t.role_supervisor,
        Role::PrivacyOfficer => t.role_privacy_officer,
        Role::Admin => t.role_admin,
        Role::Portal => t.role_portal,
    }
}
