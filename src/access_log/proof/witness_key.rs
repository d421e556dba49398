//! The keys of witnesses.
//!
//! In: a line of a key, and what it is to have signed. Out: whether it has, and when, as
//! <https://c2sp.org/tlog-cosignature> defines it for Ed25519. Must hold: what a witness signs can be no checkpoint
//! of a log, nor anything else that is signed.

use ring::signature::{ED25519, UnparsedPublicKey};

use crate::access_log::note::{key_id, key_line, parse_key};

/// What a public key's type byte says: cosignatures with their time, by Ed25519.
const KIND: u8 = 4;
const TIME: usize = 8;
const SIGNATURE: usize = 64;

/// The public key of a witness, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    public: [u8; 32],
}

impl WitnessKey {
    pub(super) fn new(name: &str, public: [u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            public,
        }
    }

    /// The key of a line such as `NAME+0a1b2c3d+BAbC…=`, the form that tools of signed notes read; nothing where it
    /// is no such line, or a key of another kind.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, public) = parse_key(line, KIND)?;
        Some(Self::new(name, public))
    }

    /// The name of the witness.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Four bytes that tell keys apart.
    pub(super) fn id(&self) -> [u8; 4] {
        key_id(&self.name, KIND, &self.public)
    }

    /// When this key cosigned a checkpoint's text, in seconds since 1970 (UTC); nothing where it did not.
    pub(super) fn cosigned(&self, text: &str, signature: &[u8]) -> Option<u64> {
        let signed = signature.strip_prefix(&self.id())?;
        let (time, signature) = signed.split_at_checked(TIME)?;
        let time = u64::from_be_bytes(time.try_into().ok()?);
        let is_time = time > 0 && i64::try_from(time).is_ok();
        if !is_time || signature.len() != SIGNATURE {
            return None;
        }
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        key.verify(message(text, time).as_bytes(), signature).ok()?;
        Some(time)
    }

    /// What stands behind the name in the line of a cosignature.
    pub(super) fn cosign(
        &self,
        text: &str,
        time: u64,
        sign: impl FnOnce(&[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let signature = sign(message(text, time).as_bytes());
        [&self.id()[..], &time.to_be_bytes(), &signature].concat()
    }
}

impl std::fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&key_line(&self.name, KIND, &self.public))
    }
}

/// What is signed.
fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification, as far as it can be followed without a key.
    #[test]
    fn the_message_is_that_of_the_specification() {
        let text =
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        assert_eq!(
            message(text, 1_679_315_147),
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
             CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        );
    }

    #[test]
    fn a_key_is_what_its_line_says() {
        let line = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
        let key = WitnessKey::parse(line).expect("a key");
        assert_eq!(key.to_string(), line);
        assert_eq!(key.name(), "remora.n621.de");
        for other in [
            line.replace("da77", "da78"),
            line.replace("BOvN", "AOvN"),
            line.replace("remora", "remola"),
            line.replace('+', "-"),
        ] {
            assert_eq!(WitnessKey::parse(&other), None, "{other}");
        }
    }

    #[test]
    fn a_time_of_none_is_no_cosignature() {
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let public = ring::signature::KeyPair::public_key(&pair).as_ref();
        let key = WitnessKey::new("witness", public.try_into().expect("32 bytes"));
        let sign = |text: &[u8]| pair.sign(text).as_ref().to_vec();
        for (time, is_one) in [
            (0, false),
            (1, true),
            (i64::MAX as u64, true),
            (1 << 63, false),
        ] {
            let signature = key.cosign("text\n", time, sign);
            let found = key.cosigned("text\n", &signature);
            assert_eq!(found, is_one.then_some(time));
            assert_eq!(key.cosigned("text", &signature), None);
            assert_eq!(
                key.cosigned("text\n", &[&signature[..], b"x"].concat()),
                None
            );
        }
    }
}
