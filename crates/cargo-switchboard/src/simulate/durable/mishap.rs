//! What goes wrong in a run, and when.

use std::fmt;
use std::str::FromStr;

use lambda_sandbox::CheckpointFault;
use oorandom::Rand64;

use crate::Error;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Mishap {
    /// The process dies before a checkpoint arrives.
    CrashBefore,
    /// The process dies after a checkpoint was taken, without its answer.
    CrashAfter,
    /// The invocation runs out of time before a checkpoint arrives.
    TimeOut,
    /// A checkpoint is taken, and the answer gets lost.
    LoseAnswer,
    /// A checkpoint arrives twice.
    Double,
    /// A checkpoint is refused with 429.
    Throttle,
    /// The process dies after an invocation's last checkpoint: its answer gets lost.
    CrashAtEnd,
    /// The starting event comes again after an invocation, or at the end if there are fewer.
    Redeliver,
    /// A callback comes as soon as it can, while the function still runs.
    CallbackAtOnce,
    /// A callback comes when everything else has happened that happens by itself: its timeout, if it has one.
    CallbackLate,
    /// A callback fails.
    CallbackFails,
}

/// All mishaps with their names in a schedule, what they are counted by, and what is said of them.
const ALL: [(Mishap, &str, &str); 11] = [
    (
        Mishap::CrashBefore,
        "crash-before",
        "the process dies before checkpoint {} arrives",
    ),
    (
        Mishap::CrashAfter,
        "crash-after",
        "checkpoint {} is taken, and the process dies before it gets the answer",
    ),
    (
        Mishap::TimeOut,
        "time-out",
        "the invocation runs out of time before checkpoint {} arrives",
    ),
    (
        Mishap::LoseAnswer,
        "lose-answer",
        "checkpoint {} is taken, and its answer gets lost (500)",
    ),
    (Mishap::Double, "double", "checkpoint {} arrives twice"),
    (Mishap::Throttle, "throttle", "checkpoint {} is refused (429)"),
    (
        Mishap::CrashAtEnd,
        "crash-at-end",
        "the process dies at the end of invocation {}, and its answer gets lost",
    ),
    (
        Mishap::Redeliver,
        "redeliver",
        "the starting event comes again after invocation {}",
    ),
    (
        Mishap::CallbackAtOnce,
        "callback-at-once",
        "callback {} comes while the function still runs",
    ),
    (
        Mishap::CallbackLate,
        "callback-late",
        "callback {} comes late, after its timeout if it has one",
    ),
    (Mishap::CallbackFails, "callback-fails", "callback {} fails"),
];

/// The mishaps that are drawn, each as often as its share says.
const DRAWN: [(Mishap, u64); 8] = [
    (Mishap::CrashBefore, 8),
    (Mishap::CrashAfter, 6),
    (Mishap::CrashAtEnd, 3),
    (Mishap::TimeOut, 2),
    (Mishap::LoseAnswer, 3),
    (Mishap::Double, 2),
    (Mishap::Throttle, 1),
    (Mishap::Redeliver, 3),
];

impl Mishap {
    fn row(self) -> (&'static str, &'static str) {
        let row = ALL.iter().find(|(mishap, ..)| *mishap == self);
        row.map_or(("", ""), |(_, name, text)| (name, text))
    }

    /// Whether it concerns a checkpoint, and what happens to that.
    pub(super) fn of_checkpoint(self) -> Option<CheckpointFault> {
        match self {
            Self::CrashBefore => Some(CheckpointFault::CrashBefore),
            Self::CrashAfter => Some(CheckpointFault::CrashAfter),
            Self::TimeOut => Some(CheckpointFault::TimeOut),
            Self::LoseAnswer => Some(CheckpointFault::LoseAnswer),
            Self::Double => Some(CheckpointFault::Double),
            Self::Throttle => Some(CheckpointFault::Throttle),
            _ => None,
        }
    }

    fn is_of_callbacks(self) -> bool {
        matches!(
            self,
            Self::CallbackAtOnce | Self::CallbackLate | Self::CallbackFails
        )
    }

    /// Whether it belongs to the world outside, which may change what an execution results in.
    fn is_of_the_world(self) -> bool {
        matches!(self, Self::CallbackLate | Self::CallbackFails)
    }
}

/// What goes wrong in a run: mishaps, each with the number of the checkpoint, the invocation or the callback that it happens to, from 1 on.
///
/// As text it is a list such as `crash-before:3,callback-late:1`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DurableSchedule(Vec<(Mishap, usize)>);

impl DurableSchedule {
    /// Its mishaps.
    #[must_use]
    pub fn mishaps(&self) -> &[(Mishap, usize)] {
        &self.0
    }

    /// What happens to this checkpoint.
    pub(super) fn at_checkpoint(&self, number: usize) -> Option<CheckpointFault> {
        let here = self.0.iter().filter(|(_, at)| *at == number);
        here.filter_map(|(mishap, _)| mishap.of_checkpoint()).next()
    }

    pub(super) fn has(&self, mishap: Mishap, number: usize) -> bool {
        self.0.contains(&(mishap, number))
    }

    /// How often the starting event comes again after this invocation, or one that comes later if it was the last.
    pub(super) fn redeliveries(&self, of: impl Fn(usize) -> bool) -> usize {
        let of_event = self.0.iter().filter(|(mishap, _)| *mishap == Mishap::Redeliver);
        of_event.filter(|(_, at)| of(*at)).count()
    }

    /// Only what belongs to the world outside.
    pub(super) fn world(&self) -> Self {
        Self(self.filtered(Mishap::is_of_the_world))
    }

    /// Without a mishap, which makes a run shorter: what comes later may come `shift` places earlier.
    pub(super) fn without(&self, index: usize, shift: usize) -> Self {
        let mut rest = self.0.clone();
        let (_, place) = rest.remove(index);
        let later = rest
            .iter_mut()
            .filter(|(mishap, at)| !mishap.is_of_callbacks() && *at > place);
        later.for_each(|(_, at)| *at -= shift.min(*at - 1));
        Self(rest)
    }

    /// The same, with this mishap at an earlier place.
    pub(super) fn earlier(&self, index: usize, at: usize) -> Self {
        let mut mishaps = self.0.clone();
        mishaps[index].1 = at;
        Self(mishaps)
    }

    fn filtered(&self, wanted: impl Fn(Mishap) -> bool) -> Vec<(Mishap, usize)> {
        self.0
            .iter()
            .copied()
            .filter(|(mishap, _)| wanted(*mishap))
            .collect()
    }

    /// Draws how this many callbacks come: half of them as they should.
    pub(super) fn draw_world(random: &mut Rand64, callbacks: usize) -> Self {
        let ways = [
            Mishap::CallbackAtOnce,
            Mishap::CallbackLate,
            Mishap::CallbackFails,
        ];
        let draw = |at| {
            let way = usize::try_from(random.rand_range(0..6)).ok()?;
            Some((*ways.get(way)?, at))
        };
        Self((1..=callbacks).filter_map(draw).collect())
    }

    /// Draws up to `most` mishaps, at least one, for a run with this many checkpoints and invocations.
    pub(super) fn draw(&mut self, random: &mut Rand64, checkpoints: usize, invocations: usize, most: u64) {
        let count = 1 + random.rand_range(0..most.max(1));
        for _ in 0..count {
            let mishap = drawn(random);
            let (places, taken): (usize, Vec<usize>) = match mishap.of_checkpoint() {
                Some(_) => (
                    checkpoints,
                    self.filtered_places(|other| other.of_checkpoint().is_some()),
                ),
                None => (invocations, self.filtered_places(|other| other == mishap)),
            };
            // What went wrong before makes a run longer.
            let places = u64::try_from(places + self.0.len()).unwrap_or(1).max(1);
            let place = usize::try_from(1 + random.rand_range(0..places)).unwrap_or(1);
            if !taken.contains(&place) {
                self.0.push((mishap, place));
            }
        }
    }

    fn filtered_places(&self, wanted: impl Fn(Mishap) -> bool) -> Vec<usize> {
        self.filtered(wanted).into_iter().map(|(_, at)| at).collect()
    }

    /// Says what happens, one line for each mishap. `checkpoints` has what each checkpoint said.
    pub(super) fn described(&self, checkpoints: &[String]) -> Vec<String> {
        let mut mishaps = self.0.clone();
        mishaps.sort_by_key(|(mishap, at)| (mishap.is_of_the_world(), *at));
        let described = mishaps.into_iter().map(|(mishap, at)| {
            let said = mishap.of_checkpoint().and_then(|_| checkpoints.get(at - 1));
            let number = said.map_or(at.to_string(), |said| format!("{at} ({said})"));
            mishap.row().1.replace("{}", &number)
        });
        described.collect()
    }
}

fn drawn(random: &mut Rand64) -> Mishap {
    let all = DRAWN.iter().map(|(_, share)| share).sum();
    let mut throw = random.rand_range(0..all);
    for (mishap, share) in DRAWN {
        if throw < share {
            return mishap;
        }
        throw -= share;
    }
    Mishap::CrashBefore
}

impl fmt::Display for DurableSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(mishap, at)| format!("{}:{at}", mishap.row().0))
            .collect();
        f.write_str(&words.join(","))
    }
}

impl FromStr for DurableSchedule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(mishap).collect::<Result<_, _>>().map(Self)
    }
}

fn mishap(word: &str) -> Result<(Mishap, usize), Error> {
    let parts = word.split_once(':').and_then(|(name, at)| {
        let known = ALL.iter().find(|(_, known, _)| *known == name)?;
        let at: usize = at.parse().ok().filter(|at| *at > 0)?;
        Some((known.0, at))
    });
    parts.ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|(_, name, _)| *name).collect();
        Error::other(format!(
            "`{word}` is not a mishap with its place, such as crash-before:3; there are {}",
            names.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_written_and_read() {
        let mut random = Rand64::new(7);
        for _ in 0..200 {
            let mut schedule = DurableSchedule::draw_world(&mut random, 2);
            schedule.draw(&mut random, 5, 3, 4);
            assert_eq!(schedule.to_string().parse::<DurableSchedule>().unwrap(), schedule);
        }
        for text in ["crash-before", "crash-before:0", "crash:1", "late:x"] {
            assert!(text.parse::<DurableSchedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_checkpoint_has_one_mishap_and_every_mishap_is_drawn() {
        let mut random = Rand64::new(1);
        let mut seen = Vec::new();
        for _ in 0..500 {
            let mut schedule = DurableSchedule::default();
            schedule.draw(&mut random, 3, 2, 4);
            let mut places = schedule.filtered_places(|mishap| mishap.of_checkpoint().is_some());
            let count = places.len();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), count, "{schedule}");
            assert!(!schedule.mishaps().is_empty());
            seen.extend(schedule.0.into_iter().map(|(mishap, _)| mishap));
        }
        assert!(DRAWN.iter().all(|(mishap, _)| seen.contains(mishap)));
    }

    #[test]
    fn what_happens_is_said_with_what_the_checkpoint_said() {
        let schedule: DurableSchedule = "callback-late:1,crash-before:2".parse().unwrap();
        let said = ["STEP charge: START".to_owned(), "STEP charge: SUCCEED".to_owned()];
        assert_eq!(
            schedule.described(&said),
            [
                "the process dies before checkpoint 2 (STEP charge: SUCCEED) arrives",
                "callback 1 comes late, after its timeout if it has one"
            ]
        );
        assert_eq!(schedule.world().to_string(), "callback-late:1");
    }
}
