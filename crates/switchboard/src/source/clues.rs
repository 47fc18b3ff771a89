//! Sets of clues as bits, and the clues that a rule needs.

use super::clue::Clue;

/// A set of clues.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clues([u64; Clues::WORDS]);

impl Clues {
    const WORDS: usize = RequiredClues::MET as usize / 64 + 1;

    /// No clue.
    pub(super) const NONE: Clues = {
        let mut words = [0; Clues::WORDS];
        words[RequiredClues::MET as usize / 64] = 1 << (RequiredClues::MET % 64);
        Clues(words)
    };

    /// The set with `clue` in it.
    #[must_use]
    #[inline]
    pub(super) const fn with(mut self, clue: Clue) -> Clues {
        self.0[clue as usize / 64] |= 1 << (clue as usize % 64);
        self
    }

    /// The set without `clue`.
    #[must_use]
    pub(super) const fn without(mut self, clue: Clue) -> Clues {
        self.0[clue as usize / 64] &= !(1 << (clue as usize % 64));
        self
    }

    /// The union of both sets.
    #[must_use]
    pub(super) const fn and(mut self, other: &Clues) -> Clues {
        let mut word = 0;
        while word < Clues::WORDS {
            self.0[word] |= other.0[word];
            word += 1;
        }
        self
    }

    /// Whether a clue is in both sets.
    pub(super) fn overlap(&self, other: &Clues) -> bool {
        let mut words = self.0.iter().zip(&other.0).zip(&Clues::NONE.0);
        words.any(|((one, other), none)| one & other != *none)
    }

    /// Whether `clue` is in the set.
    #[inline]
    pub(super) const fn has(self, clue: Clue) -> bool {
        self.0[clue as usize / 64] >> (clue as usize % 64) & 1 == 1
    }

    /// Whether everything needed is in the set.
    #[inline]
    pub(super) fn meet(&self, needs: &RequiredClues) -> bool {
        let has = |place: &u16| self.0[usize::from(*place) / 64] >> (place % 64) & 1 == 1;
        needs.0.iter().all(has)
    }
}

/// Up to four clues. Not a set: there are many of these, they are small, and most of them fail at the first clue.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequiredClues([u16; RequiredClues::MOST]);

impl RequiredClues {
    const MOST: usize = 4;

    /// A bit that is set in every set: a need that is always met.
    const MET: u16 = Clue::ALL.len() as u16;

    /// Nothing is needed.
    pub(super) const NONE: RequiredClues = RequiredClues([RequiredClues::MET; RequiredClues::MOST]);

    /// The same with this clue; surplus clues are left out.
    #[must_use]
    pub(super) const fn and(mut self, clue: Clue) -> RequiredClues {
        let mut index = 0;
        while index < RequiredClues::MOST {
            if self.0[index] == RequiredClues::MET {
                self.0[index] = clue as u16;
                break;
            }
            index += 1;
        }
        self
    }

    /// The set with the first of them, or with every clue if nothing is needed.
    pub(super) const fn first(&self, clues: Clues) -> Clues {
        if self.0[0] == RequiredClues::MET {
            return Clues([u64::MAX; Clues::WORDS]);
        }
        let mut clues = clues;
        clues.0[self.0[0] as usize / 64] |= 1 << (self.0[0] % 64);
        clues
    }

    /// Whether the clue is among them.
    pub(super) fn name(&self, clue: Clue) -> bool {
        self.0.contains(&(clue as u16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_are_met_by_sets_that_have_all_of_them() {
        let (records, window) = (Clue::Records, Clue::Window);
        let needs = RequiredClues::NONE.and(records).and(window);
        assert!(needs.name(window) && !needs.name(Clue::State));
        assert!(Clues::NONE.meet(&RequiredClues::NONE));
        assert!(!Clues::NONE.with(records).meet(&needs));
        assert!(Clues::NONE.with(records).with(window).meet(&needs));
        assert!(
            !Clues::NONE
                .with(records)
                .with(window)
                .without(records)
                .meet(&needs)
        );
        let both = Clues::NONE.with(records).and(&Clues::NONE.with(window));
        assert!(both.meet(&needs));
        assert!(both.overlap(&Clues::NONE.with(window)));
        assert!(!both.overlap(&Clues::NONE.with(Clue::State)) && !both.overlap(&Clues::NONE));
        let last = *Clue::ALL.last().expect("there are clues");
        assert!(!Clues::NONE.meet(&RequiredClues::NONE.and(last)));
        assert!(Clues::NONE.with(last).meet(&RequiredClues::NONE.and(last)));
    }
}
