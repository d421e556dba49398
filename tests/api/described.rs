//! Requests made of the description, good and bad: what is answered is what it says, and nothing fails.

use std::path::PathBuf;
use std::process::Command;

use fundwatch::access::Role;

use crate::client::Served;

/// The version that `tests/run` installs.
const NAME: &str = "schemathesis-4.32.5";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      negative_data_rejection,unsupported_method,ignored_auth";
/// Requests of an operation, at most, of each kind.
const EXAMPLES: &str = "20";

fn installed() -> Option<PathBuf> {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(NAME)
        .join("bin/st");
    if place.is_file() {
        return Some(place);
    }
    assert!(
        std::env::var_os("FUNDWATCH_REQUIRE_SCHEMATHESIS").is_none(),
        "{} is absent; run tests/run",
        place.display()
    );
    eprintln!("SKIPPED: schemathesis is not installed; run tests/run");
    None
}

#[test]
fn what_is_answered_is_what_the_description_says() {
    let Some(schemathesis) = installed() else {
        return;
    };
    let served = Served::start();
    let person = served.user("chi", Role::Supervisor, &[]);
    let feed = served.data.token.clone();
    for (who, token, paths) in [
        ("feed", feed, "^/v1/(streams|claims/xml|openapi)"),
        (
            "operator",
            served.role("operator"),
            "^/v1/(rejects|claims/restore|loads|sources|status)",
        ),
        (
            "auditor",
            served.role("auditor"),
            r"^/v1/(alerts|history|authenticate|groups|access-log)",
        ),
        (
            "person",
            person,
            "^/v1/(queue|search|changes|batches|corrections)",
        ),
        ("portal", served.role("portal"), "^/v1/self"),
    ] {
        let output = Command::new(&schemathesis)
            .args([
                "run",
                &format!("http://{}/v1/openapi.json", served.service.api),
            ])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--include-path-regex", paths, "--checks", CHECKS])
            .args([
                "--phases",
                "examples,coverage,fuzzing",
                "--max-examples",
                EXAMPLES,
            ])
            .args(["--seed", "7", "--no-color", "--warnings", "off"])
            .current_dir(served.data.path())
            .output();
        let output = output.expect("it runs");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{who}: {told}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(told.contains("passed"), "{who}: {told}");
    }
}
