//! The filters of a list: codes alone, in the query of its address.

use super::form::{Fields, query};
use crate::language::Language;
pub(super) use crate::review::is_alert_id;
use crate::review::{Band, Cursor, Filters, QueueQuery, View, WorkState};
use crate::rule::{Class, Reason};

/// Alerts on a page of a list.
pub(super) const PAGE: u32 = 50;

/// A choice of a filter.
pub(super) struct Choice {
    pub value: &'static str,
    pub text: String,
    pub is_chosen: bool,
}

/// The form of filters.
pub(super) struct FilterForm {
    pub view: &'static str,
    pub reasons: Vec<Choice>,
    pub classes: Vec<Choice>,
    pub bands: Vec<Choice>,
    pub states: Vec<Choice>,
    pub province: String,
    pub facility: String,
    pub assignee: String,
    pub is_used: bool,
}

/// Digits only, and so many.
fn digits(text: &str, count: usize) -> Option<String> {
    let is_code = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| text.to_owned())
}

/// A name under which somebody signs in.
fn name(text: &str) -> Option<String> {
    crate::access::is_plain_name(text).then(|| text.to_owned())
}

/// What the query of an address asks for; what is not known is not asked for.
pub(super) fn asked(fields: &Fields) -> QueueQuery {
    let code = |name| fields.filled(name);
    let after = code("after").and_then(|text| {
        let (priority, alert_id) = text.split_once('.')?;
        is_alert_id(alert_id).then_some(())?;
        let (priority, alert_id) = (priority.parse().ok()?, alert_id.to_owned());
        Some(Cursor { priority, alert_id })
    });
    QueueQuery {
        view: code("view").and_then(View::from_name).unwrap_or(View::Open),
        filters: Filters {
            reason: code("reason").and_then(Reason::from_name),
            class: code("class").and_then(Class::from_name),
            band: code("band").and_then(Band::from_name),
            province: code("province").and_then(|text| digits(text, 2)),
            facility: code("facility").and_then(|text| digits(text, 5)),
            state: code("state").and_then(WorkState::from_name),
            assignee: code("assignee").and_then(name),
        },
        as_of: code("as_of").and_then(|text| text.parse().ok()),
        after,
        limit: PAGE,
    }
}

/// The fields that ask for this, but for the page of the list.
pub(super) fn parts(asked: &QueueQuery) -> Vec<(&'static str, String)> {
    let given = fields(asked).into_iter();
    given
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// The query that asks for this.
pub(super) fn address(asked: &QueueQuery) -> String {
    format!("/queue?{}", query(&fields(asked)))
}

fn fields(asked: &QueueQuery) -> [(&'static str, Option<String>); 10] {
    let filters = &asked.filters;
    let text = |code: Option<&str>| code.map(str::to_owned);
    [
        ("view", text(Some(asked.view.as_str()))),
        ("reason", text(filters.reason.map(Reason::as_str))),
        ("class", text(filters.class.map(Class::as_str))),
        ("band", text(filters.band.map(Band::as_str))),
        ("province", filters.province.clone()),
        ("facility", filters.facility.clone()),
        ("state", text(filters.state.map(WorkState::as_str))),
        ("assignee", filters.assignee.clone()),
        ("as_of", asked.as_of.map(|epoch| epoch.to_string())),
        (
            "after",
            (asked.after.as_ref()).map(|after| format!("{}.{}", after.priority, after.alert_id)),
        ),
    ]
}

/// The form that shows what is asked for.
pub(super) fn form(asked: &QueueQuery, language: Language) -> FilterForm {
    let filters = &asked.filters;
    let choice = |value: &'static str, text: &str, is_chosen| Choice {
        value,
        text: text.to_owned(),
        is_chosen,
    };
    let reasons = Reason::ALL.iter().copied();
    let classes = Class::ALL.iter().copied();
    let states = WorkState::ALL.iter().copied();
    FilterForm {
        view: asked.view.as_str(),
        reasons: reasons
            .map(|one| {
                choice(
                    one.as_str(),
                    one.title(language),
                    filters.reason == Some(one),
                )
            })
            .collect(),
        classes: classes
            .map(|one| choice(one.as_str(), one.word(language), filters.class == Some(one)))
            .collect(),
        bands: (Band::ALL.into_iter())
            .map(|one| choice(one.as_str(), one.text(language), filters.band == Some(one)))
            .collect(),
        states: states
            .map(|one| choice(one.as_str(), one.text(language), filters.state == Some(one)))
            .collect(),
        province: filters.province.clone().unwrap_or_default(),
        facility: filters.facility.clone().unwrap_or_default(),
        assignee: filters.assignee.clone().unwrap_or_default(),
        is_used: *filters != Filters::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_was_made_of() {
        let text = "view=urgent&reason=unknown_card&class=eligibility&band=p2&province=79&facility=79001\
                    &state=waiting&assignee=an&as_of=7&after=120.0123456789abcdef0123456789abcdef";
        let query = asked(&Fields::read(text.as_bytes()));
        assert_eq!(query.filters.facility.as_deref(), Some("79001"));
        assert_eq!(query.after.as_ref().map(|after| after.priority), Some(120));
        assert_eq!(address(&query), format!("/queue?{text}"));
    }

    #[test]
    fn what_is_no_code_is_not_asked_for() {
        let text = "view=x&facility=HT3797900000001&province=7&assignee=%3Cb%3E&after=1.zz&as_of=x";
        let query = asked(&Fields::read(text.as_bytes()));
        assert_eq!(query.filters, Filters::default());
        assert_eq!(
            (query.view, query.after, query.as_of),
            (View::Open, None, None)
        );
    }
}
