//! `GET /groups/{kind}/{id}`: the alerts of a person, of a card or of a provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;

use super::row::{Rows, rows};
use super::shell::Shell;
use super::told::told;
use crate::language::Language;
use crate::record::Money;
use crate::review::{Group, Item};
use crate::rule::Reason;

/// Alerts that are shown.
const MOST: u32 = 200;

struct Total {
    reason: &'static str,
    alerts: String,
    open: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage {
    shell: Shell,
    totals: String,
    limited: Option<String>,
    by_reason: Vec<Total>,
    rows: Rows,
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
    let items = app
        .ask(move |parts| Ok(parts.desk.group(&viewer, &group, MOST)?))
        .await?;
    if items.is_empty() {
        return Err(Fault::NotFound);
    }
    let sum = |items: &mut dyn Iterator<Item = &Item>| {
        let sum = items.fold(0i64, |sum, item| {
            sum.saturating_add(item.finding.amount.thousandths())
        });
        language.money(Money::from_thousandths(sum))
    };
    let count = language.count(items.len() as u64);
    let amount = sum(&mut items.iter());
    let most = language.count(MOST.into());
    let page = GroupPage {
        totals: told(t.group_totals, &[("count", &count), ("amount", &amount)]),
        limited: (items.len() >= MOST as usize).then(|| told(t.group_limited, &[("count", &most)])),
        by_reason: by_reason(&items, language, &sum),
        rows: rows(&items, None, &caller, title.clone(), false),
        shell: Shell::new(&caller, &title),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn by_reason(
    items: &[Item],
    language: Language,
    sum: &dyn Fn(&mut dyn Iterator<Item = &Item>) -> String,
) -> Vec<Total> {
    let mut of: BTreeMap<Reason, Vec<&Item>> = BTreeMap::new();
    for item in items {
        of.entry(item.finding.reason).or_default().push(item);
    }
    let total = |(reason, items): (Reason, Vec<&Item>)| {
        let open = items.iter().filter(|item| item.work.state.is_open());
        Total {
            reason: reason.title(language),
            alerts: language.count(items.len() as u64),
            open: language.count(open.count() as u64),
            amount: sum(&mut items.into_iter()),
        }
    };
    of.into_iter().map(total).collect()
}
