//! Files of thresholds.

use std::path::Path;

use fundwatch::rule::Rules;

use super::{Target, behaviour};

pub const TARGET: Target = Target {
    name: "rules",
    seeds,
    tokens: &[
        "[[activation]]",
        "at = ",
        "note = \"\"",
        "overlap_minutes",
        "frequent_visits.visits",
        "base_salaries = [{ from = 2025-01-01, dong = 2500000 }]",
        "9223372036854775807",
        "-1",
        "1979-05-27T07:32:00Z",
        "0000-01-01",
        "{}",
        "[]",
        "nan",
        "\"\"",
    ],
    run,
};

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![
        b"[overlapping_stay]\noverlap_minutes = 180\n\n[[activation]]\nat = \"2025-03-10T00:00:00+07:00\"\n\
          note = \"who decided it\"\nfrequent_visits.visits = 40\n\
          benefit_mismatch.base_salaries = [{ from = 2025-01-01, dong = 2500000 }]\n"
            .to_vec(),
        b"[[activation]]\nat = 2020-01-01T00:00:00+07:00\noverlapping_stay.overlap_minutes = 9\n".to_vec(),
    ];
    for (group, key, _) in fundwatch::rule::catalogue().thresholds() {
        seeds.push(format!("[{group}]\n{key} = 3\n").into_bytes());
    }
    seeds
}

fn run(input: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(input) else {
        return 0;
    };
    match Rules::parse(Path::new("rules.toml"), text) {
        Ok(rules) => {
            let activations = rules.activations();
            assert!(activations.is_sorted_by_key(|activation| activation.at));
            for activation in activations {
                // What decides at a time can be told of every time.
                assert!(!rules.at(Some(activation.at)).key().is_empty());
            }
            behaviour((rules.initial().key(), activations.len()))
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.starts_with("rules.toml, line "), "{told}");
            let words: String = told
                .chars()
                .filter(|c| c.is_alphabetic())
                .take(80)
                .collect();
            behaviour(words)
        }
    }
}
