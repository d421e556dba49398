//! The page of what people can do is what the program decides by.

use std::path::Path;

#[test]
fn the_page_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.md");
    let page = fundwatch::review::describe_review();
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/review.md is not what the program says; make it with FUNDWATCH_BLESS=1 cargo test --test desk"
    );
}
