//! Numbers that look random and are the same for the same seed (SplitMix64).

use std::time::Duration;

/// A sequence of numbers.
pub struct Random(u64);

impl Random {
    /// The sequence of a seed, for one of its users.
    pub fn new(seed: u64, user: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ user);
        random.next();
        random
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    /// Whether something happens that happens once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A time of so many milliseconds at most.
    pub fn millis(&mut self, most: usize) -> Duration {
        Duration::from_micros(self.below(most * 1000) as u64)
    }
}

/// A number that depends on a text alone.
pub fn hash(text: &str) -> u64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    Random::new(text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv), 0).next()
}

/// The seed of the run: what the environment sets, and what is one's own of it.
pub fn seed(test: &str) -> (u64, u64) {
    let set = number("FUNDWATCH_SEED").unwrap_or(1);
    // Short, since it is a part of keys and the seed of a country.
    (
        set,
        (hash(test) ^ set.wrapping_mul(0x9E37_79B9)) % 1_000_000_000,
    )
}

/// A number that the environment may set.
pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable}: expected a number")),
    )
}
