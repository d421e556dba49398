//! How far the money that an alert is about is proved.

use super::verdict::{Outcome, Verdict};
use super::work::WorkState;
use crate::language::worded;
use crate::store::AlertState;

worded! {
    /// A stage of proof: each alert is in one, so that all stages together are what was flagged.
    MoneyStage {
        Open = "open", "Flagged, not decided", "Đã cảnh báo, chưa kết luận";
        Proposed = "proposed", "Verdict proposed", "Đã đề nghị kết luận";
        Confirmed = "confirmed", "Confirmed", "Đã xác nhận";
        Recovered = "recovered", "Already recovered", "Đã thu hồi";
        Refuted = "refuted", "Refuted or explained", "Bác bỏ hoặc đã giải trình";
        Other = "other", "Closed without either", "Kết thúc, không thuộc hai loại trên";
        Withdrawn = "withdrawn", "Withdrawn by a correction", "Đã rút do dữ liệu được sửa";
    }
}

impl MoneyStage {
    /// The stage of an alert. What was withdrawn is so whatever was decided before: nothing is proved by evidence that
    /// does not hold.
    pub fn of(state: AlertState, work: WorkState, verdict: Option<Verdict>) -> Self {
        if state == AlertState::Withdrawn {
            return Self::Withdrawn;
        }
        match (work, verdict) {
            (WorkState::Proposed, _) => Self::Proposed,
            (WorkState::Closed, Some(Verdict::AlreadyRecovered)) => Self::Recovered,
            (WorkState::Closed, Some(verdict)) => match verdict.outcome() {
                Outcome::Confirmed => Self::Confirmed,
                Outcome::Legitimate | Outcome::False(_) => Self::Refuted,
                Outcome::Neither => Self::Other,
            },
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, is_composed};

    #[test]
    fn an_alert_is_in_one_stage() {
        let of = MoneyStage::of;
        let closed = |verdict| of(AlertState::Active, WorkState::Closed, Some(verdict));
        assert_eq!(closed(Verdict::ConfirmedFraud), MoneyStage::Confirmed);
        assert_eq!(closed(Verdict::AlreadyRecovered), MoneyStage::Recovered);
        assert_eq!(closed(Verdict::LegitimateTiming), MoneyStage::Refuted);
        assert_eq!(closed(Verdict::FalsePositiveLink), MoneyStage::Refuted);
        assert_eq!(closed(Verdict::Duplicate), MoneyStage::Other);
        let verdict = Some(Verdict::ConfirmedFraud);
        let proposed = of(AlertState::Active, WorkState::Proposed, verdict);
        assert_eq!(proposed, MoneyStage::Proposed);
        let withdrawn = of(AlertState::Withdrawn, WorkState::Closed, verdict);
        assert_eq!(withdrawn, MoneyStage::Withdrawn);
        let archived = of(AlertState::Archived, WorkState::Closed, verdict);
        assert_eq!(archived, MoneyStage::Confirmed);
        let reopened = of(AlertState::Active, WorkState::Reopened, None);
        assert_eq!(reopened, MoneyStage::Open);
        for stage in MoneyStage::ALL {
            assert!(is_composed(stage.text(Language::Vietnamese)));
        }
    }
}
