//! Signing in by an identity provider: a service that runs, a provider that signs real tokens, and a browser without a
//! script between them.

mod browser;
mod groups;
mod proof;
mod provider;
mod reference;
mod service;
mod sign_in;
mod sign_out;
mod tokens;
