//! A list that is acted on as a whole, through pages alone, and taken away as a table.

use fundwatch::access::Role;
use fundwatch::review::{Verdict, WorkAction, WorkState};

use super::house::{House, viewer};
use super::made::{finding, id};
use super::visitor::{Answer, Visitor};

const NOTE: &str = "Tệp khai tử <b>nạp nhầm</b>";

/// The hidden fields of a form of a whole list.
fn frozen(page: &Answer) -> Vec<(&'static str, String)> {
    ["csrf", "mark", "view", "as_of"]
        .into_iter()
        .map(|name| (name, page.field(name)))
        .collect()
}

fn ask(visitor: &mut Visitor, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let hidden = frozen(page);
    let mut form: Vec<(&str, &str)> = hidden.iter().map(|(name, text)| (*name, &**text)).collect();
    form.extend_from_slice(more);
    visitor.post("/batches", &form)
}

fn decide(visitor: &mut Visitor, path: &str, decision: &str, note: &str) -> Answer {
    let csrf = visitor.get(path).field("csrf");
    visitor.post(
        path,
        &[("csrf", &csrf), ("decision", decision), ("note", note)],
    )
}

const CLOSE: [(&str, &str); 3] = [
    ("action", "close_together"),
    ("verdict", "false_positive_death_record"),
    ("note", NOTE),
];

#[test]
fn a_list_is_closed_by_two_people_and_undone_as_one() {
    let house = House::full();
    let mut an = Visitor::signed_in(&house.address, "an");
    let mut chi = Visitor::signed_in(&house.address, "chi");
    let page = an.get("/queue?view=open");
    let address = page.body.split("href=\"/batches/new").nth(1).unwrap();
    let address = address
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = an.get(&format!("/batches/new{address}"));
    assert_eq!(page.status, 200, "{}", page.body);

    // What is missing is asked for, and what was typed stays.
    let answer = ask(
        &mut an,
        &page,
        &[("action", "close_together"), ("note", NOTE)],
    );
    assert_eq!(answer.status, 422);
    assert!(
        answer.body.contains("nạp nhầm") && !answer.body.contains("<b>nạp"),
        "{}",
        answer.body
    );
    // Another list than was shown is shown anew.
    house.act(
        &viewer("binh", Role::Reviewer),
        10,
        WorkAction::Take,
        |_| {},
    );
    let answer = ask(&mut an, &page, &CLOSE);
    assert_eq!(answer.status, 409);
    let answer = ask(&mut an, &answer, &CLOSE);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let batch = answer.location().to_owned();

    // Who asked does not approve, through whatever session.
    let own = an.get(&batch).body;
    assert!(!own.contains("value=\"approve\""), "{own}");
    let mut again = Visitor::signed_in(&house.address, "an");
    assert_eq!(decide(&mut again, &batch, "approve", "").status, 403);
    assert!(
        chi.get("/approvals")
            .body
            .contains(&format!("href=\"{batch}\""))
    );
    let answer = decide(&mut chi, &batch, "approve", "");
    assert_eq!((answer.status, answer.location()), (303, &*batch));
    let item = house.item(11);
    assert_eq!(item.work.state, WorkState::Closed);
    let verdict = item.work.decided.map(|one| one.verdict);
    assert_eq!(verdict, Some(Verdict::FalsePositiveDeathRecord));
    assert_eq!(
        house.item(10).work.state,
        WorkState::InReview,
        "it was taken"
    );
    let page = an.get(&format!("/alerts/{}", id(11)));
    assert!(
        page.body.contains(&format!("href=\"{batch}\"")),
        "its history leads to it"
    );
    // Decided meanwhile.
    let csrf = chi.get("/account").field("csrf");
    let late = chi.post(&batch, &[("csrf", &csrf), ("decision", "approve")]);
    assert_eq!(late.status, 409);

    assert_eq!(
        decide(&mut an, &batch, "undo", "").status,
        422,
        "why is asked for"
    );
    assert_eq!(
        decide(&mut an, &batch, "undo", "nhầm danh sách").status,
        303
    );
    assert_eq!(house.item(11).work.state, WorkState::New);
}

#[test]
fn a_supervisor_does_not_approve_their_own_list_through_two_sessions() {
    let house = House::full();
    let mut chi = Visitor::signed_in(&house.address, "chi");
    let page = chi.get("/batches/new?view=open");
    let answer = ask(&mut chi, &page, &CLOSE);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let batch = answer.location().to_owned();
    let mut other = Visitor::signed_in(&house.address, "chi");
    for visitor in [&mut chi, &mut other] {
        assert_eq!(decide(visitor, &batch, "approve", "").status, 403);
    }
    assert_eq!(house.item(11).work.state, WorkState::New);
    assert_eq!(chi.get("/batches/999").status, 404);
    assert_eq!(chi.get("/batches/x").status, 404);
}

#[test]
fn a_list_that_is_taken_away_is_masked_logged_and_no_formula() {
    let house = House::full();
    let mut evil = finding(40);
    evil.masked = "=HYPERLINK(\"x\")".to_owned();
    house.project(&[evil], 7);
    let mut an = Visitor::signed_in(&house.address, "an");
    assert_eq!(an.get("/queue.csv?view=open").status, 403);
    assert!(!an.get("/queue?view=open").body.contains("/queue.csv"));
    let mut auditor = Visitor::signed_in(&house.address, "giang");
    assert!(
        auditor
            .get("/queue?view=open")
            .body
            .contains("/queue.csv?view=open")
    );
    let answer = auditor.get("/queue.csv?view=open");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/csv"));
    assert!(header("content-disposition").starts_with("attachment"));
    let table = answer.body.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert!(rows.len() > 10);
    assert!(
        rows.iter().any(|row| &row[7] == "'=HYPERLINK(\"x\")"),
        "{table}"
    );
    for cell in rows.iter().flat_map(|row| row.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
    }
    let exports = house.desk_log.with("Export(");
    assert_eq!(exports.len(), 2, "{exports:?}");
    assert!(exports[0].contains("Export(None)"));
    assert!(exports[1].contains(&format!("Export(Some(({}, true)))", rows.len())));
}
