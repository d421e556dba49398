//! No English of the catalogue stands on a Vietnamese page, and no Vietnamese on an English one.

use fundwatch::language::Language;

use fundwatch::record::Stream;
use fundwatch::review::{
    Band, BatchOutcome, BatchState, CorrectionAction, CorrectionState, FalseCause, MoneyStage,
    Purpose, Verdict, View, WorkAction, WorkPlace, WorkState,
};
use fundwatch::rule::{Class, Reason};
use fundwatch::self_check::OwnField;

use super::all_pages::all_pages;

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

/// Attributes that people read, and all that a script shows them.
const READ: [&str; 4] = ["aria-label", "title", "alt", "placeholder"];
/// What names parts of a page to the script.
const NAMES: [&str; 7] = [
    "data-fresh",
    "data-key",
    "data-key-open",
    "data-epoch",
    "data-alert",
    "data-address",
    "data-search-page",
];

/// The attributes of an element's tag.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rsplit(char::is_whitespace).next().unwrap();
        let (value, after) = after.split_once('"').unwrap();
        found.push((name, value));
        rest = after;
    }
    found
}

/// The texts of a page: its title, between its elements, and in the attributes that people read.
fn texts(page: &str) -> Vec<String> {
    let unescaped = |text: &str| {
        let text = text
            .replace("&#39;", "'")
            .replace("&#34;", "\"")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&");
        text.trim().to_owned()
    };
    let mut texts = Vec::new();
    for piece in page.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        texts.push(unescaped(text.trim_end().trim_end_matches("· fundwatch")));
        let attributes = attributes(tag);
        let is_typed = tag.starts_with("input ")
            && !attributes.iter().any(|(name, value)| {
                *name == "type" && ["hidden", "checkbox", "radio"].contains(value)
            });
        for (name, value) in attributes {
            let is_said = name.starts_with("data-") && !NAMES.contains(&name);
            if READ.contains(&name) || is_said || (name == "value" && is_typed) {
                texts.push(unescaped(value));
            }
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

/// Everything that people read in a language: the catalogue, and what enumerations say.
fn said(language: Language) -> Vec<(String, &'static str)> {
    let mut said: Vec<(String, &'static str)> = { language.page_messages().all().into_iter() }
        .filter(|(name, _)| *name != "other_language")
        .map(|(name, text)| (name.to_owned(), text))
        .collect();
    macro_rules! all {
        ($($name:ident . $text:ident),* $(,)?) => {$(
            said.extend($name::ALL.iter().map(|one| {
                (format!("{}: {one:?}", stringify!($name)), one.$text(language))
            }));
        )*};
    }
    all![
        Verdict.text,
        WorkState.text,
        WorkAction.text,
        View.text,
        Purpose.text,
        Reason.title,
        Band.text,
        CorrectionState.text,
        CorrectionAction.text,
        BatchState.text,
        BatchOutcome.text,
        MoneyStage.text,
        WorkPlace.text,
        FalseCause.text,
        OwnField.text,
    ];
    for class in Reason::ALL.iter().map(|reason| reason.class()) {
        let _: Class = class;
        said.push((format!("{class:?}"), class.word(language)));
    }
    said.extend(
        Stream::ALL
            .iter()
            .map(|one| (format!("{one:?}"), language.stream(*one))),
    );
    said
}

#[test]
fn what_is_read_of_a_page_is_found() {
    let page = "<html><head><title>Mot &#38; hai · fundwatch</title></head><body data-epoch=\"3\" data-text=\"Ba bon\">\
        <input type=\"hidden\" name=\"action\" value=\"close\"><input name=\"a\" value=\"Nam\" placeholder=\"Sau\">\
        <button value=\"take\" aria-label=\"Bay\">Tam</button></body></html>";
    let read = ["Mot & hai", "Ba bon", "Nam", "Sau", "Tam", "Bay"];
    assert_eq!(texts(page), read);
}

#[test]
fn a_page_speaks_one_language() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (language, other) in [
        (Language::Vietnamese, Language::English),
        (Language::English, Language::Vietnamese),
    ] {
        let known = said(language);
        let strange: Vec<(String, Vec<String>)> = { said(other).into_iter() }
            .map(|(name, text)| (name, parts(text)))
            .filter(|(_, parts)| !parts.is_empty())
            .collect();
        let own = language.code();
        for (what, page) in all_pages(language) {
            assert!(page.contains(&format!("<html lang=\"{own}\">")), "{what}");
            for text in texts(&page) {
                // What is English by its nature: the link to the other language, names, codes.
                if text == "English" || text == "Tiếng Việt" || text == "fundwatch" {
                    continue;
                }
                seen += 1;
                if known.iter().any(|(_, own)| *own == text) {
                    continue;
                }
                for (name, parts) in &strange {
                    let is_whole = parts.len() == 1 && parts[0] == text;
                    let is_part =
                        { parts.iter() }.all(|part| part.len() >= 9 && text.contains(&**part));
                    if is_whole || is_part {
                        wrong.push(format!("{what} in {own}: {name}: {text}"));
                    }
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 6_000, "{seen} texts");
}
