//! The published page of permissions.

use std::path::PathBuf;

use fundwatch::access::{Action, Role, describe_permissions, is_allowed};

#[test]
fn the_published_page_is_the_generated_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    let generated = describe_permissions();
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the page");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test access",
        path.display()
    );
}

#[test]
fn the_page_says_what_the_program_does() {
    let page = describe_permissions();
    for action in Action::ALL {
        let start = format!("| `{action}`: ");
        let row = page.lines().find(|line| line.starts_with(&start));
        let cells: Vec<&str> = row.expect("a row").split(" | ").skip(1).collect();
        assert_eq!(cells.len(), Role::ALL.len());
        for (role, cell) in Role::ALL.iter().zip(cells) {
            assert_eq!(
                cell.starts_with("yes"),
                is_allowed(*role, *action),
                "{role} {action}"
            );
        }
    }
}
