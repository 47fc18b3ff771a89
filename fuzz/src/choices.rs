//! Choices that hang on the input alone.

/// Numbers by which a target chooses what its input does not say, the same for the same input: so an input can be plain text, and
/// a corpus can be read.
pub struct Choices(u64);

impl Choices {
    /// Those of this input.
    pub fn of(input: &[u8]) -> Self {
        // FNV-1a: short, and every byte counts.
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        Self(input.iter().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % bound as u64).expect("it is below a usize")
    }

    /// Yes, once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn one_of<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        &of[self.below(of.len())]
    }
}
