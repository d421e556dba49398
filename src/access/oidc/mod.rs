//! People who sign in by an identity provider: OpenID Connect 1.0, authorization code flow with PKCE (RFC 7636).
//!
//! ```text
//! browser ── /sign-in/oidc ──▶ begin ──▶ provider: password, codes, whatever it asks for
//!                                              │ a code, by the browser
//!         ◀── session ◀── accounts ◀── finish ◀┘
//!                                        │ code, verifier ──▶ token endpoint ──▶ ID token
//!                                        └ signature (JWKS), issuer, audience, times, nonce
//! ```
//! In: what the configuration says of the provider, and what browsers bring back from it. Out: who somebody is, by a
//! signature of the provider. Must hold: only what this browser began is ended, once, and soon; what is not signed by a
//! key of the provider, by RS256 or ES256, says nothing; no connection is made but by TLS, or within this machine; an
//! answer of the provider is bounded in length and time; no token and no claim is logged.

mod claims;
mod discovery;
mod endpoint;
mod error;
mod jws;
mod key_cache;
mod key_set;
mod logout;
mod pending;
mod provider;
mod requests;
mod sealing;
mod settings;
mod used;

pub use endpoint::is_issuer;
pub use error::OidcError;
pub use logout::Logout;
pub use provider::{Answer, Begun, OidcProvider, Vouched};
pub use settings::{GroupRole, OidcSettings};
