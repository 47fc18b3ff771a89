//! Passes requests on to the API of durable executions, which is served beside the function.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;

use super::routes::ApiRefusal;
use super::server::Console;
use crate::http_client::HttpClient;

/// Where the requests are, and what they are passed on as.
const HERE: &str = "/api/durable/";
const THERE: &str = "/2025-12-01/";

/// The path and the query that a request is passed on to, if it is one of these.
pub(super) fn target(path_and_query: &str) -> Option<String> {
    let rest = path_and_query.strip_prefix(HERE)?;
    Some(format!("{THERE}{rest}"))
}

impl Console {
    /// # Errors
    /// If the function is not durable, or there is no answer.
    pub(super) async fn forward(
        &self,
        method: Method,
        target: &str,
        body: Bytes,
    ) -> Result<Response<Bytes>, ApiRefusal> {
        if self.durable.is_none() {
            let text = "the function is not durable: run it with --durable".to_owned();
            return Err((StatusCode::NOT_FOUND, text));
        }
        let gone = |error: &dyn std::fmt::Display| (StatusCode::BAD_GATEWAY, error.to_string());
        let client = HttpClient::new(&format!("http://{}", self.served)).map_err(|e| gone(&e))?;
        let request = Request::builder().method(method).uri(target);
        let request = request.body(Full::new(body)).map_err(|e| gone(&e))?;
        client.send(request).await.map_err(|e| gone(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_api_of_executions_is_passed_on() {
        let list = target("/api/durable/functions/f/durable-executions?MaxItems=9");
        assert_eq!(
            list.as_deref(),
            Some("/2025-12-01/functions/f/durable-executions?MaxItems=9")
        );
        assert_eq!(target("/api/invocations"), None);
    }
}
