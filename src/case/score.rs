//! A score in the reader's language, with the features that moved it.
//!
//! Must hold: a feature that has no name here is told by its own, since scores may come from a model
//! of another version.

use std::cmp::Ordering;

use super::{Alert, ScoreFeature};
use crate::language::{Language, fill};

/// Features of a score that are shown.
const FEATURES_SHOWN: usize = 5;

/// The score of an alert, if it has one.
pub fn scored(alert: &Alert, language: Language) -> Option<String> {
    let score = alert.score?;
    let messages = language.messages();
    let features = alert.score_features.iter().take(FEATURES_SHOWN);
    let features: Vec<String> = features
        .filter_map(|feature| moved(feature, language))
        .collect();
    let template = if features.is_empty() {
        messages.score
    } else {
        messages.score_because
    };
    fill(template, |place| {
        Some(match place {
            "score" => language.decimal(score),
            _ => features.join(", "),
        })
    })
}

/// A feature, whether it is above or below what is usual, and its share of the score; none where that
/// is below one in a hundred.
fn moved(feature: &ScoreFeature, language: Language) -> Option<String> {
    let percent = feature.share / 100;
    let arrow = match feature.observed.cmp(&feature.typical) {
        Ordering::Greater => "↑",
        Ordering::Equal => "",
        Ordering::Less => "↓",
    };
    let name = feature_name(&feature.feature, language);
    (percent > 0).then(|| format!("{name}\u{a0}{arrow}{percent}%"))
}

/// A feature in words.
pub fn feature_name(feature: &str, language: Language) -> String {
    let name = match language {
        Language::English => None,
        Language::Vietnamese => vietnamese(feature),
    };
    name.map_or_else(|| feature.replace('_', " "), str::to_owned)
}

/// A feature's name in Vietnamese; its own is English.
fn vietnamese(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "cost" => "chi phí",
        "visits_30_days" => "số lần khám trong 30 ngày",
        "facilities_30_days" => "số cơ sở trong 30 ngày",
        "province_distance" => "khoảng cách tỉnh",
        "stay" => "thời gian điều trị",
        "visits_at_facility" => "số lần khám tại cơ sở",
        "visits_with_diagnosis" => "số lần khám cùng bệnh",
        "days_since_visit" => "số ngày từ lần khám trước",
        "diagnosis_surprise" => "mức độ hiếm của chẩn đoán",
        "facility_surprise" => "mức độ hiếm của cơ sở",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::tests::alert;

    #[test]
    fn features_are_told_with_direction_and_share() {
        let mut alert = alert();
        let told =
            |alert: &Alert, language| scored(alert, language).map(|t| t.replace('\u{a0}', " "));
        assert_eq!(
            told(&alert, Language::Vietnamese).as_deref(),
            Some("điểm bất thường 0,93 (mức độ hiếm của cơ sở ↑71%, chi phí ↓28%)")
        );
        alert.score_features.clear();
        assert_eq!(
            told(&alert, Language::English).as_deref(),
            Some("score 0.93")
        );
        alert.score = None;
        assert_eq!(told(&alert, Language::English), None);
    }
}
