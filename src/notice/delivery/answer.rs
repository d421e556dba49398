//! What the answer to an attempt means: a pure decision.

use std::time::Duration;

/// The longest that a sink may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// The answer to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Taken,
    /// It was refused: to send the same again will hardly help.
    Refused {
        /// What was answered; no value of a notice.
        error: String,
        /// Whether the address or the credentials are refused, and not this notice.
        is_of_sink: bool,
    },
    /// The address is given up for good (RFC 9110, 15.5.11): nothing more is expected there.
    Gone {
        /// What was answered.
        error: String,
    },
    /// It was not taken, or nobody knows: it is to be sent again.
    Unavailable {
        /// What went wrong; no value of a notice.
        error: String,
        /// How long the sink asks to be left alone.
        retry_after: Option<Duration>,
    },
}

impl Answer {
    /// What an HTTP status means (RFC 9110, RFC 6585, RFC 8470). `retry_after` counts with 429 and 503.
    pub fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        let error = format!("HTTP status {status}");
        match status {
            200..=299 => Self::Taken,
            429 | 503 => Self::Unavailable {
                error,
                retry_after: retry_after.map(|wait| wait.min(LONGEST_WAIT)),
            },
            408 | 425 | 500..=599 => Self::Unavailable {
                error,
                retry_after: None,
            },
            300..=399 => Self::Refused {
                error: format!("{error}: redirects are not followed, name the final address"),
                is_of_sink: true,
            },
            401 | 403 => Self::Refused {
                error: format!("{error}: the receiver does not accept the signature or the sender"),
                is_of_sink: true,
            },
            404 | 405 => Self::Refused {
                error: format!("{error}: the address takes nothing"),
                is_of_sink: true,
            },
            410 => Self::Gone {
                error: format!("{error}: the address takes nothing any more"),
            },
            400..=499 => Self::Refused {
                error,
                is_of_sink: false,
            },
            _ => Self::Unavailable {
                error: format!("{error}, which is none"),
                retry_after: None,
            },
        }
    }
}

/// How long a `Retry-After` header asks to wait (RFC 9110, 10.2.3): seconds, or a date. `now` is in seconds
/// since 1970-01-01T00:00Z.
pub fn retry_after(header: &str, now: i64) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be told are as good as the most.
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    let date = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let now = Duration::from_secs(u64::try_from(now).unwrap_or(0));
    Some(date.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_means_something() {
        let wait = Some(Duration::from_secs(7));
        for status in 0..=999 {
            let answer = Answer::of_status(status, wait);
            let expected = match status {
                200..=299 => "taken",
                429 | 503 => "later, when asked",
                408 | 425 | 500..=599 => "later",
                410 => "gone",
                300..=399 | 401 | 403 | 404 | 405 => "sink refuses",
                400..=499 => "notice refused",
                _ => "later",
            };
            let told = match answer {
                Answer::Taken => "taken",
                Answer::Gone { .. } => "gone",
                Answer::Unavailable { retry_after, .. } if retry_after == wait => {
                    "later, when asked"
                }
                Answer::Unavailable { .. } => "later",
                Answer::Refused {
                    is_of_sink: true, ..
                } => "sink refuses",
                Answer::Refused { .. } => "notice refused",
            };
            assert_eq!(told, expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let seconds = |header| retry_after(header, 784_111_777).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(
            seconds("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(0),
            "that is now"
        );
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:40:37 GMT"), Some(0), "past");
        for wrong in ["", "-1", "1.5", "soon", "Sun, 06 Nov"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        let far = Answer::of_status(503, Some(Duration::MAX));
        let Answer::Unavailable { retry_after, .. } = far else {
            panic!("503 is for later");
        };
        assert_eq!(retry_after, Some(LONGEST_WAIT));
    }
}
