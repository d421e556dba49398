//! The rules as a document for programs: every text in both languages, every value as it is.

use serde::Serialize;

use super::{Shown, thresholds};
use crate::hex::hex;
use crate::language::Language;
use crate::rule::{
    Class, Reason, Rules, Settings, Severity, Unit, Value, Values, catalogue, catalogue_digest,
    serialize_values,
};

/// A text in both languages.
#[derive(Serialize)]
struct Both {
    en: String,
    vi: String,
}

#[derive(Serialize)]
struct Document {
    version: &'static str,
    rules_sha256: String,
    /// What the thresholds are called; see the causes of a history.
    key: String,
    note: Both,
    reasons: Vec<OfReason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    activations: Vec<OfActivation>,
}

#[derive(Serialize)]
struct OfReason {
    reason: Reason,
    severity: Severity,
    subjects: Vec<&'static str>,
    evidence: Vec<&'static str>,
    is_scored: bool,
    title: Both,
    explanation: Both,
    condition: Both,
    classes: Vec<OfClass>,
    thresholds: Vec<OfThreshold>,
    recommended_adjustment: Both,
    legal_basis: Vec<OfLaw>,
}

#[derive(Serialize)]
struct OfClass {
    class: Class,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Both>,
}

#[derive(Serialize)]
struct OfThreshold {
    name: String,
    unit: Unit,
    value: Value,
    default: Value,
    least: i64,
    most: i64,
    meaning: Both,
}

#[derive(Serialize)]
struct OfLaw {
    instrument: Both,
    says: Both,
}

#[derive(Serialize)]
struct OfActivation {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    key: String,
    #[serde(serialize_with = "serialize_values")]
    changed: Values,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

fn both(text: impl Fn(Language) -> String) -> Both {
    Both {
        en: text(Language::English),
        vi: text(Language::Vietnamese),
    }
}

/// The document of some reasons.
pub fn json(rules: &Rules, reasons: &[Reason]) -> String {
    let mut former = rules.initial();
    let mut activations = Vec::new();
    let mut model = None;
    for activation in rules.activations() {
        activations.push(OfActivation {
            at: activation.at.to_string(),
            note: activation.note.clone(),
            key: activation.settings.key(),
            changed: activation.settings.differences(former),
            model: (activation.model_after(model))
                .map(|model| model.to_string_lossy().into_owned()),
        });
        (former, model) = (&activation.settings, activation.model.as_deref());
    }
    let settings = rules.initial();
    let document = Document {
        version: catalogue().version(),
        rules_sha256: hex(&catalogue_digest()),
        key: settings.key(),
        note: both(|language| catalogue().note(language).to_owned()),
        reasons: reasons
            .iter()
            .map(|reason| of_reason(*reason, settings))
            .collect(),
        activations,
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("text, numbers and lists are JSON") + "\n"
}

fn of_reason(reason: Reason, settings: &Settings) -> OfReason {
    let entry = reason.entry();
    let names = |streams: &[crate::record::Stream]| streams.iter().map(|s| s.name()).collect();
    let in_both = |of: &dyn Fn(Language) -> Vec<(Class, Option<String>)>| {
        let (en, vi) = (of(Language::English), of(Language::Vietnamese));
        let paired = en.into_iter().zip(vi);
        paired.map(|((class, en), (_, vi))| OfClass {
            class,
            when: en.zip(vi).map(|(en, vi)| Both { en, vi }),
        })
    };
    let laws = (reason.legal_basis(Language::English).into_iter())
        .zip(reason.legal_basis(Language::Vietnamese));
    OfReason {
        reason,
        severity: reason.severity(),
        subjects: names(&entry.subjects),
        evidence: names(&entry.evidence),
        is_scored: reason.is_scored(),
        title: both(|language| reason.title(language).to_owned()),
        explanation: both(|language| reason.explanation(settings, language)),
        condition: both(|language| reason.condition(settings, language)),
        classes: in_both(&|language| reason.classes(settings, language)).collect(),
        thresholds: thresholds(reason, settings)
            .into_iter()
            .map(of_threshold)
            .collect(),
        recommended_adjustment: both(|language| reason.adjustment(language).to_owned()),
        legal_basis: laws
            .map(|(en, vi)| OfLaw {
                instrument: Both {
                    en: en.instrument,
                    vi: vi.instrument,
                },
                says: Both {
                    en: en.says.to_owned(),
                    vi: vi.says.to_owned(),
                },
            })
            .collect(),
    }
}

fn of_threshold(shown: Shown) -> OfThreshold {
    let Shown {
        name,
        threshold,
        value,
    } = shown;
    OfThreshold {
        name,
        unit: threshold.unit,
        value,
        default: threshold.default.clone(),
        least: threshold.least,
        most: threshold.most,
        meaning: both(|language| threshold.meaning(language).to_owned()),
    }
}
