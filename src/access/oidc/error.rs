//! Why nobody is signed in by the provider. None of these holds a claim, a token or a word of whoever asked.

/// Why nobody is signed in by the provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// It does not answer, or not as a provider does.
    #[error("the identity provider cannot be used: {0}")]
    Away(String),
    /// What came back is not of a sign-in that this browser has begun: too late, a second time, or of another.
    #[error("the browser has begun no such sign-in, or it took too long")]
    NotBegun,
    /// The provider itself says no.
    #[error("the identity provider signed nobody in")]
    Declined,
    /// The code is none of the provider's, or was used: anybody can make one up.
    #[error(
        "the identity provider does not take the code; if it never does, its client has another redirect address"
    )]
    NotRedeemed,
    /// What the provider sent is not to be believed.
    #[error("the identity provider's answer is not taken: {0}")]
    Unsound(&'static str),
    /// The provider does not say that the person has proved just now who they are.
    #[error("the identity provider did not ask the person anew")]
    NotAnew,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

impl From<getrandom::Error> for OidcError {
    fn from(_: getrandom::Error) -> Self {
        Self::Random
    }
}
