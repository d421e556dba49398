//! Kafka topics as a live source: the values of messages, exactly once.
//!
//! In: topics, each of one stream; a message's value is one row, plain or in a Debezium envelope.
//! Out: deliveries of raw values with the positions that they move. Must hold:
//!
//! - Where to read is the journal's word alone. The group only shares out the partitions; offsets
//!   committed to it are a courtesy to lag tools and are never read.
//! - A position moves only from where it durably stands, so that two members that both believe to
//!   own a partition cannot take a row twice.
//! - Nothing is skipped in silence: offsets that retention deleted are a [`KafkaEvent::Gap`] and
//!   part of the delivery; a partition that ends before the durable position is not read on; a
//!   batch that cannot be decoded is tried again for ever. Holes that compaction or transactions
//!   leave are none of these.
//! - Keys and values are in no event, error or state.
//!
//! ```text
//!  brokers ──▶ client queue ──▶ forming delivery ──▶ one delivery in flight ──▶ Deliver
//!              (queue_bytes)    (rows, bytes)        (the same bounds)
//! ```

mod client;
mod courier;
mod event;
mod forming;
mod partition;
mod reader;
mod recovery;
mod running;
mod settings;
mod status;
mod taking;

pub use event::{ErrorKind, Halt, KafkaEvent, Observer};
pub use running::{Kafka, StillRunning};
pub use settings::{Bounds, KafkaSettings, SettingsError, Start};
pub use status::{KafkaState, KafkaStatus, LastError, PartitionState, Totals};
