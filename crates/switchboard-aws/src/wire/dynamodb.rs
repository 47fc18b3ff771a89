//! `wire dynamodb`: the event source mapping of a table's stream. Enables the stream if necessary.
//!
//! Follows Lambda's document "Process DynamoDB records with Lambda".

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType, TableDescription};

use super::mapping::{Mapping, PolledSource, Settings};
use super::mark::mark;
use super::plan::{BoxFuture, Found, Resource, Wiring};
use super::role::{self, RequiredAccess};
use super::wait::poll;
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure};

/// The longest that enabling or disabling a stream takes.
const TABLE_SETTLES: Duration = Duration::from_secs(120);

/// Sends a table's stream to the function.
///
/// # Errors
/// If the table cannot be described.
pub async fn wiring(
    aws: &Aws,
    function: &Function,
    table: &str,
    settings: Settings,
) -> Result<Wiring, Failure> {
    let there = describe(&aws.dynamodb(), table).await?;
    let table_arn = there.table_arn().unwrap_or_default();
    let mut needed = vec![RequiredAccess {
        actions: &[
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        resource: format!("{table_arn}/stream/*"),
    }];
    needed.extend(settings.on_failure().into_iter().flat_map(role::destination));
    let name = there.table_name().unwrap_or(table).to_owned();
    let advice = role::advice(
        function,
        &mark("dynamodb", &[&function.target(), table_arn]),
        &needed,
    );
    let arn = Slot::new("the ARN of the table's stream");
    let mapping = Mapping::new(
        aws,
        function,
        format!("table {name}"),
        PolledSource::Arn(arn.clone()),
        settings,
        advice,
    );
    Ok(
        Wiring::new(format!("table {name} → function {}", function.label()))
            .with(Stream {
                client: aws.dynamodb(),
                table: name,
                arn,
            })
            .with(mapping)
            .note(role::note(function, &needed)),
    )
}

async fn describe(client: &Client, table: &str) -> Result<TableDescription, Failure> {
    let asked = client.describe_table().table_name(table).send().await;
    let answer = asked.call_context("dynamodb:DescribeTable", format!("table {table}"))?;
    answer
        .table
        .ok_or_else(|| Failure::new(format!("dynamodb:DescribeTable on table {table}: no description")))
}

/// The table's stream.
struct Stream {
    client: Client,
    table: String,
    arn: Slot<String>,
}

impl Stream {
    async fn turn(&self, on: bool) -> Result<(), Failure> {
        let view = on.then_some(StreamViewType::NewAndOldImages);
        let specification = StreamSpecification::builder()
            .stream_enabled(on)
            .set_stream_view_type(view)
            .build();
        let specification = specification.map_err(|error| Failure::new(error.to_string()))?;
        let call = self
            .client
            .update_table()
            .table_name(&self.table)
            .stream_specification(specification);
        call.send()
            .await
            .call_context("dynamodb:UpdateTable", format!("table {}", self.table))?;
        let what = format!("{} is {}", self.name(), if on { "on" } else { "off" });
        let ask = async || {
            let there = describe(&self.client, &self.table).await?;
            let settled = there
                .table_status()
                .is_none_or(|status| status.as_str() == "ACTIVE");
            Ok((settled && is_on(&there) == on).then_some(there.latest_stream_arn))
        };
        let arn = poll(TABLE_SETTLES, &what, ask).await?;
        self.arn.set(arn.filter(|_| on));
        Ok(())
    }
}

fn is_on(table: &TableDescription) -> bool {
    table
        .stream_specification()
        .is_some_and(StreamSpecification::stream_enabled)
}

impl Resource for Stream {
    fn name(&self) -> String {
        format!("stream of table {}", self.table)
    }

    fn wanted(&self) -> Vec<String> {
        vec!["with new and old images".to_owned()]
    }

    /// An enabled stream is kept as it is, whatever its view type, because other consumers may read it.
    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let there = describe(&self.client, &self.table).await?;
            let on = is_on(&there);
            self.arn.set(there.latest_stream_arn.filter(|_| on));
            Ok(if on {
                Found::Foreign(Vec::new())
            } else {
                Found::Absent
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.turn(true))
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.turn(false))
    }

    fn stays(&self) -> Option<String> {
        Some("other consumers may read it, and an unread stream costs nothing".to_owned())
    }
}
