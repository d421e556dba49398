//! The address of a receiver of webhooks, as an operator writes it.
//!
//! Must hold: what is sent goes over TLS, or to this machine alone unless the caller allows otherwise; an address holds
//! nothing that is secret, since logs show it.

use std::net::IpAddr;

use ureq::http::Uri;

/// An address that nothing is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It has no scheme or no host.
    #[error("expected an address such as https://host/path")]
    Form,
    /// It names a user.
    #[error("it names a user; receivers know fundwatch by its signature")]
    User,
    /// It has a query.
    #[error("it has a query, which logs of others would show; leave it out")]
    Query,
    /// It is without TLS, and not of this machine.
    #[error("use https; http goes to this machine alone")]
    Plain,
    /// It has another scheme.
    #[error("expected https")]
    Scheme,
}

/// Reads an address. Without `allow_http`, http goes to this machine alone.
///
/// # Errors
/// When nothing is to be sent there.
pub fn address(url: &str, allow_http: bool) -> Result<Uri, AddressError> {
    let uri: Uri = url.parse().map_err(|_| AddressError::Form)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(AddressError::Form);
    };
    if authority.as_str().contains('@') {
        return Err(AddressError::User);
    }
    if uri.query().is_some() {
        return Err(AddressError::Query);
    }
    match scheme {
        "https" => Ok(uri),
        "http" if allow_http || is_loopback(authority.host()) => Ok(uri),
        "http" => Err(AddressError::Plain),
        _ => Err(AddressError::Scheme),
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_goes_to_this_machine_alone_unless_it_is_allowed() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1",
            "127.9.9.9:1",
            "[::1]:8080",
        ] {
            assert!(
                address(&format!("http://{host}/x"), false).is_ok(),
                "{host}"
            );
        }
        for host in [
            "localhost.example",
            "10.0.0.1",
            "[::2]",
            "128.0.0.1",
            "0.0.0.0",
        ] {
            let url = format!("http://{host}/x");
            assert_eq!(address(&url, false), Err(AddressError::Plain), "{host}");
            assert!(address(&url, true).is_ok(), "{host}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_receiver_is_refused() {
        for (url, error) in [
            ("hub", AddressError::Form),
            ("/notices", AddressError::Form),
            ("https://me:secret@hub.example/", AddressError::User),
            ("https://hub.example/?token=1", AddressError::Query),
            ("ftp://hub.example/", AddressError::Scheme),
        ] {
            assert_eq!(address(url, true), Err(error), "{url}");
        }
    }
}
