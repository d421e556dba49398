//! Cookies: the session, and what is kept before there is one.
//!
//! Must hold: with `Secure` the names begin with `__Host-`, so that no other host and no path can set them.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// What cookies keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The session.
    Session,
    /// What forms before sign-in are bound to.
    Form,
    /// The language before sign-in.
    Language,
    /// Whether shortcuts are off.
    Shortcuts,
    /// What the browser is known by to whoever signs in by a password.
    Device,
    /// A sign-in that is under way at the identity provider.
    Departure,
}

impl Kept {
    fn suffix(self) -> &'static str {
        match self {
            Self::Session => "fundwatch",
            Self::Form => "fundwatch-form",
            Self::Language => "fundwatch-language",
            Self::Shortcuts => "fundwatch-shortcuts",
            Self::Device => "fundwatch-device",
            Self::Departure => "fundwatch-departure",
        }
    }

    /// Where a browser that comes from another site sends it: what a page is about that it comes back to from the identity
    /// provider, and nothing that lets anybody in.
    fn site(self) -> &'static str {
        match self {
            Self::Departure | Self::Language => "Lax",
            Self::Session | Self::Form | Self::Shortcuts | Self::Device => "Strict",
        }
    }

    /// The most bytes of its value.
    fn longest(self) -> usize {
        match self {
            // With an address to go to.
            Self::Departure => 3_000,
            _ => 256,
        }
    }

    fn name(self, is_secure: bool) -> String {
        let prefix = if is_secure { "__Host-" } else { "" };
        format!("{prefix}{}", self.suffix())
    }

    /// Its value in a request.
    pub fn read(self, headers: &HeaderMap, is_secure: bool) -> Option<String> {
        let name = self.name(is_secure);
        let lines = headers.get_all(COOKIE).iter();
        let mut pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let value = pairs.find(|(own, _)| *own == name)?.1;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        (value.len() <= self.longest() && value.bytes().all(is_plain)).then(|| value.to_owned())
    }

    /// The header that sets it, for as many seconds; without, until the browser ends. Zero takes it away.
    pub fn set(self, value: &str, seconds: Option<u32>, is_secure: bool) -> Option<HeaderValue> {
        let name = self.name(is_secure);
        let age = seconds.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        let secure = if is_secure { "; Secure" } else { "" };
        let site = self.site();
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{age}{secure}");
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_bound_to_the_host() {
        let header = Kept::Session.set("abc", None, true).expect("a header");
        assert_eq!(
            header,
            "__Host-fundwatch=abc; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
        let plain = Kept::Language.set("vi", Some(0), false).expect("a header");
        assert_eq!(
            plain,
            "fundwatch-language=vi; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert!(Kept::Session.set("a\nb", None, true).is_none());
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        let line = "fundwatch=1; __Host-fundwatch-form=2;__Host-fundwatch=3";
        headers.insert(COOKIE, HeaderValue::from_static(line));
        assert_eq!(Kept::Session.read(&headers, true).as_deref(), Some("3"));
        assert_eq!(Kept::Session.read(&headers, false).as_deref(), Some("1"));
        assert_eq!(Kept::Form.read(&headers, true).as_deref(), Some("2"));
        assert_eq!(Kept::Language.read(&headers, true), None);
    }
}
