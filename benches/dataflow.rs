//! Epochs of the dataflow alone: claims come and go beside 50,000 persons with a card each.

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fundwatch::dataflow::{
    Content, Delta, Engine, EngineOptions, Fed, LinkageWork, LookUps, Observe, PersonSettings,
    RowSettings, Workers, feed,
};
use fundwatch::journal::Place;
use fundwatch::link::PersonLinkage;
use fundwatch::model::{ModelRegistry, builtin};
use fundwatch::record::{Cell, Instant, Operation, Row, RowError, Stream};
use fundwatch::rule::{ReasonSet, Settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PERSONS: u64 = 50_000;

/// A row of text cells by column name.
struct Texts {
    stream: Stream,
    cells: Vec<(&'static str, String)>,
}

impl Row for Texts {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        let name = self.stream.column_names().nth(column);
        let found = self.cells.iter().find(|(column, _)| Some(*column) == name);
        Ok(found.map_or(Cell::Null, |(_, text)| Cell::Text(Cow::Borrowed(text))))
    }
}

fn content(stream: Stream, cells: Vec<(&'static str, String)>) -> Content {
    let row = Texts { stream, cells };
    let change = stream
        .parse(&row, Instant::from_nanos(0))
        .expect("a valid row");
    let Operation::Upsert(record) = change.operation else {
        panic!("an upsert")
    };
    Content::of(&record, ReasonSet::ALL).expect("a row with content")
}

fn card(person: u64) -> String {
    format!("GD479{person:010}")
}

fn card_row(person: u64) -> Content {
    content(
        Stream::Cards,
        vec![
            ("card_number", card(person)),
            ("valid_from", "2025-01-01".to_owned()),
            ("valid_to", "2025-12-31".to_owned()),
            ("status", "valid".to_owned()),
        ],
    )
}

fn claim_row(n: u64) -> Content {
    let (day, person) = (1 + n % 28, n * 7919 % PERSONS);
    let mut cells = vec![
        ("facility", format!("{:05}", n % 500)),
        ("visit_id", format!("V{n}")),
        ("cards", card(person)),
        ("full_name", "Nguyễn Mẫu".to_owned()),
        ("birth_date", "1980".to_owned()),
        ("sex", "1".to_owned()),
        ("visit_type", "01".to_owned()),
        ("object_code", "1.1".to_owned()),
        ("main_diagnosis", "J06.9".to_owned()),
        ("admitted_at", format!("2025-03-{day:02}T08:{:02}", n % 60)),
        ("discharged_at", format!("2025-03-{day:02}T10:00")),
        ("outcome", "1".to_owned()),
        ("discharge_type", "1".to_owned()),
    ];
    for amount in [
        "cost_drugs",
        "cost_supplies",
        "copay",
        "self_paid",
        "other_sources",
    ] {
        cells.push((amount, "0".to_owned()));
    }
    for amount in ["cost_total", "cost_covered", "paid_by_fund"] {
        cells.push((amount, format!("{}", 100_000 + n % 1000)));
    }
    content(Stream::Claims, cells)
}

fn epoch(
    engine: &Engine<()>,
    deltas: &Receiver<((), Delta)>,
    claims: &[(Place, Content)],
    diff: i32,
) {
    let mut updates = engine.room();
    let settings = RowSettings::from(Settings::defaults());
    for (number, claim) in claims {
        let fed = Fed {
            number: *number,
            since: *number,
            content: claim,
        };
        feed(&mut updates, fed, (ReasonSet::ALL, &settings), diff);
    }
    engine.update(updates).expect("running");
    engine.end_epoch(()).expect("running");
    black_box(deltas.recv().expect("running"));
}

fn epochs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("claims come and go, two epochs");
    for workers in [1, 2] {
        for size in [100u64, 5_000] {
            let (sender, deltas) = sync_channel(4);
            let options = EngineOptions {
                reasons: ReasonSet::ALL,
                observe: Observe::Flagged,
                settings: PersonSettings::from(Settings::defaults()),
                exclusive_benefits: Arc::default(),
                linkage: PersonLinkage::builtin(),
                linkage_work: LinkageWork::default(),
                models: ModelRegistry::new(Arc::new(builtin().clone())),
                shadow: None,
                telemetry: None,
            };
            let look_ups = LookUps {
                visits: Arc::new(|a: Place, b: Place| a.cmp(&b)),
                identity_at: Arc::new(|_| panic!("there are only cards and claims")),
                participant_at: Arc::new(|_| panic!("there are only cards and claims")),
            };
            let engine = Engine::start(Workers::Threads(workers), options, look_ups, sender)
                .expect("started");
            let numbered = |first: u64, rows: Vec<Content>| -> Vec<(Place, Content)> {
                let number =
                    |place: usize| Place(u32::try_from(first + place as u64).expect("few"));
                rows.into_iter()
                    .enumerate()
                    .map(|(place, row)| (number(place), row))
                    .collect()
            };
            let cards = numbered(0, (0..PERSONS).map(card_row).collect());
            epoch(&engine, &deltas, &cards, 1);
            let held = numbered(PERSONS, (0..3 * PERSONS).map(claim_row).collect());
            epoch(&engine, &deltas, &held, 1);
            let come = (0..size).map(|n| claim_row(1_000_003 + n)).collect();
            let come = numbered(4 * PERSONS, come);
            group
                .throughput(Throughput::Elements(2 * size))
                .sample_size(20);
            group.bench_function(
                BenchmarkId::new(format!("{workers} workers"), size),
                |bench| {
                    bench.iter(|| {
                        epoch(&engine, &deltas, &come, 1);
                        epoch(&engine, &deltas, &come, -1);
                    });
                },
            );
        }
    }
}

criterion_group!(benches, epochs);
criterion_main!(benches);
