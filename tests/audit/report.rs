//! `fundwatch report`: what it tells of a run, that nobody is named in it, that it finds its own changes, and how it
//! looks on paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use fundwatch::audit::report::verify;
use fundwatch::language::Language;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{fails, lines, replayed, sample, succeeds};

/// A run of the sample country, a sample of it that is filled, and a difference.
struct Made {
    run: TempDir,
    more: TempDir,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let run = replayed(&sample(), &[]);
        let more = tempfile::tempdir().unwrap();
        let made = Made { run, more };
        let sample = made.more.path().join("sample");
        succeeds(&[
            "sample", "--run", made.run(), "--seed", "815", "--output", sample.to_str().unwrap(),
            "--alerts", "8", "--non-alerts", "12",
        ]);
        crate::sample::fill(&sample.join("sample.csv"), |row| {
            let is_error = row["frame"] == "alerts";
            let conclusion = if is_error { "error" } else { "correct" };
            row.insert("conclusion".to_owned(), conclusion.to_owned());
            if is_error {
                row.insert("error_amount".to_owned(), "125000".to_owned());
            }
            // Auditors write what is in front of them.
            row.insert("condition".to_owned(), "HT3797900000001 <b>".to_owned());
        });
        let mut difference = String::new();
        for (place, alert) in lines(made.run.path(), "alerts.ndjson").into_iter().enumerate() {
            let state = ["new", "unchanged", "updated", "absent"][place % 4];
            let line = serde_json::json!({
                "alert_id": alert["alert_id"], "reason": alert["reason"], "subject": [alert["subject"]["kind"], alert["subject"]["id"]],
                "state": state, "because": [{"cards": "HT3797900000001"}],
            });
            difference.push_str(&format!("{line}\n"));
        }
        fs::write(made.more.path().join("diff.ndjson"), difference).unwrap();
        made
    })
}

impl Made {
    fn run(&self) -> &str {
        self.run.path().to_str().unwrap()
    }

    fn report(&self, language: &str, more: &[&str]) -> String {
        let output = tempfile::tempdir().unwrap();
        let file = output.path().join("report.html");
        let mut arguments = vec![
            "report",
            "--run",
            self.run(),
            "--lang",
            language,
            "--output",
            file.to_str().unwrap(),
        ];
        arguments.extend_from_slice(more);
        let told = succeeds(&arguments);
        let page = fs::read_to_string(&file).unwrap();
        let seal = verify(page.as_bytes()).unwrap();
        assert!(told.contains(&seal.sha256), "{told}");
        page
    }

    /// With everything that can be in it.
    fn whole(&self, language: &str) -> String {
        let (sample, diff) = (
            self.more.path().join("sample"),
            self.more.path().join("diff.ndjson"),
        );
        let (sample, diff) = (sample.to_str().unwrap(), diff.to_str().unwrap());
        self.report(language, &["--sample", sample, "--diff", diff])
    }
}

/// What people read of a page, text by text, and separately what is code.
fn texts(page: &str) -> (Vec<String>, Vec<String>) {
    let (mut read, mut code) = (Vec::new(), Vec::new());
    let (mut is_code, mut is_style) = (false, false);
    for part in page.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        match tag.split_whitespace().next().unwrap_or_default() {
            "code" => is_code = true,
            "/code" => is_code = false,
            "style" => is_style = true,
            "/style" => is_style = false,
            _ => {}
        }
        for name in ["aria-label", "title"] {
            if let Some((_, rest)) = tag.split_once(&format!(" {name}=\"")) {
                read.push(rest.split('"').next().unwrap().to_owned());
            }
        }
        let text = text.trim();
        if !text.is_empty() && !is_style {
            let text = text
                .replace("&#60;", "<")
                .replace("&lt;", "<")
                .replace("&#39;", "'");
            if is_code {
                code.push(text)
            } else {
                read.push(text)
            }
        }
    }
    (read, code)
}

/// The rows of the table of a class, cell by cell.
fn table(page: &str, class: &str, nth: usize) -> Vec<Vec<String>> {
    let table = page
        .split(&format!("<table class=\"{class}\">"))
        .nth(nth + 1)
        .unwrap();
    let body = table
        .split("</table>")
        .next()
        .unwrap()
        .split("<tbody>")
        .nth(1)
        .unwrap();
    let rows = body.split("<tr").skip(1);
    rows.map(|row| {
        let cells = row.split("<td").flat_map(|part| part.split("<th"));
        let cells = cells.skip(1).map(|cell| {
            let (read, code) = texts(&format!("<td{cell}"));
            read.into_iter().chain(code).collect::<Vec<_>>().join(" ")
        });
        cells.collect()
    })
    .collect()
}

#[test]
fn the_same_run_gives_the_same_bytes_and_both_languages_the_same_sections() {
    let made = made();
    let vietnamese = made.whole("vi");
    assert_eq!(vietnamese, made.whole("vi"));
    let english = made.whole("en");
    let ids = |page: &str| -> Vec<String> {
        let seal = verify(page.as_bytes()).unwrap();
        seal.sections.into_iter().map(|(id, _)| id).collect()
    };
    let all = [
        "run",
        "summary",
        "method",
        "completeness",
        "alerts",
        "withdrawn",
        "diff",
        "sample",
        "limits",
        "verify",
    ];
    assert_eq!(ids(&vietnamese), all);
    assert_eq!(ids(&english), all);
    let cells = |page: &str| {
        (
            page.matches("<td").count(),
            page.matches("<th").count(),
            page.matches("<svg").count(),
        )
    };
    assert_eq!(cells(&vietnamese), cells(&english));
    let without = ids(&made.report("en", &[]));
    assert!(!without.contains(&"diff".to_owned()) && !without.contains(&"sample".to_owned()));
}

#[test]
fn figures_are_those_of_the_outputs() {
    let made = made();
    let page = made.report("en", &[]);
    let alerts = lines(made.run.path(), "alerts.ndjson");
    let mut reasons: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut subjects: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut provinces: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for alert in &alerts {
        let text = |value: &'static str| alert[value].as_str().unwrap();
        let (kind, id) = (
            alert["subject"]["kind"].as_str().unwrap(),
            alert["subject"]["id"].as_str().unwrap(),
        );
        let amount = alert["amount_vnd"].as_u64().unwrap();
        let of = reasons.entry(text("reason")).or_default();
        *of = (of.0 + 1, of.1 + amount);
        subjects.insert((kind, id), amount);
        *provinces
            .entry((kind == "claim").then(|| &id[..2]))
            .or_default() += 1;
    }
    let plain = |text: &str| -> u64 {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .unwrap()
    };
    let told = table(&page, "alerts", 0);
    let title = |name: &str| {
        let reason = fundwatch::rule::Reason::from_name(name).unwrap();
        reason.title(Language::English).to_owned()
    };
    let own: BTreeMap<String, (u64, u64)> = told[..told.len() - 1]
        .iter()
        .map(|row| (row[0].clone(), (plain(&row[1]), plain(&row[2]))))
        .collect();
    let naive: BTreeMap<String, (u64, u64)> = reasons
        .iter()
        .map(|(name, sum)| (title(name), *sum))
        .collect();
    assert_eq!(own, naive);
    assert_eq!(plain(&told.last().unwrap()[1]), alerts.len() as u64);
    let figures = table(&page, "figures", 0);
    assert_eq!(plain(&figures[0][1]), alerts.len() as u64);
    assert_eq!(plain(&figures[1][1]), subjects.values().sum::<u64>());

    // Below the whole country, a count under 5 is not told, nor its amount.
    let told = table(&page, "alerts", 2);
    assert!(
        provinces
            .iter()
            .any(|(province, count)| province.is_some() && *count < 5)
    );
    for row in &told[..told.len() - 1] {
        let province = Some(row[0].as_str()).filter(|name| *name != "no facility");
        let count = provinces[&province];
        match count {
            1..5 => assert_eq!(row[1..], ["<5", "not told"], "{row:?}"),
            _ => assert!(row[1] == "not told" || plain(&row[1]) == count, "{row:?}"),
        }
    }

    let history = lines(made.run.path(), "history.ndjson");
    let withdrawn = history
        .iter()
        .filter(|event| event["kind"] == "withdrawn")
        .count();
    let events = table(&page, "events", 0);
    assert_eq!(plain(&events.last().unwrap()[3]), withdrawn as u64);
    let mut causes: BTreeMap<(String, String), u64> = BTreeMap::new();
    for event in history.iter().filter(|event| event["kind"] == "withdrawn") {
        let streams: BTreeSet<&str> = event["cause"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["stream"].as_str().unwrap())
            .collect();
        for stream in streams {
            *causes
                .entry((title(event["reason"].as_str().unwrap()), stream.to_owned()))
                .or_default() += 1;
        }
    }
    let told = table(&page, "causes", 0);
    assert_eq!(told.len(), causes.len());
    assert_eq!(
        told.iter().map(|row| plain(&row[2])).sum::<u64>(),
        causes.values().sum::<u64>()
    );

    let summary: Value =
        serde_json::from_slice(&fs::read(made.run.path().join("summary.json")).unwrap()).unwrap();
    let rejects = table(&page, "rejects", 0);
    for row in &rejects {
        assert_eq!(summary["rejected"][&row[0]], plain(&row[2]), "{row:?}");
    }
    assert_eq!(
        rejects.len(),
        summary["rejected"].as_object().unwrap().len()
    );
    // Every stream with its rows, in the order of the contract.
    for (row, stream) in table(&page, "streams", 0)
        .iter()
        .zip(summary["streams"].as_array().unwrap())
    {
        assert_eq!(
            plain(&row[1]),
            stream["accepted"].as_u64().unwrap(),
            "{row:?}"
        );
    }
}

/// Numbers and names of people in the rows of a country.
fn people() -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    for entry in fs::read_dir(sample()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            if digits >= 9 && !word.contains('T') || word.len() == 15 && digits >= 13 {
                people.insert(word.to_owned());
            }
        }
        if path.extension().is_some_and(|end| end == "csv") {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let names = reader
                .headers()
                .unwrap()
                .iter()
                .position(|name| name == "full_name");
            let rows = reader.records().map_while(Result::ok);
            people.extend(
                rows.filter_map(|row| Some(row.get(names?)?.to_owned()))
                    .filter(|name| name.len() > 6),
            );
        }
    }
    people
}

#[test]
fn nobody_is_named() {
    let people = people();
    assert!(
        people.len() > 60 && people.contains("HT3797900000001"),
        "{people:?}"
    );
    for language in ["vi", "en"] {
        let page = made().whole(language);
        for one in &people {
            assert!(!page.contains(one.as_str()), "{one} is told");
        }
        assert!(page.contains("•••001"));
        // What auditors wrote is a text and no markup.
        assert!(!page.contains("<b>"));
    }
}

#[test]
fn the_vietnamese_report_has_no_english() {
    let page = made().whole("vi");
    let (read, _) = texts(&page);
    let english = Language::English.report_messages().all();
    let vietnamese = Language::Vietnamese.report_messages().all();
    assert_eq!(english.len(), vietnamese.len());
    for (name, text) in &english {
        let is_own = |own: &String| own == text;
        assert!(!read.iter().any(is_own), "{name}: {text}");
    }
    let words: BTreeSet<&str> = [
        "the", "of", "and", "alert", "alerts", "claim", "claims", "row", "rows", "is", "are",
        "was", "were", "card", "cards", "sample", "run", "report", "by", "from", "amount", "error",
        "stratum", "unknown", "none", "not", "yes", "no", "with", "file", "page",
    ]
    .into();
    for text in &read {
        // A kind of a stream is called so in the decisions.
        let text = text.replace("(check-in)", "");
        let own = text.split(|c: char| !c.is_alphanumeric());
        let found: Vec<&str> = own
            .filter(|word| words.contains(word.to_lowercase().as_str()))
            .collect();
        assert!(found.is_empty(), "{found:?} in {text}");
    }
    assert!(page.starts_with("<!doctype html>\n<html lang=\"vi\">"));
    // Every text of the English report is on one of them, or says what this run has not.
    let (all, _) = texts(&made().whole("en"));
    let told = english
        .iter()
        .filter(|(_, text)| all.iter().any(|own| own == text))
        .count();
    assert!(told > 100, "{told}");
}

#[test]
fn a_report_needs_nothing_and_finds_what_was_changed_in_it() {
    let page = made().whole("vi");
    for fetched in [
        "<script",
        "<link",
        "<img",
        "src=",
        "url(",
        "@import",
        "http://",
        "https://",
        "javascript:",
    ] {
        assert_eq!(page.find(fetched), None, "{fetched}");
    }
    assert!(page.contains("default-src 'none'"));
    let bytes = page.into_bytes();
    let seal = verify(&bytes).unwrap();
    // Every byte of a small one is tried by the tests of the seal itself.
    for at in (0..bytes.len()).step_by(1_499) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(verify(&changed).is_err(), "{at}");
        assert!(verify(&bytes[..at]).is_err(), "{at}");
    }
    let place = |what: &str| {
        let at = memchr::memmem::find(&bytes, what.as_bytes()).expect(what);
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        verify(&changed).unwrap_err().to_string()
    };
    assert!(place("16.132.000").contains("in section `summary`"));
    assert!(place("815</code>").contains("in section `sample`"));
    assert!(place("@page").contains("before the first section"));
    let manifest = fs::read(made().run.path().join("manifest.json")).unwrap();
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(manifest)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(seal.manifest_sha256, digest);
}

#[test]
fn what_does_not_belong_to_the_run_is_refused() {
    let made = made();
    let other = replayed(&sample(), &["--as-of", "2025-03-20"]);
    let output = made.more.path().join("refused.html");
    let call = |run: &str, more: [&str; 2]| {
        fails(
            1,
            &[
                "report",
                "--run",
                run,
                "--output",
                output.to_str().unwrap(),
                more[0],
                more[1],
            ],
        )
    };
    let drawn = made.more.path().join("sample");
    let error = call(
        other.path().to_str().unwrap(),
        ["--sample", drawn.to_str().unwrap()],
    );
    assert!(error.contains("drawn from another run"), "{error}");
    let wrong = made.more.path().join("wrong.ndjson");
    fs::write(&wrong, "{\"alert_id\":\"HT3797900000001\"}\n").unwrap();
    let error = call(made.run(), ["--diff", wrong.to_str().unwrap()]);
    assert!(
        error.contains("line 1, column") && !error.contains("HT379"),
        "{error}"
    );
    assert!(!output.exists());
    let then = crate::support::copy_of(other.path());
    let file = then.path().join("report.html");
    succeeds(&[
        "report",
        "--run",
        then.path().to_str().unwrap(),
        "--lang",
        "en",
        "--output",
        file.to_str().unwrap(),
    ]);
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("As known then: rows recorded after 20\u{a0}Mar\u{a0}2025"));
    let history = then.path().join("history.ndjson");
    let text = fs::read_to_string(&history).unwrap();
    fs::write(&history, text.replacen("raised", "RAISED", 1)).unwrap();
    let error = fails(
        1,
        &[
            "report",
            "--run",
            then.path().to_str().unwrap(),
            "--output",
            output.to_str().unwrap(),
        ],
    );
    assert!(
        error.contains("history.ndjson: it is not the file"),
        "{error}"
    );
}

/// Chromium, if it is there.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut all = std::env::split_paths(&path).flat_map(|place| names.map(|name| place.join(name)));
    let found = all.find(|file| file.is_file());
    if found.is_none() {
        let is_required = std::env::var_os("FUNDWATCH_REQUIRE_BROWSER").is_some_and(|is| is == "1");
        assert!(!is_required, "chromium is missing");
        eprintln!("SKIPPED: chromium is missing; tests/run installs it on Debian as root");
    }
    found
}

fn headless(chromium: &Path, arguments: &[&str], file: &Path) -> Vec<u8> {
    let profile = tempfile::tempdir().unwrap();
    let told = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", file.display()))
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(told.status.success());
    told.stdout
}

#[test]
fn on_paper_every_page_has_the_digest_of_the_manifest() {
    let Some(chromium) = chromium() else { return };
    let directory = tempfile::tempdir().unwrap();
    for (language, page_word, landscape) in [
        ("vi", "trang", "Bảngkiểmtra:"),
        ("en", "page", "Worksheet:"),
    ] {
        let file = directory.path().join(format!("{language}.html"));
        let page = made().whole(language);
        fs::write(&file, &page).unwrap();
        let paper = directory.path().join(format!("{language}.pdf"));
        headless(
            &chromium,
            &[
                "--no-pdf-header-footer",
                &format!("--print-to-pdf={}", paper.display()),
            ],
            &file,
        );
        let paper = fs::read(&paper).unwrap();
        let pages: Vec<String> = crate::pdf::pages(&paper)
            .into_iter()
            .map(|text| text.replace([' ', '\u{a0}'], ""))
            .collect();
        let seal = verify(page.as_bytes()).unwrap();
        assert!(pages.len() > 4);
        for (number, text) in (1..).zip(&pages) {
            assert!(
                text.contains(&seal.manifest_sha256),
                "{language}, page {number}: {text}"
            );
            let own = format!("{page_word}{number}/{}", pages.len());
            assert!(text.contains(&own), "{language}, page {number}: {text}");
        }
        assert!(pages.iter().any(|text| text.contains(landscape)));
        // A4, and the worksheet on its side.
        let text = String::from_utf8_lossy(&paper);
        assert!(
            text.contains("[0 0 594.95996 841.91998]")
                && text.contains("[0 0 841.91998 594.95996]")
        );
        if let Some(to) = std::env::var_os("FUNDWATCH_SCREENSHOTS") {
            fs::create_dir_all(&to).unwrap();
            let picture = Path::new(&to).join(format!("audit-report-{language}.png"));
            let picture = format!("--screenshot={}", picture.display());
            headless(&chromium, &["--window-size=1100,9000", &picture], &file);
        }
    }
}

#[test]
fn axe_finds_nothing_on_a_report() {
    let Some(chromium) = chromium() else { return };
    let axe = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe-core-4.14.1/axe.min.js");
    let Ok(axe) = fs::read_to_string(axe) else {
        let is_required = std::env::var_os("FUNDWATCH_REQUIRE_AXE").is_some_and(|is| is == "1");
        assert!(!is_required, "axe-core is missing");
        eprintln!("SKIPPED: axe-core is missing; tests/run installs it on Debian as root");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    for language in ["vi", "en"] {
        let page = made().whole(language);
        // The page itself forbids scripts.
        let start = page.find("<meta http-equiv").unwrap();
        let end = start + page[start..].find('\n').unwrap();
        let script = format!(
            "<script>{axe}</script><script>addEventListener('load', () => axe.run().then(found => {{ \
             const told = found.violations.map(one => one.id + ': ' + one.nodes[0].html); \
             document.documentElement.innerHTML = '<pre id=\"found\"></pre>'; \
             document.getElementById('found').textContent = 'FOUND' + found.passes.length + JSON.stringify(told); }}))</script>"
        );
        let tried = format!("{}{script}{}", &page[..start], &page[end..]);
        let file = directory.path().join("tried.html");
        fs::write(&file, tried).unwrap();
        for size in ["--window-size=1440,1000", "--window-size=500,900"] {
            let dom = headless(
                &chromium,
                &[size, "--virtual-time-budget=20000", "--dump-dom"],
                &file,
            );
            let dom = String::from_utf8(dom).unwrap();
            let told = dom
                .split(">FOUND")
                .nth(1)
                .unwrap_or_else(|| panic!("axe did not run: {}", &dom[..200.min(dom.len())]));
            let (passes, told) = told.split_once('[').unwrap();
            assert!(passes.parse::<u32>().unwrap() > 10);
            assert!(told.starts_with(']'), "{language}: {told}");
        }
    }
}
