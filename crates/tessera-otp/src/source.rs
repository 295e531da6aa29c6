//! A source of bytes that counts lines and gives out no more than it may.

use std::io::{self, BufRead, ErrorKind, Read};

/// Bytes that a file may have.
const MAX_FILE_LEN: u64 = 1 << 30;

/// Wraps the caller's source.
///
/// A parser that collects a token in memory asks for more and more bytes. [`Source::allow`] bounds what it gets, so a token without
/// end is an error and not a full memory.
pub(crate) struct Source<R> {
    inner: R,
    line: u64,
    left_of_file: u64,
    left_of_piece: usize,
    exceeded: Option<&'static str>,
}

impl<R: BufRead> Source<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, line: 1, left_of_file: MAX_FILE_LEN, left_of_piece: 0, exceeded: None }
    }

    /// Allows `len` bytes from here on.
    pub(crate) fn allow(&mut self, len: usize) {
        self.left_of_piece = len;
    }

    /// The line of the next byte, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Which limit was hit, if one was.
    pub(crate) fn exceeded(&self) -> Option<&'static str> {
        self.exceeded
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        if available.is_empty() {
            return Ok(available);
        }
        let left_of_file = usize::try_from(self.left_of_file).unwrap_or(usize::MAX);
        let allowed = self.left_of_piece.min(left_of_file);
        if allowed == 0 {
            let limit = if left_of_file == 0 { "the file" } else { "one piece of the file" };
            self.exceeded = Some(limit);
            return Err(io::Error::from(ErrorKind::FileTooLarge));
        }
        Ok(&available[..available.len().min(allowed)])
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is still there, so this reads nothing.
        if let Ok(filled) = self.inner.fill_buf() {
            let lines = filled.iter().take(amount).filter(|byte| **byte == b'\n').count();
            self.line = self.line.saturating_add(lines as u64);
        }
        self.left_of_piece = self.left_of_piece.saturating_sub(amount);
        self.left_of_file = self.left_of_file.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let filled = self.fill_buf()?;
        let len = filled.len().min(buf.len());
        buf[..len].copy_from_slice(&filled[..len]);
        self.consume(len);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_pieces_bounded() {
        let mut source = Source::new(b"ab\ncd\nef".as_slice());
        source.allow(4);
        assert_eq!(source.fill_buf().unwrap(), b"ab\nc");
        source.consume(4);
        assert_eq!(source.line(), 2);
        assert_eq!(source.fill_buf().unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(source.exceeded(), Some("one piece of the file"));
        source.allow(100);
        let mut rest = String::new();
        source.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), source.line()), ("d\nef", 3));
    }

    #[test]
    fn the_end_of_the_file_is_no_excess() {
        let mut source = Source::new(b"ab".as_slice());
        source.allow(2);
        source.consume(2);
        assert_eq!(source.fill_buf().unwrap(), b"");
        assert_eq!(source.exceeded(), None);
    }
}
