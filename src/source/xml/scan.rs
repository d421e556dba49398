//! Finds where the markup of a file begins and ends, without holding the file.
//!
//! In: bytes. Out: one [`Token`] at a time, its name or the head of its text, and - in a bounded
//! buffer - the bytes read since the last [`Scanner::restart`]. Must hold: memory stays within that
//! bound whatever the bytes are; every byte is looked at once. What a token means, and whether the
//! whole is well formed, is for others to say.

use std::io::{self, BufRead, ErrorKind};

use quick_xml::parser::{ElementParser, Parser};

/// The most bytes of a tag that are kept beside the buffer: far beyond any namespace declaration.
const TAG_HEAD: usize = 64 << 10;

/// The most bytes of a text that are kept beside the buffer: a date and its white space.
const TEXT_HEAD: usize = 256;

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<name …>`
    Open,
    /// `<name …/>`
    Empty,
    /// `</name>`
    Close,
    /// Character data up to the next markup.
    Text,
    /// `<![CDATA[…]]>`
    CData,
    /// `<?…?>`, the XML declaration among them.
    Instruction,
    /// `<!--…-->`
    Comment,
    /// The start of any other `<!…`: a document type or an entity declaration. What follows is read
    /// as text.
    Declaration,
    /// The file ends inside markup.
    Cut,
    /// The file ends.
    End,
}

/// Reads tokens.
pub(super) struct Scanner<R> {
    input: R,
    /// The bytes since the last restart, up to `limit`.
    kept: Vec<u8>,
    limit: usize,
    overflowed: bool,
    /// The first bytes of the token, up to `head_limit`.
    head: Vec<u8>,
    head_limit: usize,
    /// The last two bytes of the token.
    tail: [u8; 2],
    /// Whether the token is white space only.
    blank: bool,
}

impl<R: BufRead> Scanner<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self {
            input,
            kept: Vec::new(),
            limit,
            overflowed: false,
            head: Vec::new(),
            head_limit: 0,
            tail: [0; 2],
            blank: true,
        }
    }

    /// Reads the byte order mark of UTF-8, if there is one. Returns the first byte otherwise.
    pub(super) fn skip_mark(&mut self) -> io::Result<Option<u8>> {
        let first = self.peek()?;
        if first != Some(0xEF) {
            return Ok(first);
        }
        for expected in [0xEF, 0xBB, 0xBF] {
            if self.peek()? != Some(expected) {
                return Ok(first);
            }
            self.take(1)?;
        }
        self.restart(self.limit);
        self.peek()
    }

    /// Reads the next token.
    pub(super) fn next(&mut self) -> io::Result<Token> {
        self.head.clear();
        self.tail = [0; 2];
        self.blank = true;
        match self.peek()? {
            None => return Ok(Token::End),
            Some(b'<') => {}
            Some(_) => {
                self.head_limit = TEXT_HEAD;
                self.advance(|bytes| memchr::memchr(b'<', bytes))?;
                return Ok(Token::Text);
            }
        }
        self.head_limit = TAG_HEAD;
        self.take(1)?;
        let (whole, token) = match self.peek()? {
            None => (false, Token::Cut),
            Some(b'!') => return self.bang(),
            Some(b'?') => {
                self.take(1)?;
                (self.until(*b"??>")?, Token::Instruction)
            }
            Some(b'/') => {
                let past = |bytes: &[u8]| memchr::memchr(b'>', bytes).map(|i| i + 1);
                (self.advance(past)?, Token::Close)
            }
            Some(_) => {
                let mut parser = ElementParser::default();
                let whole = self.advance(|bytes| parser.feed(bytes).map(|i| i + 1))?;
                let empty = self.tail[0] == b'/';
                (whole, if empty { Token::Empty } else { Token::Open })
            }
        };
        Ok(if whole { token } else { Token::Cut })
    }

    /// Reads what begins with `<!`; the `<` is taken.
    fn bang(&mut self) -> io::Result<Token> {
        self.take(1)?;
        let (rest, end, token): (&[u8], _, _) = match self.peek()? {
            Some(b'-') => (b"--", *b"-->", Token::Comment),
            Some(b'[') => (b"[CDATA[", *b"]]>", Token::CData),
            _ => return Ok(Token::Declaration),
        };
        for expected in rest {
            if self.peek()? != Some(*expected) {
                return Ok(Token::Declaration);
            }
            self.take(1)?;
        }
        Ok(if self.until(end)? { token } else { Token::Cut })
    }

    /// The local name of a tag, as far as the head holds it.
    pub(super) fn name(&self) -> &[u8] {
        let inside = self.head.get(1..).unwrap_or_default();
        let inside = inside.strip_prefix(b"/").unwrap_or(inside);
        let end = inside
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
            .unwrap_or(inside.len());
        let name = &inside[..end];
        match memchr::memchr(b':', name) {
            Some(colon) => &name[colon + 1..],
            None => name,
        }
    }

    /// The first bytes of the token as they stand in the file.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the token is white space only.
    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    /// Forgets what was kept; keeps up to `limit` bytes from here on.
    pub(super) fn restart(&mut self, limit: usize) {
        self.kept.clear();
        self.limit = limit;
        self.overflowed = false;
    }

    /// As [`Scanner::restart`], but the token just read is the first that is kept.
    pub(super) fn restart_at_token(&mut self, limit: usize) {
        self.restart(limit);
        self.kept.extend_from_slice(&self.head);
    }

    /// What was kept, and whether that is all of it.
    pub(super) fn kept(&mut self) -> (Vec<u8>, bool) {
        (std::mem::take(&mut self.kept), !self.overflowed)
    }

    /// What was kept before the token just read, as far as it fits the bound.
    pub(super) fn kept_before_token(&mut self) -> Vec<u8> {
        let (mut kept, whole) = self.kept();
        if whole {
            kept.truncate(kept.len().saturating_sub(self.head.len()));
        }
        kept
    }

    /// The next byte, left where it is.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(fill(&mut self.input)?.first().copied())
    }

    /// Takes bytes that [`Scanner::peek`] has shown to be there.
    fn take(&mut self, count: usize) -> io::Result<()> {
        self.advance(|_| Some(count)).map(drop)
    }

    /// Takes everything up to and with `end`: one or two bytes, then `>`. Where it is one byte, it
    /// is given twice.
    fn until(&mut self, end: [u8; 3]) -> io::Result<bool> {
        let single = end[0] == b'?';
        // The delimiter may not begin in the opening of the token: `<!-->` is no comment.
        let mut before = [0u8; 2];
        self.advance(|bytes| {
            for i in memchr::memchr_iter(b'>', bytes) {
                let at = |back: usize| match i.checked_sub(back) {
                    Some(place) => bytes[place],
                    None => before[2 + i - back],
                };
                if at(1) == end[1] && (single || at(2) == end[0]) {
                    return Some(i + 1);
                }
            }
            before = last_two(before, bytes);
            None
        })
    }

    /// Takes bytes until `stop` says how many of those at hand still belong to the token. Returns
    /// false when the file ends first.
    fn advance(&mut self, mut stop: impl FnMut(&[u8]) -> Option<usize>) -> io::Result<bool> {
        loop {
            let bytes = fill(&mut self.input)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let found = stop(bytes);
            let part = &bytes[..found.unwrap_or(bytes.len())];
            let room = self.limit - self.kept.len().min(self.limit);
            self.overflowed |= part.len() > room;
            self.kept.extend_from_slice(&part[..part.len().min(room)]);
            let room = self.head_limit - self.head.len().min(self.head_limit);
            self.head.extend_from_slice(&part[..part.len().min(room)]);
            self.blank = self.blank && part.iter().all(u8::is_ascii_whitespace);
            self.tail = last_two(self.tail, part);
            let taken = part.len();
            self.input.consume(taken);
            if found.is_some() {
                return Ok(true);
            }
        }
    }
}

/// The last two bytes of what was read before and `bytes`.
fn last_two(before: [u8; 2], bytes: &[u8]) -> [u8; 2] {
    match bytes {
        [] => before,
        [only] => [before[1], *only],
        [.., first, second] => [*first, *second],
    }
}

/// The bytes at hand, read again when a signal interrupts; none at the end.
fn fill(input: &mut impl BufRead) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    input.fill_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    /// Every token with its head, read in chunks of `chunk` bytes.
    fn tokens(bytes: &[u8], chunk: usize) -> Vec<(Token, Vec<u8>)> {
        let mut scanner = Scanner::new(BufReader::with_capacity(chunk, bytes), 8);
        let mut all = Vec::new();
        loop {
            let token = scanner.next().expect("memory does not fail");
            assert!(scanner.kept.len() <= 8);
            all.push((token, scanner.head().to_vec()));
            if matches!(token, Token::End | Token::Cut) {
                return all;
            }
        }
    }

    #[test]
    fn markup_is_told_apart() {
        let text = b"<?xml v='>'?><!-- > -- <a> --><p:a b='>' c=\">\">x<![CDATA[]]</a>]]></p:a><e /><!DOCTYPE";
        let kinds: Vec<Token> = tokens(text, 3).into_iter().map(|(t, _)| t).collect();
        use Token::*;
        assert_eq!(
            kinds,
            [
                Instruction,
                Comment,
                Open,
                Text,
                CData,
                Close,
                Empty,
                Declaration,
                Text,
                End
            ]
        );
        for cut in [
            &b"<a"[..],
            b"<!-- ->",
            b"<!-->",
            b"<![CDATA[ ]>",
            b"<?x >",
            b"<?>",
            b"</a",
            b"<a b='>",
            b"<",
        ] {
            assert_eq!(
                tokens(cut, 2).last().map(|t| t.0),
                Some(Token::Cut),
                "{cut:?}"
            );
        }
    }

    #[test]
    fn names_lose_their_prefix() {
        let mut scanner = Scanner::new(&b"<n:HOSO\n a='b'></n:HOSO ><HOSO/>"[..], 0);
        for _ in 0..3 {
            scanner.next().expect("memory does not fail");
            assert_eq!(scanner.name(), b"HOSO");
        }
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in "[<>!?/a\\[\\]CDAT'\" -]{0,60}", chunk in 1usize..9) {
            prop_assert_eq!(tokens(text.as_bytes(), chunk), tokens(text.as_bytes(), 4096));
        }
    }
}
