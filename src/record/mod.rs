//! What a row means: typed values of the ten input streams, and nothing about files.
//!
//! In: the cells of one row ([`Row`]), whatever format they came from.
//! Out: a [`Change`] - an upserted record or a deletion, under its [`Key`], at its knowledge time -
//! or a [`RowError`] with a stable code.
//! Must hold: a value that exists is valid; no value prints a whole identifier or a name through
//! `Debug`, so panics and logs stay free of them; nothing in here does I/O.

mod cell;
mod change;
mod code;
mod count;
mod date;
mod digits;
mod error;
mod identifier;
mod instant;
mod key;
mod money;
mod name;
mod packed;
mod schema;
mod stream;
mod text;
mod time;

mod beneficiary;
mod card;
mod check_in;
mod citizen;
mod claim;
mod death_report;
mod employment;
mod enterprise;
mod health_profile;
mod participant;

pub use beneficiary::Beneficiary;
pub use card::Card;
pub use cell::{Cell, Column, ColumnWriter, Few, Kind, Plain, Presence, Row, Value};
pub use change::{Change, Operation, Record};
pub use check_in::CheckIn;
pub use citizen::Citizen;
pub use claim::{Claim, LineTotals};
pub use code::{
    BloodGroup, BloodType, CardStatus, DeathSource, DischargeType, EnterpriseStatus, LifeStatus,
    Outcome, Sex, VisitType,
};
pub use count::Count;
pub use date::{Day, PartialDate};
pub use death_report::DeathReport;
pub use employment::Employment;
pub use enterprise::Enterprise;
pub use error::{ErrorCode, RowError};
pub use health_profile::HealthProfile;
pub use identifier::{CardNumber, Facility, Masked, OldId, PersonalId, SiNumber};
pub use instant::Instant;
pub use key::Key;
pub use money::Money;
pub use name::Name;
pub use packed::{
    Packed, pack_length, pack_low, pack_varint, take, unpack_length, unpack_low, unpack_varint,
};
pub use participant::Participant;
pub use schema::json_schema;
pub use stream::Stream;
pub use text::Text;
pub use time::LocalTime;
