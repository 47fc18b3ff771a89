//! Cuts a batch into its records, each left as the raw JSON it is.

use super::scan::{Broken, Cursor};
use super::survey::unescaped;

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

/// The raw JSON of each record of a payload: the elements of its `Records`, or of Firehose's `records`, or of the
/// payload itself if that is an array.
///
/// Records are found, not read: one that is no valid JSON inside comes out like any other as long as its strings
/// end and its brackets balance. A payload that breaks off yields the records before the break, then [`Cut`] once.
/// If `Records` is there twice the last one counts, as JSON readers have it.
pub(crate) fn records(payload: &[u8]) -> impl Iterator<Item = Result<&[u8], Cut>> {
    match list(payload) {
        Ok(list) => Records {
            list,
            first: true,
            cut: None,
        },
        Err(broken) => Records {
            list: None,
            first: true,
            cut: Some(broken.into()),
        },
    }
}

#[derive(Clone, Debug)]
struct Records<'p> {
    /// Stands in the list, and is gone once that has ended.
    list: Option<Cursor<'p>>,
    first: bool,
    cut: Option<Cut>,
}

impl<'p> Iterator for Records<'p> {
    type Item = Result<&'p [u8], Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(cut) = self.cut.take() {
            return Some(Err(cut));
        }
        let cursor = self.list.as_mut()?;
        let record = match cursor.element(std::mem::take(&mut self.first)) {
            Ok(true) => cursor.skip(),
            Ok(false) => {
                self.list = None;
                return None;
            }
            Err(broken) => Err(broken),
        };
        if record.is_err() {
            self.list = None;
        }
        Some(record.map_err(Cut::from))
    }
}

/// A cursor behind the bracket that opens the list.
fn list(payload: &[u8]) -> Result<Option<Cursor<'_>>, Broken> {
    let mut cursor = Cursor::new(payload);
    if cursor.enter(b'[') {
        return Ok(Some(cursor));
    }
    if !cursor.enter(b'{') {
        return Err(cursor.broken());
    }
    match last(cursor.clone(), b"Records")? {
        Some(list) => Ok(Some(list)),
        None => last(cursor, b"records"),
    }
}

/// The list under the last `name` of the object that `cursor` is in.
fn last<'p>(mut cursor: Cursor<'p>, name: &[u8]) -> Result<Option<Cursor<'p>>, Broken> {
    let mut found = None;
    let mut first = true;
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        if key == name || (key.contains(&b'\\') && *unescaped(key) == *name) {
            let mut list = cursor.clone();
            found = list.enter(b'[').then_some(list);
            // Looking for the bare name is many times faster than looking for keys, and nearly always enough.
            if !cursor.holds_quoted(name) {
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
