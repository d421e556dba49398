//! The access log: who saw what, and how much of it.

/// Declares what is done, with the names that it has in the log.
macro_rules! actions {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, )*) => {
        /// What was done, under the name it has in the log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AccessAction { $( $(#[$doc])* $variant, )* }

        impl AccessAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the log; never changed once published.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// Asked whether a person authenticates.
    Authenticate = "authenticate",
    /// Read a page of alerts.
    ReadAlerts = "read_alerts",
    /// Exported the alerts.
    ExportAlerts = "export_alerts",
    /// Exported the history.
    ExportHistory = "export_history",
    /// Read rejected rows.
    ReadRejects = "read_rejects",
    /// Repaired a rejected row.
    RepairReject = "repair_reject",
    /// Dismissed a rejected row.
    DismissReject = "dismiss_reject",
    /// Let a source go on.
    ResumeSource = "resume_source",
    /// Had the retired claims of a person decided on again.
    RestoreClaims = "restore_claims",
    /// Took back what loads brought.
    UndoLoads = "undo_loads",
    /// Signed in.
    SignIn = "sign_in",
    /// Tried to sign in, and was refused.
    SignInRefused = "sign_in_refused",
    /// Proved again who they are, for something that asks for it.
    ProveAgain = "prove_again",
    /// Signed out, or was signed out by the identity provider.
    SignOut = "sign_out",
    /// Opened a page of the queue.
    OpenQueue = "open_queue",
    /// Opened an alert.
    OpenAlert = "open_alert",
    /// Opened a group of alerts.
    OpenGroup = "open_group",
    /// Searched for a person.
    SearchPerson = "search_person",
    /// Had fields of a person shown that are masked.
    Reveal = "reveal",
    /// Took an alert.
    Take = "take",
    /// Gave an alert to somebody.
    Assign = "assign",
    /// Gave an alert back.
    Release = "release",
    /// Began the review of an alert.
    Start = "start",
    /// Put an alert off until an answer comes.
    Wait = "wait",
    /// Put an alert off until a day.
    Snooze = "snooze",
    /// Went on with an alert that was put off.
    Resume = "resume",
    /// Passed an alert on to a supervisor.
    Escalate = "escalate",
    /// Proposed a verdict.
    Propose = "propose",
    /// Closed an alert.
    Close = "close",
    /// Approved a proposal.
    Approve = "approve",
    /// Returned a proposal.
    ReturnProposal = "return_proposal",
    /// Took a proposal back.
    Retract = "retract",
    /// Opened a closed alert again.
    Reopen = "reopen",
    /// Upheld a verdict though the evidence changed.
    Uphold = "uphold",
    /// Wrote a note.
    Note = "note",
    /// Did the same with many alerts.
    Bulk = "bulk",
    /// Asked that something is done with a whole list.
    ProposeBatch = "propose_batch",
    /// Opened a batch.
    OpenBatch = "open_batch",
    /// Approved a batch.
    ApproveBatch = "approve_batch",
    /// Returned a batch.
    ReturnBatch = "return_batch",
    /// Undid a batch.
    UndoBatch = "undo_batch",
    /// Took a page away as a table.
    ExportCsv = "export_csv",
    /// Read the access log.
    ReadAccessLog = "read_access_log",
    /// Made or changed a user.
    ManageUser = "manage_user",
    /// Changed a password.
    ChangePassword = "change_password",
    /// Asked for the record of their own accesses.
    SelfCheck = "self_check",
    /// Asked for a correction of a record.
    RequestCorrection = "request_correction",
    /// Opened the list of requests for corrections.
    OpenCorrections = "open_corrections",
    /// Opened a request for a correction.
    OpenCorrection = "open_correction",
    /// Began to look into a request for a correction.
    StartCorrection = "start_correction",
    /// Gave a request for a correction back.
    ReleaseCorrection = "release_correction",
    /// Answered a request for a correction.
    AnswerCorrection = "answer_correction",
    /// Asked how a request for a correction stands.
    CorrectionStatus = "correction_status",
    /// Destroyed the key of a month.
    EraseMonth = "erase_month",
    /// Noted how far the journal is, and its chain.
    SealJournal = "seal_journal",
}

/// Where the access stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Allowed, and about to begin; how much it will be is not known. Only exports and changes of users have
    /// this entry, and an [`Ended`](Self::Ended) one follows.
    Begun,
    /// Done, or ended before its time.
    Ended {
        /// How many objects left the service, or were changed.
        objects: u64,
        /// Whether that was all that was asked for.
        complete: bool,
    },
}

impl Stage {
    /// Done, all of it.
    pub fn done(objects: u64) -> Self {
        let complete = true;
        Self::Ended { objects, complete }
    }
}

/// The pseudonym of a person: a keyed digest, of which the caller has the key. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject(pub [u8; 8]);

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::hex::hex(&self.0))
    }
}

/// One entry. Nothing in it is of a person of the registers but a pseudonym.
///
/// What is optional is left out of the log where it is not given. An entry whose texts the log does not take is not
/// kept, and what it is about is then not told: [`AccessEntry::object`] and the others say what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessEntry<'a> {
    /// The caller's id.
    pub principal: &'a str,
    /// The caller's role.
    pub role: &'static str,
    /// What was done.
    pub action: AccessAction,
    /// Where it stands.
    pub stage: Stage,
    /// Why, as a code.
    pub purpose: Option<&'a str>,
    /// What it is about.
    pub object: Option<&'a str>,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// The names of the fields that were shown or changed.
    pub fields: &'a [&'a str],
    /// The SHA-256 of what was returned.
    pub digest: Option<[u8; 32]>,
    /// The id of the request.
    pub request: Option<&'a str>,
    /// The epoch up to which what was shown is complete.
    pub epoch: Option<u64>,
}

impl<'a> AccessEntry<'a> {
    /// An entry without anything that is optional.
    pub fn new(principal: &'a str, role: &'static str, action: AccessAction, stage: Stage) -> Self {
        Self {
            principal,
            role,
            action,
            stage,
            purpose: None,
            object: None,
            subject: None,
            fields: &[],
            digest: None,
            request: None,
            epoch: None,
        }
    }

    /// Why: a code of 1 to 64 ASCII letters, digits, `.`, `_`, `:`, `/` or `-`.
    #[must_use]
    pub fn purpose(mut self, code: &'a str) -> Self {
        self.purpose = Some(code);
        self
    }

    /// What it is about: the id of an alert, a group, a rejected row, a user. Characters as of a
    /// [`purpose`](Self::purpose), and up to 128; never the identifier of a person, so that 9 to 15 digits and
    /// nothing else are refused, and so is a card number.
    #[must_use]
    pub fn object(mut self, id: &'a str) -> Self {
        self.object = Some(id);
        self
    }

    /// Whom it is about.
    #[must_use]
    pub fn subject(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The names of the fields that were shown or changed: at most 64, each as a [`purpose`](Self::purpose).
    #[must_use]
    pub fn fields(mut self, names: &'a [&'a str]) -> Self {
        self.fields = names;
        self
    }

    /// The SHA-256 of what was returned.
    #[must_use]
    pub fn digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = Some(digest);
        self
    }

    /// The id of the request, as a [`purpose`](Self::purpose), and up to 128 characters.
    #[must_use]
    pub fn request(mut self, id: &'a str) -> Self {
        self.request = Some(id);
        self
    }

    /// The epoch up to which what was shown is complete.
    #[must_use]
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.epoch = Some(epoch);
        self
    }
}

/// Social-insurance numbers, old and new citizens' numbers, card numbers: the id of an alert is longer.
const IDENTIFIER_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// Whether an entry takes a text as a code or an id: ASCII letters, digits and `._:/-`, and not of the form of a
/// person's identifier.
pub(crate) fn is_entry_code(text: &str, longest: usize) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-');
    !text.is_empty() && text.len() <= longest && text.chars().all(is_plain) && !is_person(text)
}

/// Whether a text has the form of an identifier of a person: 9 to 15 digits, with two letters before them or without.
fn is_person(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &text.as_bytes()[letters..];
    matches!(letters, 0 | 2)
        && IDENTIFIER_DIGITS.contains(&rest.len())
        && rest.iter().all(u8::is_ascii_digit)
}

/// The entry could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the access log could not be written")]
pub struct AccessError;

/// Keeps the access log.
pub trait Ledger: Send + Sync + 'static {
    /// Keeps an entry; when it returns, the entry is durable. Called from threads that may block.
    ///
    /// # Errors
    /// When it cannot be kept: what the entry is about is then not told.
    fn record(&self, entry: &AccessEntry<'_>) -> Result<(), AccessError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever reads old logs relies on these.
    #[test]
    fn names_are_what_they_were_published_as() {
        let names: Vec<&str> = AccessAction::ALL.iter().map(|one| one.name()).collect();
        let published = "authenticate read_alerts export_alerts export_history read_rejects repair_reject \
            dismiss_reject resume_source restore_claims undo_loads sign_in sign_in_refused prove_again sign_out \
            open_queue open_alert open_group search_person reveal take \
            assign release start wait snooze resume \
            escalate propose close approve return_proposal retract \
            reopen uphold note bulk propose_batch open_batch approve_batch return_batch undo_batch \
            export_csv read_access_log \
            manage_user change_password self_check request_correction open_corrections open_correction \
            start_correction release_correction answer_correction correction_status erase_month \
            seal_journal";
        assert_eq!(names.join(" "), published);
    }
}
