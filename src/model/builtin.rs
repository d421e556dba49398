//! The model that comes with the program.
//!
//! In: `models/outlier.json`. Out: that model, read once. Must hold: the artefact is valid, and
//! `models/outlier.md` describes it.

use std::sync::OnceLock;

use super::artefact::OutlierModel;

/// The model that comes with the program. It was trained on synthetic claims, so its calibration
/// says nothing of a fund's own: see `models/outlier.md`.
pub fn builtin() -> &'static OutlierModel {
    static MODEL: OnceLock<OutlierModel> = OnceLock::new();
    MODEL.get_or_init(|| {
        OutlierModel::from_json(include_str!("../../models/outlier.json"))
            .expect("the artefact is part of the program, and a test reads it")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The artefact in use is valid, canonical, small, and the one its card describes.
    #[test]
    fn the_artefact_and_its_card_belong_together() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let json = fs::read_to_string(folder.join("outlier.json")).unwrap();
        let model = OutlierModel::from_json(&json).unwrap();
        assert_eq!(model.to_json(), json);
        assert!(json.len() < 1_500_000, "{} bytes", json.len());
        let text = fs::read_to_string(folder.join("outlier.md")).unwrap();
        assert!(
            text.contains(&model.digest()),
            "the card is of another model"
        );
        assert_eq!(*builtin(), model);
    }
}
