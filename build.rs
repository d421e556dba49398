//! Tells the program what it was built from: the revision, whether files that it is built from differ from it, the
//! compiler and the target.
//!
//! `FUNDWATCH_REVISION` from outside goes before what git says, for builds where there is no git. A debug build does
//! not ask git: it would be built anew with every commit.

use std::process::Command;

/// What the program is built from.
const SOURCES: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "build.rs",
    "models",
    "rules",
    "src",
    "static",
    "templates",
];

fn main() {
    for variable in ["FUNDWATCH_REVISION", "RUSTC"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    set("FUNDWATCH_TARGET", &variable("TARGET"));
    if let Some(version) = output(&variable("RUSTC"), &["--version"]) {
        set("FUNDWATCH_RUSTC", &version);
    }
    let told = variable("FUNDWATCH_REVISION");
    if !told.is_empty() && told != "unknown" {
        set("FUNDWATCH_REVISION", &told);
        return;
    }
    if variable("PROFILE") != "release" {
        return;
    }
    let Some(revision) = output("git", &["rev-parse", "HEAD"]) else {
        return;
    };
    for source in SOURCES.iter().chain(&["streams"]) {
        println!("cargo::rerun-if-changed={source}");
    }
    // What changes with every commit and with every change of the branch.
    if let Some(log) = output("git", &["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    set("FUNDWATCH_REVISION", &revision);
    let status = ["status", "--porcelain", "--", "streams"];
    let changed = output("git", &[&status[..], &SOURCES].concat());
    set(
        "FUNDWATCH_DIRTY",
        if changed.is_some_and(|changed| changed.is_empty()) {
            "no"
        } else {
            "yes"
        },
    );
}

fn set(name: &str, value: &str) {
    println!("cargo::rustc-env={name}={value}");
}

/// What a program prints, without the last line's end; nothing where it fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let told = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    told.status.success().then(|| text.trim_end().to_owned())
}
