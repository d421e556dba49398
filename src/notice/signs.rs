//! Proposals that rest on no alert: nothing is wrong with a claim or a participant, but rows speak against
//! what a database says.
//!
//! In: signs of life, and enterprises as they are registered. Out: proposals, one a [`Target`], in no
//! meaningful order. Must hold: they are a function of the rows that hold on the as-of date, whichever
//! reasons are computed; they name no alert and no reason.

use std::collections::BTreeMap;

use super::proposal::{Content, Proposal, Target, Told};
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::dataflow::{EnterpriseContent, Sign};
use crate::record::{Day, EnterpriseStatus, Key, LifeStatus, PersonalId, Text};

/// That missing citizens may live, since somebody presented their card or number: one proposal a citizen,
/// with the last day of it. It may have been somebody else.
pub fn evidence_of_life<'a>(signs: impl IntoIterator<Item = &'a Sign>) -> Vec<Proposal> {
    let mut last: BTreeMap<PersonalId, Day> = BTreeMap::new();
    for sign in signs {
        let day = last.entry(sign.citizen).or_insert(sign.last);
        *day = sign.last.max(*day);
    }
    let proposals = last.into_iter().map(|(citizen, day)| {
        let content = Content {
            current: Some(Told::of(&LifeStatus::Missing.as_str())),
            proposed: Some(Told::of(&LifeStatus::Alive.as_str())),
            since: Some(day),
            confidence: Confidence::Low,
            basis: Basis::Presented,
            reasons: Vec::new(),
        };
        let target = (
            Database::Population,
            Key::Citizen(citizen),
            Field::LifeStatus,
        );
        proposal(target, content, None)
    });
    proposals.collect()
}

/// That people are insured through an enterprise that is suspended or merged: its registered status, or the
/// tax code of the enterprise into which it was merged, which is not followed further. None of an enterprise
/// that goes on or has ceased.
pub fn stopped_enterprise(
    tax_code: &Text,
    enterprise: &EnterpriseContent,
    employments: u64,
) -> Option<Proposal> {
    if !enterprise.is_stopped() {
        return None;
    }
    let successor = enterprise.successor.as_ref().filter(|successor| {
        enterprise.status == EnterpriseStatus::Merged && *successor != tax_code
    });
    let (field, current, proposed) = match successor {
        Some(successor) => (
            Field::TaxCode,
            Some(Told::of(tax_code)),
            Told::of(successor),
        ),
        // What status the insurance has of it, no stream tells.
        None => (Field::Status, None, Told::of(&enterprise.status.as_str())),
    };
    let content = Content {
        current,
        proposed: Some(proposed),
        since: Some(enterprise.effective_date),
        confidence: Confidence::Medium,
        basis: Basis::EmployerStopped,
        reasons: Vec::new(),
    };
    let key = Key::Enterprise(tax_code.clone());
    let target = (Database::Insurance, key, field);
    Some(proposal(target, content, Some(employments)))
}

fn proposal(
    (database, key, field): (Database, Key, Field),
    content: Content,
    employments: Option<u64>,
) -> Proposal {
    Proposal {
        target: Target {
            database,
            stream: key.stream(),
            key: Told::of(&key),
            field,
        },
        content,
        alert_ids: Vec::new(),
        alert_count: None,
        employments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataflow::{Employer, Person};
    use crate::record::{SiNumber, Value};

    fn day(text: &str) -> Day {
        Day::from_text(text).expect("a day")
    }

    fn text(text: &str) -> Text {
        Text::from_text(text).expect("a text")
    }

    fn line(proposal: &Proposal) -> String {
        let line = serde_json::to_string(proposal).expect("written");
        let read: Proposal = serde_json::from_str(&line).expect("read");
        assert_eq!(&read, proposal);
        line
    }

    #[test]
    fn a_missing_citizen_has_one_proposal_with_the_last_day_of_any_number() {
        let citizen = |n| PersonalId::new(n).expect("an id");
        let sign = |id, si, last| Sign {
            citizen: citizen(id),
            person: Person::participant(SiNumber::new(si).expect("a number")),
            last: day(last),
        };
        let signs = [
            sign(1, 1, "2025-03-10"),
            sign(1, 2, "2025-02-10"),
            sign(2, 3, "2025-01-05"),
        ];
        let proposals = evidence_of_life(&signs);
        assert_eq!(
            proposals.iter().map(line).collect::<Vec<_>>(),
            [
                concat!(
                    r#"{"database":"population","stream":"citizens","key":"000000000001","field":"life_status","#,
                    r#""current":"missing","proposed":"alive","since":"2025-03-10","confidence":"low","#,
                    r#""basis":"presented","reasons":[],"alert_ids":[]}"#
                ),
                concat!(
                    r#"{"database":"population","stream":"citizens","key":"000000000002","field":"life_status","#,
                    r#""current":"missing","proposed":"alive","since":"2025-01-05","confidence":"low","#,
                    r#""basis":"presented","reasons":[],"alert_ids":[]}"#
                ),
            ]
        );
        assert_eq!(evidence_of_life(&[]), []);
    }

    #[test]
    fn an_enterprise_is_proposed_as_it_is_registered() {
        let code = text("0300000001");
        let of = |status, successor: Option<&str>| {
            let enterprise = EnterpriseContent {
                employer: Employer::of(&code),
                status,
                effective_date: day("2025-01-02"),
                successor: successor.map(text),
            };
            stopped_enterprise(&code, &enterprise, 3)
        };
        let status = |status: &str| {
            format!(
                concat!(
                    r#"{{"database":"insurance","stream":"enterprises","key":"0300000001","field":"status","#,
                    r#""proposed":"{}","since":"2025-01-02","confidence":"medium","#,
                    r#""basis":"employer_stopped","reasons":[],"alert_ids":[],"employments":3}}"#
                ),
                status
            )
        };
        let merged = concat!(
            r#"{"database":"insurance","stream":"enterprises","key":"0300000001","field":"tax_code","#,
            r#""current":"0300000001","proposed":"0300000002","since":"2025-01-02","confidence":"medium","#,
            r#""basis":"employer_stopped","reasons":[],"alert_ids":[],"employments":3}"#
        );
        use EnterpriseStatus::{Merged, Suspended};
        for (registered, successor, expected) in [
            (Suspended, None, status("suspended")),
            // Whoever takes over, it may come back.
            (Suspended, Some("0300000002"), status("suspended")),
            (Merged, None, status("merged")),
            (Merged, Some("0300000001"), status("merged")),
            (Merged, Some("0300000002"), merged.to_owned()),
        ] {
            let proposed = of(registered, successor);
            assert_eq!(proposed.as_ref().map(line), Some(expected));
        }
        for status in EnterpriseStatus::ALL {
            let is_stopped = [Suspended, Merged].contains(status);
            assert_eq!(of(*status, None).is_some(), is_stopped, "{status:?}");
        }
    }
}
