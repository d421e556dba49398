//! The list of diagnoses that are limited, as plain cells.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// The cells behind each listed code: sex, least and greatest days, least and greatest years.
pub type Rules = BTreeMap<String, Vec<String>>;

/// The list; `None` where it is absent.
pub fn rules() -> Option<&'static Rules> {
    static RULES: OnceLock<Option<Rules>> = OnceLock::new();
    let read = || {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/icd10_rules.csv");
        let text = std::fs::read_to_string(place).ok()?;
        let rule = |line: &str| {
            let mut cells = line.split(',').map(str::to_owned);
            (cells.next().expect("a code"), cells.collect())
        };
        Some(text.lines().skip(1).map(rule).collect())
    };
    RULES.get_or_init(read).as_ref()
}

/// The cells of a diagnosis: by its code without the dot, exactly, or by its listed 3-character category
/// when the code itself is not listed.
pub fn rule<'a>(rules: &'a Rules, diagnosis: &str) -> Option<&'a [String]> {
    let code = diagnosis.replace('.', "");
    let category = || rules.get(code.get(..3)?);
    rules.get(&code).or_else(category).map(Vec::as_slice)
}
