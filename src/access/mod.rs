//! Who may do what: bearer tokens, client certificates, people who sign in, roles.
//!
//! In: what a request shows - a token, a certificate, the cookie of a session - and what it wants to do. Out: whose it is
//! ([`Principal`]) and whether it may ([`Principal::may`]). Must hold: what is not allowed is refused; no
//! secret is kept, printed or compared in a time that tells of it.

mod account;
mod certificate;
mod error;
mod gate;
mod oidc;
mod permission;
mod principal;
mod register;
mod role;
mod stream_set;
mod token;
mod token_record;

pub use account::{
    AccountPolicy, Accounts, BringError, Brought, Browser, ChangePasswordError,
    DISPLAY_NAME_CHARACTERS, ManageError, NewUser, PasswordFault, ProvinceSet, SETUP_CODE_LIFE,
    SHORTEST_PASSWORD, Session, SessionSecret, Setup, SetupCode, SetupError, SignInError, SignedIn,
    TotpRule, TotpSecret, UserId, UserRecord, UserState, check_password, display_name, qr_svg,
};
pub use certificate::{ClientCertificate, ClientCertificates, Fingerprint, Holder, Subject};
pub use error::AccessError;
pub use gate::{Gate, LONGEST_OUT_OF_STEP, Refused};
pub use oidc::{
    Answer as OidcAnswer, Begun as OidcBegun, GroupRole, Logout, OidcError, OidcProvider,
    OidcSettings, Vouched, is_issuer,
};
pub use permission::{
    Action, PermissionsError, check_permissions, describe_permissions, is_allowed,
};
pub use principal::{Credential, Principal};
pub use register::{REGISTER, Register};
pub use role::Role;
pub use stream_set::StreamSet;
pub(crate) use stream_set::{stream, stream_names};
pub use token::{BearerToken, TokenId};
pub use token_record::{NewToken, NewUserToken, TokenRecord, TokenState, TokenUser, is_plain_name};
