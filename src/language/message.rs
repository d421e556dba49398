//! The messages that every language has.
//!
//! A place in braces is filled by [`super::fill`]. A language that lacks a message does not compile.

macro_rules! messages {
    ($( $(#[$doc:meta])* $name:ident, )*) => {
        /// The messages of one language.
        #[derive(Debug)]
        pub struct Messages { $( $(#[$doc])* pub $name: &'static str, )* }

        impl Messages {
            /// Every message with its name.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$( (stringify!($name), self.$name), )*]
            }
        }
    };
}

messages! {
    /// Progress: the country is being made.
    making,
    /// Progress: inputs are digested and checked for their order.
    checking,
    /// Progress: rows are replayed.
    replaying,
    /// Progress: claims are counted, to train a model.
    counting,
    /// Progress: it is found out whose rows are replayed, where not everybody's are.
    choosing,
    /// Progress: outputs are written.
    writing,
    /// Before the time that is left, in a progress bar.
    time_left,
    /// Processes that have not joined a run: `{processes}`.
    waiting_for_processes,
    /// A number of rows: `{rows}`.
    rows_done,
    /// A number of rows and the day reached: `{rows}`, `{day}`.
    rows_at_day,
    /// A number of alerts: `{alerts}`.
    alerts_done,

    /// The headline: `{citizens}`, `{days}`, `{rows}`, `{alerts}`, `{seconds}`.
    headline,
    /// What alerts are.
    proposal,
    /// Heading of the table of streams.
    heading_streams,
    /// Rows that were not accepted.
    rejected,
    /// Heading of the table of reasons.
    heading_reasons,
    /// Column: class.
    column_class,
    /// Column: number of alerts.
    column_alerts,
    /// Column: amount.
    column_amount,
    /// The last row of a table.
    total,
    /// Note below the table of reasons.
    counted_once,
    /// How many alerts came and went: `{raised}`, `{withdrawn}`.
    withdrawn,
    /// Heading of the worst alerts: `{shown}`, `{alerts}`.
    heading_worst,
    /// Where no alert holds.
    no_alert,

    /// Class and severity of an alert: `{class}`, `{severity}`.
    class_and_severity,
    /// Grade of an alert: `{grade}`.
    grade,
    /// Score of an alert: `{score}`.
    score,
    /// Score of an alert and what moved it: `{score}`, `{features}`.
    score_because,
    /// Priority of an alert: `{priority}`.
    priority,
    /// When an alert was raised: `{at}`.
    raised,
    /// The short id of an alert: `{id}`.
    alert_id,
    /// Heading of what is recommended.
    adjustment,
    /// Heading of the grounds in law.
    legal_basis,
    /// Heading of the evidence.
    evidence,
    /// Where evidence is more than is shown: `{shown}`, `{count}`.
    evidence_more,
    /// When a row became known: `{at}`.
    known,
    /// Heading of what the reason's rule says.
    explain_rule,
    /// Heading of the rows that an alert follows from: `{count}`.
    explain_rows,
    /// Behind a row that is shown as evidence, and without which the alert would be the same.
    explain_not_needed,
    /// How many other rows name the same people: `{count}`.
    explain_without_effect,
    /// Heading of what happened to an alert.
    explain_history,
    /// An event of an alert, with what caused it: `{at}`, `{kind}`, `{cause}`.
    explain_event,
    /// An alert began to hold.
    explain_raised,
    /// An alert is another than before.
    explain_changed,
    /// An alert holds no more.
    explain_withdrawn,
    /// An alert stands as it was, since its claim is retired.
    explain_archived,
    /// The settings, as the cause of an event.
    explain_by_rules,
    /// The model, as the cause of an event.
    explain_by_model,
    /// The as-of date, as the cause of an event: `{day}`.
    explain_by_day,
    /// What the truth file says: `{label}`, `{why}`.
    truth,

    /// Heading of what to do next.
    heading_next,
    /// What the run wrote: `{run}`.
    next_run,
    /// The truth file: `{truth}`.
    next_truth,
    /// Before the command that replays the country.
    next_replay,

    /// Before the address of the pages of a demo.
    live_pages,
    /// Before the accounts of a demo.
    live_accounts,
    /// The password of all accounts: `{password}`.
    live_password,
    /// Until when a demo serves.
    live_until,
    /// The day on which the country of a demo begins: `{day}`.
    live_begun,
    /// A day that has come: `{day}`.
    live_passed,
    /// There is no further day.
    live_ended,

    /// A facility: `{code}`.
    facility,
    /// A visit: `{id}`.
    visit,
    /// A citizen by personal id: `{id}`.
    personal_id,
    /// A blood group: `{group}`.
    blood_group,
    /// A social-insurance number: `{id}`.
    si_number,
    /// A card: `{id}`.
    card,
    /// Born: `{date}`.
    born,
    /// Died: `{date}`.
    died,
    /// Superseded by: `{id}`.
    superseded_by,
    /// An old identity number: `{id}`.
    old_id,
    /// A diagnosis: `{code}`.
    diagnosis,
    /// An outcome that is a death.
    outcome_death,
    /// An outcome that is no death.
    outcome_alive,
    /// What the fund is asked to pay: `{amount}`.
    paid_by_fund,
    /// The total cost: `{amount}`.
    cost_total,
    /// The covered cost: `{amount}`.
    cost_covered,
    /// The patient's share: `{amount}`.
    copay,
    /// What other sources pay: `{amount}`.
    other_sources,
    /// An amount a month: `{amount}`.
    monthly_amount,
    /// A span with both ends: `{from}`, `{to}`.
    span,
    /// A span without an end: `{from}`.
    open_span,
    /// A status and the day from which it holds: `{status}`, `{day}`.
    status_since,
    /// Referred from: `{code}`.
    referred_from,
    /// Referred to: `{code}`.
    referred_to,
    /// The population register, as a source of a death.
    population,
    /// A length in hours: `{hours}`.
    hours,
}
