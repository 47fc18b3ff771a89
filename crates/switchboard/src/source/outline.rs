//! Opens an object or a list one level deep, without parsing its values.

use super::scan::Cursor;
use super::survey::unescaped;
use std::borrow::Cow;

/// The keys and values of an object that is valid JSON.
#[derive(Debug)]
pub(crate) struct Entries<'r>(Children<'r>);

/// The elements of a list that is valid JSON.
#[derive(Debug)]
pub(crate) struct Elements<'r>(Children<'r>);

#[derive(Debug)]
struct Children<'r> {
    text: &'r str,
    cursor: Cursor<'r>,
    first: bool,
}

impl<'r> Children<'r> {
    fn of(text: &'r str, bracket: u8) -> Option<Self> {
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.enter(bracket).then_some(Self {
            text,
            cursor,
            first: true,
        })
    }

    fn is_first(&mut self) -> bool {
        std::mem::take(&mut self.first)
    }

    fn value(&mut self) -> Option<&'r str> {
        self.cursor.peek();
        let start = self.cursor.offset();
        self.cursor.skip().ok()?;
        self.text.get(start..self.cursor.offset())
    }
}

impl<'r> Entries<'r> {
    /// `None` if the text is not an object.
    pub(crate) fn of(text: &'r str) -> Option<Self> {
        Children::of(text, b'{').map(Self)
    }
}

impl<'r> Iterator for Entries<'r> {
    type Item = (Cow<'r, str>, &'r str);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.0.is_first();
        let key = self.0.cursor.key(first).ok()??;
        let key = match unescaped(key) {
            Cow::Borrowed(key) => String::from_utf8_lossy(key),
            Cow::Owned(key) => Cow::Owned(String::from_utf8_lossy(&key).into_owned()),
        };
        Some((key, self.0.value()?))
    }
}

impl<'r> Elements<'r> {
    /// `None` if the text is not a list.
    pub(crate) fn of(text: &'r str) -> Option<Self> {
        Children::of(text, b'[').map(Self)
    }
}

impl<'r> Iterator for Elements<'r> {
    type Item = &'r str;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.0.is_first();
        match self.0.cursor.element(first) {
            Ok(true) => self.0.value(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_elements_are_those_of_the_outermost_level() {
        let entries: Vec<_> = Entries::of(r#" {"a": {"b": [1]} , "\u0063" :"d"}"#)
            .unwrap()
            .collect();
        assert_eq!(entries, [("a".into(), r#"{"b": [1]}"#), ("c".into(), r#""d""#)]);
        let elements: Vec<_> = Elements::of(r#"[ 1 ,"x",[2, 3]]"#).unwrap().collect();
        assert_eq!(elements, ["1", r#""x""#, "[2, 3]"]);
        assert!(Entries::of("[]").is_none() && Elements::of("7").is_none());
    }
}
