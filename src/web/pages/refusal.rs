//! Why something was not done, in the reader's language.

use crate::language::PageMessages;
use crate::review::{Refused, Wrong};

pub(super) fn refusal(why: &Refused, t: &PageMessages) -> &'static str {
    match why {
        Refused::NotFound => t.error_not_found_help,
        Refused::NotPossible { .. } => t.refused_not_possible,
        Refused::NotTheirs { .. } => t.refused_not_theirs,
        Refused::TookPart => t.refused_took_part,
        Refused::Overtaken => t.conflict_changed,
        Refused::Wrong(wrong) => match wrong {
            Wrong::NoteMissing => t.wrong_note_missing,
            Wrong::NoteTooLong => t.wrong_note_too_long,
            Wrong::VerdictMissing => t.wrong_verdict_missing,
            Wrong::NeedsApproval => t.wrong_needs_approval,
            Wrong::BadDay => t.wrong_day,
            Wrong::BadAssignee => t.wrong_assignee,
            Wrong::TooMany => t.error_too_many,
            Wrong::NotTogether => t.wrong_not_together,
            Wrong::NothingToUphold => t.wrong_nothing_to_uphold,
        },
        Refused::Moved {
            is_acted_on: true, ..
        } => t.conflict_acted,
        Refused::Moved { .. } => t.conflict_changed,
        Refused::LookDue => t.second_look_help,
        Refused::ListMoved => t.batch_list_moved,
        Refused::BatchIs { .. } => t.batch_decided_meanwhile,
        Refused::Spent { .. } => t.error_too_many,
        Refused::ShownBefore => t.reveal_purpose_missing,
        Refused::Database(_) => t.error_unavailable,
    }
}
