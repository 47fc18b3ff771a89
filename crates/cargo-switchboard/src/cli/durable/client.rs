//! A small client of the API of durable executions.

use bytes::Bytes;
use http::request::Builder;
use http::{Request, Response};
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::Error;
use crate::http_client::HttpClient;
use lambda_sandbox::invoke_api::PREFIX;

/// The prefix of the API.
const ROOT: &str = "/2025-12-01";

pub(super) struct Client(HttpClient);

impl Client {
    /// # Errors
    /// If the endpoint is not an `http://` address.
    pub(super) fn new(endpoint: &str) -> Result<Self, Error> {
        HttpClient::new(endpoint).map(Self)
    }

    /// Starts an execution, and returns its ARN.
    ///
    /// # Errors
    /// If it does not start, or the function is not durable.
    pub(super) async fn start(
        &self,
        function: &str,
        name: Option<&str>,
        input: Bytes,
    ) -> Result<String, Error> {
        let mut request = Request::post(format!("{PREFIX}/{}/invocations", escaped(function)))
            .header("x-amz-invocation-type", "Event");
        if let Some(name) = name {
            request = request.header("x-amz-durable-execution-name", name);
        }
        let response = self.send(request, input).await?;
        let arn = response.headers().get("x-amz-durable-execution-arn");
        let arn = arn.and_then(|arn| arn.to_str().ok()).map(str::to_owned);
        arn.ok_or_else(|| {
            Error::other("the function was invoked, but is not durable: serve it with `cargo switchboard run --durable`")
        })
    }

    /// All executions of a function, or of all functions, the oldest first.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) async fn list(&self, function: Option<&str>, statuses: &[&str]) -> Result<Vec<Value>, Error> {
        let functions = match function {
            Some(function) => vec![function.to_owned()],
            None => self.functions().await?,
        };
        let mut query = String::new();
        statuses
            .iter()
            .for_each(|status| query.push_str(&format!("&Statuses={status}")));
        let mut found = Vec::new();
        for function in functions {
            let path = format!(
                "{ROOT}/functions/{}/durable-executions?MaxItems=1000{query}",
                escaped(&function)
            );
            found.extend(self.pages(&path, "DurableExecutions").await?);
        }
        let began = |execution: &Value| execution["StartTimestamp"].as_f64().unwrap_or_default();
        found.sort_by(|one, other| began(one).total_cmp(&began(other)));
        Ok(found)
    }

    /// The names of the durable functions.
    async fn functions(&self) -> Result<Vec<String>, Error> {
        let listed = self.get(&format!("{PREFIX}/")).await?;
        let functions = listed["Functions"].as_array().into_iter().flatten();
        let durable = functions.filter(|function| function["DurableConfig"].is_object());
        let names: Vec<_> = durable
            .filter_map(|function| function["FunctionName"].as_str().map(str::to_owned))
            .collect();
        match names.is_empty() {
            true => Err(Error::other(
                "the function there is not durable: serve it with `cargo switchboard run --durable`",
            )),
            false => Ok(names),
        }
    }

    /// The ARN of the execution with this name, id or ARN, or of the newest.
    ///
    /// # Errors
    /// If there is none.
    pub(super) async fn find(&self, execution: Option<&str>) -> Result<String, Error> {
        let all = self.list(None, &[]).await?;
        let arn = |execution: &Value| execution["DurableExecutionArn"].as_str().map(str::to_owned);
        let Some(wanted) = execution else {
            let newest = all.last().and_then(arn);
            return newest.ok_or_else(|| Error::other("there is no execution yet"));
        };
        let is_meant = |execution: &&Value| {
            let own = execution["DurableExecutionArn"].as_str().unwrap_or_default();
            own == wanted
                || execution["DurableExecutionName"] == wanted
                || own.rsplit('/').next() == Some(wanted)
        };
        let found = all.iter().rev().find(is_meant).and_then(arn);
        found.ok_or_else(|| {
            Error::other(format!(
                "there is no execution `{wanted}`; `durable list` shows all"
            ))
        })
    }

    /// # Errors
    /// If there is no such execution.
    pub(super) async fn describe(&self, arn: &str) -> Result<Value, Error> {
        self.get(&format!("{ROOT}/durable-executions/{}", escaped(arn)))
            .await
    }

    /// # Errors
    /// If there is no such execution.
    pub(super) async fn history(&self, arn: &str) -> Result<Vec<Value>, Error> {
        let path = format!(
            "{ROOT}/durable-executions/{}/history?IncludeExecutionData=true&MaxItems=1000",
            escaped(arn)
        );
        self.pages(&path, "Events").await
    }

    /// # Errors
    /// If there is no such execution.
    pub(super) async fn stop(&self, arn: &str, error: &Value) -> Result<Value, Error> {
        let path = format!("{ROOT}/durable-executions/{}/stop", escaped(arn));
        self.post(&path, error.to_string().into()).await
    }

    /// Does something with a callback.
    ///
    /// # Errors
    /// If it has ended, or there is none.
    pub(super) async fn callback(&self, id: &str, verb: &str, body: Bytes) -> Result<Value, Error> {
        let path = format!("{ROOT}/durable-execution-callbacks/{}/{verb}", escaped(id));
        self.post(&path, body).await
    }

    /// # Errors
    /// If there is no answer.
    pub(super) async fn next_timer(&self) -> Result<Value, Error> {
        self.post(&format!("{ROOT}/durable-clock/next-timer"), Bytes::new())
            .await
    }

    /// The items of all pages.
    async fn pages(&self, path: &str, member: &str) -> Result<Vec<Value>, Error> {
        let (mut items, mut marker) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}{marker}")).await?;
            if let Some(found) = page[member].as_array_mut() {
                items.append(found);
            }
            match page["NextMarker"].as_str() {
                Some(next) => marker = format!("&Marker={}", escaped(next)),
                None => return Ok(items),
            }
        }
    }

    async fn get(&self, path: &str) -> Result<Value, Error> {
        let response = self.send(Request::get(path), Bytes::new()).await?;
        read(&response)
    }

    async fn post(&self, path: &str, body: Bytes) -> Result<Value, Error> {
        let response = self.send(Request::post(path), body).await?;
        read(&response)
    }

    async fn send(&self, request: Builder, body: Bytes) -> Result<Response<Bytes>, Error> {
        let request = request.body(Full::new(body));
        let request = request.map_err(|error| Error::other(error.to_string()))?;
        let response = self.0.send(request).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let message = body["message"].as_str().or(body["Message"].as_str());
        Err(Error::other(message.map_or_else(
            || format!("{} answered with {}", self.0.address(), response.status()),
            str::to_owned,
        )))
    }
}

fn read(response: &Response<Bytes>) -> Result<Value, Error> {
    serde_json::from_slice(response.body())
        .map_err(|_| Error::other("the answer is not JSON: is this `cargo switchboard run --durable`?"))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
