//! The models that a command is to score with.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::model::{ModelRegistry, OutlierModel, builtin};
use crate::rule::{BUILTIN_MODEL, Rules};

/// The model in a file, or the one that comes with the program, and those that rules activate.
///
/// # Errors
/// What is wrong with a file and what to do.
pub fn registry(file: Option<&Path>, rules: &Rules) -> Result<ModelRegistry, String> {
    let mut models = ModelRegistry::new(initial(file)?);
    let source = rules.source().map(|source| source.path.display());
    let option = source.map_or_else(
        || "--rules".to_owned(),
        |file| format!("--rules {file}: model"),
    );
    let named = rules.activations().iter();
    let named: BTreeSet<&Path> = named.filter_map(|one| one.model.as_deref()).collect();
    for name in named {
        let remedy = "name \"builtin\" to activate the model that comes with the program";
        let model = match name == Path::new(BUILTIN_MODEL) {
            true => of_program(),
            false => read(&option, name, remedy)?,
        };
        let added = models.add(name, model);
        added.map_err(|error| format!("{option}: {error}"))?;
    }
    Ok(models)
}

/// The model in a file, or the one that comes with the program.
///
/// # Errors
/// What is wrong with the file and what to do.
pub fn initial(file: Option<&Path>) -> Result<Arc<OutlierModel>, String> {
    let remedy = "leave --model out to score with the model that comes with the program";
    match file {
        Some(file) => read("--model", file, remedy),
        None => Ok(of_program()),
    }
}

/// The model in a file that scores beside the others.
///
/// # Errors
/// What is wrong with the file and what to do.
pub fn shadow(file: &Path) -> Result<Arc<OutlierModel>, String> {
    read("--shadow-model", file, "leave --shadow-model out")
}

fn of_program() -> Arc<OutlierModel> {
    Arc::new(builtin().clone())
}

fn read(option: &str, file: &Path, remedy: &str) -> Result<Arc<OutlierModel>, String> {
    let shown = file.display();
    let refused = |error: &dyn std::error::Error| {
        format!(
            "{option} {shown}: {error}; name a file that `fundwatch model train` made, or {remedy}"
        )
    };
    let json = std::fs::read_to_string(file).map_err(|error| refused(&error))?;
    OutlierModel::from_json(&json)
        .map(Arc::new)
        .map_err(|error| refused(&error))
}
