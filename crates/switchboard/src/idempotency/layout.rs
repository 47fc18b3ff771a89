//! How Powertools for AWS Lambda lays out its table, which differs between languages.

use crate::source::Spelling;

/// How ids, hashes and results are written: like Powertools for AWS Lambda in one of its languages.
///
/// | | ids and `validation` | `data` |
/// |---|---|---|
/// | Python | MD5 of `json.dumps(…, sort_keys=True)`, in hexadecimal digits | a string of JSON |
/// | TypeScript | MD5 of `JSON.stringify(deepSort(…))`, in Base64 | a value of DynamoDB's own types |
///
/// Everything else is the same in both. Functions in Python and in TypeScript cannot share a table with each other, so
/// a function here can share one with either, but not with both. Powertools for Java and .NET hash their own texts, and
/// can share with none of these.
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
