//! What becomes of one value's notice when the findings are looked at again: a pure decision.
//!
//! ```text
//!             proposed                      not proposed
//! none        open 1                        -
//! proposed    equal: keep; else supersede   cancel
//! cancelled   open                          keep
//! ```
//! Every step but `keep` is a new version. Must hold: where not every reason of a notice was computed,
//! nothing is known of it, and it is kept. A notice without reasons rests on no alert but on rows that every
//! run looks at.

use crate::notice::message::Kind;
use crate::notice::proposal::Content;
use crate::rule::ReasonSet;

/// The latest version about a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub version: u32,
    /// What kind it is.
    pub kind: Kind,
    /// A digest of what it says; of a cancellation, of what it cancels.
    pub digest: [u8; 32],
    /// The reasons that it comes from; none where this version of the program does not know one of them.
    pub reasons: Option<ReasonSet>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// A version that proposes, where nothing was proposed.
    Open {
        /// Its number.
        version: u32,
    },
    /// A version that proposes something else.
    Supersede {
        /// Its number.
        version: u32,
    },
    /// A version that says that nothing is proposed any more.
    Cancel {
        /// Its number.
        version: u32,
    },
}

/// Decides. `proposed` is what is found now, with its digest; `computed` the reasons that were looked at.
pub fn step(head: Option<&Head>, proposed: Option<[u8; 32]>, computed: ReasonSet) -> Step {
    let Some(head) = head else {
        return match proposed {
            Some(_) => Step::Open { version: 1 },
            None => Step::Keep,
        };
    };
    let version = head.version + 1;
    let is_looked_at = (head.reasons)
        .is_some_and(|reasons| reasons.iter().all(|reason| computed.contains(reason)));
    match (head.kind, proposed) {
        (Kind::Cancelled, None) => Step::Keep,
        (Kind::Cancelled, Some(_)) => Step::Open { version },
        _ if !is_looked_at => Step::Keep,
        (Kind::Proposed, Some(digest)) if digest == head.digest => Step::Keep,
        (Kind::Proposed, Some(_)) => Step::Supersede { version },
        (Kind::Proposed, None) => Step::Cancel { version },
    }
}

/// The digest by which two contents are told apart.
pub fn digest(content: &Content) -> serde_json::Result<[u8; 32]> {
    use sha2::{Digest, Sha256};
    Ok(Sha256::digest(serde_json::to_vec(content)?).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Reason;

    #[test]
    fn every_state_meets_every_finding() {
        let all = ReasonSet::ALL;
        let only = |reason| ReasonSet::from_iter([reason]);
        let (stale, unknown) = (only(Reason::StaleCard), only(Reason::UnknownCard));
        let (equal, other) = ([1; 32], [2; 32]);
        let head = |kind| Head {
            version: 3,
            kind,
            digest: equal,
            reasons: Some(stale),
        };
        let unheard_of = Head {
            reasons: None,
            ..head(Kind::Proposed)
        };
        let of_no_alert = Head {
            reasons: Some(ReasonSet::from_iter([])),
            ..head(Kind::Proposed)
        };
        let (proposed, cancelled) = (head(Kind::Proposed), head(Kind::Cancelled));
        let version = 4;
        for (head, found, computed, expected) in [
            (None, None, all, Step::Keep),
            (None, Some(equal), all, Step::Open { version: 1 }),
            (None, Some(equal), unknown, Step::Open { version: 1 }),
            (Some(&proposed), Some(equal), all, Step::Keep),
            (
                Some(&proposed),
                Some(other),
                all,
                Step::Supersede { version },
            ),
            (Some(&proposed), None, all, Step::Cancel { version }),
            (Some(&proposed), None, stale, Step::Cancel { version }),
            (Some(&proposed), None, unknown, Step::Keep),
            (Some(&proposed), Some(other), unknown, Step::Keep),
            (Some(&unheard_of), None, all, Step::Keep),
            (Some(&of_no_alert), Some(equal), stale, Step::Keep),
            (
                Some(&of_no_alert),
                Some(other),
                stale,
                Step::Supersede { version },
            ),
            (Some(&of_no_alert), None, stale, Step::Cancel { version }),
            (Some(&cancelled), None, all, Step::Keep),
            (Some(&cancelled), None, unknown, Step::Keep),
            (Some(&cancelled), Some(equal), all, Step::Open { version }),
            (
                Some(&cancelled),
                Some(other),
                unknown,
                Step::Open { version },
            ),
        ] {
            assert_eq!(step(head, found, computed), expected, "{head:?} {found:?}");
        }
    }
}
