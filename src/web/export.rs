//! Lines from a thread that may block to a peer that may be slow.
//!
//! In: lines, one at a time. Out: the body of an answer, in pieces.
//! Must hold: no more than a few pieces wait; the thread waits for its peer no longer than it may; an answer that
//! is not whole breaks off, so that nobody takes it for whole.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;
use super::reader::Gone;

/// Bytes of a piece.
const PIECE: usize = 64 << 10;
/// Pieces that wait for the peer.
const WAITING: usize = 4;

/// What goes from the thread to the answer.
enum Message {
    Piece(Bytes),
    Failed(Problem),
    End,
}

/// The thread's end.
pub(super) struct Lines {
    messages: Sender<Message>,
    runtime: Handle,
    piece: Vec<u8>,
    in_piece: u64,
    sent: u64,
    patience: Duration,
    until: Instant,
}

/// The answer's end.
pub(super) struct LinesBody {
    first: Option<Bytes>,
    messages: Receiver<Message>,
    has_ended: bool,
}

/// A channel for lines: a peer may take `patience` for a piece, and `within` for all. Must be called inside a runtime.
pub(super) fn lines(patience: Duration, within: Duration) -> (Lines, Answer) {
    let (sender, receiver) = channel(WAITING);
    let lines = Lines {
        messages: sender,
        runtime: Handle::current(),
        piece: Vec::with_capacity(PIECE),
        in_piece: 0,
        sent: 0,
        patience,
        until: Instant::now() + within,
    };
    (lines, Answer(receiver))
}

impl Lines {
    /// Sends a line, with its line end.
    pub fn line(&mut self, line: &str) -> Result<(), Gone> {
        self.piece.extend_from_slice(line.as_bytes());
        self.piece.push(b'\n');
        self.in_piece += 1;
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(())
    }

    /// How many lines have left.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends what waits.
    pub fn flush(&mut self) -> Result<(), Gone> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.send(Message::Piece(piece.into()))?;
        self.sent += std::mem::take(&mut self.in_piece);
        Ok(())
    }

    /// Says that these were all lines.
    pub fn end(self) -> Result<(), Gone> {
        self.send(Message::End)
    }

    /// Says that there will be no more, and why.
    pub fn fail(self, problem: Problem) {
        // Nobody is left to be told.
        let _ = self.send(Message::Failed(problem));
    }

    fn send(&self, message: Message) -> Result<(), Gone> {
        let deadline = self.until.min(Instant::now() + self.patience);
        let sending = timeout_at(deadline, self.messages.send(message));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// What will be answered, once something is known.
pub(super) struct Answer(Receiver<Message>);

impl Answer {
    /// The body, as soon as its first piece is there; or the problem, if there is none.
    pub async fn begin(mut self) -> Result<LinesBody, Problem> {
        let (first, has_ended) = match self.0.recv().await {
            Some(Message::Piece(piece)) => (Some(piece), false),
            Some(Message::End) => (None, true),
            Some(Message::Failed(problem)) => return Err(problem),
            None => return Err(Problem::internal()),
        };
        Ok(LinesBody {
            first,
            messages: self.0,
            has_ended,
        })
    }
}

impl http_body::Body for LinesBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if self.has_ended {
            return Poll::Ready(None);
        }
        self.messages
            .poll_recv(context)
            .map(|message| match message {
                Some(Message::Piece(piece)) => Some(Ok(Frame::data(piece))),
                Some(Message::End) => {
                    self.has_ended = true;
                    None
                }
                Some(Message::Failed(_)) | None => {
                    Some(Err(io::Error::other("the export broke off")))
                }
            })
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.has_ended
    }
}
