//! `fundwatch config`, as a user would run it.

use std::fs;
use std::process::Output;

use fundwatch::config::default_file;

use crate::binary::fundwatch;
use crate::said;
use crate::support::Place;

fn run(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = fundwatch();
    let command = command.args(arguments).current_dir(place.directory());
    let output = command.output().expect("the binary runs");
    said::told(&output);
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn the_printed_default_is_right() {
    let place = Place::new();
    let (code, out, err) = run(&place, &["config", "print-default"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, default_file());
    fs::write(place.path("fundwatch.toml"), out).expect("written");
    let checked = run(&place, &["config", "check", "fundwatch.toml"]);
    assert_eq!(
        checked,
        (Some(0), "fundwatch.toml: right\n".to_owned(), String::new())
    );
}

#[test]
fn what_is_wrong_is_told_with_its_lines() {
    let place = Place::new();
    let text = "[epoch]\nmax_wiat = \"1s\"\n[log]\nlevel = 3\n";
    fs::write(place.path("fundwatch.toml"), text).expect("written");
    let (code, out, err) = run(&place, &["config", "check", "fundwatch.toml"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(
        err,
        "error: fundwatch.toml, line 2, column 1: epoch.max_wiat: unknown key; did you mean max_wait?\n\
         fundwatch.toml, line 4, column 9: log.level: expected one of error, warn, info, debug, trace, in quotation marks\n"
    );
    let (code, _, err) = run(&place, &["config", "check", "absent.toml"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: absent.toml: No such file"), "{err}");
    assert!(
        err.ends_with("name the file of the configuration\n"),
        "{err}"
    );
    fs::write(place.path("latin.toml"), b"# \xe9\n").expect("written");
    let (code, _, err) = run(&place, &["config", "check", "latin.toml"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("UTF-8"), "{err}");
}

#[test]
fn the_help_is_what_users_read() {
    let place = Place::new();
    for arguments in [
        vec!["config", "--help"],
        vec!["config", "check", "--help"],
        vec!["config", "print-default", "--help"],
    ] {
        let (code, out, _) = run(&place, &arguments);
        assert_eq!(code, Some(0));
        insta::assert_snapshot!(arguments.join(" ").replace("--", ""), out);
    }
    assert_eq!(run(&place, &["config"]).0, Some(2));
    assert_eq!(run(&place, &["config", "check"]).0, Some(2));
}
