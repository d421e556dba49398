//! An alert as one caller may see it: the item, what they can do, and what is kept from them until they have looked.

use serde::Serialize;

use super::told::{self, ItemTold, Proposal};
use crate::review::{Desk, DeskError, Item, Viewer, WorkAction, WorkState};

/// An alert, and what a caller can do about it now.
#[derive(Serialize)]
pub(super) struct Look {
    item: ItemTold,
    /// What they can do; nothing, where no person asks.
    allowed: Vec<&'static str>,
    /// Whether they say what they think before they are told what is proposed, and before they approve.
    second_look_due: bool,
}

impl Look {
    /// The alert as `who` sees it; `is_person` says whether a person asks.
    pub fn new(desk: &Desk, who: &Viewer, is_person: bool, item: &Item) -> Result<Self, DeskError> {
        let allowed = match is_person {
            true => desk.allowed(who, item)?,
            false => Vec::new(),
        };
        // What a system is told, people of its role are: they do not look past their own rule with its token.
        let approves = match is_person {
            true => allowed.contains(&WorkAction::Approve),
            false => who.is_supervisor() && item.work.state == WorkState::Proposed,
        };
        let is_blind = approves && desk.is_look_due(who, item)?;
        let proposal = match is_blind {
            true => Proposal::Hidden,
            false => Proposal::Told,
        };
        Ok(Self {
            item: told::item(item, proposal),
            allowed: allowed.into_iter().map(WorkAction::as_str).collect(),
            second_look_due: is_blind,
        })
    }

    /// Whether the proposal is kept from them.
    pub fn is_blind(&self) -> bool {
        self.second_look_due
    }
}
