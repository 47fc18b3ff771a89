//! What the verbs share that call AWS: the connection, and what AWS answers when it refuses. Feature `aws`.

mod connection;
pub(crate) use connection::{Aws, Place};

mod arn;
pub(crate) use arn::Arn;

mod bucket;
pub(crate) use bucket::Bucket;

mod failure;
pub(crate) use failure::{Failure, Told, gone};
