//! Methods of features that are off. None compiles: each tells the compiler to name the feature, which it does not do for methods by
//! itself.

macro_rules! missing {
    ($($feature:literal, $method:ident, $needed:ident: $message:literal, $note:literal;)*) => {$(
        #[cfg(not(feature = $feature))]
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = $message, label = "the feature is off", note = $note)]
        pub trait $needed {}

        #[cfg(not(feature = $feature))]
        impl<S> super::Router<S> {
            #[doc(hidden)]
            #[must_use]
            pub fn $method<H: $needed>(self, _: H) -> Self {
                self
            }
        }
    )*};
}

missing! {
    "activemq", activemq, NeedsActivemq:
        "`Router::activemq` needs the feature `activemq` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features activemq`";
    "documentdb", documentdb, NeedsDocumentdb:
        "`Router::documentdb` needs the feature `documentdb` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features documentdb`";
    "firehose", firehose, NeedsFirehose:
        "`Router::firehose` needs the feature `firehose` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features firehose`";
    "graceful-shutdown", on_shutdown, NeedsGracefulShutdown:
        "`Router::on_shutdown` needs the feature `graceful-shutdown` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features graceful-shutdown`";
    "http", http, NeedsHttp:
        "`Router::http` needs the feature `http` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features http`";
    "kafka", kafka, NeedsKafka:
        "`Router::kafka` needs the feature `kafka` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features kafka`";
    "rabbitmq", rabbitmq, NeedsRabbitmq:
        "`Router::rabbitmq` needs the feature `rabbitmq` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features rabbitmq`";
    "sns", sns, NeedsSns:
        "`Router::sns` needs the feature `sns` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features sns`";
    "sqs", sqs, NeedsSqs:
        "`Router::sqs` needs the feature `sqs` of `lambda-switchboard`",
        "add it: `cargo add lambda-switchboard --features sqs`";
}
