//! Messages on a connection: their length in four bytes, then what they say.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// No message is longer: terms hold the models of a run, of some megabytes each.
pub const LARGEST: usize = 1 << 30;

/// Writes a message, at once.
///
/// # Errors
/// What the connection says.
pub fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut frame = vec![0; 4];
    frame = postcard::to_extend(message, frame).map_err(io::Error::other)?;
    let length = frame.len() - 4;
    let prefix = u32::try_from(length).ok().filter(|_| length <= LARGEST);
    let prefix = prefix.ok_or_else(|| io::Error::other("a message is too long"))?;
    frame[..4].copy_from_slice(&prefix.to_le_bytes());
    to.write_all(&frame)?;
    to.flush()
}

/// Reads a message of at most so many bytes.
///
/// # Errors
/// What the connection says; [`io::ErrorKind::InvalidData`] where it is no message.
pub fn read<T: DeserializeOwned>(from: &mut impl Read, largest: usize) -> io::Result<T> {
    let mut prefix = [0; 4];
    from.read_exact(&mut prefix)?;
    let length = u32::from_le_bytes(prefix) as usize;
    if length > largest {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "not a message of fundwatch",
        ));
    }
    let mut frame = Vec::new();
    // What is told of the length is not believed before it is there.
    let read = from.take(length as u64).read_to_end(&mut frame)?;
    if read < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&frame)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a message of fundwatch"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn messages_come_back(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..5)) {
            let mut bytes = Vec::new();
            for message in &messages {
                write(&mut bytes, message).expect("written");
            }
            let mut from = bytes.as_slice();
            for message in messages {
                prop_assert_eq!(read::<Vec<u8>>(&mut from, LARGEST).expect("read"), message);
            }
            prop_assert!(from.is_empty());
        }

        #[test]
        fn other_bytes_are_no_message_and_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read::<Vec<String>>(&mut bytes.as_slice(), 1 << 12);
        }
    }
}
