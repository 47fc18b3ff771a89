//! Splits a batch into its records, each left as raw JSON.

use super::scan::{Broken, Cursor};
use super::survey::unescaped;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The payload ends or breaks before its list of records does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cut {
    /// Offset in the payload, in bytes.
    pub(crate) at: usize,
}

impl From<Broken> for Cut {
    fn from(Broken { at }: Broken) -> Self {
        Cut { at }
    }
}

/// The records of a payload: the elements of its `Records`, or of Firehose's `records`, or of each list in Kafka's
/// `records` or RabbitMQ's `rmqMessagesByQueue`, or of ActiveMQ's `messages` or DocumentDB's `events`, or of the payload itself if
/// that is an array.
///
/// Records are found, not read: an invalid record is returned like any other, as long as its strings end and its
/// brackets balance. A payload that is cut off yields the records before the end, then [`Cut`] once. If `Records`
/// occurs twice, the last one counts, as in most JSON readers. A key of Kafka's `records` may have a single record
/// instead of a list of one.
pub(crate) fn records(payload: &[u8]) -> Records<'_> {
    let in_object = Cursor::new(payload).enter(b'{');
    let (list, cut) = match list(payload) {
        Ok(list) => (list, None),
        Err(broken) => (None, Some(broken.into())),
    };
    Records {
        in_lists: list.as_ref().is_some_and(|list| list.in_lists),
        singles: list.as_ref().is_some_and(|list| list.singles),
        between: list.as_ref().is_some_and(|list| list.in_lists),
        list: list.map(|list| list.cursor),
        group: None,
        first: true,
        in_object,
        cut,
    }
}

/// Iterates over the records. Finding a record's end costs about as much as reading it, so a caller that has read a
/// record says where it ended, and only unreadable records are skipped here.
#[derive(Clone, Debug)]
pub(crate) struct Records<'p> {
    /// Inside the list; `None` when it has ended.
    list: Option<Cursor<'p>>,
    /// Whether there is an object with a list under each key.
    in_lists: bool,
    /// Whether a single record may replace a list.
    singles: bool,
    /// Whether the cursor is between two such lists.
    between: bool,
    group: Option<&'p [u8]>,
    first: bool,
    in_object: bool,
    cut: Option<Cut>,
}

impl<'p> Records<'p> {
    /// The payload from the next record on, up to its own end; `None` after the last record. Then report where the
    /// record ends: [`Records::read`] or [`Records::pass_over`].
    pub(crate) fn upcoming(&mut self) -> Option<Result<&'p [u8], Cut>> {
        if let Some(cut) = self.cut.take() {
            return Some(Err(cut));
        }
        match self.advance()? {
            Ok(true) => self.list.as_ref().map(|cursor| Ok(cursor.rest())),
            Ok(false) => {
                self.list = None;
                None
            }
            Err(broken) => Some(Err(self.end(broken))),
        }
    }

    /// The key of the record's list, as it is written, if there are several lists.
    pub(crate) fn group(&self) -> Option<&'p [u8]> {
        self.group
    }

    /// Moves to the next record; `false` after the last.
    fn advance(&mut self) -> Option<Result<bool, Broken>> {
        let cursor = self.list.as_mut()?;
        loop {
            if self.between {
                match cursor.key(std::mem::take(&mut self.first)) {
                    Ok(Some(key)) => {
                        self.group = Some(key);
                        if cursor.enter(b'[') {
                            (self.between, self.first) = (false, true);
                        } else if self.singles && cursor.rest().starts_with(b"{") {
                            // A single record instead of a list of one: the next key follows it.
                            return Some(Ok(true));
                        } else {
                            return Some(Err(cursor.broken()));
                        }
                    }
                    Ok(None) => return Some(finish(cursor, self.in_object).map(|()| false)),
                    Err(broken) => return Some(Err(broken)),
                }
            }
            match cursor.element(std::mem::take(&mut self.first)) {
                Ok(false) if self.in_lists => self.between = true,
                Ok(false) => return Some(finish(cursor, self.in_object).map(|()| false)),
                other => return Some(other),
            }
        }
    }

    /// The record was read, and is `length` bytes long.
    pub(crate) fn read(&mut self, length: usize) {
        if let Some(cursor) = &mut self.list {
            cursor.advance(length);
        }
    }

    /// Skips the record.
    pub(crate) fn pass_over(&mut self) -> Result<&'p [u8], Cut> {
        let skipped = self.list.as_mut().map_or(Ok(&b""[..]), Cursor::skip);
        skipped.map_err(|broken| self.end(broken))
    }

    fn end(&mut self, broken: Broken) -> Cut {
        self.list = None;
        broken.into()
    }
}

/// The raw JSON of each record.
impl<'p> Iterator for Records<'p> {
    type Item = Result<&'p [u8], Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        self.upcoming()
            .map(|upcoming| upcoming.and_then(|_| self.pass_over()))
    }
}

/// The text of a key, from how it is written between its quotes.
pub(crate) fn key_text(written: &[u8]) -> String {
    String::from_utf8_lossy(&unescaped(written)).into_owned()
}

/// Whether the payload is itself a list, like the batches of EventBridge Pipes.
pub(crate) fn is_bare(payload: &[u8]) -> bool {
    Cursor::new(payload).enter(b'[')
}

/// Skips what follows the list: a payload that is cut off there is incomplete, too.
fn finish(cursor: &mut Cursor<'_>, in_object: bool) -> Result<(), Broken> {
    while in_object && cursor.key(false)?.is_some() {
        cursor.skip()?;
    }
    if cursor.at_end() {
        Ok(())
    } else {
        Err(cursor.broken())
    }
}

/// A cursor after the bracket that opens the list, or the object of lists.
#[derive(Clone, Debug)]
struct ListCursor<'p> {
    cursor: Cursor<'p>,
    in_lists: bool,
    singles: bool,
}

impl<'p> ListCursor<'p> {
    fn open(mut cursor: Cursor<'p>) -> Option<Self> {
        let in_lists = cursor.enter(b'{');
        (in_lists || cursor.enter(b'[')).then_some(ListCursor {
            cursor,
            in_lists,
            singles: false,
        })
    }
}

/// The keys of lists, with their quotes. Preparing a search takes as long as searching a small payload.
static RECORDS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"Records\""));
static ITEMS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"records\""));
/// Those of MQ, and of DocumentDB.
static OTHERS: LazyLock<[Finder<'_>; 3]> =
    LazyLock::new(|| [&b"\"messages\""[..], b"\"rmqMessagesByQueue\"", b"\"events\""].map(Finder::new));

fn list(payload: &[u8]) -> Result<Option<ListCursor<'_>>, Broken> {
    let mut cursor = Cursor::new(payload);
    if cursor.enter(b'[') {
        return Ok(Some(ListCursor {
            cursor,
            in_lists: false,
            singles: false,
        }));
    }
    if !cursor.enter(b'{') {
        return Err(cursor.broken());
    }
    if let Some(list) = last(cursor.clone(), &RECORDS)? {
        return Ok(Some(list));
    }
    if let Some(list) = last(cursor.clone(), &ITEMS)? {
        return Ok(Some(ListCursor {
            singles: true,
            ..list
        }));
    }
    for name in &*OTHERS {
        if let Some(list) = last(cursor.clone(), name)? {
            return Ok(Some(list));
        }
    }
    Ok(None)
}

/// The list under the last occurrence of the key `quoted`, with its quotes, in the object that `cursor` is in.
fn last<'p>(mut cursor: Cursor<'p>, quoted: &Finder<'_>) -> Result<Option<ListCursor<'p>>, Broken> {
    let name = &quoted.needle()[1..quoted.needle().len() - 1];
    let mut found = None;
    let mut first = true;
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        if key == name || (key.contains(&b'\\') && *unescaped(key) == *name) {
            found = ListCursor::open(cursor.clone());
            // Searching for the name alone is many times faster than searching for keys, and almost always enough.
            if !cursor.holds(quoted) {
                break;
            }
        }
        match cursor.skip() {
            Ok(_) => {}
            // The iterator reports what is broken inside the list, after the complete records.
            Err(_) if found.is_some() => break,
            Err(broken) => return Err(broken),
        }
    }
    Ok(found)
}
