//! Two-sided intervals of 90 %: each end is passed with 5 %, so that what the lower end says is said with 95 %.
//!
//! In: what was found in samples. Out: the ends. Must hold: an interval holds what was found; of a stratum that was
//! drawn whole it is a point; the functions behind them agree with published tables (see the tests).
//!
//! - A count in one stratum: the exact interval of the hypergeometric distribution, which is that of Clopper and
//!   Pearson (Biometrika 26, 1934) for a sample that is drawn without putting back.
//! - A share over strata: that of Korn and Graubard (Survey Methodology 24, 1998): Clopper and Pearson's at the
//!   effective size of the sample, which is its size divided by the design effect.
//! - An amount: Student's, of the stratified expansion estimate, with Satterthwaite's degrees of freedom
//!   (Cochran, Sampling Techniques, 3rd ed. 1977, 5.4 and 5.16).

/// How likely each end of an interval is passed.
pub const TAIL: f64 = 0.05;

/// The two ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Halvings of a range of floating-point numbers after which it cannot become narrower.
const HALVINGS: usize = 200;

/// The interval of the number of units with an error in a stratum of `units`, of which `found` of `drawn` had one.
///
/// # Panics
/// When more are drawn than there are, or found than drawn.
pub fn count(units: u64, drawn: u64, found: u64) -> (u64, u64) {
    assert!(
        found <= drawn && drawn <= units,
        "more cannot be found than drawn, nor drawn than there are"
    );
    if drawn == 0 {
        return (0, units);
    }
    // What was seen bounds it already: the errors found are there, and so are the units without.
    let (least, most) = (found, units - (drawn - found));
    // The least number of which it is not too unlikely to find so many or more.
    let low = first(least, most, |errors| {
        tail_above(units, errors, drawn, found) >= TAIL
    });
    // The greatest number of which it is not too unlikely to find so few or fewer.
    let above = first(least, most + 1, |errors| {
        errors > most || 1.0 - tail_above(units, errors, drawn, found + 1) < TAIL
    });
    (low, above.saturating_sub(1).max(least))
}

/// The first number from `low` to `high` of which something is so, which is then so of all that follow; `high` where
/// there is none before.
fn first(mut low: u64, mut high: u64, is: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// How likely `found` or more of `drawn` have an error, where `errors` of `units` have.
fn tail_above(units: u64, errors: u64, drawn: u64, found: u64) -> f64 {
    let least = drawn.saturating_sub(units - errors);
    let most = drawn.min(errors);
    if found <= least {
        return 1.0;
    }
    if found > most {
        return 0.0;
    }
    let choose = |n: u64, k: u64| {
        let (n, k) = (n as f64, k as f64);
        ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
    };
    let all = choose(units, drawn);
    let sum: f64 = (found..=most)
        .map(|k| (choose(errors, k) + choose(units - errors, drawn - k) - all).exp())
        .sum();
    sum.min(1.0)
}

/// Clopper and Pearson's interval of a share, of which `found` of `size` units were; neither need be whole.
pub fn share(found: f64, size: f64) -> Interval {
    share_at(found, size, TAIL)
}

/// The same where each end is passed with `tail`.
pub fn share_at(found: f64, size: f64, tail: f64) -> Interval {
    if size <= 0.0 {
        return Interval {
            low: 0.0,
            high: 1.0,
        };
    }
    let rest = (size - found).max(0.0);
    let low = if found <= 0.0 {
        0.0
    } else {
        beta_quantile(tail, found, rest + 1.0)
    };
    let high = if rest <= 0.0 {
        1.0
    } else {
        beta_quantile(1.0 - tail, found + 1.0, rest)
    };
    Interval { low, high }
}

/// What Student's distribution does not exceed with a probability.
pub fn student_quantile(probability: f64, degrees: f64) -> f64 {
    if probability < 0.5 {
        return -student_quantile(1.0 - probability, degrees);
    }
    // Twice the upper tail is the share of a beta distribution below degrees / (degrees + t²).
    let x = beta_quantile(2.0 * (1.0 - probability), degrees / 2.0, 0.5);
    (degrees * (1.0 - x) / x).sqrt()
}

/// What a beta distribution does not exceed with a probability.
fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if beta_below(middle, a, b) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The regularised incomplete beta function: how likely a beta distribution is below `x`. By Lentz's evaluation of its
/// continued fraction (DLMF 8.17.22).
fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above, the other tail is taken.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_below(1.0 - x, b, a);
    }
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    front.exp() / (a * fraction(x, a, b))
}

/// The continued fraction of the incomplete beta function, by which it is divided.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const LEAST: f64 = 1e-300;
    const TERMS: usize = 20_000;
    const NEAR: f64 = 1e-15;
    let away = |value: f64| if value.abs() < LEAST { LEAST } else { value };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for term in 1..TERMS {
        let m = (term / 2) as f64;
        let coefficient = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / away(1.0 + coefficient * d);
        c = away(1.0 + coefficient / c);
        value *= c * d;
        if (c * d - 1.0).abs() < NEAR {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function of a positive number: Stirling's series, after the argument is raised to where
/// the series has 15 digits.
fn ln_gamma(x: f64) -> f64 {
    const FROM: f64 = 12.0;
    const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;
    let (mut shift, mut x) = (0.0, x);
    while x < FROM {
        shift += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = (1.0 / 12.0
        - square
            * (1.0 / 360.0
                - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square * (1.0 / 1188.0)))))
        / x;
    (x - 0.5) * x.ln() - x + HALF_LN_2_PI + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_published_table() {
        // R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
        // (1998), table I, method 5: 95 %.
        for (found, size, low, high) in [
            (81.0, 263.0, 0.2527, 0.3676),
            (15.0, 148.0, 0.0578, 0.1617),
            (0.0, 20.0, 0.0, 0.1684),
            (1.0, 29.0, 0.0009, 0.1776),
        ] {
            let own = share_at(found, size, 0.025);
            assert!((own.low - low).abs() < 5e-5, "{found}/{size}: {own:?}");
            assert!((own.high - high).abs() < 5e-5, "{found}/{size}: {own:?}");
        }
        // The table of the AICPA's guide on audit sampling, 5 % risk: 59 without a deviation bound it by 5 %, 93
        // with one as well.
        assert!((share(0.0, 59.0).high - 0.05).abs() < 1e-3);
        assert!((share(1.0, 93.0).high - 0.05).abs() < 1e-3);
        assert_eq!(share(3.0, 0.0).high, 1.0);
    }

    #[test]
    fn quantiles_of_student_are_those_of_the_table() {
        for (degrees, quantile) in [
            (1.0, 6.314),
            (2.0, 2.920),
            (5.0, 2.015),
            (10.0, 1.812),
            (30.0, 1.697),
            (120.0, 1.658),
            (1e7, 1.645),
        ] {
            let own = student_quantile(0.95, degrees);
            assert!((own - quantile).abs() < 5e-4, "{degrees}: {own}");
            assert_eq!(student_quantile(0.05, degrees), -own);
        }
    }

    #[test]
    fn a_count_of_many_is_the_binomial_interval() {
        let units = 100_000_000;
        for (found, drawn) in [(0, 20), (1, 29), (15, 148), (20, 20)] {
            let of_share = share(found as f64, drawn as f64);
            let (low, high) = count(units, drawn, found);
            assert!((low as f64 / units as f64 - of_share.low).abs() < 1e-4);
            assert!((high as f64 / units as f64 - of_share.high).abs() < 1e-4);
        }
    }

    /// How many ways there are to find so many, by Pascal's triangle.
    fn ways(units: usize, errors: usize, drawn: usize, found: usize) -> f64 {
        let mut triangle = vec![vec![0.0; units + 1]; units + 1];
        for n in 0..=units {
            triangle[n][0] = 1.0;
            for k in 1..=n {
                triangle[n][k] = triangle[n - 1][k - 1] + triangle[n - 1][k];
            }
        }
        if found > errors || drawn < found || drawn - found > units - errors {
            return 0.0;
        }
        triangle[errors][found] * triangle[units - errors][drawn - found] / triangle[units][drawn]
    }

    #[test]
    fn a_count_is_covered_as_often_as_is_said() {
        for (units, drawn) in [(12usize, 5usize), (30, 8), (9, 9), (25, 1)] {
            for errors in 0..=units {
                let covered: f64 = (0..=drawn.min(errors))
                    .filter(|found| drawn - found <= units - errors)
                    .filter(|found| {
                        let (low, high) = count(units as u64, drawn as u64, *found as u64);
                        (low..=high).contains(&(errors as u64))
                    })
                    .map(|found| ways(units, errors, drawn, found))
                    .sum();
                assert!(
                    covered >= 0.9 - 1e-9,
                    "{errors} of {units}, {drawn} drawn: {covered}"
                );
            }
        }
        assert_eq!(count(9, 9, 4), (4, 4));
        assert_eq!(count(9, 0, 0), (0, 9));
    }
}
