//! An item that has been validated.

use super::body::WithBody;
use super::json::Json;
use super::key::{RecordKey, WithKey};
use super::plain::RecordBefore;
use super::record::{FromRecord, Record, TypedItem};
use super::{Change, rules};
use crate::event::{Event, Mended, Unreadable};
use aws_lambda_events::dynamodb;
use chrono::{DateTime, Utc};
use garde::{Report, Validate};
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

/// An item that keeps the rules of its type, by the crate [`garde`].
///
/// Put it around anything whose type implements [`garde::Validate`]: `Valid<Json<T>>`, `Valid<Change<T>>`, `Valid<RecordKey<Json<T>>>`,
/// a type of your own, in a tuple or alone. A record that breaks a rule is that record's failure, or its rejection
/// ([`Handler::on_unreadable`](crate::Handler::on_unreadable)), as if it could not be read. The error says where in the body the value
/// is, and the rule, and does not quote the value. The messages of your own rules go into logs: they must not quote it either.
///
/// Of a [`Change`] only the new image is validated: the old one was written by the rules of its time.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sqs")] {
/// use garde::Validate;
/// use serde::Deserialize;
/// use switchboard::event::Valid;
/// use switchboard::{Context, Failure, Handler, Json, OnFault, Router};
///
/// #[derive(Deserialize, Validate)]
/// #[garde(allow_unvalidated)]
/// struct Order {
///     id: u64,
///     #[garde(length(min = 1, max = 10), dive)]
///     items: Vec<Line>,
/// }
///
/// #[derive(Deserialize, Validate)]
/// struct Line {
///     #[garde(ascii, length(equal = 8))]
///     sku: String,
/// }
///
/// async fn on_order(Valid(Json(order)): Valid<Json<Order>>, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(order.id, lines = order.items.len(), first = order.items[0].sku, "an order");
///     Ok(())
/// }
///
/// let router = Router::new(()).sqs(on_order.on_unreadable(OnFault::Reject));
/// # let _ = router;
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Valid<T>(pub T);

impl<T> Deref for Valid<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Valid<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// What can stand in a [`Valid`]: it is implemented for what reads a body, a key or an image as a type that implements
/// [`garde::Validate`], and for types of your own that implement that and [`FromRecord`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules to keep",
    label = "`Valid` cannot validate this",
    note = "derive `garde::Validate` for the type inside, with a context that has a default"
)]
pub trait WithRules<E: Event>: FromRecord<E> {
    /// The rules that it breaks.
    ///
    /// # Errors
    /// It breaks some.
    #[doc(hidden)]
    fn judge(&self) -> Result<(), Report>;

    /// The part of the record that it was read from.
    #[doc(hidden)]
    fn part<'r>(record: &Record<'r, E>) -> RulesPart<'r>;
}

/// The part of a record that has been validated.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct RulesPart<'r> {
    /// What an error calls it.
    pub(super) within: Option<&'static str>,
    /// What precedes every path in it.
    pub(super) before: &'static str,
    /// Its JSON.
    pub(super) json: Cow<'r, [u8]>,
}

impl<E: Event, T> WithRules<E> for T
where
    T: FromRecord<E> + Validate<Context: Default>,
{
    fn judge(&self) -> Result<(), Report> {
        self.validate()
    }

    fn part<'r>(_: &Record<'r, E>) -> RulesPart<'r> {
        RulesPart::default()
    }
}

impl<E, T> WithRules<E> for Json<T>
where
    E: WithBody,
    Self: FromRecord<E>,
    T: Validate<Context: Default>,
{
    fn judge(&self) -> Result<(), Report> {
        self.0.validate()
    }

    fn part<'r>(record: &Record<'r, E>) -> RulesPart<'r> {
        RulesPart {
            within: Some("body"),
            json: record.body().ok().flatten().unwrap_or_default(),
            ..RulesPart::default()
        }
    }
}

impl<E, T> WithRules<E> for RecordKey<Json<T>>
where
    E: WithKey,
    Self: FromRecord<E>,
    T: Validate<Context: Default>,
{
    fn judge(&self) -> Result<(), Report> {
        self.0.0.validate()
    }

    fn part<'r>(record: &Record<'r, E>) -> RulesPart<'r> {
        RulesPart {
            within: Some("key"),
            json: record.key().unwrap_or_default(),
            ..RulesPart::default()
        }
    }
}

impl<T> WithRules<dynamodb::Event> for Change<T>
where
    Self: FromRecord<dynamodb::Event>,
    T: Validate<Context: Default>,
{
    fn judge(&self) -> Result<(), Report> {
        self.new.as_ref().map_or(Ok(()), T::validate)
    }

    fn part<'r>(record: &Record<'r, dynamodb::Event>) -> RulesPart<'r> {
        RulesPart {
            before: "dynamodb.NewImage",
            json: match record.find(&["dynamodb.NewImage"]).unwrap_or_default() {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            within: None,
        }
    }
}

impl<T: Send + 'static> TypedItem for Valid<T> {}

impl<E: Event, T: WithRules<E>> FromRecord<E> for Valid<T> {
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        let item = T::from_record(record)?;
        match item.judge() {
            Ok(()) => Ok(Self(item)),
            Err(report) => Err(rules::broken(&report, &T::part(&record))),
        }
    }

    /// What breaks a rule is read by itself, for the error.
    fn read_first<'p>(
        text: &'p str,
        received: DateTime<Utc>,
        before: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<Self>>, usize)> {
        let (mended, length) = T::read_first(text, received, before)?;
        mended.item.judge().ok()?;
        Some((mended.map(Self), length))
    }

    fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<Self>>, Unreadable> {
        let mended = T::read(raw, received)?;
        match (mended.item.judge(), std::str::from_utf8(raw)) {
            (Ok(()), _) => Ok(mended.map(Self)),
            (Err(report), Ok(text)) => Err(rules::broken(&report, &T::part(&Record::new(text, received)))),
            (Err(report), Err(_)) => Err(rules::broken(&report, &RulesPart::default())),
        }
    }

    fn lane(&self, raw: &[u8]) -> Option<String> {
        self.0.lane(raw)
    }
}

impl<E, T> FromRecord<E> for Option<Valid<T>>
where
    E: Event,
    T: WithRules<E>,
    Option<T>: FromRecord<E>,
{
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        match Option::<T>::from_record(record)?.map(|item| (item.judge(), item)) {
            None => Ok(None),
            Some((Ok(()), item)) => Ok(Some(Valid(item))),
            Some((Err(report), _)) => Err(rules::broken(&report, &T::part(&record))),
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "kafka", feature = "sqs"))]
mod tests {
    use super::*;
    use aws_lambda_events::kafka::KafkaEvent;
    use aws_lambda_events::sqs::SqsEvent;
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Clone, Debug, Deserialize, PartialEq, Validate)]
    #[serde(rename_all = "camelCase")]
    #[garde(allow_unvalidated)]
    struct Order {
        id: u64,
        #[garde(length(min = 1), dive)]
        order_items: Vec<Line>,
        #[serde(default)]
        #[garde(inner(ascii))]
        note: Option<String>,
    }

    #[derive(Clone, Debug, Deserialize, PartialEq, Validate)]
    #[serde(rename_all = "PascalCase")]
    struct Line {
        #[garde(length(equal = 3))]
        stock_unit: String,
        #[garde(range(min = 1))]
        count: i64,
    }

    fn order(lines: Value) -> Value {
        json!({"id": 7, "orderItems": lines})
    }

    fn read<E: Event, T: FromRecord<E>>(record: &Value) -> Result<T, String> {
        let text = record.to_string();
        let first = T::read_first(
            &format!("{text},"),
            DateTime::UNIX_EPOCH,
            &mut RecordBefore::default(),
        );
        let read = T::read(text.as_bytes(), DateTime::UNIX_EPOCH);
        assert_eq!(first.is_some(), read.is_ok(), "{text}");
        read.map(|read| *read.item).map_err(|error| error.to_string())
    }

    fn message(body: &Value) -> Result<Valid<Json<Order>>, String> {
        read::<SqsEvent, _>(&json!({"messageId": "m", "body": body.to_string()}))
    }

    #[test]
    fn a_body_that_keeps_the_rules_is_read() {
        let Valid(Json(order)) = message(&order(json!([{"StockUnit": "abc", "Count": 1}]))).unwrap();
        assert_eq!(order.order_items[0].stock_unit, "abc");
    }

    #[test]
    fn a_broken_rule_is_told_with_the_path_in_the_body_and_without_the_value() {
        let broken = order(json!([{"StockUnit": "abc", "Count": 1}, {"StockUnit": "secret", "Count": 1}]));
        assert_eq!(
            message(&broken).unwrap_err(),
            "invalid at body `orderItems[1].StockUnit`: length is greater than 3"
        );
        assert_eq!(
            message(&order(json!([]))).unwrap_err(),
            "invalid at body `orderItems`: length is lower than 1"
        );
        let lines = vec![json!({"StockUnit": "", "Count": 0}); 3];
        assert_eq!(
            message(&order(json!(lines))).unwrap_err(),
            "invalid at body `orderItems[0].Count`: lower than 1; `orderItems[0].StockUnit`: length is lower than 3; \
             `orderItems[1].Count`: lower than 1; and 3 more"
        );
        let mut noted = order(json!([{"StockUnit": "abc", "Count": 1}]));
        noted["note"] = json!("geheim é");
        assert_eq!(message(&noted).unwrap_err(), "invalid at body `note`: not ascii");
    }

    #[test]
    fn a_body_that_does_not_fit_is_still_unreadable() {
        let error = message(&json!({"id": "x"})).unwrap_err();
        assert!(
            error.starts_with("unreadable at body `id`: invalid type"),
            "{error}"
        );
    }

    #[test]
    fn the_new_image_of_a_change_is_validated_and_the_old_one_is_not() {
        let image = |unit: &str| json!({"id": {"N": "7"}, "orderItems": {"L": [{"M": {"StockUnit": {"S": unit}, "Count": {"N": "1"}}}]}});
        let record = |old: &str, new: &str| {
            let images = json!({"Keys": {"id": {"N": "7"}}, "OldImage": image(old), "NewImage": image(new)});
            json!({"eventName": "MODIFY", "dynamodb": images})
        };
        let read = |record| read::<dynamodb::Event, Valid<Change<Order>>>(&record);
        assert!(read(record("", "abc")).unwrap().old.is_some());
        assert_eq!(
            read(record("abc", "")).unwrap_err(),
            "invalid at `dynamodb.NewImage.orderItems[0].StockUnit`: length is lower than 3"
        );
    }

    #[test]
    fn keys_and_types_of_ones_own_are_validated_and_what_is_missing_is_not() {
        let line = |unit: &str| json!({"StockUnit": unit, "Count": 1}).to_string();
        let base64 = |text: String| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(text)
        };
        type Keyed = (Valid<RecordKey<Json<Line>>>, Option<Valid<Json<Line>>>);
        let read_keyed = |key: &str, value: Option<&str>| {
            let value = value.map(|unit| base64(line(unit)));
            read::<KafkaEvent, Keyed>(&json!({"topic": "t", "key": base64(line(key)), "value": value}))
        };
        assert!(read_keyed("abc", None).unwrap().1.is_none());
        assert!(read_keyed("abc", Some("abc")).unwrap().1.is_some());
        assert_eq!(
            read_keyed("", None).unwrap_err(),
            "invalid at key `StockUnit`: length is lower than 3"
        );
        assert_eq!(
            read_keyed("abc", Some("")).unwrap_err(),
            "invalid at body `StockUnit`: length is lower than 3"
        );

        #[derive(Debug, Validate)]
        struct Words(#[garde(length(min = 2))] Vec<String>);

        impl<E: WithBody> FromRecord<E> for Words {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                let text = String::from_record(record)?;
                Ok(Self(text.split_whitespace().map(str::to_owned).collect()))
            }
        }

        let words = |body: &str| read::<SqsEvent, Valid<Words>>(&json!({"body": body}));
        assert_eq!(words("two words").unwrap().0.0.len(), 2);
        assert_eq!(
            words("one").unwrap_err(),
            "invalid at `[0]`: length is lower than 2"
        );
    }
}
