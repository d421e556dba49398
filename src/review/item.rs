//! An alert as people work on it: both axes, and what lists show and sort by.
//!
//! Nothing in it identifies a person: persons and cards are told apart by pseudonyms that only this
//! installation can make.

use std::fmt;

use super::band::Band;
use super::verdict::Verdict;
use super::work::WorkState;
use crate::authenticate::Cause;
use crate::record::{Day, Money};
use crate::rule::{Class, Reason, Severity};
use crate::store::AlertState;

/// What an alert rests on, in 16 bytes: equal where what it says and the rows behind it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EvidenceDigest(pub [u8; 16]);

/// A group of alerts - of a person or of a card - by a keyed digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GroupId(pub [u8; 16]);

macro_rules! hexadecimal {
    ($name:ident) => {
        impl $name {
            /// Read from 32 hexadecimal digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                let digits = text.as_bytes();
                if digits.len() != 32 {
                    return None;
                }
                let mut bytes = [0; 16];
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    let value = |digit: u8| match digit {
                        b'0'..=b'9' => Some(digit - b'0'),
                        b'a'..=b'f' => Some(digit - b'a' + 10),
                        _ => None,
                    };
                    *byte = value(pair[0])? << 4 | value(pair[1])?;
                }
                Some(Self(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

hexadecimal!(EvidenceDigest);
hexadecimal!(GroupId);

/// Whether a text is the id of an alert: 32 hexadecimal digits in lower case.
pub fn is_alert_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(is_digit)
}

/// The machine's side of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its id: 32 hexadecimal digits in lower case.
    pub alert_id: String,
    /// Why it holds.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// How much harm it stands for.
    pub severity: Severity,
    /// The kind of its subject.
    pub subject_kind: String,
    /// The facility of a claim or check-in.
    pub facility: Option<String>,
    /// The person it is about, where it is of one.
    pub person: Option<GroupId>,
    /// The card it is about, where it is of one.
    pub card: Option<GroupId>,
    /// The card or number, masked.
    pub masked: String,
    /// The amount at stake.
    pub amount: Money,
    /// Distinct sources, for the reason that counts them.
    pub grade: Option<u8>,
    /// Why a participant does not authenticate.
    pub cause: Option<Cause>,
    /// The outlier score, in ten-thousandths.
    pub score: Option<u16>,
    /// How likely misuse is, in ten-thousandths.
    pub misuse_probability: Option<u16>,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// The day of the service, of a claim or check-in that is known.
    pub service_day: Option<Day>,
    /// When it was raised last, in milliseconds since 1970.
    pub raised_at: i64,
    /// The epoch that raised it last.
    pub raised_epoch: u64,
    /// The last epoch that changed it.
    pub changed_epoch: u64,
    /// Whether it holds.
    pub state: AlertState,
    /// What it rests on.
    pub digest: EvidenceDigest,
}

impl Finding {
    /// How urgent it is.
    pub fn band(&self) -> Band {
        Band::of_priority(self.priority)
    }

    /// The province of its facility, in two digits.
    pub fn province(&self) -> Option<&str> {
        self.facility.as_deref()?.get(..2)
    }
}

/// What a decision was taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What was decided.
    pub verdict: Verdict,
    /// Whether the alert held.
    pub state: AlertState,
    /// What it rested on.
    pub digest: EvidenceDigest,
    /// The epoch up to which its author saw.
    pub epoch: u64,
}

/// People's side of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Where they are with it.
    pub state: WorkState,
    /// Who has it.
    pub assignee: Option<String>,
    /// Since when it is in this state, in milliseconds since 1970.
    pub since: i64,
    /// The last day on which it waits or is snoozed.
    pub until: Option<Day>,
    /// The day by whose end somebody should have decided; moves while it waits for others.
    pub due: Day,
    /// What is proposed or decided, and on what.
    pub decided: Option<Decided>,
    /// Who proposed it.
    pub proposer: Option<String>,
    /// How often it was acted on: two who act on the same version do not both succeed.
    pub version: u32,
}

/// An alert on the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The machine's side.
    pub finding: Finding,
    /// People's side.
    pub work: Work,
}

impl Item {
    /// Whether it changed since the decision or proposal: other evidence, or it does not hold any more.
    pub fn is_moved(&self) -> bool {
        self.work.decided.is_some_and(|decided| {
            let holds = |state| state != AlertState::Withdrawn;
            (decided.digest, holds(decided.state))
                != (self.finding.digest, holds(self.finding.state))
        })
    }

    /// Whether a decision was overtaken, and somebody has to look again.
    pub fn needs_recheck(&self) -> bool {
        self.work.state == WorkState::Closed && self.is_moved()
    }

    /// Whether it was withdrawn before anybody looked: it leaves the queue by itself.
    pub fn has_left(&self) -> bool {
        self.finding.state == AlertState::Withdrawn && !self.work.state.is_looked_at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_and_read() {
        let digest = EvidenceDigest(std::array::from_fn(|n| (n * 17) as u8));
        let text = digest.to_string();
        assert_eq!(text, "00112233445566778899aabbccddeeff");
        assert_eq!(EvidenceDigest::from_hex(&text), Some(digest));
        for wrong in [
            "",
            "0",
            &text.to_uppercase(),
            &format!("{text}0"),
            &"ệ".repeat(16),
        ] {
            assert_eq!(EvidenceDigest::from_hex(wrong), None, "{wrong}");
        }
    }
}
