//! Reads and validates a call of `Invoke`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;

use super::refusal::Refusal;
use crate::{InvokeEvent, MAX_ASYNC_REQUEST, MAX_REQUEST};

/// The longest client context, base64-encoded.
const CLIENT_CONTEXT: usize = 3583;
/// The longest tenant id.
const TENANT_ID: usize = 256;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) kind: InvocationType,
    /// Whether the caller asks for the end of the log.
    pub(super) with_log: bool,
    pub(super) event: InvokeEvent,
    /// The name of the durable execution to start.
    pub(super) execution: Option<String>,
}

impl Call {
    /// Reads a call to the function `name` from the path. A `body` of `None` exceeds the limit.
    ///
    /// # Errors
    /// If Lambda would refuse the call.
    pub(super) fn read(name: &str, request: &Parts, body: Option<Bytes>) -> Result<Self, Refusal> {
        check_name(name, request.uri.query().unwrap_or_default())?;
        let headers = &request.headers;
        let kind = match header(headers, "x-amz-invocation-type")? {
            None | Some("RequestResponse") => InvocationType::RequestResponse,
            Some("Event") => InvocationType::Event,
            Some("DryRun") => InvocationType::DryRun,
            Some(other) => {
                return Err(unknown(
                    other,
                    "invocation type",
                    "RequestResponse, Event or DryRun",
                ));
            }
        };
        let with_log = match header(headers, "x-amz-log-type")? {
            None | Some("None") => false,
            Some("Tail") => true,
            Some(other) => return Err(unknown(other, "log type", "None or Tail")),
        };
        let mut event = payload(body, kind)?;
        let context = header(headers, "x-amz-client-context")?;
        let context = context.map(client_context).transpose()?;
        // Lambda does not pass it to asynchronous invocations.
        event.client_context = context.filter(|_| kind != InvocationType::Event);
        event.trace_id = header(headers, "x-amzn-trace-id")?.map(str::to_owned);
        event.tenant_id = header(headers, "x-amz-tenant-id")?.map(tenant_id).transpose()?;
        Ok(Self {
            kind,
            with_log,
            event,
            execution: header(headers, "x-amz-durable-execution-name")?.map(str::to_owned),
        })
    }
}

fn payload(body: Option<Bytes>, kind: InvocationType) -> Result<InvokeEvent, Refusal> {
    let limit = match kind {
        InvocationType::Event => MAX_ASYNC_REQUEST,
        InvocationType::RequestResponse | InvocationType::DryRun => MAX_REQUEST,
    };
    let payload = body
        .filter(|body| body.len() <= limit)
        .ok_or_else(|| Refusal::too_large(limit))?;
    // A missing payload is an empty object.
    let payload = if payload.is_empty() {
        Bytes::from_static(b"{}")
    } else {
        payload
    };
    // The function decides about a byte order mark. Skipping values instead of reading them has no depth limit.
    let json = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&payload);
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(json) {
        let message = format!("Could not parse request body into json: {error}");
        return Err(Refusal::bad_request("InvalidRequestContentException", message));
    }
    Ok(InvokeEvent::from(payload))
}

/// A name, a partial ARN or an ARN, optionally with a version or alias. The account and region are ignored.
fn check_name(name: &str, query: &str) -> Result<(), Refusal> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.:$".contains(c);
    if name.len() > 256 || !name.chars().all(is_name) || name.ends_with(':') {
        return Err(Refusal::invalid(
            &name,
            "functionName",
            "a name of letters, digits, - and _, or an ARN",
        ));
    }
    let parameter = query.split('&').find_map(|pair| pair.strip_prefix("Qualifier="));
    let Some(qualifier) = parameter.map(|text| percent_decode_str(text).decode_utf8_lossy()) else {
        return Ok(());
    };
    let is_qualifier = |c: char| c.is_ascii_alphanumeric() || "-_$.".contains(c);
    if !(1..=128).contains(&qualifier.len()) || !qualifier.chars().all(is_qualifier) {
        return Err(Refusal::invalid(
            &qualifier,
            "qualifier",
            "a version, an alias or $LATEST",
        ));
    }
    let own = name
        .rsplit("function:")
        .next()
        .unwrap_or_default()
        .split_once(':');
    match own {
        Some((_, own)) if own != qualifier => Err(Refusal::bad_request(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )),
        _ => Ok(()),
    }
}

fn client_context(base64: &str) -> Result<String, Refusal> {
    if base64.len() > CLIENT_CONTEXT {
        let message = format!("Client context must be no more than {CLIENT_CONTEXT} bytes.");
        return Err(Refusal::bad_request("InvalidRequestContentException", message));
    }
    let text = STANDARD
        .decode(base64)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    text.ok_or_else(|| {
        Refusal::bad_request(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        )
    })
}

fn tenant_id(id: &str) -> Result<String, Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._:/=+-@ ".contains(c);
    if (1..=TENANT_ID).contains(&id.len()) && id.chars().all(allowed) {
        return Ok(id.to_owned());
    }
    let constraint = "1 to 256 of the characters a-z, A-Z, 0-9, space and . _ : / = + - @";
    Err(Refusal::invalid(id, "tenantId", constraint))
}

fn unknown(value: &str, what: &str, known: &str) -> Refusal {
    let message = format!("unknown {what} `{value}`: expected {known}");
    Refusal::bad_request("InvalidParameterValueException", message)
}

/// A header's text.
fn header<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Refusal> {
    let text = headers.get(name).map(|value| value.to_str()).transpose();
    text.map_err(|_| {
        let message = format!("the header {name} has characters other than printable ASCII");
        Refusal::bad_request("InvalidParameterValueException", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, headers: &[(&str, &str)], body: &'static str) -> Result<Call, &'static str> {
        read_of("f", query, headers, body)
    }

    fn read_of(
        name: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> Result<Call, &'static str> {
        let mut request = http::Request::post(format!("/?{query}"));
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let parts = request.body(()).unwrap().into_parts().0;
        Call::read(name, &parts, Some(body.into())).map_err(|refusal| refusal.error_type)
    }

    #[test]
    fn names_are_accepted_in_every_form() {
        for name in [
            "f",
            "f:live",
            "my_f-1:$LATEST",
            "000000000000:function:f",
            "arn%3Aaws%3Alambda%3Aeu-west-1%3A000000000000%3Afunction%3Af%3A7",
        ] {
            assert!(read_of(name, "", &[], "").is_ok(), "{name}");
        }
        for name in ["a%20b", "f:", "%C3%A4", "f%2Fg", &"f".repeat(257)] {
            assert_eq!(
                read_of(name, "", &[], "").unwrap_err(),
                "ValidationException",
                "{name}"
            );
        }
    }

    #[test]
    fn qualifiers_must_agree() {
        for query in ["Qualifier=live", "Qualifier=%24LATEST", "Other=1"] {
            assert!(read(query, &[], "").is_ok(), "{query}");
        }
        for query in ["Qualifier=", "Qualifier=a%20b", "x=1&Qualifier=%2F"] {
            assert_eq!(
                read(query, &[], "").unwrap_err(),
                "ValidationException",
                "{query}"
            );
        }
        assert!(read_of("f:live", "Qualifier=live", &[], "").is_ok());
        let other = read_of("0:function:f:live", "Qualifier=7", &[], "");
        assert_eq!(other.unwrap_err(), "InvalidParameterValueException");
    }

    #[test]
    fn invocation_and_log_types_are_checked() {
        let call = read(
            "",
            &[("x-amz-invocation-type", "DryRun"), ("x-amz-log-type", "Tail")],
            "",
        );
        let call = call.unwrap();
        assert_eq!((call.kind, call.with_log), (InvocationType::DryRun, true));
        for (header, value) in [
            ("x-amz-invocation-type", "Maybe"),
            ("x-amz-invocation-type", "event"),
            ("x-amz-invocation-type", "ä"),
            ("x-amz-log-type", "Head"),
        ] {
            let refused = read("", &[(header, value)], "").unwrap_err();
            assert_eq!(refused, "InvalidParameterValueException", "{value}");
        }
    }

    #[test]
    fn a_client_context_is_base64_json_and_not_for_async_calls() {
        let context = STANDARD.encode(r#"{"custom":{}}"#);
        let call = |kind| {
            let headers = [
                ("x-amz-client-context", &*context),
                ("x-amz-invocation-type", kind),
            ];
            read("", &headers, "").unwrap().event.client_context
        };
        assert_eq!(call("RequestResponse").as_deref(), Some(r#"{"custom":{}}"#));
        assert_eq!(call("Event"), None);
        let long = STANDARD.encode(format!("\"{}\"", "x".repeat(2700)));
        for context in ["%", "e30", "eA==", &long] {
            let refused = read("", &[("x-amz-client-context", context)], "").unwrap_err();
            assert_eq!(refused, "InvalidRequestContentException", "{context}");
        }
    }

    #[test]
    fn a_payload_is_json() {
        assert_eq!(read("", &[], "").unwrap().event.payload, "{}");
        assert_eq!(read("", &[], "\u{feff}1").unwrap().event.payload, "\u{feff}1");
        for body in ["{", "a,b", "1 2"] {
            assert_eq!(
                read("", &[], body).unwrap_err(),
                "InvalidRequestContentException",
                "{body}"
            );
        }
    }
}
