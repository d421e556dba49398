//! The page of what people can do about alerts, in Markdown, made from the tables that decide it.

use std::fmt::Write as _;

use super::band::Band;
use super::purpose::Purpose;
use super::verdict::{Outcome, Verdict};
use super::work::{By, TRANSITIONS, WorkAction, WorkState};
use crate::language::Language;

/// The page.
pub fn describe_review() -> String {
    let mut page = String::from(BEFORE);
    page.push_str("\n| state | English | Vietnamese |\n|---|---|---|\n");
    for state in WorkState::ALL {
        let (en, vi) = (
            state.text(Language::English),
            state.text(Language::Vietnamese),
        );
        let _ = writeln!(page, "| `{state}` | {en} | {vi} |");
    }
    page.push_str(ACTIONS);
    for action in WorkAction::ALL {
        let lines = TRANSITIONS.iter().filter(|line| line.action == *action);
        let mut to_and_by: Vec<(WorkState, By, Vec<WorkState>)> = Vec::new();
        for line in lines {
            // A note leaves an alert where it is.
            let known = to_and_by.iter_mut().find(|(to, by, _)| {
                *by == line.by && (*to == line.to || *action == WorkAction::Note)
            });
            match known {
                Some((.., from)) => from.push(line.from),
                None => to_and_by.push((line.to, line.by, vec![line.from])),
            }
        }
        for (to, by, from) in to_and_by {
            let from: Vec<String> = from.iter().map(|state| format!("`{state}`")).collect();
            let to = match action {
                WorkAction::Note => "the same".to_owned(),
                _ => format!("`{to}`"),
            };
            let _ = writeln!(
                page,
                "| `{action}` | {} | {to} | {} |",
                from.join(", "),
                who(by)
            );
        }
    }
    page.push_str(VERDICTS);
    for verdict in Verdict::ALL {
        let yes = |is: bool| if is { "yes" } else { "–" };
        let outcome = match verdict.outcome() {
            Outcome::Confirmed => "right".to_owned(),
            Outcome::False(cause) => format!("wrong: {}", cause.as_str()),
            Outcome::Legitimate => "legitimate".to_owned(),
            Outcome::Neither => "–".to_owned(),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {outcome} | {} | {} |",
            verdict.as_str(),
            verdict.text(Language::English),
            verdict.text(Language::Vietnamese),
            yes(verdict.needs_note()),
            yes(verdict.needs_approval()),
        );
    }
    page.push_str(BANDS);
    for band in Band::ALL {
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            band.text(Language::English),
            band.least_priority(),
            band.working_days()
        );
    }
    page.push_str(CHANGED);
    page.push_str(SEEN);
    for purpose in Purpose::ALL {
        let (en, vi) = (
            purpose.text(Language::English),
            purpose.text(Language::Vietnamese),
        );
        let note = if purpose.needs_note() { "yes" } else { "–" };
        let _ = writeln!(page, "| `{}` | {en} | {vi} | {note} |", purpose.as_str());
    }
    page
}

fn who(by: By) -> &'static str {
    match by {
        By::Reviewer => "whoever reviews alerts",
        By::Assignee => "whoever has it",
        By::AssigneeOrSupervisor => "whoever has it, or a supervisor",
        By::Supervisor => "a supervisor",
        By::Proposer => "whoever proposed",
        By::Approver => "a supervisor who took no part in the round",
        By::Batch => "two people, of a batch: one asks, a supervisor approves",
        By::Clock => "time",
    }
}

const BEFORE: &str = "\
# What people do about alerts

An alert has two axes. The machine's - it holds, it has changed, it is withdrawn - follows the registers, and no person sets it.
People's says how far they are with it, and no correction of a register sets it. So a withdrawn alert that somebody works on stays
on the desk until they decide; one that nobody has looked at leaves the queue by itself, is counted and kept, and one in twenty of
those can be looked at.

A decision is bound to the evidence that its author saw. Where that has changed before it is stored, it is refused and both
states are shown; where it changes later, the closed alert is on the list *to be checked again*.

What was done is kept for ever, in the order in which it was done, in `review.db` in the data directory; notes are encrypted under
the key of their month, and go with it ([retention](retention.md#what-people-type)). An alert has the same id in every store, so that this outlives an alert store that is filled anew. Whoever
looks at an alert, and whatever is done, is in the [access log](access-log.md) before the answer leaves.

This page is made from the tables that the program decides by (`FUNDWATCH_BLESS=1 cargo test --test desk`).

## States
";

const ACTIONS: &str = "
## What can be done

What is not in this table is refused, whoever asks and by whatever way.

| action | from | to | who |
|---|---|---|---|
";

const VERDICTS: &str = "
## Verdicts

What accuses somebody, hands a case to others or moves money takes two people: who proposed, and a supervisor who had no part since
the alert was last new, reopened or returned. Where the evidence changes before the second has approved, the proposal is returned; where it
changes after, such a verdict is not upheld by one: the alert is reopened, and proposed again. Nobody approves more than ten
proposals in a minute. Precision of a reason is right / (right + wrong); the rest is in neither. A wrong
alert has a cause, and each cause a repair: data are corrected at their source, a link is cut, a rule is tuned.

| code | English | Vietnamese | the alert was | note | two people |
|---|---|---|---|---|---|
";

const BANDS: &str = "
## Urgency

A band is cut from the [priority](rules.md) of an alert. A decision is due at the end of the last of so many working days after the
alert was raised, or reopened; public holidays are in `src/review/holidays.toml`, and the page of administration says for which years.
While an alert waits for others, its day moves.

| band | priority from | working days |
|---|---|---|
";

const CHANGED: &str = "
## What changed since a look

A list, and what somebody has, is seen when they say so: a look at the page changes nothing. From then on `/changes` tells the
difference between two reads, one as of the epoch that was seen and one as of now: what was raised and withdrawn between is none, what
was raised and then changed is raised, what changed and changed back is as it was. Of what changed, the fields are told before and
after; of what somebody has, also what others did about it, without verdicts and notes, which a second look must not know.

An alert is seen when its page is opened. What had not been shown before stays on it, also when it is loaded again, until there is
something else or it is marked as seen. What is of no province of a person's is in no difference.
";

const SEEN: &str = "
## What is masked, and how it is seen

Names are told by their initials, numbers by their last three digits, in every list and on every page. Diagnoses of HIV and of
mental disorders (`src/case/restricted_diagnoses.toml`) are not told at all; of an alert about the sex or the age that a diagnosis is
for, neither that sex or age nor the other diagnoses are, where the claim has such a one.

*A person is found by number*: the form takes the number of a card, of the insurance or of a citizen, sends it in the body of a
request, and leads to the alerts of the person under a pseudonym that only this installation can make. Sixty searches an hour.

*A row is shown* to whoever has the alert, or supervises, once, for one of these purposes. That it was, by whom, which fields and
why is in the access log before it is shown, and in the history of the alert for everybody who sees it. How many rows one person may
have shown in an hour is `accounts.reveals_per_hour`.

| purpose | English | Vietnamese | note |
|---|---|---|---|
";
