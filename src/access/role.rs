//! The roles that a token or a certificate can have.
//!
//! What each may do is data: `permissions.toml`, read by [`super::permission`].

use std::fmt;

macro_rules! roles {
    ($( $variant:ident = $name:literal, $about:literal, )*) => {
        /// What somebody, or a system, is to this service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $( #[doc = $about] $variant, )* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in files, commands and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Who it is for, in one line.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// The role of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

roles! {
    Feed = "feed", "A system that sends rows: all streams, or those that it is bound to.",
    Auditor = "auditor", "Reads everything, masked where the pages mask it, and changes nothing.",
    Operator = "operator", "Keeps the service and its sources running, and repairs rows that were not accepted.",
    Reviewer = "reviewer", "Reviews alerts.",
    Supervisor = "supervisor", "Approves what reviewers propose.",
    PrivacyOfficer = "privacy_officer", "Watches who looked at what.",
    Admin = "admin", "Gives tokens and roles, and sees no data.",
    Portal = "portal", "A portal that citizens ask through for their own records.",
}

impl Role {
    /// Whether it is of systems, and never of somebody who signs in.
    pub fn is_of_systems(self) -> bool {
        matches!(self, Self::Feed | Self::Portal)
    }

    /// The names of all roles, for messages.
    pub fn names() -> String {
        let names: Vec<&str> = Self::ALL.iter().map(|role| role.as_str()).collect();
        names.join(", ")
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
