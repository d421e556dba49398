//! The model that a command is to score with.

use std::path::Path;
use std::sync::Arc;

use crate::model::{OutlierModel, builtin};

/// The model in a file, or the one that comes with the program.
///
/// # Errors
/// What is wrong with the file and what to do.
pub fn load(file: Option<&Path>) -> Result<Arc<OutlierModel>, String> {
    let Some(file) = file else {
        return Ok(Arc::new(builtin().clone()));
    };
    let shown = file.display();
    let refused = |error: &dyn std::error::Error| {
        format!(
            "--model {shown}: {error}; name a file that `fundwatch model train` made, or leave \
             --model out to score with the model that comes with the program"
        )
    };
    let json = std::fs::read_to_string(file).map_err(|error| refused(&error))?;
    OutlierModel::from_json(&json)
        .map(Arc::new)
        .map_err(|error| refused(&error))
}
