//! How Powertools for AWS Lambda lays out its table, which differs between languages.

use crate::source::Spelling;

/// How ids, hashes and results are written: as Powertools for AWS Lambda does in one of its languages.
///
/// | | ids and `validation` | `data` |
/// |---|---|---|
/// | Python | MD5 of `json.dumps(…, sort_keys=True)`, in hexadecimal digits | a string of JSON |
/// | TypeScript | MD5 of `JSON.stringify(deepSort(…))`, in Base64 | a value of DynamoDB's own types |
///
/// All else is the same in both. Functions in Python and in TypeScript cannot share a table's records with each other, so
/// neither can one here with both. Those in Java and .NET hash texts of their own, and share with none.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Layout {
    /// Powertools for AWS Lambda (Python).
    #[default]
    Python,
    /// Powertools for AWS Lambda (TypeScript), with its default hash function.
    Typescript,
}

impl Layout {
    pub(super) fn spelling(self) -> Spelling {
        match self {
            Self::Python => Spelling::Python,
            Self::Typescript => Spelling::Javascript,
        }
    }
}
