//! Labels whose values are known when the program is built.
//!
//! In: the project's enums. Out: the label's name and its values. Must hold: a label has few values, and
//! none of them is of a person, a facility or a visit.

use crate::record::Stream;
use crate::review::{Band, Purpose, Unreadable, Verdict, WorkPlace};
use crate::rule::{Reason, Severity};

/// A label, as the type of its values.
pub trait Label: Copy + 'static {
    /// The label's name.
    const NAME: &'static str;
    /// Every value, in the order of [`Label::index`].
    const ALL: &'static [Self];

    /// The value as Prometheus sees it.
    fn text(self) -> &'static str;

    /// Its place in [`Label::ALL`].
    fn index(self) -> usize;
}

/// Declares an enum that is a label.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident as $label:literal { $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $crate::metric::Label for $name {
            const NAME: &'static str = $label;
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(super) use label;

impl Label for Stream {
    const NAME: &'static str = "stream";
    const ALL: &'static [Self] = Stream::ALL;

    fn text(self) -> &'static str {
        self.name()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Reason {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] = Reason::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Severity {
    const NAME: &'static str = "severity";
    const ALL: &'static [Self] = &Severity::ALL;

    fn text(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Purpose {
    const NAME: &'static str = "purpose";
    const ALL: &'static [Self] = Purpose::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Verdict {
    const NAME: &'static str = "disposition";
    const ALL: &'static [Self] = Verdict::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for WorkPlace {
    const NAME: &'static str = "queue";
    const ALL: &'static [Self] = WorkPlace::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Band {
    const NAME: &'static str = "band";
    const ALL: &'static [Self] = &Band::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

impl Label for Unreadable {
    const NAME: &'static str = "kind";
    const ALL: &'static [Self] = Unreadable::ALL;

    fn text(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{
        AlertState, AmountStage, CodeClass, Collection, Disagreement, Frontier, JournalOperation,
        Method, ModelRole, Outcome, PartitionUse, Refusal, RejectGroup, ReopenCause,
        RetractionCause, RevealRole, Role, Sign, StatusChange,
    };

    fn check<L: Label>() {
        for (place, value) in L::ALL.iter().enumerate() {
            assert_eq!(value.index(), place, "{} {}", L::NAME, value.text());
        }
    }

    #[test]
    fn the_index_of_a_value_is_its_place() {
        check::<Stream>();
        check::<Reason>();
        check::<Severity>();
        check::<Purpose>();
        check::<Verdict>();
        check::<WorkPlace>();
        check::<Band>();
        check::<Unreadable>();
        check::<ReopenCause>();
        check::<Outcome>();
        check::<RejectGroup>();
        check::<Refusal>();
        check::<PartitionUse>();
        check::<StatusChange>();
        check::<Frontier>();
        check::<Collection>();
        check::<Sign>();
        check::<JournalOperation>();
        check::<AlertState>();
        check::<AmountStage>();
        check::<RetractionCause>();
        check::<ModelRole>();
        check::<Disagreement>();
        check::<Method>();
        check::<CodeClass>();
        check::<Role>();
        check::<RevealRole>();
    }
}
