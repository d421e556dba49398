//! The figures of an evaluation.

use serde::Serialize;

use crate::model::drift::Drift;
use crate::model::false_alarms::false_alarms;
use crate::model::metric::{auroc, average_precision};
use crate::model::misuse::ReasonKind;
use crate::model::p_value::PValue;
use crate::model::score::Score;

/// An alert of which it is known what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Why it was raised.
    pub reason: ReasonKind,
    /// Whether it was misuse.
    pub is_misuse: bool,
    /// How unlike ordinary claims the claim is; none of a check-in.
    pub score: Option<Score>,
    /// Its p-value.
    pub p_value: Option<PValue>,
    /// How likely the model takes misuse to be.
    pub probability: Option<Score>,
    /// Its place in the queue, highest first.
    pub priority: u32,
}

/// How good a model is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Judged alerts.
    pub alerts: usize,
    /// Those that were misuse.
    pub misuse: usize,
    /// By reason, those that both were and were not misuse among.
    pub reasons: Vec<ReasonEvaluation>,
    /// The head of the queue.
    pub queue: Vec<QueueShare>,
    /// Alerts by probability, in ten bins of a tenth; those without any are left out.
    pub reliability: Vec<ReliabilityBin>,
    /// The mean squared difference of probability and outcome (Brier 1950); none without probabilities.
    pub brier: Option<f64>,
    /// The alerted claims whose p-value is at most a level, from the widest on.
    pub volume: Vec<Volume>,
    /// How far ordinary claims have drifted from those that the model was trained on.
    pub drift: Vec<Drift>,
}

/// How well the alerts of a reason are told apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReasonEvaluation {
    /// The reason.
    pub reason: &'static str,
    /// Judged alerts.
    pub alerts: usize,
    /// Those that were misuse.
    pub misuse: usize,
    /// Area under the ROC curve of the probability of misuse.
    pub auroc: Option<f64>,
    /// Its average precision.
    pub average_precision: Option<f64>,
    /// Area under the ROC curve of the outlier score.
    pub score_auroc: Option<f64>,
    /// Its average precision.
    pub score_average_precision: Option<f64>,
}

/// The first alerts of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QueueShare {
    /// How many.
    pub first: usize,
    /// Those of them that were misuse.
    pub misuse: usize,
    /// Which share of them that is.
    pub precision: f64,
    /// Which share of all misuse that is.
    pub recall: f64,
}

/// The alerted claims that are unlike others by a level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Volume {
    /// The p-value.
    pub level: f64,
    /// Claims with that p-value or a smaller one.
    pub claims: usize,
    /// Which share of them is to be expected to be ordinary (see [`false_alarms`]); none without claims.
    pub false_alarms: Option<f64>,
}

/// Alerts whose probabilities lie in one tenth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Alerts.
    pub alerts: usize,
    /// The mean of their probabilities.
    pub expected: f64,
    /// The share of them that was misuse.
    pub observed: f64,
}

/// Heads of the queue that are told of, beside those that are a share of it.
const FIRST: [usize; 4] = [10, 50, 100, 300];
/// Hundredths of the queue.
const SHARES: [usize; 5] = [1, 5, 10, 15, 20];
/// Levels of p-values, in millionths.
const LEVELS: [u32; 5] = [100_000, 50_000, 10_000, 5_000, 1_000];

impl Evaluation {
    /// Judges a model by alerts, in any order; `drift` is that of ordinary claims.
    pub fn of(mut alerts: Vec<Judged>, drift: Vec<Drift>) -> Self {
        // Among alerts of one priority, misuse last: what the order does not tell is not credited.
        alerts.sort_by_key(|alert| (std::cmp::Reverse(alert.priority), alert.is_misuse));
        let misuse = alerts.iter().filter(|alert| alert.is_misuse).count();
        let mut heads: Vec<usize> = FIRST.into();
        heads.extend(SHARES.map(|share| alerts.len() * share / 100));
        heads.retain(|first| (1..=alerts.len()).contains(first));
        heads.sort_unstable();
        heads.dedup();
        let queue = heads.into_iter().map(|first| {
            let found = alerts[..first]
                .iter()
                .filter(|alert| alert.is_misuse)
                .count();
            QueueShare {
                first,
                misuse: found,
                precision: found as f64 / first as f64,
                recall: found as f64 / misuse.max(1) as f64,
            }
        });
        let pool: Vec<PValue> = alerts.iter().filter_map(|alert| alert.p_value).collect();
        Self {
            alerts: alerts.len(),
            misuse,
            queue: queue.collect(),
            reasons: ReasonKind::ALL
                .into_iter()
                .filter_map(|reason| of_reason(reason, &alerts))
                .collect(),
            reliability: reliability(&alerts),
            brier: brier(&alerts),
            drift,
            volume: volume(&pool),
        }
    }
}

fn volume(pool: &[PValue]) -> Vec<Volume> {
    let expected: Vec<(PValue, PValue)> = pool.iter().copied().zip(false_alarms(pool)).collect();
    let at = |level: u32| {
        let within = || {
            expected
                .iter()
                .filter(move |(p, _)| p.millionths() <= level)
        };
        let share = within().map(|(_, share)| share.millionths()).max();
        Volume {
            level: f64::from(level) / 1e6,
            claims: within().count(),
            false_alarms: share.map(|share| f64::from(share) / 1e6),
        }
    };
    LEVELS.map(at).into()
}

fn of_reason(reason: ReasonKind, alerts: &[Judged]) -> Option<ReasonEvaluation> {
    let of_reason = || alerts.iter().filter(move |alert| alert.reason == reason);
    let told = |value: fn(&Judged) -> Option<Score>| -> (Vec<Score>, Vec<bool>) {
        of_reason()
            .filter_map(|alert| Some((value(alert)?, alert.is_misuse)))
            .unzip()
    };
    let (probabilities, labels) = told(|alert| alert.probability);
    let (scores, score_labels) = told(|alert| alert.score);
    let misuse = of_reason().filter(|alert| alert.is_misuse).count();
    let all = of_reason().count();
    (misuse > 0 && misuse < all).then(|| ReasonEvaluation {
        reason: reason.name(),
        alerts: all,
        misuse,
        auroc: auroc(&probabilities, &labels).ok(),
        average_precision: average_precision(&probabilities, &labels).ok(),
        score_auroc: auroc(&scores, &score_labels).ok(),
        score_average_precision: average_precision(&scores, &score_labels).ok(),
    })
}

fn probability(alert: &Judged) -> Option<f64> {
    Some(f64::from(alert.probability?.ten_thousandths()) / 10_000.0)
}

fn reliability(alerts: &[Judged]) -> Vec<ReliabilityBin> {
    let mut bins = [(0usize, 0.0, 0usize); 10];
    for alert in alerts {
        if let Some(expected) = probability(alert) {
            let (count, sum, misuse) = &mut bins[((expected * 10.0) as usize).min(9)];
            *count += 1;
            *sum += expected;
            *misuse += usize::from(alert.is_misuse);
        }
    }
    let filled = bins.into_iter().filter(|(count, ..)| *count > 0);
    filled
        .map(|(alerts, expected, misuse)| ReliabilityBin {
            alerts,
            expected: expected / alerts as f64,
            observed: misuse as f64 / alerts as f64,
        })
        .collect()
}

fn brier(alerts: &[Judged]) -> Option<f64> {
    let squares = alerts.iter().filter_map(|alert| {
        let outcome = f64::from(u8::from(alert.is_misuse));
        Some((probability(alert)? - outcome).powi(2))
    });
    let squares: Vec<f64> = squares.collect();
    (!squares.is_empty()).then(|| squares.iter().sum::<f64>() / squares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(priority: u32, probability: u16, is_misuse: bool) -> Judged {
        Judged {
            reason: ReasonKind::ServiceAfterDeath,
            is_misuse,
            score: Score::new(9_600),
            p_value: PValue::new(40_000),
            probability: Score::new(probability),
            priority,
        }
    }

    #[test]
    fn figures_are_of_the_queue() {
        let mut alerts: Vec<Judged> = (0..90).map(|n| judged(n, 500, false)).collect();
        alerts.extend((0..10).map(|n| judged(1000 + n, 9_500, n > 0)));
        let evaluation = Evaluation::of(alerts, Vec::new());
        assert_eq!((evaluation.alerts, evaluation.misuse), (100, 9));
        let head = evaluation
            .queue
            .iter()
            .find(|head| head.first == 10)
            .unwrap();
        assert_eq!((head.misuse, head.recall), (9, 1.0));
        assert_eq!(evaluation.reliability.len(), 2);
        assert!((evaluation.reliability[1].observed - 0.9).abs() < 1e-9);
        assert!((evaluation.reliability[1].expected - 0.95).abs() < 1e-9);
        let at = |place: usize| {
            (
                evaluation.volume[place].claims,
                evaluation.volume[place].false_alarms,
            )
        };
        assert_eq!((at(1), at(2)), ((100, Some(0.04)), (0, None)));
        assert!(evaluation.reasons[0].auroc.unwrap() > 0.99);
    }

    #[test]
    fn ties_are_not_credited() {
        let alerts = vec![judged(1, 500, true), judged(1, 500, false)];
        let head = Evaluation::of(alerts, Vec::new());
        assert!(head.queue.is_empty());
        let alerts: Vec<Judged> = (0..20).map(|n| judged(1, 500, n < 10)).collect();
        let evaluation = Evaluation::of(alerts, Vec::new());
        let head = evaluation
            .queue
            .iter()
            .find(|head| head.first == 10)
            .unwrap();
        assert_eq!(head.misuse, 0);
    }
}
