//! The sections that are a table each, with the meaning of every key.
//!
//! What stands here is what `fundwatch config print-default` and docs/configuration.md say.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::bytes::Bytes;
use super::command::CommandLine;
use super::file_value::{CertificateFile, ExistingFile, KeyFile};
use super::oidc::Origin;
use super::section::section;
use super::value::{Days, Interval, LogFormat, LogLevel, NightlyAt, NightlyPersons, Resume, Share};
use crate::access::TotpRule;
use crate::notice::Span;
use crate::record::Stream;
use crate::rule::ReasonSet;

section! {
    /// The listener of the API and of the review pages. What is pushed there is the source `http`.
    Http {
        /// Where it listens; `--listen` says it on the command line.
        listen: SocketAddr = default("127.0.0.1:8080"), Restart;
        /// Whether it may listen to other machines without TLS. Rows and tokens can be read on the way then:
        /// say true only where something in front of it, on the same machine or network, does TLS.
        allow_http: bool = default(false), Restart;
        /// The certificate of the listener and those that certify it, in PEM form. With it, it speaks TLS alone.
        certificate_file: Option<CertificateFile> = example("tls/server.pem"), Restart;
        /// The private key of the certificate, in PEM form.
        key_file: Option<KeyFile> = example("tls/server.key"), Restart;
        /// The authorities that certify clients, in PEM form. A client may show a certificate of theirs
        /// instead of a token; whose it is, `[[client_certificate]]` says.
        client_ca_file: Option<CertificateFile> = example("tls/clients.pem"), Restart;
        /// The address that browsers reach the pages by, where that is another than the listener's: behind a proxy that
        /// does TLS. Cookies are for TLS alone then, and forms have to come from there.
        public_origin: Option<Origin> = example("https://fundwatch.example"), Restart;
        /// The longest body of a request, after decompression.
        max_body: Bytes = default("16MiB") in "1KiB"..="1GiB", Restart;
        /// How long a request may take, from its first byte to the answer.
        request_timeout: Span = default("30s") in "1s"..="1h", Restart;
        /// How long the head of a request may take to arrive.
        header_timeout: Span = default("10s") in "100ms"..="1m", Restart;
        /// Connections at a time; more wait to be accepted.
        max_connections: u32 = default(1_024) in 1..=100_000, Restart;
        /// Connections of one address at a time; more are closed. Raise it where a proxy brings the requests of many.
        max_connections_per_address: u32 = default(256) in 1..=100_000, Restart;
        /// For how long the answer to an Idempotency-Key is remembered. A sender that repeats a request later
        /// sends its rows again.
        idempotency_window: Span = default("24h") in "1m"..="30d", Restart;
    }
}

section! {
    /// The listener of /metrics, /livez, /readyz and /startupz. It speaks http, asks for no token, and has no
    /// personal data.
    Ops {
        /// Where it listens; `--ops-listen` says it on the command line.
        listen: SocketAddr = default("127.0.0.1:9464"), Restart;
    }
}

section! {
    /// People who sign in. `fundwatch user add` makes them, in the data directory.
    Accounts {
        /// Whether a code of an app on the telephone is asked of everybody beside the password: required, or optional,
        /// where who has set one up is asked for it.
        totp: TotpRule = default("required"), Restart;
        /// How long somebody who does nothing stays signed in.
        idle_timeout: Span = default("30m") in "1m"..="12h", Restart;
        /// How long somebody stays signed in at most.
        absolute_timeout: Span = default("12h") in "5m"..="7d", Restart;
        /// How many rows behind alerts one person has shown unmasked in an hour, each for a purpose that is recorded.
        reveals_per_hour: u32 = default(20) in 1..=1_000, Restart;
    }
}

section! {
    /// Epochs: the rows that are made durable and decided on together.
    Epoch {
        /// How long the first row of an epoch waits for others. Longer costs less a row, and alerts are later.
        max_wait: Span = default("100ms") in "1ms"..="1m", Restart;
        /// Rows after which an epoch is sealed at once. Where several send, epochs are smaller while alerts are late.
        max_rows: u64 = default(10_000) in 1..=10_000_000, Restart;
        /// Sealed epochs that may wait for the dataflow; then no more are sealed.
        max_ahead: u32 = default(4) in 1..=1_024, Restart;
    }
}

section! {
    /// The queue between the sources and the epochs. When it is full, pushes are answered 429 and other sources
    /// pause. Of those who push, each may have as much waiting as is left of the source's share: one alone half of
    /// it. So one that floods is answered 429 while others are taken.
    Queue {
        /// Rows that may wait in all.
        max_rows: u64 = default(200_000) in 1..=100_000_000, Restart;
        /// What they may take in memory.
        max_bytes: Bytes = default("256MiB") in "1MiB"..="64GiB", Restart;
        /// Rows of one source, so that none keeps the others out.
        source_max_rows: u64 = default(100_000) in 1..=100_000_000, Restart;
        /// What they may take in memory.
        source_max_bytes: Bytes = default("128MiB") in "1MiB"..="64GiB", Restart;
    }
}

section! {
    /// The journal: everything that was accepted, in order, in the data directory.
    Journal {
        /// How long a file of it becomes before the next is begun.
        segment_size: Bytes = default("64MiB") in "1MiB"..="4GiB", Restart;
        /// A file with the key that the journal is sealed with: 32 bytes in base64 or hexadecimal.
        /// Without a key, whoever reads the files reads what is in them. Keep a copy: without it the journal is lost.
        master_key_file: Option<PathBuf> = example("secrets/journal.key"), Restart;
        /// Or the environment variable that holds it.
        master_key_env: Option<String> = example("FUNDWATCH_JOURNAL_KEY"), Restart;
        /// Or a command that prints it, such as that of a key management system: a program by its whole path, with
        /// its arguments. It is run at the start, and by config check.
        master_key_command: Option<CommandLine> = example(["/usr/local/bin/kms", "decrypt", "/etc/fundwatch/journal.key.enc"]), Restart;
    }
}

section! {
    /// Snapshots: what is known at an epoch, so that a start need not read the whole journal. They are
    /// made in the background.
    Snapshot {
        /// How often one is made.
        every: Span = default("6h") in "1m"..="30d", Restart;
        /// And after how many epochs, if that is sooner.
        every_epochs: Option<u64> = example(100_000) in 1..=1_000_000_000, Restart;
        /// How many are kept.
        keep: u32 = default(3) in 1..=1_000, Restart;
    }
}

section! {
    /// The store of alerts. Without an address it is the SQLite file alerts.db in the data directory.
    Store {
        /// Its address: sqlite:FILE, or postgres://HOST/DATABASE where several servers share one queue. One with
        /// a password goes into url_file or url_env.
        url: Option<String> = example("postgres://fundwatch@db.example/fundwatch?sslmode=verify-full"), Restart;
        /// Or a file that holds it.
        url_file: Option<PathBuf> = example("secrets/store.url"), Restart;
        /// Or the environment variable that holds it.
        url_env: Option<String> = example("FUNDWATCH_STORE_URL"), Restart;
        /// Whether a database on another machine may be used without TLS, that is without sslmode=require,
        /// verify-ca or verify-full in its address.
        allow_plaintext: bool = default(false), Restart;
    }
}

section! {
    /// What is detected, and with what. A replay of the journal needs the same files.
    Detector {
        /// Threads of the dataflow; more divide its memory traffic, and help on free cores only.
        workers: u32 = default(1) in 1..=1_024, Restart;
        /// The reasons that are computed; without it, all.
        reasons: Option<ReasonSet> = example(["service_after_death", "overlapping_stay"]), Restart;
        /// Thresholds (TOML) instead of the catalogue's; `fundwatch rules` prints those.
        rules_file: Option<ExistingFile> = example("rules.toml"), Restart;
        /// The outlier model instead of the one that comes with the program.
        model_file: Option<ExistingFile> = example("outlier.json"), Restart;
        /// A model that scores as well and changes nothing, to see how it differs.
        shadow_model_file: Option<ExistingFile> = example("candidate.json"), Restart;
        /// The pairs of benefits that exclude each other (CSV) instead of those that come with the program.
        exclusive_benefits_file: Option<ExistingFile> = example("exclusive_benefits.csv"), Restart;
        /// The model that links participants instead of the one that comes with the program.
        link_model_file: Option<ExistingFile> = example("participants-link.json"), Restart;
        /// The least probability that two linked participants are one person; without it, the program's.
        link_probability: Option<Share> = example(0.9), Restart;
    }
}

section! {
    /// The breaker: stops a source when too many of its rows are not accepted, before it floods the rejects.
    /// `breaker = { … }` in `[http]` or `[[source]]` says otherwise for that source.
    Breaker {
        /// The share of rows not accepted above which a source is stopped; 1.0 never stops it.
        max_rejected_share: Share = default(0.2), Live;
        /// Rows in the window below which nothing is decided.
        min_rows: u64 = default(1_000) in 1..=1_000_000_000, Live;
        /// How far back rows count.
        window: Span = default("10m") in "1s"..="1d", Live;
        /// What lets it go on: `operator`, which is a command, or a time such as 15m, after which it is tried
        /// again; the command goes before.
        resume: Resume = default("operator"), Live;
    }
}

section! {
    /// When /readyz says that the service is ready.
    Readiness {
        /// The longest that alerts may be behind what was accepted.
        max_lag: Span = default("30s") in "1s"..="1d", Live;
    }
}

section! {
    /// How often rows of each stream are expected, or "off". A stream that is silent for longer raises the alert
    /// of operators that its data are old.
    ExpectedInterval {
        /// The population register.
        citizens: Interval = default("1d"), Live;
        /// Reports of deaths.
        death_reports: Interval = default("1d"), Live;
        /// The insurance register.
        participants: Interval = default("1d"), Live;
        /// Health-insurance cards.
        cards: Interval = default("1d"), Live;
        /// Claims of facilities.
        claims: Interval = default("15m"), Live;
        /// Visits that have begun.
        check_ins: Interval = default("15m"), Live;
        /// The enterprise register.
        enterprises: Interval = default("7d"), Live;
        /// Employments.
        employments: Interval = default("7d"), Live;
        /// Benefits drawn.
        beneficiaries: Interval = default("31d"), Live;
        /// Health profiles.
        health_profiles: Interval = default("7d"), Live;
    }
}

impl ExpectedInterval {
    /// How often rows of a stream are expected, if they are.
    pub fn of(&self, stream: Stream) -> Option<Span> {
        let interval = match stream {
            Stream::Citizens => self.citizens,
            Stream::DeathReports => self.death_reports,
            Stream::Participants => self.participants,
            Stream::Cards => self.cards,
            Stream::Claims => self.claims,
            Stream::CheckIns => self.check_ins,
            Stream::Enterprises => self.enterprises,
            Stream::Employments => self.employments,
            Stream::Beneficiaries => self.beneficiaries,
            Stream::HealthProfiles => self.health_profiles,
        };
        match interval {
            Interval::Every(span) => Some(span),
            Interval::Off => None,
        }
    }
}

section! {
    /// The self-replay: every night the service computes its journal once more from the beginning, in a dataflow of
    /// its own, and compares yesterday's decisions and the alerts at its end with what it stored (audit.md). A replay
    /// of all persons takes about as much memory as the service, and as long as a start without snapshots.
    SelfReplay {
        /// When, in UTC+7, or "off". While a difference stands, no replay of the journal is signed.
        at: NightlyAt = default("01:30"), Restart;
        /// Whose rows: all; or a part that is another every night, such as 1/8, eight nights for everybody; auto
        /// takes all where they fit into half of the memory that is free, else the largest part that does.
        persons: NightlyPersons = default("auto"), Live;
    }
}

section! {
    /// For how long claims are decided on and what people type is kept (retention.md). The journal and the history of
    /// alerts are kept for ever, but for months of the journal that are erased.
    Retention {
        /// Claims whose last day is longer ago are retired: their alerts stay as they are, archived, and rows
        /// that come for them are rejected as `beyond_window`. It has to be longer than every rule looks back.
        /// Without it, all claims are decided on.
        claims: Option<Days> = example("400d") in "121d"..="9999d", Restart;
        /// Notes, answers and what citizens wrote, typed in a month that ended longer ago, are erased, once nothing
        /// that is to be decided rests on them. Without it, they are kept until an operator has them erased.
        review_notes: Option<Days> = example("3650d") in "365d"..="36500d", Restart;
    }
}

section! {
    /// The end of the service.
    Shutdown {
        /// How long requests and epochs that have begun may take to finish.
        drain_timeout: Span = default("30s") in "1s"..="1h", Live;
    }
}

section! {
    /// What the service may take of the machine.
    Memory {
        /// The memory that it is given, which the metrics tell for the alerts of operators; without it, the limit of its
        /// control group.
        limit: Option<Bytes> = example("20GiB") in "256MiB"..="16TiB", Restart;
    }
}

section! {
    /// The log, on standard error. No identifier of a person is in it at any level.
    Log {
        /// error, warn, info, debug or trace.
        level: LogLevel = default("info"), Live;
        /// text for people, json for programs, auto for text on a terminal and JSON elsewhere.
        format: LogFormat = default("auto"), Restart;
    }
}
