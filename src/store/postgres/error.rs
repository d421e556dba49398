//! What a failure of PostgreSQL means: whether another connection may do better, and what to tell.
//!
//! Details and most messages of the server may quote rows; of those the code alone is told.

use postgres::error::{DbError, SqlState};

use crate::store::StoreError;

/// What ends a piece of work.
pub(super) enum Failure {
    /// The server's failure, or the connection's.
    Postgres(postgres::Error),
    /// A column that is not what it must be.
    Unreadable(usize),
    /// Ours.
    Store(StoreError),
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What may be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Another connection.
    Reconnect,
    /// The same again.
    Again,
    /// Nothing.
    None,
}

impl Failure {
    pub(super) fn remedy(&self) -> Remedy {
        let Self::Postgres(error) = self else {
            return Remedy::None;
        };
        // Without an answer of the server, it is the connection.
        let Some(answer) = error.as_db_error() else {
            return match is_of_tls(error) {
                true => Remedy::None,
                false => Remedy::Reconnect,
            };
        };
        let code = answer.code();
        let again = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        let lost = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            // After a failover, what was the primary may be a standby.
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        match code {
            code if again.contains(code) => Remedy::Again,
            code if lost.contains(code) || code.code().starts_with("08") => Remedy::Reconnect,
            _ => Remedy::None,
        }
    }

    /// What to tell whoever runs the store.
    pub(super) fn told(self, place: &str) -> StoreError {
        let place = place.to_owned();
        match self {
            Self::Store(error) => error,
            Self::Unreadable(column) => StoreError::Damaged {
                place,
                what: format!("column {column} is not readable"),
            },
            Self::Postgres(error) => match error.as_db_error() {
                Some(answer) => of_answer(place, answer),
                None => StoreError::Unreachable {
                    place,
                    what: without_answer(&error),
                },
            },
        }
    }
}

fn is_of_tls(error: &postgres::Error) -> bool {
    causes(error).any(|cause| cause.is::<rustls::Error>())
}

/// The causes of an error, those within errors of input and output as well.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let inner = error.downcast_ref::<std::io::Error>();
        let inner = inner.and_then(std::io::Error::get_ref);
        inner.map(|inner| inner as _).or_else(|| error.source())
    })
}

/// What is wrong with a connection, in words that have no secrets: those of the operating system and of
/// TLS, and the client's own, which are fixed.
fn without_answer(error: &postgres::Error) -> String {
    let mut told = error.to_string();
    if let Some(cause) = causes(error).skip(1).last() {
        told = format!("{told}: {cause}");
    }
    told
}

fn of_answer(place: String, answer: &DbError) -> StoreError {
    let code = answer.code();
    let class = &code.code()[..2];
    // Messages of these classes are about the server and the session, not about rows.
    let is_told = ["08", "28", "3D", "42", "53", "55", "57", "58"].contains(&class);
    let what = match is_told {
        true => format!("{}: {}", code.code(), answer.message()),
        false => format!("SQLSTATE {}", code.code()),
    };
    match code.code() {
        "53100" => StoreError::Full { place },
        "55P03" | "57014" | "53300" | "53200" | "40001" | "40P01" => {
            StoreError::Busy { place, what }
        }
        "42P01" | "42703" => StoreError::NotAStore { place },
        "42501" | "25006" => StoreError::Refused { place, what },
        "XX001" | "XX002" => StoreError::Damaged { place, what },
        _ => match class {
            "08" | "57" => StoreError::Unreachable { place, what },
            "28" | "3D" => StoreError::Refused { place, what },
            _ => StoreError::Database { place, what },
        },
    }
}
