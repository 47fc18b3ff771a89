//! What event source mappings read: queues and streams, record by record, in the shape in which a function gets them.

mod attribute;

mod queue;
pub use queue::{MessageQueue, QueueMessage};

mod stream;
pub use stream::{ReadStart, ReadableStream, StreamPage, StreamRecord, StreamShard};

mod dynamodb;
mod kinesis;

mod mapping;
pub use mapping::{DeployedMapping, deployed_mapping, mappings_of};
