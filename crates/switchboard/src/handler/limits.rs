//! How far envelopes are opened.

#[cfg(feature = "envelopes")]
use crate::bounds::Bounds;

/// How far envelopes are opened: events within events, and what is compressed in them.
///
/// # Example
///
/// ```
/// use switchboard::{EnvelopeLimits, Router};
///
/// let limits = EnvelopeLimits::new().nesting(2).decompressed(8 * 1024 * 1024);
/// let router = Router::new(()).envelope_limits(limits);
/// # let _ = router;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeLimits {
    pub(crate) nesting: usize,
    decompressed: Option<usize>,
}

impl EnvelopeLimits {
    /// Four envelopes in one another; an eighth of the function's memory for what one record holds once it is decompressed,
    /// and for all events in one another. (On Managed Instances, an eighth of each invocation's share of the memory; where
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` does not say it, of 128 MB.)
    #[must_use]
    pub fn new() -> Self {
        Self {
            nesting: 4,
            decompressed: None,
        }
    }

    /// How many envelopes may stand in one another: an S3 event in an SNS message in an SQS message is in two.
    #[must_use]
    pub fn nesting(mut self, envelopes: usize) -> Self {
        self.nesting = envelopes;
        self
    }

    /// How much one record may hold once it is decompressed, in bytes. It cannot be more than an eighth of the function's
    /// memory.
    #[must_use]
    pub fn decompressed(mut self, bytes: usize) -> Self {
        self.decompressed = Some(bytes);
        self
    }

    #[cfg(feature = "envelopes")]
    pub(crate) fn max_decompressed(self) -> usize {
        let most = Bounds::of_process().unpacked();
        self.decompressed
            .map_or(most, |decompressed| decompressed.min(most))
    }
}

impl Default for EnvelopeLimits {
    fn default() -> Self {
        Self::new()
    }
}
