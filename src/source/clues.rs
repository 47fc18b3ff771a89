//! Sets of clues, as bits.

use super::clue::Clue;

/// A set of clues.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clues([u64; Clues::WORDS]);

impl Clues {
    const WORDS: usize = Clue::ALL.len().div_ceil(64);

    /// No clue.
    pub(super) const NONE: Clues = Clues([0; Clues::WORDS]);

    /// The set with `clue` in it.
    #[must_use]
    #[inline]
    pub(super) const fn with(mut self, clue: Clue) -> Clues {
        self.0[clue as usize / 64] |= 1 << (clue as usize % 64);
        self
    }

    /// The set without `clue` in it.
    #[must_use]
    pub(super) const fn without(mut self, clue: Clue) -> Clues {
        self.0[clue as usize / 64] &= !(1 << (clue as usize % 64));
        self
    }

    /// Whether `clue` is in the set.
    #[inline]
    pub(super) const fn has(self, clue: Clue) -> bool {
        self.0[clue as usize / 64] >> (clue as usize % 64) & 1 == 1
    }
}
