//! No English of the catalogue stands on a Vietnamese page, and no Vietnamese on an English one.

use fundwatch::language::Language;

use super::house::House;
use super::made::id;
use super::visitor::Visitor;

/// The parts of a text between its places that are long enough to be told from others.
fn parts(template: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        parts.push(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    parts.push(rest);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| part.len() >= 4)
        .map(str::to_owned)
        .collect()
}

/// The texts of a page: between its elements, and in the attributes that people read.
fn texts(page: &str) -> Vec<String> {
    let unescaped = |text: &str| {
        let text = text
            .replace("&#39;", "'")
            .replace("&#34;", "\"")
            .replace("&#38;", "&");
        text.trim().to_owned()
    };
    let (_, body) = page.split_once("<body").unwrap();
    let mut texts = Vec::new();
    for piece in body.split('<') {
        let (element, text) = piece.split_once('>').unwrap_or((piece, ""));
        texts.push(unescaped(text));
        for attribute in [
            "aria-label",
            "title",
            "alt",
            "data-text",
            "data-changed",
            "data-withdrawn",
        ] {
            let mark = format!(" {attribute}=\"");
            if let Some((_, rest)) = element.split_once(&mark) {
                texts.push(unescaped(rest.split('"').next().unwrap()));
            }
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

#[test]
fn a_page_speaks_one_language() {
    let house = House::full();
    let alert = |number: u32| format!("/alerts/{}?view=open", id(number));
    let of_role = [
        (
            "an",
            vec![
                "/mine".to_owned(),
                "/changes".to_owned(),
                "/changes?place=open&since=1".to_owned(),
                "/changes?place=closed".to_owned(),
                "/queue".to_owned(),
                "/queue?view=closed".to_owned(),
                "/queue?reason=unknown_card".to_owned(),
                alert(1),
                alert(4),
                alert(7),
                alert(9),
                "/groups/provider/79001".to_owned(),
                format!("/groups/person/{}", "10".repeat(16)),
                "/corrections".to_owned(),
                "/corrections?view=answered".to_owned(),
                format!("/corrections/{}", house.corrections[0]),
                format!("/corrections/{}", house.corrections[1]),
                "/batches".to_owned(),
                "/batches/new?view=open".to_owned(),
                "/batches/1".to_owned(),
                "/account".to_owned(),
                "/approvals".to_owned(),
                "/alerts/x".to_owned(),
            ],
        ),
        (
            "chi",
            vec![
                "/approvals".to_owned(),
                alert(2),
                "/feeds".to_owned(),
                "/what-if".to_owned(),
                "/what-if?dial=minutes-after-admission&at=4".to_owned(),
                "/what-if?dial=facilities&at=400".to_owned(),
                "/what-if?dial=outlier-level".to_owned(),
                "/what-if?dial=visits".to_owned(),
                "/measures".to_owned(),
            ],
        ),
        (
            "dung",
            vec!["/feeds".to_owned(), "/measures?by=correct".to_owned()],
        ),
        (
            "dung",
            vec![
                "/feeds".to_owned(),
                "/feeds/rejects".to_owned(),
                "/feeds/rejects/1".to_owned(),
                "/feeds/rejects/2".to_owned(),
                "/feeds/rejects/3".to_owned(),
                "/feeds/sources/deaths/resume".to_owned(),
                "/feeds/sources/http/resume".to_owned(),
            ],
        ),
        (
            "giang",
            vec![
                "/access-log".to_owned(),
                "/access-log?action=reveal&from=2026-11-01".to_owned(),
                "/access-log/sample".to_owned(),
            ],
        ),
        (
            "khanh",
            vec![
                "/admin".to_owned(),
                "/admin/users/1".to_owned(),
                "/admin/users/7".to_owned(),
            ],
        ),
    ];
    let mut seen = 0;
    for (own, other) in [("vi", Language::English), ("en", Language::Vietnamese)] {
        let language = Language::from_code(own).unwrap();
        let strange: Vec<(&str, Vec<String>)> = other
            .page_messages()
            .all()
            .into_iter()
            .filter(|(name, _)| *name != "other_language")
            .map(|(name, text)| (name, parts(text)))
            .collect();
        let known = language.page_messages().all();
        for (name, paths) in &of_role {
            let mut visitor = Visitor::signed_in(&house.address, name);
            let csrf = visitor.get("/account").field("csrf");
            visitor.post("/language", &[("csrf", &csrf), ("language", own)]);
            for path in paths {
                let page = visitor.get(path);
                assert!(
                    page.body.contains(&format!("<html lang=\"{own}\">")),
                    "{path}"
                );
                for text in texts(&page.body) {
                    // What is English by its nature: the link to the other language, names, codes.
                    if text == "English" || text == "Tiếng Việt" || text == "fundwatch" {
                        continue;
                    }
                    seen += 1;
                    let is_own = known.iter().any(|(_, own)| *own == text);
                    for (name, parts) in strange.iter().filter(|(_, parts)| !parts.is_empty()) {
                        let is_whole = parts.len() == 1 && parts[0] == text;
                        let is_part = parts
                            .iter()
                            .all(|part| part.len() >= 9 && text.contains(&**part));
                        assert!(
                            !(is_whole || is_part) || is_own,
                            "{path} in {own}: {name}: {text}"
                        );
                    }
                }
            }
        }
    }
    assert!(seen > 3_000, "{seen} texts");
}
