//! The configuration as it is explained: a complete file with comments, and a page.
//!
//! In: the declared sections. Out: `fundwatch config print-default` and docs/configuration.md. Must hold: the
//! file parses to the defaults; with its examples put in force it is a configuration too.

use std::fmt::Write as _;

use super::client::Client;
use super::oidc::{Oidc, OidcGroup};
use super::portal::PortalTable;
use super::section::{Declared, Key, Reload, Section};
use super::sections::{
    Accounts, Breaker, Detector, Epoch, ExpectedInterval, Http, Journal, Log, Memory, Ops, Queue,
    Readiness, Retention, SelfReplay, Shutdown, Snapshot, Store,
};
use super::source::{DirectorySource, KafkaSource};
use super::webhook::WebhookTable;

/// A table of the file.
struct Block {
    name: &'static str,
    section: &'static Section,
    /// Whether there may be any number of it, `[[name]]`.
    is_list: bool,
    /// Whether it may have a breaker of its own.
    has_breaker: bool,
}

const fn table(name: &'static str, section: &'static Section) -> Block {
    Block {
        name,
        section,
        is_list: false,
        has_breaker: false,
    }
}

/// In the order in which an operator meets them.
const BLOCKS: [Block; 24] = [
    Block {
        has_breaker: true,
        ..table("http", Http::SECTION)
    },
    table("ops", Ops::SECTION),
    table("accounts", Accounts::SECTION),
    table("oidc", Oidc::SECTION),
    Block {
        is_list: true,
        ..table("oidc_group", OidcGroup::SECTION)
    },
    Block {
        is_list: true,
        ..table("client_certificate", Client::SECTION)
    },
    Block {
        is_list: true,
        ..table("portals", PortalTable::SECTION)
    },
    Block {
        is_list: true,
        ..table("webhook", WebhookTable::SECTION)
    },
    Block {
        is_list: true,
        has_breaker: true,
        ..table("source", DirectorySource::SECTION)
    },
    Block {
        is_list: true,
        has_breaker: true,
        ..table("source", KafkaSource::SECTION)
    },
    table("breaker", Breaker::SECTION),
    table("detector", Detector::SECTION),
    table("store", Store::SECTION),
    table("journal", Journal::SECTION),
    table("snapshot", Snapshot::SECTION),
    table("retention", Retention::SECTION),
    table("self_replay", SelfReplay::SECTION),
    table("epoch", Epoch::SECTION),
    table("queue", Queue::SECTION),
    table("memory", Memory::SECTION),
    table("readiness", Readiness::SECTION),
    table("expected_interval", ExpectedInterval::SECTION),
    table("shutdown", Shutdown::SECTION),
    table("log", Log::SECTION),
];

const BREAKER: Key = Key {
    name: "breaker",
    about: &[" What is other than in `[breaker]` for this source."],
    default: None,
    example: Some("{ max_rejected_share = 0.05, window = \"1h\" }"),
    bounds: None,
    reload: Reload::Live,
};

/// Columns of the file.
const WIDTH: usize = 110;

const TITLE: &str = "\
# The configuration of `fundwatch serve`, complete, with every default. Lines that begin with # and no
# space are examples of what has no default.
#
";

const HEAD: &str = "\
A key that is left out has the default. Paths are relative to the file's directory. Times are written
100ms, 30s, 15m, 24h or 400d, sizes 512KiB, 64MiB or 20GiB. A changed file counts from the next start
on; what is marked `on reload` is taken over by a running service when it is told to reload (SIGHUP),
and of what is not it says that a restart is needed. `fundwatch config check FILE` says what is wrong
with a file.
";

impl Block {
    fn header(&self) -> String {
        match self.is_list {
            true => format!("[[{}]]", self.name),
            false => format!("[{}]", self.name),
        }
    }

    /// As a sentence names it.
    fn place(&self) -> String {
        let kind = self.section.keys.iter().find(|key| key.name == "kind");
        match kind.and_then(|kind| kind.example) {
            Some(kind) => format!("{} of kind {}", self.header(), kind.trim_matches('"')),
            None => self.header(),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        let breaker = self.has_breaker.then_some(&BREAKER);
        self.section.keys.iter().chain(breaker)
    }
}

/// Whether some table of a configuration has a key of this name, or has this name itself.
pub fn is_known_key(name: &str) -> bool {
    BLOCKS.iter().any(|block| block.name == name) || section_of_key(name).is_some()
}

/// The table that has a key of this name, for messages.
pub(super) fn section_of_key(name: &str) -> Option<String> {
    let block = BLOCKS
        .iter()
        .find(|block| block.keys().any(|key| key.name == name));
    block.map(Block::place)
}

fn bounds(key: &Key) -> Option<String> {
    let (low, high) = key.bounds?;
    Some(format!(
        "{} to {}",
        low.trim_matches('"'),
        high.trim_matches('"')
    ))
}

/// What a key means, with its bounds and when it counts.
fn lines(key: &Key) -> Vec<String> {
    let mut lines: Vec<String> = key.about.iter().map(|line| (*line).to_owned()).collect();
    let reload = (key.reload == Reload::Live).then(|| "on reload".to_owned());
    let notes: Vec<String> = bounds(key).into_iter().chain(reload).collect();
    if !notes.is_empty() {
        let note = format!(" ({})", notes.join("; "));
        match lines.last_mut() {
            Some(last) if last.len() + note.len() < WIDTH => last.push_str(&note),
            _ => lines.push(note),
        }
    }
    lines
}

/// The compiler breaks the lines of long examples.
fn in_one_line(toml: &str) -> String {
    let words: Vec<&str> = toml.split_whitespace().collect();
    words.join(" ")
}

/// A complete file with every default and what each key means.
pub fn default_file() -> String {
    let mut file = TITLE.to_owned();
    for line in HEAD.lines() {
        let _ = writeln!(file, "# {line}");
    }
    for block in &BLOCKS {
        file.push('\n');
        for line in block.section.about {
            let _ = writeln!(file, "#{line}");
        }
        let mark = if block.is_list { "#" } else { "" };
        let _ = writeln!(file, "{mark}{}", block.header());
        for key in block.keys() {
            for line in lines(key) {
                let _ = writeln!(file, "#{line}");
            }
            let (mark, value) = match (block.is_list, key.default, key.example) {
                (false, Some(default), _) => ("", default),
                (_, default, example) => ("#", default.or(example).unwrap_or_default()),
            };
            let _ = writeln!(file, "{mark}{} = {}", key.name, in_one_line(value));
        }
    }
    file
}

/// The page of every key, in Markdown.
pub fn describe() -> String {
    let mut page = String::from("# Configuration\n\n");
    page.push_str(HEAD);
    page.push_str(
        "\nThis page is made from the program (`FUNDWATCH_BLESS=1 cargo test --test config`);\n\
         `fundwatch config print-default` prints the same as a file to begin with.\n",
    );
    for block in &BLOCKS {
        let _ = writeln!(page, "\n## {}\n", block.place());
        for line in block.section.about {
            let _ = writeln!(page, "{}", cell(line.trim()));
        }
        page.push_str(
            "\n| key | default | bounds | on reload | meaning |\n|---|---|---|---|---|\n",
        );
        for key in block.keys() {
            let value = match (key.default, key.example) {
                (Some(default), _) => format!("`{}`", in_one_line(default)),
                (None, Some(example)) => format!("–, such as `{}`", in_one_line(example)),
                (None, None) => String::new(),
            };
            let about: Vec<&str> = key.about.iter().map(|line| line.trim()).collect();
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} | {} |",
                key.name,
                cell(&value),
                bounds(key).unwrap_or_default(),
                if key.reload == Reload::Live {
                    "yes"
                } else {
                    ""
                },
                cell(&about.join(" "))
            );
        }
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
