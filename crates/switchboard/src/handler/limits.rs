//! Limits for opening envelopes.

#[cfg(feature = "envelopes")]
use crate::bounds::Bounds;

/// Limits for opening envelopes, which are events inside events and compressed data inside events.
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
    /// The defaults: four envelopes inside each other, and an eighth of the function's memory both for the decompressed
    /// data of one record and for all events inside each other. (On Managed Instances, an eighth of each invocation's
    /// share of the memory. Without `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, an eighth of 128 MB.)
    #[must_use]
    pub fn new() -> Self {
        Self {
            nesting: 4,
            decompressed: None,
        }
    }

    /// How many envelopes may be inside each other: an S3 event in an SNS message in an SQS message is in two.
    #[must_use]
    pub fn nesting(mut self, envelopes: usize) -> Self {
        self.nesting = envelopes;
        self
    }

    /// How many bytes one record may have after decompression. The limit is never more than an eighth of the function's
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
