//! Which list a batch is of: filters and an epoch, as they are told and as they come back.
//!
//! Must hold: what is told, sent back, asks for the same list.

use serde::{Deserialize, Serialize};

use super::super::super::document::Count;
use crate::access::is_plain_name;
use crate::review::{Band, Filters, LARGEST_BATCH, QueueQuery, View, WorkState};
use crate::rule::{Class, Reason};
use crate::web::problem::Problem;

/// A list, as a caller names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListAsked {
    view: String,
    reason: Option<String>,
    class: Option<String>,
    band: Option<String>,
    province: Option<String>,
    facility: Option<String>,
    state: Option<String>,
    assignee: Option<String>,
    as_of: Count,
}

/// A list, as a caller is told to name it.
#[derive(Serialize)]
pub(super) struct ListTold {
    view: &'static str,
    reason: Option<&'static str>,
    class: Option<&'static str>,
    band: Option<&'static str>,
    province: Option<String>,
    facility: Option<String>,
    state: Option<&'static str>,
    assignee: Option<String>,
    as_of: u64,
}

/// The query of a list up to an epoch.
pub(super) fn query(view: View, filters: Filters, as_of: Option<u64>) -> QueueQuery {
    QueueQuery {
        view,
        filters,
        as_of,
        after: None,
        limit: LARGEST_BATCH as u32,
    }
}

/// What a list is named by.
pub(super) fn list_told(query: &QueueQuery, as_of: u64) -> ListTold {
    let filters = &query.filters;
    ListTold {
        view: query.view.as_str(),
        reason: filters.reason.map(Reason::as_str),
        class: filters.class.map(Class::as_str),
        band: filters.band.map(Band::as_str),
        province: filters.province.clone(),
        facility: filters.facility.clone(),
        state: filters.state.map(WorkState::as_str),
        assignee: filters.assignee.clone(),
        as_of,
    }
}

impl ListAsked {
    /// The list that is named.
    ///
    /// # Errors
    /// The first field that names none.
    pub fn query(self) -> Result<QueueQuery, Problem> {
        let digits = |count: usize| {
            move |text: &str| {
                let is_code = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
                is_code.then(|| text.to_owned())
            }
        };
        let name = |text: &str| is_plain_name(text).then(|| text.to_owned());
        let view = known("view", Some(self.view), View::from_name)?;
        let filters = Filters {
            reason: known("reason", self.reason, Reason::from_name)?,
            class: known("class", self.class, Class::from_name)?,
            band: known("band", self.band, Band::from_name)?,
            province: known("province", self.province, digits(2))?,
            facility: known("facility", self.facility, digits(5))?,
            state: known("state", self.state, WorkState::from_name)?,
            assignee: known("assignee", self.assignee, name)?,
        };
        let view = view.unwrap_or(View::Open);
        Ok(query(view, filters, Some(self.as_of.0)))
    }
}

fn known<T>(
    field: &'static str,
    text: Option<String>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let value = read(&text).ok_or_else(|| {
        let detail = format!("`list.{field}` has a value that is not known");
        let remedy = "send the `list` that `GET /v1/batches/offer` told";
        Problem::unprocessable("bad_list", detail, remedy)
    })?;
    Ok(Some(value))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_asks_for_the_same_list() {
        let all = Filters {
            reason: Some(Reason::UnknownCard),
            class: Some(Class::Eligibility),
            band: Band::from_name("p2"),
            province: Some("79".to_owned()),
            facility: Some("79001".to_owned()),
            state: Some(WorkState::New),
            assignee: Some("an".to_owned()),
        };
        for filters in [Filters::default(), all] {
            let query = query(View::Urgent, filters, Some(7));
            let told = serde_json::to_string(&list_told(&query, 7)).unwrap();
            let asked: ListAsked = serde_json::from_str(&told).unwrap();
            assert_eq!(asked.query().map_err(|why| why.code()), Ok(query));
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for (field, value) in [
            ("view", "x"),
            ("reason", "none"),
            ("facility", "HT3797900000001"),
            ("province", "7"),
            ("assignee", "<b>"),
            ("assignee", ""),
        ] {
            let mut list = serde_json::json!({"view": "open", "as_of": 7});
            list[field] = value.into();
            let asked: ListAsked = serde_json::from_value(list).unwrap();
            let refused = asked.query().map_err(|why| why.code());
            assert_eq!(refused, Err("bad_list"), "{field}");
        }
        for wrong in [
            r#"{"view":"open"}"#,
            r#"{"view":"open","as_of":-1}"#,
            r#"{"view":"open","as_of":9223372036854775808}"#,
            r#"{"view":"open","as_of":7,"after":"x"}"#,
        ] {
            assert!(serde_json::from_str::<ListAsked>(wrong).is_err(), "{wrong}");
        }
    }
}
