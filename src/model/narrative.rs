//! Why a claim stands where it stands, as people read it.
//!
//! In: a model, what it looks at of a claim under an alert, the reader's language. Out: a text of a few
//! lines. Must hold: every text is in both languages; what features add, adds up to what is told.

use std::fmt::{self, Write};

use super::artefact::{ALERT_BUDGET, OutlierModel};
use super::feature::Observation;
use super::logistic::probability;
use super::misuse::{MisuseObservation, ReasonKind};
use super::p_value::PValue;
use super::score::Score;
use crate::language::Language::{self, English, Vietnamese};

/// What is told of each claim, at most: features of the score, and of the probability of misuse.
const SHOWN: usize = 6;

/// A level where the model has none that keeps to a budget: one ordinary claim in twenty.
const USUAL_LEVEL: u32 = 50_000;

impl OutlierModel {
    /// Why a claim has its outlier score, with which value it would be ordinary, and what speaks for misuse
    /// and against it; of what is not known, nothing.
    pub fn narrative(
        &self,
        outlier: Option<&Observation>,
        misuse: Option<(ReasonKind, &MisuseObservation)>,
        language: Language,
    ) -> String {
        let mut text = String::new();
        let mut tell = || -> fmt::Result {
            if let Some(observation) = outlier {
                self.tell_score(&mut text, observation, language)?;
            }
            if let Some((reason, observation)) = misuse {
                self.tell_misuse(&mut text, reason, observation, language)?;
            }
            Ok(())
        };
        tell().expect("a text can always be written to");
        text
    }

    fn tell_score(
        &self,
        out: &mut String,
        observation: &Observation,
        language: Language,
    ) -> fmt::Result {
        let explanation = self.explain(observation);
        let (score, p) = (explanation.score, explanation.p_value);
        let peers = explanation.peers_in_words(language);
        match language {
            English => writeln!(out, "Outlier score {score} (p-value {p}), {peers}:")?,
            Vietnamese => writeln!(out, "Điểm bất thường {score} (giá trị p {p}), {peers}:")?,
        }
        let moved = explanation.factors.iter().filter(|factor| factor.share > 0);
        for factor in moved.take(SHOWN) {
            let sign = if factor.contribution < 0 {
                '↓'
            } else {
                '↑'
            };
            let percent = f64::from(factor.share) / 100.0;
            writeln!(
                out,
                "  {sign} {percent:5.1} %  {}",
                factor.in_words(language)
            )?;
        }
        let usual = PValue::new(USUAL_LEVEL).expect("a share above 0");
        let level = self.alert_level(ALERT_BUDGET).unwrap_or(usual);
        match (
            p < level,
            self.smallest_change(observation, level),
            language,
        ) {
            (_, Some(change), _) => writeln!(out, "{}", change.in_words(language)),
            (true, None, English) => {
                writeln!(
                    out,
                    "No other value of one feature alone would make it ordinary."
                )
            }
            (true, None, Vietnamese) => {
                writeln!(
                    out,
                    "Không có giá trị khác của riêng một đặc trưng nào làm hồ sơ trở nên bình thường."
                )
            }
            (false, None, English) => writeln!(out, "At a level of {level} it is no outlier."),
            (false, None, Vietnamese) => {
                writeln!(out, "Ở mức {level} hồ sơ không phải là bất thường.")
            }
        }
    }

    fn tell_misuse(
        &self,
        out: &mut String,
        reason: ReasonKind,
        observation: &MisuseObservation,
        language: Language,
    ) -> fmt::Result {
        let of_misuse = self.misuse();
        let (Some(likely), Some((base, parts))) = (
            of_misuse.probability(reason, observation),
            of_misuse.contributions(reason, observation),
        ) else {
            return match language {
                English => writeln!(
                    out,
                    "Of `{}`, nothing was learned from labels.",
                    reason.name()
                ),
                Vietnamese => writeln!(out, "Chưa học được gì từ nhãn của `{}`.", reason.name()),
            };
        };
        let begins = Score::new(probability(base)).unwrap_or_default();
        let decimals = |score: Score| f64::from(score.ten_thousandths()) / 100.0;
        let (likely, begins) = (decimals(likely), decimals(begins));
        match language {
            English => writeln!(
                out,
                "Misuse rather than an error: {likely:.1} %. Without what is known of this claim {begins:.1} %; \
                 in log-odds, this adds:"
            )?,
            Vietnamese => writeln!(
                out,
                "Lạm dụng thay vì sai sót: {likely:.1} %. Khi chưa xét hồ sơ này là {begins:.1} %; theo log-odds, \
                 các yếu tố cộng thêm:"
            )?,
        }
        let said = parts.iter().filter(|part| part.log_odds != 0);
        for part in said.take(SHOWN) {
            let what = match language {
                English => part.feature.english(),
                Vietnamese => part.feature.vietnamese(),
            };
            let adds = f64::from(part.log_odds) / 1000.0;
            writeln!(out, "  {adds:+6.3}  {:>6}  {what}", part.observed)?;
        }
        let others = parts.iter().filter(|part| part.log_odds != 0).skip(SHOWN);
        let others: i32 = others.map(|part| part.log_odds).sum();
        let others = f64::from(others) / 1000.0;
        match language {
            English => writeln!(out, "  {others:+6.3}          All other features."),
            Vietnamese => writeln!(out, "  {others:+6.3}          Các yếu tố còn lại."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::misuse::MisuseFeature;
    use crate::model::{builtin, made_up};

    #[test]
    fn it_is_told_in_both_languages() {
        let model = builtin();
        let claim = made_up::claims(1, 1)[0];
        let misuse = MisuseObservation {
            values: [1; MisuseFeature::COUNT],
        };
        let told = |language| {
            let reason = ReasonKind::ServiceAfterDeath;
            model.narrative(Some(&claim), Some((reason, &misuse)), language)
        };
        let (english, vietnamese) = (told(English), told(Vietnamese));
        assert!(english.contains("Outlier score") && english.contains("Misuse rather than"));
        assert!(vietnamese.contains("Điểm bất thường") && vietnamese.contains("Lạm dụng"));
        assert_eq!(english.lines().count(), vietnamese.lines().count());
        assert_eq!(model.narrative(None, None, English), "");
    }
}
