//! People who sign in: users, passwords, time-based codes, sessions; those whom an identity provider brings, too.
//!
//! ```text
//! access.db ── watch, every 250 ms: has anything changed? ──▶ memory ──▶ session (no I/O)
//!     ▲                                                         │
//!     ├── sign-in, setup, administration: a transaction each    │
//!     └── at most once a minute: when sessions were last seen ◀─┘
//! ```
//! In: what a person types, what a browser shows, what an administrator wants. Out: whose session it is, and what
//! they may. Must hold: whoever fails to sign in does not learn why, nor whether there is a user of that name; a code
//! is good once; a session ends when it is idle or old, or when its user is disabled, reset or given another role,
//! also by another process, within a second; of a password a hash is kept, of a session and of a setup code a digest.

mod accounts;
mod admin;
mod attempts;
mod base32;
mod brought;
mod device;
mod device_rows;
mod error;
mod hashing;
mod identity_rows;
mod password;
mod peers;
mod policy;
mod province_set;
mod qr;
mod session;
mod session_rows;
mod setup;
mod setup_code;
mod sign_in;
mod state;
mod totp;
mod user;
mod user_rows;
mod watch;

pub use accounts::Accounts;
pub use brought::Brought;
pub use error::{BringError, ChangePasswordError, ManageError, SetupError, SignInError};
pub use password::{PasswordFault, SHORTEST_PASSWORD, check as check_password};
pub use policy::{AccountPolicy, TotpRule};
pub use province_set::ProvinceSet;
pub use qr::qr_svg;
pub use session::{Session, SessionSecret, SignedIn};
pub use setup::Setup;
pub use setup_code::{SETUP_CODE_LIFE, SetupCode};
pub use sign_in::Browser;
pub use totp::TotpSecret;
pub use user::{DISPLAY_NAME_CHARACTERS, NewUser, UserId, UserRecord, UserState, display_name};
