//! The outcome of a claim: one rule for all stores.

use super::{Claim, Done};
use std::time::{Duration, SystemTime};

/// The stored state of a key, in the units of Powertools' table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct KeyRecord {
    pub(super) status: Status,
    /// The last second at which the record is valid, since 1970.
    pub(super) expiration: u64,
    /// The last millisecond of the lease, since 1970. It stays when the record is done.
    pub(super) in_progress_expiration: Option<u64>,
    /// `None` for a record in progress, or for the result `null`.
    pub(super) data: Option<Box<str>>,
    pub(super) validation: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    InProgress,
    Completed,
}

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
impl Status {
    /// Powertools' spelling.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "INPROGRESS",
            Self::Completed => "COMPLETED",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::InProgress, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// The result of a handler without a reply.
pub(super) const NULL: &str = "null";

/// What a record means for a claim.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Verdict<'r> {
    /// The record is not valid any more: the key is free.
    Free,
    Done(&'r str),
    InProgress(SystemTime),
    Mismatch,
}

impl KeyRecord {
    /// The record of a claim that is granted under its [`token`].
    ///
    /// It is valid for at least as long as its lease, however briefly results are kept. Otherwise the key would become
    /// free while its owner is still working.
    pub(super) fn of(claim: &Claim<'_>, token: u64) -> Self {
        Self {
            status: Status::InProgress,
            expiration: seconds(claim.expiration).max(token / 1000),
            in_progress_expiration: Some(token),
            data: None,
            validation: claim.validation.map(Into::into),
        }
    }

    /// The record of a result without a claim.
    pub(super) fn done(done: &Done) -> Self {
        Self {
            status: Status::Completed,
            expiration: seconds(done.expiration),
            in_progress_expiration: None,
            data: Some(done.data.as_str().into()),
            validation: None,
        }
    }

    pub(super) fn judge(&self, claim: &Claim<'_>) -> Verdict<'_> {
        if self.is_forgotten(claim.now) || self.is_abandoned(claim.now) {
            return Verdict::Free;
        }
        if let (Some(kept), Some(asked)) = (self.validation.as_deref(), claim.validation)
            && kept != asked
        {
            return Verdict::Mismatch;
        }
        match self.status {
            Status::Completed => Verdict::Done(self.result()),
            // Powertools for Python without a Lambda context stores no end of the lease: then the record's expiration
            // must pass.
            Status::InProgress => Verdict::InProgress(moment(
                self.in_progress_expiration
                    .unwrap_or((self.expiration + 1) * 1000),
            )),
        }
    }

    /// The result, unless it has expired at this time.
    pub(super) fn recall(&self, now: SystemTime) -> Option<&str> {
        let live = self.status == Status::Completed && !self.is_forgotten(now);
        live.then(|| self.result())
    }

    /// Whether the owner with this token may finish or release it.
    pub(super) fn is_held_under(&self, token: u64) -> bool {
        self.status == Status::InProgress && self.in_progress_expiration == Some(token)
    }

    /// Whether the record has expired.
    pub(super) fn is_forgotten(&self, now: SystemTime) -> bool {
        self.expiration < seconds(now)
    }

    /// Whether the owner's lease has expired.
    pub(super) fn is_abandoned(&self, now: SystemTime) -> bool {
        let over = self.in_progress_expiration.is_some_and(|end| end < millis(now));
        self.status == Status::InProgress && over
    }

    fn result(&self) -> &str {
        self.data.as_deref().unwrap_or(NULL)
    }
}

/// The claim's fencing token. It is never before `now`, so it is greater than any token whose lease has expired.
pub(super) fn token(claim: &Claim<'_>) -> u64 {
    millis(claim.lease_until).max(millis(claim.now))
}

/// Whole seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    millis(time) / 1000
}

/// Whole milliseconds since 1970.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since
        .as_secs()
        .saturating_mul(1000)
        .saturating_add(since.subsec_millis().into())
}

/// The time this many milliseconds after 1970.
pub(super) fn moment(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(now: u64, lease: u64, expiration: u64) -> Claim<'static> {
        Claim {
            id: "k",
            validation: Some("v"),
            now: moment(now),
            lease_until: moment(lease),
            expiration: moment(expiration),
        }
    }

    fn granted(claim: &Claim<'_>) -> KeyRecord {
        KeyRecord::of(claim, token(claim))
    }

    #[test]
    fn a_lease_counts_to_its_last_millisecond_and_the_next_token_is_greater() {
        let record = granted(&claim(1_000, 5_000, 9_000));
        assert_eq!(
            record.judge(&claim(5_000, 9_000, 9_000)),
            Verdict::InProgress(moment(5_000))
        );
        assert_eq!(record.judge(&claim(5_001, 0, 9_000)), Verdict::Free);
        assert!(token(&claim(5_001, 0, 9_000)) > 5_000);
    }

    #[test]
    fn a_record_outlives_its_lease_however_short_results_are_kept() {
        let record = granted(&claim(1_000, 900_999, 2_000));
        assert_eq!(
            record.judge(&claim(900_999, 0, 0)),
            Verdict::InProgress(moment(900_999))
        );
        assert_eq!(record.judge(&claim(901_000, 0, 0)), Verdict::Free);
    }

    #[test]
    fn a_record_without_a_lease_is_in_progress_until_it_expires() {
        let mut record = granted(&claim(0, 1_000, 3_000));
        record.in_progress_expiration = None;
        assert_eq!(
            record.judge(&claim(3_999, 0, 0)),
            Verdict::InProgress(moment(4_000))
        );
        assert_eq!(record.judge(&claim(4_000, 0, 0)), Verdict::Free);
    }

    #[test]
    fn another_payload_is_told_while_the_record_counts_and_both_say_what_theirs_is() {
        let mut record = granted(&claim(0, 1_000, 3_000));
        let other = Claim {
            validation: Some("w"),
            ..claim(500, 0, 0)
        };
        assert_eq!(record.judge(&other), Verdict::Mismatch);
        assert_eq!(
            record.judge(&Claim {
                now: moment(1_001),
                ..other
            }),
            Verdict::Free
        );
        assert!(matches!(
            record.judge(&Claim {
                validation: None,
                ..other
            }),
            Verdict::InProgress(_)
        ));
        record.validation = None;
        assert!(matches!(record.judge(&other), Verdict::InProgress(_)));
    }
}
