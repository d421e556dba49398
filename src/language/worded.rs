//! Enumerations whose variants have a word for programs and words for people.

/// Declares an enumeration: for each variant the word in databases, addresses and outputs, which is never changed once
/// published, and what people read in English and in Vietnamese.
macro_rules! worded {
    ($(#[$about:meta])* $name:ident { $( $variant:ident = $word:literal, $english:literal, $vietnamese:literal; )* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( #[doc = $english] $variant, )* }

        impl $name {
            /// Every one, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in databases, addresses and outputs; never changed once published.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one with this word.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)* _ => None }
            }

            /// What people read.
            pub fn text(self, language: $crate::language::Language) -> &'static str {
                match (self, language) {
                    $( (Self::$variant, $crate::language::Language::English) => $english,
                       (Self::$variant, $crate::language::Language::Vietnamese) => $vietnamese, )*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use worded;
