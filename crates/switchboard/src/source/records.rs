//! Cuts a batch into its records, each left as the raw JSON it is.

use super::scan::{Broken, Cursor};
use super::survey::unescaped;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The payload ends, or breaks, before its list of records does.
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
/// `records`, or of the payload itself if that is an array.
///
/// Records are found, not read: one that is no valid JSON inside comes out like any other as long as its strings
/// end and its brackets balance. A payload that breaks off yields the records before the break, then [`Cut`] once.
/// If `Records` is there twice the last one counts, as JSON readers have it. Under a key of Kafka's `records` a record may stand by
/// itself, for a list of one.
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

/// Walks over the records. Looking for a record's end costs about as much as reading it, so whoever has read one
/// says where it ended, and only what could not be read is passed over here.
#[derive(Clone, Debug)]
pub(crate) struct Records<'p> {
    /// Stands in the list, and is gone once that has ended.
    list: Option<Cursor<'p>>,
    /// Whether there is a list under each key of an object.
    in_lists: bool,
    /// Whether a record may stand there by itself.
    singles: bool,
    /// Whether the cursor stands between two such lists.
    between: bool,
    group: Option<&'p [u8]>,
    first: bool,
    in_object: bool,
    cut: Option<Cut>,
}

impl<'p> Records<'p> {
    /// The payload from the next record on, up to its own end; `None` after the last record. Then say where the
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

    /// The key of the list that the record is in, as it is written, where there are several lists.
    pub(crate) fn group(&self) -> Option<&'p [u8]> {
        self.group
    }

    /// Goes to the next record; false behind the last.
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
                            // A single record, where a list of one belongs: the next key is behind it.
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

    /// Passes over the record.
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

/// A key as it is meant, from how it is written between its quotes.
pub(crate) fn key_text(written: &[u8]) -> String {
    String::from_utf8_lossy(&unescaped(written)).into_owned()
}

/// Whether the payload is itself a list, as EventBridge Pipes hands over its batches.
pub(crate) fn is_bare(payload: &[u8]) -> bool {
    Cursor::new(payload).enter(b'[')
}

/// Passes over what follows the list: a payload that breaks off there is not whole either.
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

/// A cursor behind the bracket that opens the list, or the object of lists.
#[derive(Clone, Debug)]
struct List<'p> {
    cursor: Cursor<'p>,
    in_lists: bool,
    singles: bool,
}

impl<'p> List<'p> {
    fn open(mut cursor: Cursor<'p>) -> Option<Self> {
        let in_lists = cursor.enter(b'{');
        (in_lists || cursor.enter(b'[')).then_some(List {
            cursor,
            in_lists,
            singles: false,
        })
    }
}

/// The keys of lists, with their quotes. A search takes as long to be prepared as it takes to search a small payload.
static RECORDS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"Records\""));
static ITEMS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\"records\""));

fn list(payload: &[u8]) -> Result<Option<List<'_>>, Broken> {
    let mut cursor = Cursor::new(payload);
    if cursor.enter(b'[') {
        return Ok(Some(List {
            cursor,
            in_lists: false,
            singles: false,
        }));
    }
    if !cursor.enter(b'{') {
        return Err(cursor.broken());
    }
    match last(cursor.clone(), &RECORDS)? {
        Some(list) => Ok(Some(list)),
        None => Ok(last(cursor, &ITEMS)?.map(|list| List {
            singles: true,
            ..list
        })),
    }
}

/// The list under the last key of the object that `cursor` is in that is `quoted`, with its quotes.
fn last<'p>(mut cursor: Cursor<'p>, quoted: &Finder<'_>) -> Result<Option<List<'p>>, Broken> {
    let name = &quoted.needle()[1..quoted.needle().len() - 1];
    let mut found = None;
    let mut first = true;
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        if key == name || (key.contains(&b'\\') && *unescaped(key) == *name) {
            found = List::open(cursor.clone());
            // Looking for the name alone is many times faster than looking for keys, and nearly always enough.
            if !cursor.holds(quoted) {
                break;
            }
        }
        match cursor.skip() {
            Ok(_) => {}
            // What breaks inside the list is for the iterator to find, behind the records that are whole.
            Err(_) if found.is_some() => break,
            Err(broken) => return Err(broken),
        }
    }
    Ok(found)
}
