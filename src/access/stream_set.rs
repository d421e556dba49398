//! The streams that a token or a certificate is bound to.

use std::fmt;

use crate::record::Stream;

/// A set of streams.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamSet(u16);

const _: () = assert!(Stream::ALL.len() <= 16, "a bit a stream");

impl StreamSet {
    /// Every stream, also those that are added later.
    pub const ALL: Self = Self(u16::MAX);

    /// Whether a stream is in it.
    pub fn contains(self, stream: Stream) -> bool {
        self.0 & 1 << stream as u16 != 0
    }

    /// Whether it is every stream.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// Its streams, in the contract's order.
    pub fn iter(self) -> impl Iterator<Item = Stream> {
        let all = Stream::ALL.iter().copied();
        all.filter(move |stream| self.contains(*stream))
    }

    /// The set of this text, as [`StreamSet`] is displayed.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "all" => Some(Self::ALL),
            names => names.split(',').map(stream).collect(),
        }
    }
}

/// The stream of this name.
pub(crate) fn stream(name: &str) -> Option<Stream> {
    let mut all = Stream::ALL.iter().copied();
    all.find(|stream| stream.name() == name)
}

/// The names of all streams, for messages.
pub(crate) fn stream_names() -> String {
    let names: Vec<&str> = Stream::ALL.iter().map(|stream| stream.name()).collect();
    names.join(", ")
}

impl FromIterator<Stream> for StreamSet {
    fn from_iter<I: IntoIterator<Item = Stream>>(streams: I) -> Self {
        let bits = streams.into_iter();
        Self(bits.fold(0, |set, stream| set | 1 << stream as u16))
    }
}

/// `all`, or the names with commas between.
impl fmt::Display for StreamSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all");
        }
        for (place, stream) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{stream}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for StreamSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_told_and_read() {
        let some: StreamSet = [Stream::Claims, Stream::Citizens].into_iter().collect();
        assert_eq!(some.to_string(), "citizens,claims");
        assert_eq!(StreamSet::from_text("citizens,claims"), Some(some));
        assert_eq!(StreamSet::from_text("all"), Some(StreamSet::ALL));
        for wrong in ["", "claims,", "claim", "claims, cards"] {
            assert_eq!(StreamSet::from_text(wrong), None, "{wrong}");
        }
        assert!(some.contains(Stream::Claims) && !some.contains(Stream::Cards));
        // All of today is not yet all of tomorrow.
        let today: StreamSet = Stream::ALL.iter().copied().collect();
        assert!(!today.is_all());
        assert!(
            Stream::ALL
                .iter()
                .all(|stream| StreamSet::ALL.contains(*stream))
        );
    }
}
