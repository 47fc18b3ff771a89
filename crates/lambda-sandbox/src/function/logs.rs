//! The output of a function and of its extensions: read line by line from one pipe for each, kept for the running invocation, and
//! passed to the sinks.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read as _};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use tokio::net::unix::pipe::Receiver;

use crate::sync::lock;

/// Called with output as soon as it is written.
pub(super) type Sink<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// Called with the number of the sandbox as well.
type NumberedSink = Arc<dyn Fn(u32, &str) + Send + Sync>;

/// The callbacks for a function's output.
#[derive(Clone, Default)]
pub(super) struct Sinks {
    /// Called with each line.
    pub(super) line: Option<NumberedSink>,
    /// Called with the raw bytes.
    pub(super) piece: Option<Sink<[u8]>>,
}

/// The callbacks for the output of one sandbox.
#[derive(Default)]
pub(super) struct OwnSinks {
    line: Option<Sink<str>>,
    piece: Option<Sink<[u8]>>,
}

impl OwnSinks {
    /// Also calls `tap` with each line, before the others.
    pub(super) fn tapped(self, tap: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let line = self.line;
        let both = move |text: &str| {
            tap(text);
            if let Some(line) = &line {
                line(text);
            }
        };
        Self {
            line: Some(Arc::new(both)),
            piece: self.piece,
        }
    }
}

impl Sinks {
    /// The callbacks for the sandbox of this number.
    pub(super) fn of(&self, number: u32) -> OwnSinks {
        let numbered = |sink: &NumberedSink| {
            let sink = Arc::clone(sink);
            Arc::new(move |line: &str| sink(number, line)) as Sink<str>
        };
        OwnSinks {
            line: self.line.as_ref().map(numbered),
            piece: self.piece.clone(),
        }
    }
}

/// How much output of an invocation is kept, in bytes.
const KEPT: usize = 1 << 20;
/// How many lines of an invocation are kept, even if they are short.
const KEPT_LINES: usize = 16 << 10;
/// The longest line, in bytes. Longer ones are split.
const LINE: usize = 256 << 10;
/// How many bytes are read from the pipe before other tasks get a turn.
const TURN: usize = 4 << 20;

/// The output of one process.
pub(super) struct Logs {
    watched: Receiver,
    direct: PipeReader,
    buffer: Mutex<Buffer>,
    sinks: OwnSinks,
}

#[derive(Default)]
struct Buffer {
    partial: Vec<u8>,
    lines: VecDeque<String>,
    size: usize,
    dropped: u64,
}

enum Drained {
    /// The pipe is empty for now.
    Empty,
    /// There may be more to read.
    More,
    /// The pipe was closed.
    End,
}

impl Logs {
    /// # Errors
    /// If the pipe cannot be registered with the I/O driver.
    pub(super) fn new(pipe: PipeReader, sinks: OwnSinks) -> io::Result<Self> {
        let direct = pipe.try_clone()?;
        // Makes both ends non-blocking: they share one open file description.
        let watched = Receiver::from_owned_fd(OwnedFd::from(pipe))?;
        Ok(Self {
            watched,
            direct,
            buffer: Mutex::default(),
            sinks,
        })
    }

    /// Reads until the pipe is closed.
    pub(super) async fn pump(&self) {
        while self.watched.readable().await.is_ok() {
            match self.drain(|chunk| self.watched.try_read(chunk)) {
                Drained::Empty => {}
                Drained::More => tokio::task::yield_now().await,
                Drained::End => return,
            }
        }
    }

    /// The lines written since the last call. They include everything that the process wrote before it answered: this reads
    /// the pipe now instead of waiting for the pump.
    pub(super) fn take(&self) -> Vec<String> {
        self.settle();
        lock(&self.buffer).take()
    }

    /// Reads what the process has written so far, and takes text after the last line break for a line.
    pub(super) fn settle(&self) {
        self.drain(|chunk| (&self.direct).read(chunk));
        lock(&self.buffer).end_line(self.sinks.line.as_ref());
    }

    /// Keeps a line of another process, which has passed it to its own sinks.
    pub(super) fn keep(&self, line: &str) {
        lock(&self.buffer).keep(line.to_owned());
    }

    /// The lines written so far that contain `request_id`, each once: those of one of several concurrent invocations.
    pub(super) fn take_of(&self, request_id: &str) -> Vec<String> {
        self.drain(|chunk| (&self.direct).read(chunk));
        lock(&self.buffer).take_of(request_id)
    }

    fn drain(&self, mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> Drained {
        let mut buffer = lock(&self.buffer);
        let mut chunk = [0; 16 << 10];
        let mut taken = 0;
        while taken < TURN {
            match read(&mut chunk) {
                Ok(0) => return Drained::End,
                Ok(length) => {
                    if let Some(sink) = &self.sinks.piece {
                        sink(&chunk[..length]);
                    }
                    buffer.append(&chunk[..length], self.sinks.line.as_ref());
                    taken += length;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Drained::Empty,
                Err(_) => return Drained::End,
            }
        }
        Drained::More
    }
}

impl Buffer {
    fn append(&mut self, chunk: &[u8], sink: Option<&Sink<str>>) {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            let ended = piece.ends_with(b"\n");
            self.partial
                .extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
            if ended || self.partial.len() >= LINE {
                self.push(sink);
            }
        }
    }

    /// Treats the text after the last line break as a line, if there is any.
    fn end_line(&mut self, sink: Option<&Sink<str>>) {
        if !self.partial.is_empty() {
            self.push(sink);
        }
    }

    fn push(&mut self, sink: Option<&Sink<str>>) {
        let bytes = self.partial.strip_suffix(b"\r").unwrap_or(&self.partial);
        let line = String::from_utf8_lossy(bytes).into_owned();
        self.partial.clear();
        if let Some(sink) = sink {
            sink(&line);
        }
        self.keep(line);
    }

    fn keep(&mut self, line: String) {
        self.size += line.len();
        self.lines.push_back(line);
        while self.size > KEPT || self.lines.len() > KEPT_LINES {
            self.size -= self.lines.pop_front().map_or(self.size, |line| line.len());
            self.dropped += 1;
        }
    }

    fn take_of(&mut self, request_id: &str) -> Vec<String> {
        let lines = std::mem::take(&mut self.lines);
        let (of, others) = lines.into_iter().partition(|line| line.contains(request_id));
        self.lines = others;
        self.size = self.lines.iter().map(String::len).sum();
        Vec::from(of)
    }

    fn take(&mut self) -> Vec<String> {
        let note = (self.dropped > 0).then(|| format!("({} earlier lines dropped)", self.dropped));
        self.dropped = 0;
        self.size = 0;
        note.into_iter().chain(self.lines.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_from_pieces() {
        let mut buffer = Buffer::default();
        buffer.append(b"one\r\ntw", None);
        buffer.append(b"o\n\nthree \xff", None);
        buffer.end_line(None);
        assert_eq!(buffer.take(), ["one", "two", "", "three \u{fffd}"]);
        assert!(buffer.take().is_empty());
    }

    #[test]
    fn lines_are_assigned_by_request_id() {
        let mut buffer = Buffer::default();
        buffer.append(b"a 1\nb 1\nnobody's\na 2\nb", None);
        assert_eq!(buffer.take_of("a"), ["a 1", "a 2"]);
        buffer.append(b" 2\n", None);
        assert_eq!(buffer.take_of("b"), ["b 1", "nobody's", "b 2"]);
        assert_eq!((buffer.lines.len(), buffer.size), (0, 0));
    }

    proptest::proptest! {
        #[test]
        fn pieces_may_end_anywhere(text in "[a\n\r]{0,40}", cut in 0..40_usize) {
            let lines = |pieces: &[&[u8]]| {
                let mut buffer = Buffer::default();
                pieces.iter().for_each(|piece| buffer.append(piece, None));
                buffer.end_line(None);
                buffer.take()
            };
            let (start, end) = text.as_bytes().split_at(cut.min(text.len()));
            proptest::prop_assert_eq!(lines(&[start, end]), lines(&[text.as_bytes()]));
        }
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut buffer = Buffer::default();
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..2000 {
            buffer.append(line.as_bytes(), None);
        }
        buffer.append(b"last\n", None);
        let lines = buffer.take();
        assert!(lines[0].ends_with("earlier lines dropped)"), "{}", lines[0]);
        assert!(lines.iter().map(String::len).sum::<usize>() <= KEPT + 100);
        assert_eq!(lines.last().map(String::as_str), Some("last"));
    }

    #[test]
    fn the_number_of_empty_lines_is_bounded() {
        let mut buffer = Buffer::default();
        for _ in 0..20 {
            buffer.append(&vec![b'\n'; KEPT_LINES], None);
        }
        assert!(buffer.lines.capacity() <= 2 * KEPT_LINES + 2);
        let lines = buffer.take();
        assert_eq!(lines.len(), KEPT_LINES + 1);
        assert_eq!(lines[0], format!("({} earlier lines dropped)", 19 * KEPT_LINES));
    }

    #[test]
    fn a_long_line_is_split() {
        let mut buffer = Buffer::default();
        buffer.append(&vec![b'x'; 3 * LINE], None);
        buffer.end_line(None);
        assert!(buffer.take().iter().all(|line| line.len() <= 3 * LINE));
    }
}
