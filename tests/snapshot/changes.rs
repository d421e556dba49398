//! Changes of every stream, of all that a contract allows.

use fundwatch::record::{
    Cell, Change, Column, Instant, Kind, LineTotals, Money, Operation, Presence, Record, Row,
    RowError, Stream,
};
use proptest::prelude::*;

/// A row by column, as a source delivers it.
struct Cells(Vec<Cell<'static>>);

impl Row for Cells {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        Ok(self.0.get(column).cloned().unwrap_or(Cell::Null))
    }
}

/// A change of any stream.
pub fn change() -> impl Strategy<Value = Change> {
    (0..Stream::ALL.len()).prop_flat_map(|place| of_stream(Stream::ALL[place]))
}

/// A change of a stream: an upsert of any cells, or a deletion.
pub fn of_stream(stream: Stream) -> impl Strategy<Value = Change> {
    let cells: Vec<BoxedStrategy<Cell<'static>>> = stream.columns().iter().map(cell).collect();
    let recorded_at = -2_000_000_000_000_000_000i64..4_000_000_000_000_000_000;
    (cells, recorded_at, prop::bool::weighted(0.15), totals()).prop_filter_map(
        "the row contradicts itself",
        move |(cells, recorded_at, is_deletion, totals)| {
            let op = if is_deletion { "delete" } else { "upsert" };
            let common = [Cell::Null, Cell::Text(op.into())];
            let row = Cells(common.into_iter().chain(cells).collect());
            let recorded_at = Instant::from_nanos(recorded_at);
            let mut change = stream.parse(&row, recorded_at).ok()?;
            if let Operation::Upsert(Record::Claims(claim)) = &mut change.operation {
                claim.line_totals = totals;
            }
            Some(change)
        },
    )
}

fn totals() -> impl Strategy<Value = Option<LineTotals>> {
    let sums = prop::array::uniform4(any::<i64>());
    let totals = (sums, any::<u32>(), any::<bool>(), any::<bool>()).prop_map(
        |([drugs, supplies, total, covered], lines, has_drugs, has_services)| LineTotals {
            drugs: Money::from_thousandths(drugs),
            supplies: Money::from_thousandths(supplies),
            total: Money::from_thousandths(total),
            covered: Money::from_thousandths(covered),
            lines,
            has_drugs,
            has_services,
        },
    );
    prop::option::of(totals)
}

fn cell(column: &Column) -> BoxedStrategy<Cell<'static>> {
    let value = text(column.kind);
    let one = text(column.kind).prop_map(|text| Cell::Text(text.into()));
    match column.presence {
        Presence::Required => one.boxed(),
        Presence::Optional => prop_oneof![one, Just(Cell::Null)].boxed(),
        Presence::List => prop::collection::vec(value, 0..4)
            .prop_map(|texts| Cell::List(texts.into_iter().map(Into::into).collect()))
            .boxed(),
    }
}

const DAY: &str = "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";

fn text(kind: Kind) -> BoxedStrategy<String> {
    let matching = |pattern: &str| {
        let strategy = prop::string::string_regex(pattern).expect("a pattern");
        strategy.boxed()
    };
    match kind {
        Kind::Text => prop_oneof![
            4 => "[A-Z]{1,2}[0-9]{1,12}",
            2 => "\\PC{1,40}",
            1 => prop::sample::select(vec![
                "a\"b", "\u{0}", ";", "a;b", " ", "null", "\n", "{}", "1e9", "Nguyễn Mẫu", "\u{feff}", "🩺",
            ]).prop_map(str::to_owned),
            1 => (1..3000usize).prop_map(|length| "ữ".repeat(length)),
        ]
        .boxed(),
        Kind::PersonalId => matching("[0-9]{12}"),
        Kind::SiNumber => matching("[0-9]{10}"),
        Kind::OldId => matching("[0-9]{9}"),
        Kind::CardNumber => matching("[A-Z]{2}[1-5][0-9]{12}"),
        Kind::Facility => matching("[0-9A-Za-z]{5}"),
        Kind::Date => matching(DAY),
        Kind::PartialDate => {
            prop_oneof![matching(DAY), matching("[12][0-9]{3}-0[1-9]"), matching("[12][0-9]{3}")]
                .boxed()
        }
        Kind::LocalTime => matching(&format!("{DAY}T([01][0-9]|2[0-3]):[0-5][0-9]")),
        Kind::Money => matching("-?[0-9]{1,15}([.][0-9]{1,3})?"),
        Kind::Count => matching("[0-9]{1,9}"),
        Kind::OneOf(words) => prop::sample::select(words).prop_map(str::to_owned).boxed(),
        Kind::Digits(low, high, width) => (low..=high)
            .prop_map(move |n| format!("{n:0w$}", w = usize::from(width)))
            .boxed(),
    }
}
