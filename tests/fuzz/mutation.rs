//! Inputs made of others: what a parser is wrong about is rarely random bytes.

/// Numbers that look random and follow from a seed (SplitMix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// No input is longer; what is long is read by tests of limits.
const LONGEST: usize = 256 << 10;

const NUMBERS: [&str; 14] = [
    "0",
    "-0",
    "-1",
    "00",
    "1e999",
    "-1e-999",
    "0.1",
    "1e-7",
    "255",
    "65536",
    "2147483648",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
];
const NESTS: [&str; 8] = [
    "[",
    "{\"a\":",
    "(",
    "<A>",
    "\"",
    "[[",
    "<![CDATA[",
    "{\"after\":",
];
const NO_UTF8: [&[u8]; 5] = [
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xe1\x80",
    b"\xf4\x90\x80\x80",
];

/// Another input, made of one by some changes; `pool` gives parts of others.
pub fn mutated(input: &[u8], pool: &[Vec<u8>], tokens: &[&str], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=chance.below(5) {
        change(&mut bytes, pool, tokens, chance);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(bytes: &mut Vec<u8>, pool: &[Vec<u8>], tokens: &[&str], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let span = match chance.below(4) {
        0 => chance.below(bytes.len() - at + 1),
        _ => chance.below(9).min(bytes.len() - at),
    };
    match chance.below(13) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = chance.next() as u8;
            }
        }
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..at + span)),
        4 => {
            let copy = bytes[at..at + span].to_vec();
            let times = 1 + chance.below(3);
            insert(bytes, at, &copy.repeat(times));
        }
        5 => insert(bytes, at, chance.of(tokens).as_bytes()),
        6 => {
            let token = chance.of(tokens).as_bytes();
            drop(bytes.splice(at..at + span, token.iter().copied()));
        }
        7 => {
            let other = &pool[chance.below(pool.len())];
            let from = chance.below(other.len() + 1);
            let to = from + chance.below(other.len() - from + 1);
            drop(bytes.splice(at..at + span, other[from..to].iter().copied()));
        }
        8 => {
            let times = [2, 60, 101, 2_000, 30_000][chance.below(5)];
            insert(bytes, at, chance.of(&NESTS).repeat(times).as_bytes());
        }
        9 | 10 => number(bytes, at, chance),
        11 => insert(bytes, at, chance.of(&NO_UTF8)),
        _ => {
            let to = chance.below(bytes.len() + 1);
            let part: Vec<u8> = bytes.drain(at..at + span).collect();
            let to = to.min(bytes.len());
            insert(bytes, to, &part);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    if bytes.len() + part.len() <= LONGEST {
        drop(bytes.splice(at..at, part.iter().copied()));
    }
}

/// Puts another number in the place of the next one.
fn number(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let Some(from) = bytes[at..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let from = at + from;
    let digits = bytes[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = chance.of(&NUMBERS);
    drop(bytes.splice(from..from + digits, number.bytes()));
}
