//! Ids and tokens: opaque to functions, and the same for the same seed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::{Builder, Uuid};

/// Makes ids that are the same in each run with the same seed.
#[derive(Debug)]
pub(super) struct Ids {
    state: u64,
}

impl Ids {
    pub(super) fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        let bytes = (u128::from(self.next()) << 64) | u128::from(self.next());
        Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A token of letters, digits, `+`, `/` and `=`, as the model has it.
pub(super) fn token(of: &str) -> String {
    STANDARD.encode(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_ids() {
        let three = |seed| {
            let mut ids = Ids::seeded(seed);
            [ids.uuid(), ids.uuid(), ids.uuid()]
        };
        assert_eq!(three(7), three(7));
        assert_ne!(three(7), three(8));
        assert_eq!(three(7)[0].get_version_num(), 4);
    }
}
