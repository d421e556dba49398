//! Sections of a configuration: each key once, with its meaning, type, default, bounds, and whether a
//! running service takes it over.
//!
//! In: declarations with [`section!`]. Out: a struct a section; reading and reloading it; and the table that
//! the printed default, the page and the messages are made from. Must hold: there is no other place where a
//! key, its default or its meaning stands.

use std::collections::BTreeSet;

use super::table::Table;

/// A key, as it is explained.
pub(super) struct Key {
    pub name: &'static str,
    /// What it means, a line each.
    pub about: &'static [&'static str],
    /// What it has where the file says nothing, as TOML.
    pub default: Option<&'static str>,
    /// What it may look like, where it has no default, as TOML.
    pub example: Option<&'static str>,
    /// The least and the most that it may be, as TOML.
    pub bounds: Option<(&'static str, &'static str)>,
    pub reload: Reload,
}

/// When a changed key counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reload {
    /// With a reload.
    Live,
    /// With the next start.
    Restart,
}

/// The keys of a section, as they are explained.
pub(super) struct Section {
    /// What it is about, a line each.
    pub about: &'static [&'static str],
    pub keys: &'static [Key],
}

impl Section {
    /// The key of this name.
    pub fn key(&self, name: &str) -> &Key {
        let key = self.keys.iter().find(|key| key.name == name);
        key.expect("the macro that declares a section asks for its own keys")
    }
}

/// A section that is declared with [`section!`].
pub(super) trait Declared: Sized {
    /// How it is explained.
    const SECTION: &'static Section;

    /// Reads the section. What the file does not say is as in `base`, or the default. Nothing, where something
    /// is wrong; that is noted.
    fn read(table: &Table<'_, '_>, base: Option<&Self>) -> Option<Self>;

    /// Takes over what may change in a running service.
    fn adopt(&mut self, new: &Self, name: &str, changes: &mut Changes<'_>);
}

/// What a reload does with changed keys.
pub(super) struct Changes<'a> {
    /// Keys that have to wait for a restart, since they do not fit to others that have to.
    pub held: &'a BTreeSet<String>,
    pub taken: Vec<String>,
    pub waiting: Vec<String>,
}

impl Changes<'_> {
    /// Whether a changed key is taken over now. It is noted either way.
    pub fn take(&mut self, key: String, reload: Reload) -> bool {
        let is_taken = reload == Reload::Live && !self.held.contains(&key);
        match is_taken {
            true => self.taken.push(key),
            false => self.waiting.push(key),
        }
        is_taken
    }
}

/// Declares a section: its keys with their meanings, as documentation of the fields; `default(TOML)`, or
/// `example(TOML)` of one that may be absent, or `required(TOML)`, an example too; bounds; and `Live` or
/// `Restart`.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $Section:ident {
            $(
                $(#[doc = $key_about:literal])*
                $key:ident: $ty:ty = $kind:ident($toml:tt) $(in $low:literal..=$high:literal)?, $reload:ident;
            )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Section { $( $(#[doc = $key_about])* pub $key: $ty, )* }

        impl $crate::config::section::Declared for $Section {
            const SECTION: &'static $crate::config::section::Section =
                &$crate::config::section::Section {
                    about: &[$($about),*],
                    keys: &[$( $crate::config::section::Key {
                        name: stringify!($key),
                        about: &[$($key_about),*],
                        default: $crate::config::section::section!(@default $kind $toml),
                        example: $crate::config::section::section!(@example $kind $toml),
                        bounds: $crate::config::section::section!(@bounds $($low, $high)?),
                        reload: $crate::config::section::Reload::$reload,
                    }, )*],
                };

            fn read(
                table: &$crate::config::table::Table<'_, '_>,
                base: Option<&Self>,
            ) -> Option<Self> {
                // All are read before any is missed, so that everything that is wrong is told.
                $( let $key: Option<$ty> = table.setting(
                    Self::SECTION.key(stringify!($key)),
                    base.map(|base| &base.$key),
                ); )*
                Some(Self { $( $key: $key?, )* })
            }

            fn adopt(
                &mut self,
                new: &Self,
                name: &str,
                changes: &mut $crate::config::section::Changes<'_>,
            ) {
                $( if self.$key != new.$key {
                    let key = format!("{name}.{}", stringify!($key));
                    if changes.take(key, $crate::config::section::Reload::$reload) {
                        self.$key = new.$key.clone();
                    }
                } )*
            }
        }
    };
    (@default default $toml:tt) => { Some(stringify!($toml)) };
    (@default $kind:ident $toml:tt) => { None };
    (@example default $toml:tt) => { None };
    (@example $kind:ident $toml:tt) => { Some(stringify!($toml)) };
    (@bounds) => { None };
    (@bounds $low:literal, $high:literal) => { Some((stringify!($low), stringify!($high))) };
}

pub(super) use section;
