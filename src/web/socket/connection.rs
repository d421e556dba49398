//! What is known of one connection, and when it is to be ended.
//!
//! In: what is read, written, begun and finished on it, each with its moment. Out: whether it may stay.
//! Must hold: the decision is a function of these alone, without I/O.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;

use crate::web::options::Limits;

/// A connection, shared by its socket, its requests and its watch.
#[derive(Debug)]
pub(in crate::web) struct Connection {
    limits: Limits,
    certificate: OnceLock<CertificateDer<'static>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Requests whose answers are not yet sent, with the moment at which they must be.
    open: Vec<(u64, Instant)>,
    next: u64,
    has_served: bool,
    is_http2: bool,
    /// When the connection was made, or its last answer sent.
    idle_since: Instant,
    /// When the first byte came of a head that is not yet whole.
    head_since: Option<Instant>,
    /// Since when the peer takes nothing of what is to be sent.
    stalled_since: Option<Instant>,
    last_was_unread: bool,
}

/// What is to become of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It stays.
    Stay,
    /// It has been idle for long enough: it is ended as HTTP says.
    Close,
    /// It is ended at once.
    Cut,
}

impl Connection {
    /// A connection that begins now.
    pub fn new(limits: Limits) -> Self {
        let state = State {
            open: Vec::new(),
            next: 0,
            has_served: false,
            is_http2: false,
            idle_since: Instant::now(),
            head_since: None,
            stalled_since: None,
            last_was_unread: false,
        };
        Self {
            limits,
            certificate: OnceLock::new(),
            state: Mutex::new(state),
        }
    }

    /// TLS has been agreed on, with this certificate of the client where it sent one.
    pub fn agreed(&self, certificate: Option<CertificateDer<'static>>) {
        if let Some(certificate) = certificate {
            // A connection agrees once; a second certificate could only be the same.
            let _ = self.certificate.set(certificate);
        }
        let mut state = self.lock();
        state.idle_since = Instant::now();
        state.head_since = None;
    }

    /// The client's certificate, as DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.get().map(AsRef::as_ref)
    }

    /// A request's head is whole; its answer must be sent in `within`. Gives the request's number.
    pub fn open(&self, is_http2: bool, within: Duration) -> u64 {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.open.push((number, Instant::now() + within));
        state.has_served = true;
        state.is_http2 = is_http2;
        state.head_since = None;
        number
    }

    /// The answer of a request must be sent in `within` from now.
    pub fn allow(&self, number: u64, within: Duration) {
        let mut state = self.lock();
        let request = state.open.iter_mut().find(|(own, _)| *own == number);
        if let Some((_, deadline)) = request {
            *deadline = Instant::now() + within;
        }
    }

    /// An answer is sent, or given up. `is_unread` where the request's body was not read to its end.
    pub fn close(&self, number: u64, is_unread: bool) {
        let mut state = self.lock();
        state.open.retain(|(own, _)| *own != number);
        state.idle_since = Instant::now();
        state.last_was_unread = is_unread;
    }

    /// Bytes came.
    pub fn has_read(&self) {
        let mut state = self.lock();
        // HTTP/2 answers pings while it is idle: only bytes of HTTP/1.1 are a head then.
        if state.open.is_empty() && !state.is_http2 && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
    }

    /// Bytes were taken by the peer, or were not.
    pub fn has_written(&self, is_stalled: bool) {
        let mut state = self.lock();
        if is_stalled {
            state.stalled_since.get_or_insert_with(Instant::now);
        } else {
            state.stalled_since = None;
        }
    }

    /// Whether the peer may be sending something that nobody will read.
    pub fn may_be_sending(&self) -> bool {
        let state = self.lock();
        state.last_was_unread || state.head_since.is_some() || !state.open.is_empty()
    }

    /// How often to ask what is due.
    pub(super) fn tick(&self) -> Duration {
        let limits = &self.limits;
        let shortest = (limits.header_timeout)
            .min(limits.keep_alive)
            .min(limits.write_timeout);
        (shortest / 8).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// What is to become of it at `now`.
    pub(super) fn due(&self, now: Instant) -> Due {
        let state = self.lock();
        let limits = &self.limits;
        let is_over = |since: Instant, limit| now.saturating_duration_since(since) > limit;
        let stalled = state.stalled_since;
        if stalled.is_some_and(|since| is_over(since, limits.write_timeout))
            || state.open.iter().any(|(_, deadline)| now > *deadline)
        {
            return Due::Cut;
        }
        if !state.open.is_empty() {
            return Due::Stay;
        }
        let head = match state.has_served {
            true => state.head_since,
            false => Some(state.idle_since),
        };
        if head.is_some_and(|since| is_over(since, limits.header_timeout)) {
            return Due::Cut;
        }
        if is_over(state.idle_since, limits.keep_alive) {
            return Due::Close;
        }
        Due::Stay
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is of one field or of a whole list: a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn connection() -> Connection {
        Connection::new(Limits {
            header_timeout: 5 * SECOND,
            keep_alive: 20 * SECOND,
            write_timeout: 10 * SECOND,
            ..Limits::default()
        })
    }

    #[test]
    fn a_first_head_is_due_from_the_start_and_later_ones_from_their_first_byte() {
        let (own, start) = (connection(), Instant::now());
        assert_eq!(own.due(start + 4 * SECOND), Due::Stay);
        assert_eq!(own.due(start + 6 * SECOND), Due::Cut);
        let request = own.open(false, 60 * SECOND);
        assert_eq!(own.due(start + 50 * SECOND), Due::Stay);
        assert_eq!(own.due(start + 62 * SECOND), Due::Cut);
        own.close(request, false);
        assert_eq!(own.due(start + 15 * SECOND), Due::Stay);
        assert_eq!(own.due(start + 22 * SECOND), Due::Close);
        own.has_read();
        assert_eq!(own.due(start + 6 * SECOND), Due::Cut);
    }

    #[test]
    fn pings_of_http2_are_no_heads() {
        let (own, start) = (connection(), Instant::now());
        let request = own.open(true, 60 * SECOND);
        own.close(request, false);
        own.has_read();
        assert_eq!(own.due(start + 15 * SECOND), Due::Stay);
        assert_eq!(own.due(start + 22 * SECOND), Due::Close);
    }

    #[test]
    fn a_peer_that_takes_nothing_is_cut_and_one_that_takes_little_is_not() {
        let (own, start) = (connection(), Instant::now());
        let request = own.open(false, 60 * SECOND);
        own.has_written(true);
        assert_eq!(own.due(start + 11 * SECOND), Due::Cut);
        own.has_written(false);
        assert_eq!(own.due(start + 11 * SECOND), Due::Stay);
        own.allow(request, 5 * SECOND);
        assert_eq!(own.due(start + 7 * SECOND), Due::Cut);
    }
}
