//! Who may do what: the matrix of `permissions.toml`, as the code asks it.
//!
//! In: a role and an action. Out: whether it may. Must hold: what the file does not allow is refused, also
//! where the file is wrong; it has a line for every role and action, and no others.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use serde::Deserialize;

use super::role::Role;

static TEXT: &str = include_str!("permissions.toml");

macro_rules! actions {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, )*) => {
        /// Something that is done on somebody's behalf.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $( $(#[$doc])* $variant, )* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in the matrix.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// Send rows of a stream.
    PushStream = "push_stream",
    /// Ask whether an identity is right.
    Authenticate = "authenticate",
    /// Read alerts.
    ReadAlerts = "read_alerts",
    /// Read the history of alerts.
    ReadHistory = "read_history",
    /// Take alerts and history away as files.
    Export = "export",
    /// Read rows that were not accepted.
    ReadRejects = "read_rejects",
    /// Send them again, or set them aside.
    RepairRejects = "repair_rejects",
    /// Have retired claims decided on again.
    RestoreClaims = "restore_claims",
    /// Take back what loads brought.
    UndoLoads = "undo_loads",
    /// Let a stopped source go on.
    ResumeSource = "resume_source",
    /// Read how far the service is.
    ReadStatus = "read_status",
    /// Read who looked at what.
    ReadAccessLog = "read_access_log",
    /// Give and revoke tokens.
    ManageTokens = "manage_tokens",
    /// Work on alerts of the queue.
    ReviewAlerts = "review_alerts",
    /// Give alerts to others.
    AssignAlerts = "assign_alerts",
    /// Decide on what was proposed.
    ApproveVerdicts = "approve_verdicts",
    /// See what is masked.
    Reveal = "reveal",
    /// Find a person by an identifier.
    SearchPeople = "search_people",
    /// Make and change users.
    ManageUsers = "manage_users",
    /// Ask for a citizen's own records on their behalf.
    SelfCheck = "self_check",
    /// Look into requests for corrections.
    AnswerCorrections = "answer_corrections",
    /// Ask what another threshold would come to.
    WhatIf = "what_if",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A matrix that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("permissions.toml: {0}")]
pub struct PermissionsError(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Allow,
    Deny,
}

#[derive(Deserialize)]
struct Row {
    does: String,
    #[serde(flatten)]
    answers: BTreeMap<String, Answer>,
}

type Matrix = BTreeMap<String, Row>;

/// Reads a matrix and sees to it that it is complete.
fn read(text: &str) -> Result<Matrix, PermissionsError> {
    let wrong = |why: String| PermissionsError(why);
    let matrix: Matrix = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    for action in Action::ALL {
        let row = matrix.get(action.as_str());
        let row = row.ok_or_else(|| wrong(format!("no table for the action {action}")))?;
        for role in Role::ALL {
            if !row.answers.contains_key(role.as_str()) {
                return Err(wrong(format!("{action} has no line for the role {role}")));
            }
        }
        let mut roles = row.answers.keys();
        if let Some(name) = roles.find(|name| Role::from_name(name).is_none()) {
            return Err(wrong(format!(
                "{action} has a line for {name}, which is no role"
            )));
        }
    }
    let mut names = matrix.keys();
    let is_action = |name: &&String| Action::ALL.iter().all(|action| action.as_str() != *name);
    match names.find(is_action) {
        Some(name) => Err(wrong(format!("{name} is no action"))),
        None => Ok(matrix),
    }
}

fn matrix() -> &'static Result<Matrix, PermissionsError> {
    static MATRIX: OnceLock<Result<Matrix, PermissionsError>> = OnceLock::new();
    MATRIX.get_or_init(|| read(TEXT))
}

/// Whether the matrix, which is part of the program, can be used.
///
/// # Errors
/// When it is incomplete, or names what is no role or action. Everything is refused then.
pub fn check_permissions() -> Result<(), &'static PermissionsError> {
    matrix().as_ref().map(|_| ())
}

/// Whether a role may do this at all.
pub fn is_allowed(role: Role, action: Action) -> bool {
    let row = matrix()
        .as_ref()
        .ok()
        .and_then(|matrix| matrix.get(action.as_str()));
    row.is_some_and(|row| row.answers.get(role.as_str()) == Some(&Answer::Allow))
}

/// The page of the matrix, in Markdown.
pub fn describe_permissions() -> String {
    let mut page = String::from(
        "# Who may do what\n\n\
         What is not allowed here is refused. This page is made from `src/access/permissions.toml`\n\
         (`FUNDWATCH_BLESS=1 cargo test --test access`), which the program asks as well.\n\n\
         | role | who |\n|---|---|\n",
    );
    for role in Role::ALL {
        let _ = writeln!(page, "| `{role}` | {} |", role.about());
    }
    page.push_str("\n| action |");
    for role in Role::ALL {
        let _ = write!(page, " {role} |");
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(Role::ALL.len()));
    page.push('\n');
    for action in Action::ALL {
        let does = matrix()
            .as_ref()
            .ok()
            .and_then(|matrix| matrix.get(action.as_str()));
        let does = does.map_or("", |row| row.does.as_str());
        let _ = write!(page, "| `{action}`: {does} |");
        for role in Role::ALL {
            page.push_str(if is_allowed(*role, *action) {
                " yes |"
            } else {
                " – |"
            });
        }
        page.push('\n');
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_an_entry_for_every_role_and_action() {
        check_permissions().expect("complete");
    }

    #[test]
    fn a_matrix_that_lacks_or_adds_something_is_refused() {
        let refused = |text: &str| read(text).err().expect("refused").to_string();
        let without = TEXT.replacen("operator = \"deny\"\n", "", 1);
        assert_eq!(
            refused(&without),
            "permissions.toml: push_stream has no line for the role operator"
        );
        let other = TEXT.replacen("operator = ", "operators = ", 1);
        assert!(refused(&other).contains("push_stream has no line for the role operator"));
        let more = TEXT.replacen("[push_stream]", "[push_stream]\nguest = \"allow\"", 1);
        assert!(refused(&more).contains("guest, which is no role"));
        let none = TEXT.replacen("[export]", "[exports]", 1);
        assert!(refused(&none).contains("no table for the action export"));
        let extra = format!("{TEXT}\n[dance]\ndoes = \"x\"\n");
        assert!(refused(&extra).contains("dance is no action"));
        assert!(read(&TEXT.replacen("\"allow\"", "\"alow\"", 1)).is_err());
    }

    /// Written by hand from the contract, so that a slip in the file is seen.
    #[test]
    fn the_contract_holds() {
        let may = |action| -> Vec<Role> {
            let all = Role::ALL.iter().copied();
            all.filter(|role| is_allowed(*role, action)).collect()
        };
        assert_eq!(may(Action::PushStream), [Role::Feed]);
        assert_eq!(may(Action::Export), [Role::Auditor]);
        assert_eq!(may(Action::RepairRejects), [Role::Operator]);
        assert_eq!(may(Action::ResumeSource), [Role::Operator]);
        assert_eq!(may(Action::RestoreClaims), [Role::Operator]);
        assert_eq!(may(Action::UndoLoads), [Role::Operator]);
        assert_eq!(may(Action::ManageTokens), [Role::Admin]);
        assert_eq!(may(Action::ManageUsers), [Role::Admin]);
        let reviewers = [Role::Reviewer, Role::Supervisor];
        assert_eq!(may(Action::ReviewAlerts), reviewers);
        assert_eq!(may(Action::Reveal), reviewers);
        assert_eq!(may(Action::SearchPeople), reviewers);
        assert_eq!(may(Action::AnswerCorrections), reviewers);
        assert_eq!(may(Action::SelfCheck), [Role::Portal]);
        assert_eq!(may(Action::AssignAlerts), [Role::Supervisor]);
        assert_eq!(may(Action::ApproveVerdicts), [Role::Supervisor]);
        let readers = [Role::Auditor, Role::Reviewer, Role::Supervisor];
        assert_eq!(may(Action::ReadAlerts), readers);
        assert_eq!(may(Action::ReadHistory), readers);
        // An auditor changes nothing; a feed reads nothing but whether an identity is right.
        for change in [
            Action::PushStream,
            Action::RepairRejects,
            Action::RestoreClaims,
            Action::UndoLoads,
            Action::ResumeSource,
            Action::ReviewAlerts,
            Action::AssignAlerts,
            Action::ApproveVerdicts,
            Action::Reveal,
            Action::AnswerCorrections,
            Action::ManageTokens,
            Action::ManageUsers,
        ] {
            assert!(!is_allowed(Role::Auditor, change));
        }
        let all = Action::ALL.iter().copied();
        let of_feed: Vec<Action> = all
            .filter(|action| is_allowed(Role::Feed, *action))
            .collect();
        assert_eq!(of_feed, [Action::PushStream, Action::Authenticate]);
        // A portal asks for who stands before it, and for nothing else.
        let all = Action::ALL.iter().copied();
        let of_portal: Vec<Action> = all
            .filter(|action| is_allowed(Role::Portal, *action))
            .collect();
        assert_eq!(of_portal, [Action::SelfCheck]);
        // Who gives roles sees no data and works on none.
        let of_admin: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|action| is_allowed(Role::Admin, *action))
            .collect();
        let expected = [
            Action::ReadStatus,
            Action::ManageTokens,
            Action::ManageUsers,
        ];
        assert_eq!(of_admin, expected);
        // A role that may do nothing would be a mistake.
        for role in Role::ALL {
            assert!(
                Action::ALL.iter().any(|action| is_allowed(*role, *action)),
                "{role}"
            );
        }
    }
}
