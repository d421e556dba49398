//! What is around every page: navigation, who is signed in, up to when data are complete.

use super::Needs;

use super::assets::{Addresses, addresses};
use super::caller::Caller;
use super::parts::Session;
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
        let text = t.complete_unknown.to_owned();
        return Complete { text, late: None };
    };
    let now = caller.now;
    let at = clock(caller.language, frontier.at, now);
    let minutes = (now - frontier.at) / 60_000;
    let late = (minutes >= LATE_MINUTES).then(|| {
        let minutes = caller.language.count(minutes.unsigned_abs());
        told(t.complete_late, &[("minutes", &minutes)])
    });
    let text = told(t.complete_up_to, &[("at", &at)]);
    Complete { text, late }
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
        Needs::SignedIn | Needs::Anybody => true,
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
pub(super) fn role(role: Role, t: &PageMessages) -> &'static str {
    match role {
        Role::Feed => t.role_feed,
        Role::Auditor => t.role_auditor,
        Role::Operator => t.role_operator,
        Role::Reviewer => t.role_reviewer,
        Role::Supervisor => t.role_supervisor,
        Role::PrivacyOfficer => t.role_privacy_officer,
        Role::Admin => t.role_admin,
    }
}
