//! Who asks for a page, and what they sent.

use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::fault::Fault;
use super::form::{Fields, own_path};
use super::parts::{Browser, Session, StreamFeed};
use crate::language::{Language, PageMessages};
use crate::review::{Frontier, Viewer};

/// Who asks, and what they sent.
#[derive(Clone)]
pub(super) struct Caller {
    /// Their session, if they have one.
    pub session: Option<Arc<Session>>,
    /// Its cookie.
    pub cookie: Option<String>,
    /// What the browser is known by, if it says so.
    pub device: Option<String>,
    /// What it keeps while it is at the identity provider.
    pub departure: Option<String>,
    /// What they read.
    pub language: Language,
    /// The path and the query.
    pub path: String,
    /// The query; of a POST its form.
    pub fields: Fields,
    /// The token of their forms.
    pub csrf: Zeroizing<String>,
    /// Whether single keys act.
    pub has_shortcuts: bool,
    /// From where.
    pub peer: Option<IpAddr>,
    /// When they asked, in milliseconds since 1970.
    pub now: i64,
    /// Up to where everything was in before the page was made.
    pub frontier: Option<Frontier>,
    /// When each stream was heard of last; of whoever has not signed in, none.
    pub streams: Vec<StreamFeed>,
}

impl Caller {
    /// Their session, of a page that is not without one.
    pub fn session(&self) -> Result<&Arc<Session>, Fault> {
        self.session.as_ref().ok_or(Fault::Ended(None))
    }

    /// Who looks and acts.
    pub fn viewer(&self) -> Result<Viewer, Fault> {
        Ok(self.session()?.viewer())
    }

    /// The same, who has no session any more.
    pub fn nobody(&self) -> Self {
        Self {
            session: None,
            cookie: None,
            ..self.clone()
        }
    }

    /// From where they sign in.
    pub fn browser(&self) -> Browser {
        Browser {
            peer: self.peer,
            device: self.device.clone(),
        }
    }

    /// The same, who reads this language.
    pub fn in_language(&self, language: Language) -> Self {
        Self {
            language,
            ..self.clone()
        }
    }

    /// The texts of their language.
    pub fn texts(&self) -> &'static PageMessages {
        self.language.page_messages()
    }

    /// Where a form says that it came from, if that is of this service.
    pub fn from(&self) -> Option<&str> {
        self.fields.get("from").and_then(own_path)
    }

    /// What somebody may have typed at length.
    pub fn typed(&self) -> Option<String> {
        self.fields.filled("note").map(str::to_owned)
    }
}
