//! English.

use super::Messages;
use super::word::Words;
use crate::record::{CardStatus, DeathSource, EnterpriseStatus, LifeStatus, Sex, Stream};

pub(super) static MESSAGES: Messages = Messages {
    making: "making",
    checking: "checking",
    replaying: "replaying",
    counting: "counting",
    choosing: "choosing",
    writing: "writing",
    time_left: "left",
    waiting_for_processes: "waiting for processes to join: {processes}",
    rows_done: "{rows} rows",
    rows_at_day: "{rows} rows, at {day}",
    alerts_done: "{alerts} alerts",
    headline: "A made-up country of {citizens} citizens over {days} days: {rows} rows replayed, \
               {alerts} alerts hold, in {seconds} s.",
    proposal: "An alert is a sign to be verified, never a verdict: a person decides.",
    heading_streams: "Rows by stream",
    rejected: "rejected",
    heading_reasons: "Alerts by reason",
    column_class: "class",
    column_alerts: "alerts",
    column_amount: "amount",
    total: "all",
    counted_once: "In the last amount, a claim or benefit of several alerts counts once.",
    withdrawn: "Alerts raised over time: {raised}; withdrawn when an input was corrected: {withdrawn}.",
    heading_worst: "The worst alerts: {shown} of {alerts}, by priority",
    no_alert: "No alert holds.",
    class_and_severity: "{class} · severity {severity}",
    grade: "grade\u{a0}{grade}",
    score: "score\u{a0}{score}",
    score_because: "score\u{a0}{score} ({features})",
    priority: "priority\u{a0}{priority}",
    raised: "raised\u{a0}{at}",
    alert_id: "alert\u{a0}{id}",
    adjustment: "Recommended",
    legal_basis: "Legal basis",
    evidence: "Evidence",
    evidence_more: "Evidence ({shown} of {count} rows)",
    known: "known {at}",
    explain_rule: "The rule",
    explain_rows: "It follows from these {count} rows alone",
    explain_not_needed: "evidence; without it the alert would be the same",
    explain_without_effect: "Other rows in force that name the same people and change nothing of it: {count}",
    explain_history: "History",
    explain_event: "{at}  {kind}, because of {cause}",
    explain_raised: "raised",
    explain_changed: "changed",
    explain_withdrawn: "withdrawn",
    explain_archived: "archived",
    explain_by_rules: "other thresholds",
    explain_by_model: "another model",
    explain_by_day: "the day {day}",
    truth: "Truth file: {label} - {why}",
    heading_next: "What next",
    next_run: "{run} has the alerts that hold (alerts.ndjson), every raise, change and withdrawal \
               with its cause (history.ndjson), rejected rows, a summary and a manifest of digests.",
    next_truth: "{truth} has what was made wrong on purpose, by fraud or by error, and why: compare \
                 it with the alerts.",
    next_replay: "To replay the country yourself, as it was known halfway or with other reasons:",
    live_pages: "The review pages are open in a browser on this machine:",
    live_accounts: "Accounts of this demo, by name and role:",
    live_password: "The password of all of them, for this run: {password}",
    live_until: "They are served until this is interrupted (Ctrl-C).",
    live_begun: "The country is on {day}; alerts of all days before are in the queue.",
    live_passed: "A new day: {day}",
    live_ended: "The last day has come; the pages stay open.",
    facility: "facility\u{a0}{code}",
    visit: "visit\u{a0}{id}",
    personal_id: "citizen\u{a0}{id}",
    blood_group: "blood group\u{a0}{group}",
    si_number: "SI\u{a0}number\u{a0}{id}",
    card: "card\u{a0}{id}",
    born: "born {date}",
    died: "died {date}",
    superseded_by: "superseded by {id}",
    old_id: "old id\u{a0}{id}",
    diagnosis: "diagnosis\u{a0}{code}",
    outcome_death: "outcome: died",
    outcome_alive: "outcome: alive",
    paid_by_fund: "asked of the fund {amount}",
    cost_total: "total cost {amount}",
    cost_covered: "covered {amount}",
    copay: "co-payment {amount}",
    other_sources: "other sources {amount}",
    monthly_amount: "{amount} a month",
    span: "from {from} to {to}",
    open_span: "from {from} on",
    status_since: "{status} since {day}",
    referred_from: "referred from\u{a0}{code}",
    referred_to: "referred to\u{a0}{code}",
    population: "population register",
    hours: "{hours}\u{a0}h",
};

/// The words for coded values.
pub(super) struct English;

impl Words for English {
    fn stream(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::Citizens => "citizens",
            Stream::DeathReports => "death reports",
            Stream::Participants => "participants",
            Stream::Cards => "cards",
            Stream::Claims => "claims",
            Stream::CheckIns => "check-ins",
            Stream::Enterprises => "enterprises",
            Stream::Employments => "employments",
            Stream::Beneficiaries => "beneficiaries",
            Stream::HealthProfiles => "health profiles",
        }
    }

    fn record(&self, stream: Stream) -> &'static str {
        match stream {
            Stream::Citizens => "citizen",
            Stream::DeathReports => "death report",
            Stream::Participants => "participant",
            Stream::Cards => "card",
            Stream::Claims => "claim",
            Stream::CheckIns => "check-in",
            Stream::Enterprises => "enterprise",
            Stream::Employments => "employment",
            Stream::Beneficiaries => "benefit",
            Stream::HealthProfiles => "health profile",
        }
    }

    fn life_status(&self, status: LifeStatus) -> &'static str {
        match status {
            LifeStatus::Alive => "alive",
            LifeStatus::Dead => "dead",
            LifeStatus::DeclaredDead => "declared dead",
            LifeStatus::Missing => "missing",
            LifeStatus::Cancelled => "number cancelled",
        }
    }

    fn death_source(&self, source: DeathSource) -> &'static str {
        match source {
            DeathSource::CivilRegistry => "civil registry",
            DeathSource::ContributionForm => "contribution form",
            DeathSource::Hospital => "hospital",
            DeathSource::Court => "court",
        }
    }

    fn card_status(&self, status: CardStatus) -> &'static str {
        match status {
            CardStatus::Valid => "valid",
            CardStatus::Replaced => "replaced",
            CardStatus::Expired => "expired",
            CardStatus::Reduced => "reduced",
            CardStatus::Revoked => "revoked",
            CardStatus::Locked => "locked",
        }
    }

    fn enterprise_status(&self, status: EnterpriseStatus) -> &'static str {
        match status {
            EnterpriseStatus::Active => "active",
            EnterpriseStatus::Suspended => "suspended",
            EnterpriseStatus::NotAtAddress => "not at its address",
            EnterpriseStatus::Dissolving => "being dissolved",
            EnterpriseStatus::Merged => "merged",
            EnterpriseStatus::Dissolved => "dissolved",
            EnterpriseStatus::Bankrupt => "bankrupt",
        }
    }

    fn visit_type(&self, number: u8) -> &'static str {
        match number {
            1 => "examination",
            2 => "outpatient treatment",
            3 => "inpatient stay",
            4 => "day treatment",
            5 => "long-term outpatient treatment",
            6 => "stay at a health station",
            7 => "drugs by appointment",
            8 => "long-term treatment with services",
            9 => "inpatient stay under 4 hours",
            11 => "mobile visit",
            12 => "visit at home",
            13 => "family medicine",
            14 => "remote visit",
            15 => "periodic check-up",
            16 => "screening",
            _ => "other visit",
        }
    }

    fn sex(&self, sex: Sex) -> &'static str {
        match sex.number() {
            1 => "male",
            2 => "female",
            _ => "of undetermined sex",
        }
    }
}
