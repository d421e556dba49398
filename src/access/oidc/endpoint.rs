//! Addresses of a provider.
//!
//! In: texts of the configuration and of the provider's own description. Out: whether they are gone to. Must hold:
//! everything is asked over TLS, but of a provider on this machine, which is asked nowhere else then.

use std::net::IpAddr;

use http::Uri;

/// Whether a text can be the issuer of a provider: an address with https, or with http on this machine, without a
/// query.
pub fn is_issuer(text: &str) -> bool {
    Place::of(text).is_some() && !text.contains('?')
}

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Over TLS.
    Secure,
    /// To this machine, without TLS.
    Here,
}

impl Place {
    fn of(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain || text.len() > 2_000 || text.contains('#') {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return None;
        }
        match uri.scheme_str()? {
            "https" => Some(Self::Secure),
            "http" if is_loopback(authority.host()) => Some(Self::Here),
            _ => None,
        }
    }
}

/// Whether an endpoint that the description of an issuer names is gone to.
pub(super) fn is_endpoint(text: &str, issuer: &str) -> bool {
    match (Place::of(text), Place::of(issuer)) {
        (Some(Place::Secure), Some(_)) => true,
        (Some(Place::Here), Some(issuer)) => issuer == Place::Here,
        _ => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_asked_over_tls_or_on_this_machine() {
        for issuer in [
            "https://id.example",
            "https://id.example:8443/realms/fund",
            "http://127.0.0.1:9000",
            "http://localhost/x",
            "http://[::1]:9000/",
        ] {
            assert!(is_issuer(issuer), "{issuer}");
        }
        for other in [
            "",
            "id.example",
            "http://id.example",
            "http://127.0.0.1.example",
            "https://user:pass@id.example",
            "https://id.example/?a=b",
            "https://id.example/#a",
            "https://id.example/a b",
            "ftp://id.example",
            "file:///etc/passwd",
        ] {
            assert!(!is_issuer(other), "{other}");
        }
    }

    #[test]
    fn a_description_from_afar_leads_to_nothing_on_this_machine_without_tls() {
        let (far, here) = ("https://id.example", "http://127.0.0.1:9000");
        assert!(is_endpoint("https://keys.example/jwks?v=1", far));
        assert!(!is_endpoint("http://127.0.0.1:9464/metrics", far));
        assert!(is_endpoint("http://127.0.0.1:9000/token", here));
        assert!(!is_endpoint("http://id.example/token", here));
    }
}
