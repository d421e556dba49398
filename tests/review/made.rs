//! Findings and cases that are made up.

use fundwatch::authenticate::Cause;
use fundwatch::case::{
    Column, Compared, Field, IdentityKind, IdentityLink, IdentityNode, IdentityPath, Tie,
};
use fundwatch::language::Language;
use fundwatch::record::{Day, Instant, Money, Stream};
use fundwatch::review::{EvidenceDigest, Finding, GroupId, Viewer};
use fundwatch::rule::Reason;
use fundwatch::store::AlertState;
use fundwatch::web::pages::{Feed, Feeds, StreamFeed};
use fundwatch::web::{CaseError, CaseTold, Cases, FeatureTold, Revealed, RowTold, Visit, Visits};
use std::time::Duration;

pub const DAY: i64 = 86_400_000;

/// Now, in milliseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

pub fn today() -> Day {
    Instant::from_millis(now()).unwrap().day()
}

pub fn id(number: u32) -> String {
    format!("{:02x}{number:030x}", (number * 37) % 256)
}

const REASONS: [Reason; 8] = [
    Reason::ServiceAfterDeath,
    Reason::OverlappingStay,
    Reason::DuplicateIdentity,
    Reason::CostOutlier,
    Reason::DuplicateClaim,
    Reason::SexDiagnosisConflict,
    Reason::BenefitAfterDeath,
    Reason::IdentityMismatch,
];

/// A finding that holds; lower numbers are more urgent.
pub fn finding(number: u32) -> Finding {
    let reason = REASONS[number as usize % REASONS.len()];
    let priorities = [180_000, 42_000, 12_500, 3_100];
    let group = |kind: u8| Some(GroupId([kind + u8::try_from(number % 7).unwrap(); 16]));
    Finding {
        alert_id: id(number),
        reason,
        class: reason.class(),
        severity: reason.severity(),
        subject_kind: "claim".to_owned(),
        facility: Some(format!("790{:02}", 1 + number % 5)),
        person: group(16),
        card: group(32),
        masked: format!("•••{:03}", 101 + number * 7),
        amount: Money::dong(i64::from(12_345_678 / (number + 1)) + 150_000),
        grade: number.is_multiple_of(8).then_some(2),
        cause: None,
        score: reason.is_scored().then_some(9_340),
        misuse_probability: Some(5_230),
        priority: priorities[(number / 8) as usize % 4] + 500 - number,
        service_day: Some(today().plus(-12 - i32::try_from(number).unwrap())),
        raised_at: now() - DAY * i64::from(number / 2),
        raised_epoch: 1,
        changed_epoch: 1,
        state: AlertState::Active,
        digest: EvidenceDigest([1; 16]),
    }
}

pub const CARD: &str = "HT3797900000001";
pub const INSURANCE: &str = "7900000001";
pub const CITIZEN: &str = "079051000001";
/// Numbers that no page tells unless they are revealed.
pub const NUMBERS: [&str; 3] = [CARD, INSURANCE, CITIZEN];
/// A name that somebody stored to do harm.
pub const NAME: &str = "Nguyễn Mẫu An <script>alert(1)</script>";

/// What is masked in a row of a stream.
fn masked(stream: Stream) -> Vec<Field> {
    match stream {
        Stream::Claims => vec![Field::FullName, Field::BirthDate, Field::CardNumber],
        Stream::DeathReports => vec![Field::PersonalId],
        Stream::Cards => vec![Field::CardNumber],
        _ => Vec::new(),
    }
}

/// Two participants who name one citizen, and a card of each.
fn identity() -> IdentityPath {
    let node = |kind, masked: &str, row| IdentityNode {
        kind,
        masked: masked.to_owned(),
        initials: Some("N.M.A.".to_owned()).filter(|_| kind != IdentityKind::Card),
        row,
    };
    let link = |from, to, tie, is_bridge| IdentityLink {
        from,
        to,
        tie,
        is_bridge,
    };
    let differs = Compared::Differs(Cause::NameSpelling);
    IdentityPath {
        nodes: vec![
            node(IdentityKind::Claim, "S01-1", Some(1)),
            node(IdentityKind::Card, "•••001", Some(3)),
            node(IdentityKind::Card, "•••002", None),
            node(IdentityKind::Participant, "•••001", None),
            node(IdentityKind::Participant, "•••002", None),
            node(IdentityKind::Citizen, "•••001", None),
            node(IdentityKind::Citizen, "•••009", None),
        ],
        links: vec![
            link(0, 1, Tie::Presented, false),
            link(0, 6, Tie::NamedOnClaim, false),
            link(1, 3, Tie::Holder, false),
            link(2, 4, Tie::Holder, false),
            link(3, 4, Tie::Alike(9_712, Compared::Agrees), false),
            link(3, 5, Tie::PersonalId(Compared::Agrees), true),
            link(4, 5, Tie::PersonalId(differs), true),
            link(5, 6, Tie::Superseded(Compared::Unknown), false),
        ],
    }
}

/// Cases of every alert, each the same.
pub struct Made;

impl Cases for Made {
    fn visits(&self, _: &Viewer, alert_ids: &[String]) -> Result<Visits, CaseError> {
        let day = |days: i32| today().plus(days);
        let visit = |facility: &str, from, to, is_stay| Visit {
            facility: facility.to_owned(),
            from: day(from),
            to: day(to),
            is_stay,
        };
        Ok(Visits {
            visits: match alert_ids {
                [] => Vec::new(),
                _ => vec![
                    visit("79003", -24, -15, true),
                    visit("79004", -20, -20, false),
                    visit("79001", -7, -5, true),
                ],
            },
            is_cut: false,
        })
    }

    fn revealed(
        &self,
        _: &Viewer,
        _: &str,
        row: u32,
        language: Language,
    ) -> Result<Option<Revealed>, CaseError> {
        let of = |field, text: &str| Column {
            text: text.to_owned(),
            field,
        };
        let born = match language {
            Language::English => "born 12 Apr 1951",
            Language::Vietnamese => "sinh 12/04/1951",
        };
        let (stream, columns) = match row {
            1 => (
                Stream::Claims,
                vec![
                    of(None, "79001"),
                    of(Some(Field::FullName), NAME),
                    of(Some(Field::BirthDate), born),
                    of(Some(Field::CardNumber), CARD),
                ],
            ),
            2 => (
                Stream::DeathReports,
                vec![of(Some(Field::PersonalId), CITIZEN)],
            ),
            3 => (Stream::Cards, vec![of(Some(Field::CardNumber), CARD)]),
            _ => return Ok(None),
        };
        let values = columns.iter();
        let values = values.filter_map(|one| Some((one.field?, one.text.clone())));
        Ok(Some(Revealed {
            stream,
            values: values.collect(),
            columns,
            fields: masked(stream),
            person: Some((Stream::Participants, INSURANCE.to_owned())),
        }))
    }

    fn case(&self, _: &Viewer, _: &str, language: Language) -> Result<Option<CaseTold>, CaseError> {
        let is_english = language == Language::English;
        let of = |english: &str, vietnamese: &str| {
            let text = if is_english { english } else { vietnamese };
            text.to_owned()
        };
        let known = |days: i32| Instant::on(today().plus(days), 32_400).unwrap();
        let row = |stream, valid, known_at, place: &str, texts: Option<Vec<String>>| RowTold {
            stream,
            valid,
            known_at,
            place: place.to_owned(),
            fields: masked(stream),
            texts,
        };
        let day = |days: i32| today().plus(days);
        let feature = |name: String, share, observed: &str, typical: &str| FeatureTold {
            name,
            share,
            observed: observed.to_owned(),
            typical: typical.to_owned(),
        };
        Ok(Some(CaseTold {
            sentence: of(
                "A visit to facility 79001 on 20 Nov, six days after the death that the population register \
                 recorded on 14 Nov and that became known on 25 Nov; two sources agree.",
                "Đợt khám tại cơ sở KCB 79001 ngày 20/11, sáu ngày sau ngày tử vong 14/11 mà Cơ sở dữ liệu \
                 quốc gia về dân cư ghi nhận ngày 25/11; hai nguồn trùng khớp.",
            ),
            rows: vec![
                row(
                    Stream::Claims,
                    Some((day(-7), Some(day(-5)))),
                    known(-4),
                    "epochs/10:5",
                    Some(vec![
                        of("outpatient visit", "khám bệnh"),
                        of("facility 79001", "cơ sở KCB 79001"),
                        "N.M.A.".to_owned(),
                        language.money(Money::dong(12_345_678)),
                    ]),
                ),
                row(
                    Stream::DeathReports,
                    Some((day(-13), Some(day(-13)))),
                    known(-2),
                    "epochs/12:1",
                    Some(vec![
                        of("population register", "Cơ sở dữ liệu quốc gia về dân cư"),
                        of("citizen •••001", "số định danh •••001"),
                    ]),
                ),
                row(
                    Stream::Cards,
                    Some((day(-900), None)),
                    known(-8),
                    "epochs/3:77",
                    Some(vec![of("card •••001", "thẻ •••001")]),
                ),
                row(
                    Stream::CheckIns,
                    Some((day(-7), Some(day(-7)))),
                    known(-7),
                    "epochs/9:2",
                    None,
                ),
            ],
            rows_in_all: 9,
            features: vec![
                feature(
                    of("rarity of the facility", "mức độ hiếm của cơ sở"),
                    7_100,
                    "10",
                    "0",
                ),
                feature(of("cost", "chi phí"), 2_050, "12.345.678", "410.000"),
                feature(
                    of("visits in 30 days", "số lần khám trong 30 ngày"),
                    850,
                    "7",
                    "2",
                ),
            ],
            identity: Some(identity()),
        }))
    }
}

impl Feeds for Made {
    fn feeds(&self) -> Result<(Vec<Feed>, std::time::Duration), &'static str> {
        let feed = |name: &str, is_http, is_paused, waiting_rows| Feed {
            name: name.to_owned(),
            is_http,
            is_paused,
            waiting_rows,
            waits: (waiting_rows > 0).then_some(Duration::from_secs(waiting_rows)),
            positions: 3,
        };
        let feeds = vec![
            feed("http", true, false, 0),
            feed("claims-topic", false, false, 1_204),
            feed("deaths", false, true, 12),
        ];
        Ok((feeds, Duration::from_millis(420)))
    }

    fn streams(&self) -> Vec<StreamFeed> {
        let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
        let feed = |stream, ago: Option<i64>, expected, is_paused| StreamFeed {
            stream,
            last_at: ago.map(|minutes| now() - minutes * 60_000),
            expected,
            is_paused,
        };
        vec![
            feed(Stream::Citizens, Some(7 * 60), minutes(24 * 60), false),
            feed(Stream::DeathReports, Some(90), None, true),
            feed(Stream::Cards, Some(5), minutes(24 * 60), false),
            feed(Stream::Claims, Some(20), minutes(15), false),
            feed(Stream::CheckIns, Some(50), minutes(15), false),
            feed(Stream::Beneficiaries, None, minutes(24 * 60), false),
            feed(Stream::HealthProfiles, None, None, false),
        ]
    }
}
