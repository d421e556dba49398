//! Times and texts as pages tell them.

use super::app::day_of;
use crate::language::{Language, PageMessages, fill};
use crate::record::Instant;
use crate::review::Typed;

/// A text with its places filled by name; a place without a value stays empty.
pub(super) fn told(template: &str, values: &[(&str, &str)]) -> String {
    let value = |place: &str| {
        let found = values.iter().find(|(name, _)| *name == place);
        Some(found.map_or("", |(_, value)| value).to_owned())
    };
    fill(template, value).unwrap_or_default()
}

/// A time in milliseconds since 1970, to the minute.
pub(super) fn moment(language: Language, millis: i64) -> String {
    language.instant(Instant::from_millis(millis).unwrap_or(Instant::MAX))
}

/// The same to the second: the clock alone, where it is of today.
pub(super) fn clock(language: Language, millis: i64, now: i64) -> String {
    let instant = Instant::from_millis(millis).unwrap_or(Instant::MAX);
    let second = instant
        .local_nanos()
        .div_euclid(1_000_000_000)
        .rem_euclid(86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if day_of(millis) == day_of(now) {
        clock
    } else {
        format!("{clock}\u{a0}{}", language.day(instant.day()))
    }
}

/// What somebody typed, as long as its month is not erased.
pub(super) fn typed(typed: &Typed, t: &PageMessages) -> String {
    typed.text().unwrap_or(t.typed_erased).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_said_where_it_is_another() {
        // 27 November 2026, 12:03:05 where the fund is.
        let at = 1_795_755_785_000;
        assert_eq!(clock(Language::Vietnamese, at, at + 5), "12:03:05");
        let later = clock(Language::Vietnamese, at, at + 86_400_000);
        assert_eq!(later, "12:03:05\u{a0}27/11/2026");
        assert_eq!(told("{a} of {b}", &[("a", "1")]), "1 of ");
    }
}
