//! Positions in the logs of arrivals, and cursors made from them.

use super::super::StoreError;
use super::super::page::{PageKind, decode, encode};
use super::log::{LOGS, Log};
use crate::journal::Cursor;

/// How far a log has been followed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Place {
    /// The number of the last slot that is done.
    pub(super) slot: u64,
    /// How many entries of the next slot are done, too.
    pub(super) entries: usize,
}

impl Place {
    pub(super) fn behind(slot: u64) -> Self {
        Self { slot, entries: 0 }
    }

    /// In a slot of `of` entries, after the one at index `at`.
    pub(super) fn in_slot(slot: u64, at: usize, of: usize) -> Self {
        match at + 1 == of {
            true => Self::behind(slot),
            false => Self {
                slot: slot - 1,
                entries: at + 1,
            },
        }
    }
}

/// How far each log has been followed.
pub(super) type Places = [Place; LOGS];

/// The positions in a cursor; without one, the beginning of each log.
///
/// # Errors
/// The cursor does not belong to these logs.
pub(super) fn places(cursor: Option<&Cursor>, logs: &[Log; LOGS]) -> Result<Places, StoreError> {
    let Some(text) = decode(PageKind::Arrivals, cursor)? else {
        return Ok(Places::default());
    };
    read(&text, logs).ok_or_else(|| {
        StoreError::invalid_cursor("it belongs to another journal; start again without a cursor")
    })
}

/// The cursor of these positions.
pub(super) fn cursor(places: &Places, logs: &[Log; LOGS]) -> Cursor {
    let write = |(place, log): (&Place, &Log)| format!("{}:{}.{}", log.name, place.slot, place.entries);
    let texts: Vec<String> = places.iter().zip(logs).map(write).collect();
    encode(PageKind::Arrivals, &texts.join(" "))
}

fn read(text: &str, logs: &[Log; LOGS]) -> Option<Places> {
    let mut texts = text.split(' ');
    let mut places = Places::default();
    for (place, log) in places.iter_mut().zip(logs) {
        *place = read_one(texts.next()?, log)?;
    }
    texts.next().is_none().then_some(places)
}

fn read_one(text: &str, log: &Log) -> Option<Place> {
    let (name, place) = text.split_once(':')?;
    let (slot, entries) = place.split_once('.')?;
    let place = Place {
        slot: slot.parse().ok()?,
        entries: entries.parse().ok()?,
    };
    // A log that had no slot may have some by now.
    let beginning = name.is_empty() && place == Place::default();
    let known = name == log.name && place.slot.checked_add(place.entries.min(1) as u64)? <= log.last;
    (beginning || known).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn logs(lasts: [u64; LOGS]) -> [Log; LOGS] {
        let mut log = 0;
        lasts.map(|last| {
            log += 1;
            let name = if last == 0 {
                String::new()
            } else {
                format!("n{log}")
            };
            Log { name, last, at: 0 }
        })
    }

    proptest! {
        #[test]
        fn cursors_come_back_and_are_refused_elsewhere(slots in proptest::array::uniform4(0..9_u64), more in proptest::array::uniform4(0..3_u64)) {
            let then = logs(slots);
            let places: Places = slots.map(|slot| Place { slot: slot.saturating_sub(1), entries: slot.min(1) as usize });
            let cursor = cursor(&places, &then);
            prop_assert_eq!(super::places(Some(&cursor), &then).unwrap(), places);
            let mut now = then.clone();
            for (log, more) in now.iter_mut().zip(more) {
                log.last += more;
                if log.last > 0 && log.name.is_empty() {
                    log.name = "new".into();
                }
            }
            prop_assert_eq!(super::places(Some(&cursor), &now).unwrap(), places);
            // A table that was put back from a copy, or made anew.
            for (at, slot) in slots.into_iter().enumerate().filter(|(_, slot)| *slot > 0) {
                for log in [Log { last: slot - 1, ..then[at].clone() }, Log { name: "other".into(), ..then[at].clone() }, Log::default()] {
                    let mut elsewhere = then.clone();
                    elsewhere[at] = log;
                    prop_assert!(super::places(Some(&cursor), &elsewhere).unwrap_err().is_invalid_cursor());
                }
            }
        }
    }

    #[test]
    fn what_was_not_handed_out_is_refused() {
        let logs = logs([3, 3, 3, 3]);
        for text in [
            "",
            "n1:1.0",
            "n1:1.0 n2:1.0 n3:1.0 n4:1.0 n5:1.0",
            "n1:1.0 n2:1.0 n3:1.0 n4:1",
            "n1:1.0 n2:1.0 n3:1.0 n4:-1.0",
            "n1:1.0 n2:1.0 n3:1.0 n4:4.0",
            "n1:1.0 n2:1.0 n3:1.0 n4:3.1",
            "n1:1.0 n2:1.0 n3:1.0 n4:18446744073709551615.1",
            "n1:1.0 n2:1.0 n3:1.0 :1.0",
        ] {
            let cursor = encode(PageKind::Arrivals, text);
            assert!(
                places(Some(&cursor), &logs).unwrap_err().is_invalid_cursor(),
                "{text}"
            );
        }
        let cursor = encode(PageKind::Entries, "n1:1.0 n2:1.0 n3:1.0 n4:1.0");
        assert!(places(Some(&cursor), &logs).unwrap_err().is_invalid_cursor());
    }
}
