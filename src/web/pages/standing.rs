//! How each stream stands: whether what should have come has come, and up to when it is complete.
//!
//! In: when the last row of each came, how long it may be silent, the frontier of what is computed. Out: a standing each,
//! the worst first. Must hold: a stream that is silent for longer than it may be is complete up to its last row and no
//! further, so that nobody takes "none" for an answer.

use super::parts::StreamFeed;
use crate::language::PageMessages;
use crate::record::Stream;

use super::label::Label;

/// How many times its interval a stream is silent before it counts as stalled; the alert for operators says the same.
const STALLED: u32 = 2;

/// How a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Its source was stopped.
    Paused,
    /// It is silent for more than twice as long as it may be.
    Stalled,
    /// Nothing has come yet, and something is expected.
    Awaited,
    /// It is silent for longer than it may be.
    Quiet,
    /// All that is expected has come.
    OnTime,
    /// Nothing has come yet, and nothing is expected.
    Empty,
}

/// How a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub stream: Stream,
    pub state: State,
    /// When its last row came, in milliseconds since 1970.
    pub last_at: Option<i64>,
    /// For how long nothing has come, in milliseconds.
    pub silent: Option<i64>,
    /// Up to when it is complete, in milliseconds since 1970; none where that is not known.
    pub complete_at: Option<i64>,
}

impl Standing {
    /// Whether rows are missing that should have come.
    pub fn is_behind(&self) -> bool {
        !matches!(self.state, State::OnTime | State::Empty)
    }
}

/// How each stream stands, the worst first, and of those the one that is complete up to the earliest.
pub(super) fn standings(feeds: &[StreamFeed], frontier: Option<i64>, now: i64) -> Vec<Standing> {
    let mut all: Vec<Standing> = feeds
        .iter()
        .map(|feed| standing(feed, frontier, now))
        .collect();
    all.sort_by_key(|one| (one.state, one.complete_at, one.stream));
    all
}

fn standing(feed: &StreamFeed, frontier: Option<i64>, now: i64) -> Standing {
    let silent = feed.last_at.map(|at| (now - at).max(0));
    let may = feed.expected.map(|span| {
        let millis = i64::try_from(span.as_millis());
        millis.unwrap_or(i64::MAX)
    });
    let state = match (feed.is_paused, silent, may) {
        (true, _, _) => State::Paused,
        (false, None, Some(_)) => State::Awaited,
        (false, None, None) => State::Empty,
        (false, Some(silent), Some(may)) if silent > may.saturating_mul(STALLED.into()) => {
            State::Stalled
        }
        (false, Some(silent), Some(may)) if silent > may => State::Quiet,
        (false, Some(_), _) => State::OnTime,
    };
    let complete_at = match state {
        State::OnTime => frontier,
        // What came last is in only once it is computed.
        State::Paused | State::Stalled | State::Quiet => feed
            .last_at
            .map(|at| frontier.map_or(at, |frontier| at.min(frontier))),
        State::Awaited | State::Empty => None,
    };
    Standing {
        stream: feed.stream,
        state,
        last_at: feed.last_at,
        silent,
        complete_at,
    }
}

/// A standing as a sign and a word.
pub(super) fn label(state: State, t: &PageMessages) -> Label {
    let (class, sign, text) = match state {
        State::Paused => ("withdrawn", "✕", t.feed_paused),
        State::Stalled => ("withdrawn", "⚠", t.stream_stalled),
        State::Awaited => ("moved", "◷", t.stream_awaited),
        State::Quiet => ("moved", "◷", t.stream_quiet),
        State::OnTime => ("holds", "✓", t.stream_on_time),
        State::Empty => ("archived", "–", t.stream_empty),
    };
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn a_stream_that_is_silent_is_complete_up_to_its_last_row() {
        let now = 1_000 * MINUTE;
        let feed = |last: Option<i64>, expected: Option<u64>| StreamFeed {
            stream: Stream::Claims,
            last_at: last.map(|minutes| now - minutes * MINUTE),
            expected: expected.map(|minutes| Duration::from_secs(minutes * 60)),
            is_paused: false,
        };
        let frontier = now - 1;
        let of = |feed: &StreamFeed| {
            let one = standing(feed, Some(frontier), now);
            (one.state, one.complete_at, one.is_behind())
        };
        let last = |minutes: i64| Some(now - minutes * MINUTE);
        for (silent, expected, state, complete, behind) in [
            (Some(15), Some(15), State::OnTime, Some(frontier), false),
            (Some(16), Some(15), State::Quiet, last(16), true),
            (Some(30), Some(15), State::Quiet, last(30), true),
            (Some(31), Some(15), State::Stalled, last(31), true),
            (Some(900), None, State::OnTime, Some(frontier), false),
            (None, Some(15), State::Awaited, None, true),
            (None, None, State::Empty, None, false),
        ] {
            assert_eq!(of(&feed(silent, expected)), (state, complete, behind));
        }
        let paused = StreamFeed {
            is_paused: true,
            ..feed(Some(0), None)
        };
        // Rows that came after what is computed are not in yet.
        assert_eq!(of(&paused), (State::Paused, Some(frontier), true));
        let all = standings(
            &[feed(Some(1), None), feed(None, Some(1)), paused],
            Some(frontier),
            now,
        );
        let states: Vec<State> = all.iter().map(|one| one.state).collect();
        assert_eq!(states, [State::Paused, State::Awaited, State::OnTime]);
    }
}
