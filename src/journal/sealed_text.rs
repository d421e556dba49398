//! Texts beside the journal that are sealed under the key of the month in which they were written.
//!
//! In: a text, when it was written, and what it is about. Out: bytes that open for the same purpose as long as the month
//! has its key. Must hold: once the key is destroyed the text is gone from every copy of these bytes; what was changed,
//! or is about something else, does not open.

use super::key::{KeyError, KeyId};
use super::keys::Keys;
use super::month::Month;
use super::seal::{NONCE_BYTES, TAG_BYTES};

const MAGIC: &[u8; 8] = b"fwtext\x00\x01";
const MARK_BYTES: usize = 8;

/// What became of a sealed text.
#[derive(Clone, PartialEq, Eq)]
pub enum OpenedText {
    /// It is this.
    Text(String),
    /// The month is erased.
    Erased,
    /// It was changed, or is about something else.
    Forged,
}

impl Keys {
    /// Seals a text that is written at a time, in nanoseconds since 1970, about something. The first of a month makes the
    /// key of the month.
    ///
    /// # Errors
    /// When the month's key is destroyed or cannot be had, or the system gives no random bytes.
    pub fn seal_text(&self, at: i64, about: &[u8], text: &str) -> Result<Vec<u8>, KeyError> {
        let (id, key) = self.to_seal(Month::of(at), None)?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| KeyError::Random { error })?;
        let month = id.month.number().to_le_bytes();
        let mut sealed = [MAGIC.as_slice(), &month, &id.mark].concat();
        let plain = [sealed.as_slice(), about].concat();
        let mut text = text.as_bytes().to_vec();
        let tag = key.seal(&nonce, &plain, &mut text);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&tag);
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Opens what was sealed about something; nothing where the bytes are not of a text that was sealed here.
    ///
    /// # Errors
    /// When the key is missing, or cannot be read or opened.
    pub fn open_text(&self, about: &[u8], sealed: &[u8]) -> Result<Option<OpenedText>, KeyError> {
        let Some((id, rest)) = head(sealed) else {
            return Ok(None);
        };
        let Some(key) = self.to_open(id)? else {
            return Ok(Some(OpenedText::Erased));
        };
        let plain = [&sealed[..sealed.len() - rest.len()], about].concat();
        let opened = || {
            let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
            let (tag, text) = rest.split_first_chunk::<TAG_BYTES>()?;
            let mut text = text.to_vec();
            key.open(nonce, &plain, &mut text, tag).ok()?;
            String::from_utf8(text).ok()
        };
        Ok(Some(opened().map_or(OpenedText::Forged, OpenedText::Text)))
    }
}

/// Which key sealed a text, and what follows.
fn head(sealed: &[u8]) -> Option<(KeyId, &[u8])> {
    let (month, rest) = sealed.strip_prefix(MAGIC)?.split_first_chunk()?;
    let (mark, rest) = rest.split_first_chunk::<MARK_BYTES>()?;
    let month = Month::from_number(u32::from_le_bytes(*month))?;
    Some((KeyId { month, mark: *mark }, rest))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journal::{Directory, MasterKey};

    const MARCH: i64 = 1_772_600_000_000_000_000;
    const MAY: i64 = MARCH + 61 * 86_400_000_000_000;

    fn text(opened: Option<OpenedText>) -> Result<String, &'static str> {
        match opened {
            Some(OpenedText::Text(text)) => Ok(text),
            Some(OpenedText::Erased) => Err("erased"),
            Some(OpenedText::Forged) => Err("forged"),
            None => Err("none"),
        }
    }

    #[test]
    fn a_text_is_there_until_its_month_is_erased() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = |master: Option<MasterKey>| {
            let directory = Directory::create(place.path()).expect("a directory");
            Keys::new(Arc::new(directory), master)
        };
        let master = || Some(MasterKey::from_bytes(&[7; 32]).expect("32 bytes"));
        let first = keys(master());
        let march = first.seal_text(MARCH, b"a", "ghi chú").expect("sealed");
        let may = first.seal_text(MAY, b"a", "").expect("sealed");
        let second = keys(master());
        assert!(keys(None).open_text(b"a", &march).is_err());
        let open =
            |about: &[u8], sealed: &[u8]| text(second.open_text(about, sealed).expect("opened"));
        assert_eq!(open(b"a", &march), Ok("ghi chú".to_owned()));
        assert_eq!(open(b"a", &may), Ok(String::new()));
        assert_eq!(open(b"b", &march), Err("forged"));
        assert_eq!(open(b"a", b"something else, of another kind"), Err("none"));
        let mut changed = march.clone();
        for place in 0..changed.len() {
            changed[place] ^= 1;
            // Of another month or key, it is missing, and no text either.
            assert!(!matches!(
                second.open_text(b"a", &changed),
                Ok(Some(OpenedText::Text(_)))
            ));
            changed[place] ^= 1;
        }
        for length in 0..march.len() {
            assert!(!matches!(
                second.open_text(b"a", &march[..length]),
                Ok(Some(OpenedText::Text(_)))
            ));
        }

        let march_month = Month::of(MARCH);
        assert!(
            first.destroy(march_month, MARCH).is_err(),
            "it has not passed"
        );
        first.destroy(march_month, MAY).expect("destroyed");
        for keys in [first, keys(master())] {
            assert_eq!(
                text(keys.open_text(b"a", &march).expect("known")),
                Err("erased")
            );
            assert!(
                keys.open_text(b"a", &may)
                    .is_ok_and(|opened| text(opened).is_ok())
            );
            assert!(keys.seal_text(MARCH, b"a", "late").is_err());
        }
    }
}
