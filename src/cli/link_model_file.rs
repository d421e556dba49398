//! The model that a command is to link participants with.

use std::path::Path;
use std::sync::Arc;

use crate::link::{LinkModel, PersonLinkage};

/// Linkage from a probability on, with the model in a file or the one that comes with the program.
///
/// # Errors
/// What is wrong with the file or the probability, and what to do.
pub fn load(file: Option<&Path>, least: f64) -> Result<Arc<PersonLinkage>, String> {
    let of_probability = |error: String| format!("--link-probability {least}: {error}");
    let builtin = || PersonLinkage::builtin().model.artefact().clone();
    let Some(file) = file else {
        let linkage = PersonLinkage::new(builtin(), least);
        return linkage.map(Arc::new).map_err(of_probability);
    };
    PersonLinkage::new(builtin(), least).map_err(of_probability)?;
    let refused = |error: &dyn std::fmt::Display| {
        format!(
            "--link-model {}: {error}; name a file that `fundwatch link --save-model` made from \
             participants, or leave --link-model out to link with the model that comes with the program",
            file.display()
        )
    };
    let json = std::fs::read_to_string(file).map_err(|error| refused(&error))?;
    let artefact = LinkModel::from_json(&json).map_err(|error| refused(&error))?;
    let linkage = PersonLinkage::new(artefact, least).map_err(|error| refused(&error))?;
    Ok(Arc::new(linkage))
}
