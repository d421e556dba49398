//! `GET /groups/{kind}/{id}`: the alerts of a person, of a card or of a provider; the money by stage of proof, the
//! facilities, and the days of services.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::calendar::{self, MonthShown};
use super::caller::Caller;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::form::{Fields, query};
use super::row::{Rows, rows};
use super::shell::Shell;
use super::told::told;
use crate::language::Language;
use crate::review::{Cursor, Group, GroupPage, GroupQuery, Month, Sum};
use crate::web::cases::Visits;

/// Alerts on a page.
const PAGE: u32 = 100;

/// A line of a table of sums.
struct Total {
    name: String,
    /// Where it leads.
    address: Option<String>,
    alerts: String,
    open: String,
    amount: String,
    /// Its share of the whole amount, in percent.
    width: u8,
}

/// A facility where the same people have alerts.
struct Shared {
    code: String,
    people: String,
}

#[derive(Template)]
#[template(path = "group.html")]
struct GroupShown {
    shell: Shell,
    totals: String,
    by_stage: Vec<Total>,
    by_reason: Vec<Total>,
    facilities: Vec<Total>,
    shared: Vec<Shared>,
    weekdays: Vec<&'static str>,
    months: Vec<MonthShown>,
    /// Whether its marks are numbers of alerts.
    is_counted: bool,
    is_cut: bool,
    earlier: Option<(String, String)>,
    latest: Option<String>,
    rows: Rows,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /groups/{kind}/{id}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (language, t) = (caller.language, caller.texts());
    let group = Group::named(&kind, &id).ok_or(Fault::NotFound)?;
    let title = match &group {
        Group::Person(_) => t.group_person.to_owned(),
        Group::Card(_) => t.group_card.to_owned(),
        Group::Provider(code) => told(t.group_provider, &[("code", code)]),
    };
    let viewer = caller.viewer()?;
    let asked = group_query(&caller.fields);
    let (of_page, of_group) = (asked.clone(), group.clone());
    let (page, visits) = app
        .ask(move |parts| {
            let page = parts.desk.group_page(&viewer, &of_group, &of_page)?;
            // Without its rows a month shows what the alerts themselves say.
            let visits = parts.cases.visits(&viewer, &page.alert_ids);
            let visits = visits.unwrap_or_else(|error| {
                tracing::error!(%error, "the rows behind the alerts of a group cannot be read");
                Visits::default()
            });
            Ok((page, visits))
        })
        .await?;
    if page.all.alerts == 0 {
        return Err(Fault::NotFound);
    }
    let is_cut = visits.is_cut;
    let is_counted = matches!(group, Group::Provider(_));
    let months = match is_counted {
        true => calendar::of_counts(&page.months, &page.days, language),
        false => {
            let visits = calendar::with_days(visits.visits, &page.days);
            calendar::of_visits(&page.months, &visits, language)
        }
    };
    let path = format!("/groups/{kind}/{id}");
    let shown = GroupShown {
        totals: told(
            t.group_totals,
            &[
                ("count", &language.count(page.all.alerts)),
                ("amount", &language.money(page.all.amount)),
            ],
        ),
        by_stage: stages(&page, language),
        by_reason: { page.by_reason.iter() }
            .map(|(reason, sum)| total(reason.title(language).to_owned(), *sum, &page, language))
            .collect(),
        facilities: { page.facilities.iter() }
            .map(|(code, sum)| Total {
                address: Some(format!("/groups/provider/{code}")),
                ..total(code.clone(), *sum, &page, language)
            })
            .collect(),
        shared: { page.shared.iter() }
            .map(|(code, people)| Shared {
                code: code.clone(),
                people: language.count(*people),
            })
            .collect(),
        weekdays: calendar::weekdays(language),
        months,
        is_counted,
        is_cut: page.is_cut || is_cut,
        earlier: page.earlier.map(|month| {
            let text = calendar::caption(month, language);
            let earlier = GroupQuery {
                until: Some(month),
                ..asked.clone()
            };
            (address(&path, &earlier), text)
        }),
        latest: page.latest.map(|_| {
            let latest = GroupQuery {
                until: None,
                ..asked.clone()
            };
            address(&path, &latest)
        }),
        first: asked.after.is_some().then(|| {
            let first = GroupQuery {
                after: None,
                as_of: None,
                ..asked.clone()
            };
            address(&path, &first)
        }),
        next: page.next.clone().map(|next| {
            let next = GroupQuery {
                after: Some(next),
                as_of: Some(page.as_of),
                ..asked.clone()
            };
            address(&path, &next)
        }),
        rows: rows(&page.items, None, &caller, title.clone(), false),
        shell: Shell {
            is_list: true,
            ..Shell::new(&caller, &title)
        },
    };
    Ok(answer::page(StatusCode::OK, &shown))
}

/// What was flagged, and how far each part of it is proved.
fn stages(page: &GroupPage, language: Language) -> Vec<Total> {
    let flagged = language.page_messages().stage_flagged.to_owned();
    let all = total(flagged, page.all, page, language);
    let each = page.by_stage.iter();
    let each =
        each.map(|(stage, sum)| total(stage.text(language).to_owned(), *sum, page, language));
    std::iter::once(all).chain(each).collect()
}

fn total(name: String, sum: Sum, page: &GroupPage, language: Language) -> Total {
    let (own, all) = (sum.amount.thousandths(), page.all.amount.thousandths());
    let percent = i128::from(own) * 100 / i128::from(all).max(1);
    Total {
        name,
        address: None,
        alerts: language.count(sum.alerts),
        open: language.count(sum.open),
        amount: language.money(sum.amount),
        // From 0 to 100.
        width: percent.clamp(0, 100) as u8,
    }
}

/// What the query of an address asks for; what is not known is not asked for.
fn group_query(fields: &Fields) -> GroupQuery {
    let code = |name| fields.filled(name);
    let after = code("after").and_then(|text| {
        let (priority, alert_id) = text.split_once('.')?;
        is_alert_id(alert_id).then_some(())?;
        let (priority, alert_id) = (priority.parse().ok()?, alert_id.to_owned());
        Some(Cursor { priority, alert_id })
    });
    GroupQuery {
        after,
        as_of: code("as_of").and_then(|text| text.parse().ok()),
        limit: PAGE,
        until: code("until").and_then(Month::from_text),
    }
}

/// The address that asks for it.
fn address(path: &str, asked: &GroupQuery) -> String {
    let after = asked.after.as_ref();
    let query = query(&[
        ("until", asked.until.map(|month| month.to_string())),
        ("as_of", asked.as_of.map(|epoch| epoch.to_string())),
        (
            "after",
            after.map(|after| format!("{}.{}", after.priority, after.alert_id)),
        ),
    ]);
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    }
}
