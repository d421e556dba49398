//! Bodies that were packed with gzip or zstd, unpacked under bounds.
//!
//! In: packed bytes. Out: what they hold, or a problem.
//! Must hold: no more memory is taken than the bounds and the budget allow, however small the packed bytes are.

use std::io::Read;

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::budget::{Buffer, Full};
use super::options::PushLimits;
use super::problem::Problem;

/// The largest window that RFC 9659 lets a sender of zstd use: 8 MiB.
const WINDOW_LOG: u32 = 23;
/// Up to here the ratio says nothing: short, repetitive bodies pack very well.
const RATIO_FROM: u64 = 1 << 20;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

impl Encoding {
    /// What the headers say.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let Some(value) = values.next() else {
            return Ok(Self::Identity);
        };
        if values.next().is_some() {
            return Err(Problem::unsupported_encoding());
        }
        let name = value
            .to_str()
            .map_err(|_| Problem::unsupported_encoding())?;
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => Err(Problem::unsupported_encoding()),
        }
    }
}

/// Unpacks a body. It works as long as that takes, so it must be called from a thread that may block.
pub(super) fn unpack(
    packed: Buffer,
    encoding: Encoding,
    limits: &PushLimits,
) -> Result<Buffer, Problem> {
    let bytes = packed.as_ref();
    match encoding {
        Encoding::Identity => Ok(packed),
        Encoding::Gzip => drain(flate2::bufread::MultiGzDecoder::new(bytes), &packed, limits),
        Encoding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(bytes).map_err(|_| malformed())?;
            (decoder.window_log_max(WINDOW_LOG)).map_err(|_| malformed())?;
            drain(decoder, &packed, limits)
        }
    }
}

fn drain(mut decoder: impl Read, packed: &Buffer, limits: &PushLimits) -> Result<Buffer, Problem> {
    let by_ratio = (packed.len() as u64).saturating_mul(limits.max_ratio);
    let max = by_ratio.max(RATIO_FROM).min(limits.max_unpacked);
    let mut unpacked = packed.sibling();
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = match decoder.read(&mut piece) {
            Ok(0) => return Ok(unpacked),
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(malformed()),
        };
        if (unpacked.len() + length) as u64 > max {
            let detail = format!(
                "the body is larger than {max} bytes once unpacked (at most {} bytes, and {} times what was sent)",
                limits.max_unpacked, limits.max_ratio
            );
            return Err(Problem::too_large("unpacked_too_large", detail));
        }
        unpacked.push(&piece[..length]).map_err(|Full| {
            let detail = "as many bytes are in flight as there may be, of this caller or of all";
            Problem::full(detail, limits.retry_after)
        })?;
    }
}

fn malformed() -> Problem {
    Problem::bad(
        "bad_encoding",
        "the body is not whole gzip or zstd, or its zstd window is larger than 8 MiB",
        "pack it again, as Content-Encoding says, without `--long`",
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::web::budget::Budget;

    fn limits() -> PushLimits {
        PushLimits {
            max_unpacked: 8 << 20,
            ..PushLimits::default()
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8], encoding: Encoding, room: u64) -> Result<Vec<u8>, &'static str> {
        let budget = Budget::new(room, room);
        let mut buffer = budget.buffer("a");
        buffer.push(packed).unwrap();
        let result = unpack(buffer, encoding, &limits());
        let result = result.map(|buffer| buffer.as_ref().to_vec());
        assert_eq!(budget.taken(), 0);
        result.map_err(|problem| problem.code())
    }

    #[test]
    fn bombs_are_refused_by_size_by_ratio_and_by_room() {
        let zeros = vec![0; 32 << 20];
        let room = 1 << 30;
        let bombs = [
            (gzip(&zeros), Encoding::Gzip),
            (zstd::encode_all(&zeros[..], 19).unwrap(), Encoding::Zstd),
        ];
        for (bomb, encoding) in bombs {
            assert_eq!(unpacked(&bomb, encoding, room), Err("unpacked_too_large"));
            assert_eq!(unpacked(&bomb, encoding, 300_000), Err("full"));
        }
        // Larger than the size allows, while the ratio would.
        let mut state = 1_u32;
        let noise = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..9 << 20).map(noise).collect();
        let result = unpacked(&gzip(&noise), Encoding::Gzip, room);
        assert_eq!(result, Err("unpacked_too_large"));
    }

    #[test]
    fn a_window_that_is_too_large_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[1; 1000]).unwrap();
        // Without its size, a frame states its window.
        let packed = encoder.finish().unwrap();
        assert_eq!(
            unpacked(&packed, Encoding::Zstd, 1 << 30),
            Err("bad_encoding")
        );
    }

    #[test]
    fn members_and_frames_follow_one_another() {
        let mut packed = gzip(b"one\n");
        packed.extend(gzip(b"two\n"));
        assert_eq!(
            unpacked(&packed, Encoding::Gzip, 1 << 20).unwrap(),
            b"one\ntwo\n"
        );
        packed.extend(b"rubbish");
        assert_eq!(
            unpacked(&packed, Encoding::Gzip, 1 << 20),
            Err("bad_encoding")
        );
        assert_eq!(unpacked(b"", Encoding::Gzip, 1 << 20), Err("bad_encoding"));
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back_and_what_is_cut_does_not(
            bytes in proptest::collection::vec(any::<u8>(), 1..5000),
            cut in any::<proptest::sample::Index>(),
        ) {
            let zstd = zstd::encode_all(&bytes[..], 3).unwrap();
            for (packed, encoding) in [(gzip(&bytes), Encoding::Gzip), (zstd, Encoding::Zstd)] {
                let whole = unpacked(&packed, encoding, 1 << 20);
                prop_assert_eq!(whole.as_ref(), Ok(&bytes));
                let part = &packed[..cut.index(packed.len() - 1) + 1];
                if part.len() < packed.len() {
                    prop_assert_eq!(unpacked(part, encoding, 1 << 20), Err("bad_encoding"));
                }
            }
        }

        #[test]
        fn rubbish_is_an_error_or_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            for encoding in [Encoding::Gzip, Encoding::Zstd] {
                let _ = unpacked(&bytes, encoding, 64 << 20);
            }
        }
    }
}
