//! What a line says.
//!
//! In: an entry as pages give it. Out: the members of a JSON object; and from a line of the log, the entry again.
//! Must hold: a text that may identify a person of the registers, or that is no id at all, is refused, and so the
//! page that gave it is not shown.

use serde::{Deserialize, Serialize};

use super::time::millis_of;
use crate::hex::hex;
use crate::metric::{AuditClass, RevealRole};
use crate::record::Instant;
use crate::review::Purpose;
use crate::web::{AccessAction, AccessEntry, Stage, is_entry_code};

const LONGEST_ID: usize = 128;
const LONGEST_CODE: usize = 64;
const MOST_FIELDS: usize = 64;

/// An entry of the log, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Its number: 1, 2, ...
    pub n: u64,
    /// When: RFC 3339, UTC, with milliseconds.
    pub at: String,
    /// Who: the id of a user or token.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// What was done.
    pub action: String,
    /// `begun`, `done` or `ended early`.
    pub stage: String,
    /// Why, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Whom it is about: a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Names of fields that were shown or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// How many objects left the service, or were changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<u64>,
    /// The SHA-256 of what was returned; of an older log, of that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The epoch up to which what was shown is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// The SHA-256 of the line before.
    pub prev: String,
}

impl Entry {
    /// When, as a time; nothing where the text is none that this version writes.
    pub fn time(&self) -> Option<Instant> {
        Instant::from_millis(millis_of(&self.at)?)
    }
}

#[derive(Serialize)]
struct Members<'a> {
    actor: &'a str,
    role: &'a str,
    action: &'a str,
    stage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
}

/// What of an entry is not taken. The text is not repeated: it may be an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the access log has no fit `{0}`")]
pub(super) struct Unfit(&'static str);

/// The members of a line between its time and its digest, without braces.
pub(super) fn members(entry: &AccessEntry<'_>) -> Result<Vec<u8>, Unfit> {
    let (stage, objects) = match entry.stage {
        Stage::Begun => ("begun", None),
        Stage::Ended { objects, complete } => {
            let stage = if complete { "done" } else { "ended early" };
            (stage, Some(objects))
        }
    };
    let is_actor = !entry.principal.is_empty() && entry.principal.len() <= LONGEST_ID;
    let fits = [
        // Whoever made the user or the token chose the id.
        ("actor", is_actor),
        (
            "purpose",
            entry
                .purpose
                .is_none_or(|text| is_entry_code(text, LONGEST_CODE)),
        ),
        (
            "object",
            entry
                .object
                .is_none_or(|text| is_entry_code(text, LONGEST_ID)),
        ),
        (
            "request",
            entry
                .request
                .is_none_or(|text| is_entry_code(text, LONGEST_ID)),
        ),
        (
            "fields",
            entry.fields.len() <= MOST_FIELDS
                && entry
                    .fields
                    .iter()
                    .all(|name| is_entry_code(name, LONGEST_CODE)),
        ),
    ];
    if let Some((member, _)) = fits.iter().find(|(_, fits)| !fits) {
        return Err(Unfit(member));
    }
    let members = Members {
        actor: entry.principal,
        role: entry.role,
        action: entry.action.name(),
        stage,
        purpose: entry.purpose,
        object: entry.object,
        subject: entry.subject.map(|subject| subject.to_string()),
        fields: entry.fields,
        objects,
        digest: entry.digest.map(|digest| hex(&digest)),
        request: entry.request,
        epoch: entry.epoch,
    };
    Ok(without_braces(&members))
}

/// The members of an object that is made of texts and numbers.
pub(super) fn without_braces(members: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(members).expect("texts and numbers are JSON");
    text.pop();
    text.remove(0);
    text
}

/// What is counted of an action.
pub(super) fn class(action: AccessAction) -> AuditClass {
    use AccessAction::*;
    match action {
        Authenticate | ReadAlerts | ReadRejects | OpenQueue | OpenAlert | OpenGroup | OpenBatch
        | SearchPerson | SelfCheck | ReadAccessLog | OpenCorrections | OpenCorrection
        | CorrectionStatus => AuditClass::Read,
        Reveal => AuditClass::Reveal,
        ExportAlerts | ExportHistory | ExportCsv => AuditClass::Export,
        RepairReject | DismissReject | RestoreClaims | UndoLoads | Take | Assign | Release
        | Start | Wait | Snooze | Resume | Escalate | Propose | Close | Approve
        | ReturnProposal | Retract | Reopen | Uphold | Note | Bulk | ProposeBatch
        | ApproveBatch | ReturnBatch | UndoBatch | RequestCorrection | StartCorrection
        | ReleaseCorrection | AnswerCorrection => AuditClass::Decision,
        ResumeSource | ManageUser | ChangePassword | EraseMonth | SealJournal => AuditClass::Config,
        SignIn | SignInRefused | ProveAgain | SignOut => AuditClass::Login,
    }
}

/// What is counted of a reveal.
pub(super) fn reveal(entry: &AccessEntry<'_>) -> Option<(RevealRole, Purpose)> {
    let purpose = entry.purpose.and_then(Purpose::from_name);
    let purpose = purpose.filter(|_| entry.action == AccessAction::Reveal)?;
    Some((RevealRole::from_name(entry.role), purpose))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Subject;

    fn entry() -> AccessEntry<'static> {
        AccessEntry::new("lan", "reviewer", AccessAction::Reveal, Stage::done(1))
    }

    #[test]
    fn an_entry_is_written_with_what_it_has() {
        let text = |entry: AccessEntry<'_>| {
            String::from_utf8(members(&entry).expect("fit")).expect("UTF-8")
        };
        assert_eq!(
            text(entry()),
            r#""actor":"lan","role":"reviewer","action":"reveal","stage":"done","objects":1"#
        );
        let full = entry()
            .purpose("case/review")
            .object("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
            .subject(Subject([0xab; 8]))
            .fields(&["name", "birth_date"])
            .digest([1; 32])
            .request("r-1")
            .epoch(7);
        let expected = format!(
            r#""actor":"lan","role":"reviewer","action":"reveal","stage":"done","purpose":"case/review","object":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","subject":"abababababababab","fields":["name","birth_date"],"objects":1,"digest":"{}","request":"r-1","epoch":7"#,
            "01".repeat(32)
        );
        assert_eq!(text(full), expected);
        let role_and_purpose = reveal(&entry().purpose("identity_check"));
        let expected = Some((RevealRole::Reviewer, Purpose::IdentityCheck));
        assert_eq!(role_and_purpose, expected);
        assert_eq!(reveal(&entry().purpose("case/review")), None);
        let mut begun = entry();
        begun.stage = Stage::Begun;
        assert!(text(begun).ends_with(r#""stage":"begun""#));
        begun.stage = Stage::Ended {
            objects: 3,
            complete: false,
        };
        assert!(text(begun).ends_with(r#""stage":"ended early","objects":3"#));
    }

    #[test]
    fn what_may_be_a_person_or_is_no_id_is_refused() {
        let long = "x".repeat(129);
        for bad in [
            "",
            "Nguyễn Văn A",
            "two words",
            "001090012345",
            "0123456789",
            "HT3797900000001",
            "a\nb",
            &long,
        ] {
            assert_eq!(members(&entry().object(bad)), Err(Unfit("object")), "{bad}");
            assert_eq!(
                members(&entry().purpose(bad)),
                Err(Unfit("purpose")),
                "{bad}"
            );
            assert_eq!(
                members(&entry().request(bad)),
                Err(Unfit("request")),
                "{bad}"
            );
            assert_eq!(
                members(&entry().fields(&["name", bad])),
                Err(Unfit("fields")),
                "{bad}"
            );
            let error = members(&entry().object(bad))
                .expect_err("unfit")
                .to_string();
            assert!(bad.is_empty() || !error.contains(bad), "it is not repeated");
        }
        assert_eq!(members(&entry().fields(&["a"; 65])), Err(Unfit("fields")));
        let nobody = AccessEntry::new("", "reviewer", AccessAction::Take, Stage::done(1));
        assert_eq!(members(&nobody), Err(Unfit("actor")));
        // Ids of alerts are 32 hexadecimal digits, of rows small numbers.
        for good in [
            "12345678",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "01234567890123456789012345678901",
            "group:0a1b-7",
        ] {
            assert!(members(&entry().object(good)).is_ok(), "{good}");
        }
    }
}
