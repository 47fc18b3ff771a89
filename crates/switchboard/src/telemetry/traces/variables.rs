//! The settings of traces in the environment. OpenTelemetry Specification, “Environment Variable Specification” and
//! “OpenTelemetry Protocol Exporter”; but an invalid value is an error, where the SDK guesses.

use super::super::settings::{invalid, variable};
use super::propagation::Propagation;
use crate::error::Error;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use opentelemetry_sdk::trace::Sampler;
use percent_encoding::percent_decode_str;
use std::str::FromStr;
use std::time::Duration;

/// The settings of traces.
#[derive(Debug)]
pub(super) struct Variables {
    pub(super) endpoint: Uri,
    pub(super) headers: HeaderMap,
    /// How long one export may take.
    pub(super) timeout: Duration,
    pub(super) sampler: Sampler,
    pub(super) propagation: Propagation,
    pub(super) service: Option<String>,
    /// Attributes of the resource.
    pub(super) attributes: Vec<(String, String)>,
    /// How many finished spans may wait.
    pub(super) queue: usize,
    /// How many are sent at once.
    pub(super) batch: usize,
}

impl Variables {
    /// `None` if traces are disabled.
    ///
    /// # Errors
    /// A variable has an invalid value.
    pub(super) fn read() -> Result<Option<Self>, Error> {
        if flag("OTEL_SDK_DISABLED")? || !exports()? {
            return Ok(None);
        }
        for name in [
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ] {
            only(name, "http/protobuf")?;
        }
        for name in [
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
        ] {
            only(name, "none")?;
        }
        let queue = number("OTEL_BSP_MAX_QUEUE_SIZE", 2048)?;
        Ok(Some(Self {
            endpoint: endpoint()?,
            headers: headers()?,
            timeout: timeout()?,
            sampler: sampler()?,
            propagation: Propagation::from_env()?,
            service: variable("OTEL_SERVICE_NAME")?,
            attributes: pairs("OTEL_RESOURCE_ATTRIBUTES")?,
            queue,
            batch: number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)?.min(queue),
        }))
    }
}

fn exports() -> Result<bool, Error> {
    match variable("OTEL_TRACES_EXPORTER")?.as_deref() {
        None | Some("otlp") => Ok(true),
        Some("none") => Ok(false),
        Some(other) => invalid("OTEL_TRACES_EXPORTER", other, "`otlp` or `none`"),
    }
}

fn flag(name: &'static str) -> Result<bool, Error> {
    match variable(name)? {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) => invalid(name, &value, "`true` or `false`"),
    }
}

fn only(name: &'static str, allowed: &str) -> Result<(), Error> {
    match variable(name)? {
        Some(value) if value != allowed => {
            invalid(name, &value, &format!("`{allowed}`, nothing else is built in"))
        }
        _ => Ok(()),
    }
}

fn number(name: &'static str, default: usize) -> Result<usize, Error> {
    let Some(value) = variable(name)? else {
        return Ok(default);
    };
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => invalid(name, &value, "a whole number above 0"),
    }
}

fn endpoint() -> Result<Uri, Error> {
    const OWN: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    const COMMON: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    if let Some(url) = variable(OWN)? {
        return address(OWN, &url, &url);
    }
    let base = variable(COMMON)?.unwrap_or_else(|| "http://localhost:4318".to_owned());
    address(
        COMMON,
        &base,
        &format!("{}/v1/traces", base.trim_end_matches('/')),
    )
}

/// A collector runs beside the function, so TLS is not built in.
fn address(name: &'static str, value: &str, url: &str) -> Result<Uri, Error> {
    let url = url.parse::<Uri>().ok();
    match url.filter(|url| url.scheme_str() == Some("http") && url.host().is_some()) {
        Some(url) => Ok(url),
        None => invalid(
            name,
            value,
            "an `http://` address, such as that of a collector in a layer",
        ),
    }
}

fn headers() -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for name in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] {
        for (key, value) in pairs(name)? {
            // The value may be a credential, so it is not shown.
            let (Ok(key), Ok(value)) = (HeaderName::from_str(&key), HeaderValue::from_str(&value)) else {
                let allowed = format!("a list of headers, but `{}` is not one", key.escape_debug());
                return Err(Error::configuration(name, Some("…".to_owned()), allowed));
            };
            headers.insert(key, value);
        }
    }
    Ok(headers)
}

/// Comma-separated `key=value` pairs, in which special characters are percent-encoded.
fn pairs(name: &'static str) -> Result<Vec<(String, String)>, Error> {
    let Some(text) = variable(name)? else {
        return Ok(Vec::new());
    };
    let parsed: Option<Vec<_>> = text
        .split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(pair)
        .collect();
    parsed.ok_or_else(|| {
        let allowed = "a list such as `key=value,key=value`, percent-encoded";
        Error::configuration(name, Some("…".to_owned()), allowed)
    })
}

fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    let decoded = |text: &str| Some(percent_decode_str(text.trim()).decode_utf8().ok()?.into_owned());
    Some((decoded(key).filter(|key| !key.is_empty())?, decoded(value)?))
}

fn timeout() -> Result<Duration, Error> {
    let common = number("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000)?;
    let ms = number("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", common)?;
    Ok(Duration::from_millis(ms as u64))
}

fn sampler() -> Result<Sampler, Error> {
    let name = variable("OTEL_TRACES_SAMPLER")?;
    let parent_based = |root| Sampler::ParentBased(Box::new(root));
    Ok(match name.as_deref() {
        Some("always_on") => Sampler::AlwaysOn,
        Some("always_off") => Sampler::AlwaysOff,
        Some("traceidratio") => Sampler::TraceIdRatioBased(ratio()?),
        None | Some("parentbased_always_on") => parent_based(Sampler::AlwaysOn),
        Some("parentbased_always_off") => parent_based(Sampler::AlwaysOff),
        Some("parentbased_traceidratio") => parent_based(Sampler::TraceIdRatioBased(ratio()?)),
        Some(other) => {
            let allowed = "one of `always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, \
                           `parentbased_always_off`, `parentbased_traceidratio`";
            return invalid("OTEL_TRACES_SAMPLER", other, allowed);
        }
    })
}

fn ratio() -> Result<f64, Error> {
    let Some(value) = variable("OTEL_TRACES_SAMPLER_ARG")? else {
        return Ok(1.0);
    };
    match value.parse() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => invalid("OTEL_TRACES_SAMPLER_ARG", &value, "a number from 0 to 1"),
    }
}
