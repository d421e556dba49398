//! What people do about alerts, as metrics.

use crate::metric::{AmountStage, Metrics, ReopenCause};
use crate::record::Money;
use crate::review::{
    DeskWatch, MoneyStage, Outcome, Unreadable, WorkAction, WorkDone, working_time,
};
use crate::store::AlertState;

/// Tells the metrics.
pub(super) struct WorkWatch(pub(super) Metrics);

impl DeskWatch for WorkWatch {
    fn done(&self, done: &WorkDone) {
        let (before, after) = (&done.before, &done.after);
        let verdict = after.work.decided.map(|decided| decided.verdict);
        if let Some(verdict) = verdict.filter(|_| done.is_decided()) {
            let finding = &after.finding;
            let took = working_time(done.opened_at, done.at);
            let work = self.0.work();
            work.closed(finding.reason, verdict, finding.band(), took);
            let stage = MoneyStage::of(finding.state, after.work.state, Some(verdict));
            let stage = match stage {
                MoneyStage::Confirmed => Some(AmountStage::Confirmed),
                MoneyStage::Recovered => Some(AmountStage::Recovered),
                MoneyStage::Refuted => Some(AmountStage::Refuted),
                _ => None,
            };
            if let Some(stage) = stage {
                self.0.alert().decided(stage, dong(finding.amount));
            }
        }
        let is_undone = done.action == WorkAction::Undo && !before.work.state.is_open();
        if done.action == WorkAction::Reopen || is_undone {
            let cause = match (before.finding.state, before.is_moved()) {
                (AlertState::Withdrawn, true) => ReopenCause::Withdrawn,
                (_, true) => ReopenCause::Changed,
                (_, false) => ReopenCause::Unchanged,
            };
            self.0.work().reopened(cause);
            // A counter does not fall: what was counted as confirmed is counted as taken back.
            let confirmed = before.work.decided.filter(|decided| {
                let is_confirmed = decided.verdict.outcome() == Outcome::Confirmed;
                is_confirmed && decided.state != AlertState::Withdrawn
            });
            if confirmed.is_some() {
                let amount = dong(before.finding.amount);
                self.0.alert().decided(AmountStage::Reversed, amount);
            }
        }
    }

    fn unreadable(&self, kind: Unreadable, lines: u64) {
        self.0.work().unreadable(kind, lines);
    }
}

/// Whole dong, as other amounts are counted.
fn dong(amount: Money) -> u64 {
    u64::try_from(amount.thousandths() / Money::THOUSANDTHS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::Role;
    use crate::journal::Month;
    use crate::metric::Names;
    use crate::record::Instant;
    use crate::review::{
        Access, Act, Band, Desk, DeskError, DeskLog, ErasedOf, EvidenceDigest, Finding, Seen,
        Verdict, Viewer,
    };
    use crate::rule::{Class, Reason, Severity};

    struct NoLog;

    impl DeskLog for NoLog {
        fn record(&self, _: &Viewer, _: &Access<'_>, _: u64) -> Result<(), DeskError> {
            Ok(())
        }

        fn erased(&self, _: ErasedOf, _: Month, _: u64) -> Result<(), DeskError> {
            Ok(())
        }
    }

    /// 2026-11-27, a Friday, 09:00 in UTC+7.
    const NOW: i64 = 1_795_744_800_000;
    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn finding(state: AlertState, digest: u8) -> Finding {
        Finding {
            alert_id: ID.to_owned(),
            reason: Reason::ServiceAfterDeath,
            class: Class::MisuseSuspected,
            severity: Severity::High,
            subject_kind: "claim".to_owned(),
            facility: Some("79001".to_owned()),
            person: None,
            card: None,
            masked: "•••001".to_owned(),
            amount: Money::from_thousandths(1_234_567_890),
            grade: Some(2),
            cause: None,
            score: None,
            misuse_probability: None,
            priority: 20_000,
            service_day: None,
            // The day before, at the same time.
            raised_at: NOW - 86_400_000,
            raised_epoch: 1,
            changed_epoch: 1,
            state,
            digest: EvidenceDigest([digest; 16]),
        }
    }

    fn viewer(name: &str, role: Role) -> Viewer {
        Viewer {
            name: name.to_owned(),
            role,
            provinces: Vec::new(),
        }
    }

    fn samples(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render()).expect("UTF-8")
    }

    #[test]
    fn decisions_are_counted_once_and_what_is_taken_back_as_well() {
        let metrics = Metrics::new(&Names::default()).expect("metrics");
        let directory = tempfile::tempdir().expect("a directory");
        let now = || Instant::from_millis(NOW).expect("a time");
        let desk = Desk::open_or_create(directory.path(), None, Arc::new(now), Arc::new(NoLog));
        let desk = desk.expect("a desk");
        let desk = desk.with_watch(Arc::new(WorkWatch(metrics.clone())));
        let (an, chi) = (
            viewer("an", Role::Reviewer),
            viewer("chi", Role::Supervisor),
        );
        let act = |who: &Viewer, action, verdict: Option<Verdict>| {
            let item = desk.item(who, ID).expect("read").expect("an item");
            let seen = Seen {
                version: item.work.version,
                digest: item.finding.digest,
            };
            let mut act = Act::new(action, seen);
            act.verdict = verdict;
            act.note = Some("Bệnh án không có tên.".to_owned());
            desk.act(who, ID, &act)
        };
        let has = |line: &str| {
            let page = samples(&metrics);
            assert!(page.lines().any(|own| own == line), "{line}");
        };
        let confirmed = r#"fundwatch_alerts_closed_total{disposition="confirmed_fraud"}"#;
        let judged = |outcome: &str, count: u32| {
            let family = "fundwatch_alerts_judged_total";
            has(&format!(
                r#"{family}{{outcome="{outcome}",reason="service_after_death"}} {count}"#
            ));
        };
        judged("confirmed", 0);
        has(&format!("{confirmed} 0"));
        desk.project(&[finding(AlertState::Active, 1)], None)
            .expect("brought in");
        let fraud = Some(Verdict::ConfirmedFraud);
        act(&an, WorkAction::Take, None).expect("taken");
        act(&an, WorkAction::Propose, fraud).expect("proposed");
        has(&format!("{confirmed} 0"));
        act(&chi, WorkAction::Approve, None).expect("approved");
        has(&format!("{confirmed} 1"));
        judged("confirmed", 1);
        judged("false_positive", 0);
        has(r#"fundwatch_amount_vnd_total{stage="confirmed"} 1234567"#);
        // From Thursday to Friday.
        assert_eq!(finding(AlertState::Active, 1).band(), Band::P2);
        has(r#"fundwatch_alert_decision_seconds_sum{band="p2"} 86400"#);
        // Refused: it is closed.
        assert!(act(&chi, WorkAction::Approve, None).is_err());
        has(&format!("{confirmed} 1"));
        // The evidence changes, and it is taken up again.
        desk.project(&[finding(AlertState::Active, 2)], None)
            .expect("brought in");
        act(&an, WorkAction::Reopen, None).expect("reopened");
        has(r#"fundwatch_alerts_reopened_total{cause="changed"} 1"#);
        has(r#"fundwatch_amount_vnd_total{stage="reversed"} 1234567"#);
        act(&an, WorkAction::Take, None).expect("taken");
        act(&an, WorkAction::Close, Some(Verdict::AlreadyRecovered)).expect("closed");
        has(r#"fundwatch_amount_vnd_total{stage="recovered"} 1234567"#);
        // It was reopened just now.
        has(r#"fundwatch_alert_decision_seconds_bucket{band="p2",le="3600"} 1"#);
        act(&an, WorkAction::Reopen, None).expect("reopened");
        has(r#"fundwatch_alerts_reopened_total{cause="unchanged"} 1"#);
        has(r#"fundwatch_amount_vnd_total{stage="reversed"} 1234567"#);
        has(r#"fundwatch_amount_vnd_total{stage="confirmed"} 1234567"#);
    }
}
