//! Made-up epochs, and what a store holds as text.

use fundwatch::store::{
    AlertChange, AlertReader, AlertRow, AlertState, EpochCommit, HistoryKind, HistoryRow,
    RejectFilter,
};

/// The id of an alert by number; neighbours in number are none in id.
pub fn id(alert: u32) -> String {
    format!(
        "{:032x}",
        u128::from(alert).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    )
}

const REASONS: [&str; 4] = [
    "unknown_card",
    "benefit_mismatch",
    "stale_card",
    "cost_outlier",
];

/// An alert as `epoch` raised it, in one of its versions.
pub fn alert(alert: u32, raised_epoch: u64, version: u32) -> AlertRow {
    let alert_id = id(alert);
    let reason = REASONS[alert as usize % REASONS.len()];
    let raised_at = format!("2025-01-21T23:54:30+07:00 in {raised_epoch}");
    let evidence =
        "\"stream\":\"claims\",\"recorded_at\":\"2025-01-21T16:07:26+07:00\",\"row\":6520";
    let line = format!(
        "{{\"alert_id\":\"{alert_id}\",\"reason\":\"{reason}\",\"version\":{version},\
        \"raised_at\":\"{raised_at}\",\"evidence\":[{{{evidence}}},{{{evidence}}}]}}"
    );
    AlertRow {
        alert_id,
        reason: reason.into(),
        class: ["eligibility", "provider_billing"][alert as usize % 2].into(),
        severity: "medium".into(),
        subject_kind: "claim".into(),
        subject_id: format!("20001/{alert:010}"),
        amount_thousandths: i64::from(alert) * 1000 + 5,
        grade: alert.is_multiple_of(3).then_some(2),
        cause: alert.is_multiple_of(5).then(|| "name_differs".into()),
        score: alert.is_multiple_of(2).then_some(9876),
        misuse_probability: alert.is_multiple_of(2).then_some(1234),
        // Many have the same, so that ids decide.
        priority: (alert % 7) * 100 + version % 3,
        raised_at,
        raised_epoch,
        line,
    }
}

pub fn event(alert: u32, epoch: u64, kind: HistoryKind) -> HistoryRow {
    let alert_id = id(alert);
    let (kind_name, reason) = (kind.as_str(), REASONS[alert as usize % REASONS.len()]);
    let line = format!(
        "{{\"epoch\":{epoch},\"kind\":\"{kind_name}\",\"alert_id\":\"{alert_id}\",\"reason\":\"{reason}\",\
        \"cause\":[{{\"stream\":\"claims\",\"key\":\"20001/{alert:010}\"}}]}}"
    );
    HistoryRow {
        alert_id,
        kind,
        at: "2025-01-21T23:54:30+07:00".to_owned(),
        reason: reason.into(),
        line,
    }
}

/// That an alert holds.
pub fn holds(alert: AlertRow) -> AlertChange {
    AlertChange::Holds(Box::new(alert))
}

/// An epoch in which nothing happened; epochs are numbered from 1.
pub fn empty(epoch: u64) -> EpochCommit {
    EpochCommit {
        epoch,
        previous: (epoch > 1).then(|| epoch - 1),
        at: 1_764_000_000_000 + epoch as i64,
        rows: 10,
        ..EpochCommit::default()
    }
}

/// An epoch that raises alerts.
pub fn raising(epoch: u64, alerts: impl IntoIterator<Item = u32>) -> EpochCommit {
    let mut made = empty(epoch);
    for number in alerts {
        made.alerts.push(holds(alert(number, epoch, 0)));
        made.history.push(event(number, epoch, HistoryKind::Raised));
    }
    made
}

/// An epoch that changes alerts spread over those that are known.
pub fn changing(epoch: u64, known: u32, changed: u32) -> EpochCommit {
    let mut made = empty(epoch);
    let step = known / changed;
    for one in (0..changed).map(|one| one * step + epoch as u32 % step) {
        made.alerts.push(holds(alert(one, 1, epoch as u32)));
        made.history.push(event(one, epoch, HistoryKind::Changed));
    }
    made
}

/// An epoch that withdraws alerts.
pub fn withdrawing(epoch: u64, alerts: impl IntoIterator<Item = u32>) -> EpochCommit {
    let mut made = empty(epoch);
    for number in alerts {
        let alert_id = id(number);
        made.alerts.push(AlertChange::Withdrawn { alert_id });
        made.history
            .push(event(number, epoch, HistoryKind::Withdrawn));
    }
    made
}

/// The lines of an export.
pub fn alerts_exported(reader: &mut dyn AlertReader) -> Vec<String> {
    let mut lines = Vec::new();
    let done = reader.export_alerts(&mut |line| {
        lines.push(line.to_owned());
        Ok(())
    });
    done.expect("an export");
    lines
}

/// The lines of an export.
pub fn history_exported(reader: &mut dyn AlertReader, from: u64) -> Vec<String> {
    let mut lines = Vec::new();
    let done = reader.export_history(from, &mut |line| {
        lines.push(line.to_owned());
        Ok(())
    });
    done.expect("an export");
    lines
}

/// Every alert: its id, state, the last epoch that changed it, and its line where it opens.
pub fn every_alert(reader: &mut dyn AlertReader) -> Vec<(String, AlertState, u64, Option<String>)> {
    let mut all = Vec::new();
    let done = reader.every_alert(&mut |one| {
        let line = one.line.map(str::to_owned);
        all.push((one.alert_id.to_owned(), one.state, one.changed_epoch, line));
        Ok(())
    });
    done.expect("read");
    all
}

/// The lines of history between two epochs.
pub fn history_between(reader: &mut dyn AlertReader, epochs: (u64, u64)) -> Vec<String> {
    let mut lines = Vec::new();
    let done = reader.history_between(epochs, &mut |_, line| {
        lines.push(line.expect("it opens").to_owned());
        Ok(())
    });
    done.expect("read");
    lines
}

/// Everything that can be read but epochs, as text.
pub fn dump(reader: &mut dyn AlertReader) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let mut tell = |what: &dyn std::fmt::Debug| writeln!(text, "{what:?}").expect("written");
    let committed = reader.committed().expect("committed");
    tell(&(committed.epoch, committed.clock_day));
    let mut after = None;
    loop {
        let page = reader.alerts(&Default::default(), after.as_ref(), 100);
        let page = page.expect("a page");
        for one in page.alerts {
            let alert = one.alert;
            let exact = (alert.alert_id, alert.line, one.state, one.changed_epoch);
            tell(&(exact, alert.priority, alert.raised_at, alert.raised_epoch));
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    tell(&alerts_exported(reader));
    tell(&history_exported(reader, 0));
    for one in reader
        .rejects(&RejectFilter::default(), 1000)
        .expect("rejects")
    {
        tell(&(one.epoch, one.reject.ordinal, one.reject.message, one.state));
        tell(&one.repaired_by_epoch);
    }
    tell(&reader.positions().expect("positions"));
    let mut raised = Vec::new();
    let done = reader.raised(&mut |one| raised.push((one.alert_id.to_owned(), one.raised_epoch)));
    done.expect("raised");
    tell(&raised);
    text
}

/// How many alerts are in a state.
pub fn count(reader: &mut dyn AlertReader, state: AlertState) -> u64 {
    let counts = reader.counts().expect("counts");
    let of_state = counts.iter().filter(|count| count.state == state);
    of_state.map(|count| count.alerts).sum()
}
