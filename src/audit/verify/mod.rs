//! Whether what was written still is what was written.
//!
//! In: a file or a directory of an auditor. Out: what was checked, or the first thing that is wrong and where it is.
//! Must hold: nothing is written, and nothing but the files is asked.

mod kind;
mod rerun;
mod run;
mod service;
mod signed;

pub use kind::{Kind, KindError};
pub use rerun::{Rerun, RerunError, rerun};
pub use run::{RunChecked, RunFault, verify_run};
pub use service::{ServiceChecked, ServiceFault, verify_access_log, verify_service};
pub use signed::{Signed, SignedFault, open_signed, signed_beside, verify_signed};
