//! What a failure of SQLite means to whoever runs the store.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use super::Failure;
use crate::store::StoreError;

pub(super) fn told(path: &Path, failure: Failure) -> StoreError {
    match failure {
        Failure::Store(error) => error,
        Failure::Sqlite(error) => of_sqlite(path, &error),
    }
}

fn of_sqlite(path: &Path, error: &Error) -> StoreError {
    let place = path.display().to_string();
    let code = error.sqlite_error_code();
    let what = match error {
        // Its message may quote a value; its name of the error does not.
        Error::SqliteFailure(failure, _) => failure.to_string(),
        Error::InvalidColumnType(column, ..) => format!("column {column} has another type"),
        Error::IntegralValueOutOfRange(column, _) => format!("column {column} is out of range"),
        Error::FromSqlConversionFailure(column, ..) => format!("column {column} is not readable"),
        _ => "an unexpected answer".to_owned(),
    };
    match code {
        Some(ErrorCode::DiskFull) => StoreError::Full { place },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let what = "another process writes to it".to_owned();
            StoreError::Busy { place, what }
        }
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore { place },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { place, what },
        Some(_) => StoreError::Database { place, what },
        None => StoreError::Damaged { place, what },
    }
}
