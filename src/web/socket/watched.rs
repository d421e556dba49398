//! A socket whose progress is known, and which ends without taking back its last answer.
//!
//! When a request is refused before its body is read, closing the socket makes the kernel reset the connection,
//! and the reset overtakes the answer. So the socket first says that it will send no more, then throws away what
//! still comes, for a while.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::connection::Connection;

/// How long what still comes is thrown away.
const LINGER: Duration = Duration::from_secs(5);

/// A socket, and the connection that is told of its progress.
#[derive(Debug)]
pub(super) struct Watched {
    socket: TcpStream,
    connection: Arc<Connection>,
    ending: Option<Ending>,
}

#[derive(Debug)]
enum Ending {
    Lingering(Pin<Box<Sleep>>),
    Ended,
}

impl Watched {
    pub fn new(socket: TcpStream, connection: Arc<Connection>) -> Self {
        Self {
            socket,
            connection,
            ending: None,
        }
    }

    fn told<T>(&self, result: Poll<T>) -> Poll<T> {
        self.connection.has_written(result.is_pending());
        result
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut self.socket).poll_read(context, buffer));
        if buffer.filled().len() > before {
            self.connection.has_read();
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.told(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.told(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let own = &mut *self;
        if own.ending.is_none() {
            ready!(Pin::new(&mut own.socket).poll_shutdown(context))?;
            let is_tidy = !own.connection.may_be_sending();
            own.ending = Some(match is_tidy {
                true => Ending::Ended,
                false => Ending::Lingering(Box::pin(sleep(LINGER))),
            });
        }
        if let Some(Ending::Lingering(until)) = &mut own.ending {
            let mut thrown_away = [0; 8192];
            while until.as_mut().poll(context).is_pending() {
                let mut buffer = ReadBuf::new(&mut thrown_away);
                match Pin::new(&mut own.socket).poll_read(context, &mut buffer) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                    Poll::Ready(_) => break,
                }
            }
            own.ending = Some(Ending::Ended);
        }
        Poll::Ready(Ok(()))
    }
}
