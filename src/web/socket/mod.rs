//! From a socket to requests: accepting, TLS, HTTP/1.1 and HTTP/2, and every limit of time.
//!
//! In: a bound listener and a router. Out: requests, each with its [`Connection`].
//! Must hold: a peer has no more connections than its share; a connection that does not get on is ended.

mod accept;
mod connection;
mod doors;
mod tls;
mod watched;

pub(super) use accept::{Listener, Peer, Stop, Stopping};
pub(super) use connection::Connection;
pub(super) use tls::Tls;
pub use tls::{ClientCertificates, TlsError, TlsOptions};
