//! The keys of all clues, joined to one text. A table of slices would have a pointer for each, and process start-up
//! waits until all of them are relocated.

use super::clue::Clue;

const COUNT: usize = Clue::ALL.len();

const LENGTH: usize = {
    let (mut length, mut index) = (0, 0);
    while index < COUNT {
        length += Clue::KEYS[index].len();
        index += 1;
    }
    length
};

/// The text, and the end of each key in it.
static JOINED: ([u8; LENGTH], [usize; COUNT]) = {
    let (mut text, mut ends) = ([0; LENGTH], [0; COUNT]);
    let (mut end, mut index) = (0, 0);
    while index < COUNT {
        let mut rest = Clue::KEYS[index];
        while let [byte, behind @ ..] = rest {
            text[end] = *byte;
            end += 1;
            rest = behind;
        }
        ends[index] = end;
        index += 1;
    }
    (text, ends)
};

impl Clue {
    /// The key as it is written without escapes.
    pub(super) fn key(self) -> &'static [u8] {
        let (text, ends) = &JOINED;
        let start = (self as usize).checked_sub(1).map_or(0, |before| ends[before]);
        &text[start..ends[self as usize]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_clue_has_its_key() {
        for (clue, key) in Clue::ALL.iter().zip(Clue::KEYS) {
            assert_eq!(clue.key(), *key);
            assert_eq!(clue.place().clue(key), Some(*clue));
        }
        assert_eq!(Clue::Records.key(), b"Records");
    }
}
