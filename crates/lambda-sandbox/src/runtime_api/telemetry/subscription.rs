//! A subscription: what it asks for, and what Lambda refuses.

use std::time::Duration;

use http::Uri;
use serde::Deserialize;
use serde_json::Value;

use super::destination::Destination;
use super::record::Category;

/// The API that an extension subscribes with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Api {
    Telemetry,
    Logs,
}

/// The schema of the records.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Schema {
    /// `2020-08-15`.
    Logs,
    /// `2021-03-18`.
    LogsWithRuntimeDone,
    /// `2022-07-01`.
    Telemetry,
    /// `2022-12-13`.
    TelemetryWithObjects,
    /// `2025-01-29`, the only one on Managed Instances.
    TelemetryOfManagedInstances,
}

/// How much is collected before it is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Buffering {
    pub(super) items: usize,
    pub(super) bytes: usize,
    pub(super) timeout: Duration,
}

/// A valid subscription.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Subscription {
    pub(super) schema: Schema,
    pub(super) types: Vec<Category>,
    pub(super) buffering: Buffering,
    pub(super) destination: Destination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Asked {
    schema_version: Option<String>,
    types: Vec<String>,
    buffering: AskedBuffering,
    destination: AskedDestination,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AskedBuffering {
    max_items: Option<Value>,
    max_bytes: Option<Value>,
    timeout_ms: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AskedDestination {
    protocol: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<Value>,
    /// Of the Logs API.
    method: Option<String>,
}

impl Api {
    /// The beginning of its errors' types.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Telemetry => "Telemetry",
            Self::Logs => "Logs",
        }
    }
}

impl Schema {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Logs, "2020-08-15"),
        (Self::LogsWithRuntimeDone, "2021-03-18"),
        (Self::Telemetry, "2022-07-01"),
        (Self::TelemetryWithObjects, "2022-12-13"),
        (Self::TelemetryOfManagedInstances, "2025-01-29"),
    ];

    pub(super) fn named(version: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == version).map(|(schema, _)| schema)
    }

    pub(super) fn api(self) -> Api {
        if self < Self::Telemetry {
            Api::Logs
        } else {
            Api::Telemetry
        }
    }

    pub(super) fn has_runtime_done(self) -> bool {
        self != Self::Logs
    }

    /// Whether lines of JSON are objects in it.
    pub(super) fn has_objects(self) -> bool {
        self >= Self::TelemetryWithObjects
    }

    /// The schemas that an extension may ask for.
    fn allowed(api: Api, is_managed: bool) -> String {
        let allowed = Self::ALL.iter().filter(|(schema, _)| {
            schema.api() == api && (!is_managed || *schema == Self::TelemetryOfManagedInstances)
        });
        let versions: Vec<_> = allowed.map(|(_, version)| *version).collect();
        versions.join(", ")
    }
}

impl Subscription {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// What is wrong with it, all at once.
    pub(super) fn read(api: Api, body: &[u8], is_managed: bool) -> Result<Self, String> {
        let asked: Asked = serde_json::from_slice(body)
            .map_err(|error| format!("the body is not a subscription in JSON: {error}"))?;
        let mut wrong = Wrong::default();
        let schema = wrong.note(asked.schema(api, is_managed));
        let types = wrong.note(asked.types());
        let items = wrong.note(number(
            &asked.buffering.max_items,
            "maxItems",
            1_000..=10_000,
            10_000,
        ));
        let bytes = 262_144..=1_048_576;
        let bytes = wrong.note(number(&asked.buffering.max_bytes, "maxBytes", bytes, 262_144));
        let timeout = wrong.note(number(
            &asked.buffering.timeout_ms,
            "timeoutMs",
            25..=30_000,
            1_000,
        ));
        let destination = wrong.note(asked.destination.read(api));
        match (schema, types, items, bytes, timeout, destination) {
            (Some(schema), Some(types), Some(items), Some(bytes), Some(timeout), Some(destination)) => {
                let buffering = Buffering {
                    items,
                    bytes,
                    timeout: Duration::from_millis(timeout as u64),
                };
                Ok(Self {
                    schema,
                    types,
                    buffering,
                    destination,
                })
            }
            _ => Err(wrong.0.join("; ")),
        }
    }
}

/// What is wrong so far.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn note<T>(&mut self, part: Result<T, String>) -> Option<T> {
        part.map_err(|wrong| self.0.push(wrong)).ok()
    }
}

impl Asked {
    fn schema(&self, api: Api, is_managed: bool) -> Result<Schema, String> {
        let version = match (api, self.schema_version.as_deref()) {
            (Api::Logs, None) => "2020-08-15",
            (_, version) => version.unwrap_or_default(),
        };
        let allowed = Schema::allowed(api, is_managed);
        let schema = Schema::named(version).filter(|_| allowed.contains(version) && !version.is_empty());
        schema.ok_or_else(|| match allowed.as_str() {
            "" => "the Logs API does not exist on Managed Instances".to_owned(),
            allowed => format!("schemaVersion should be one of {allowed}"),
        })
    }

    fn types(&self) -> Result<Vec<Category>, String> {
        if self.types.is_empty() {
            return Err("types should not be empty".to_owned());
        }
        let named = |name: &String| {
            let mut all = Category::ALL.into_iter();
            let found = all.find(|category| category.name() == name);
            found.ok_or_else(|| "types should be of platform, function, extension".to_owned())
        };
        self.types.iter().map(named).collect()
    }
}

impl AskedDestination {
    fn read(&self, api: Api) -> Result<Destination, String> {
        match (self.protocol.as_deref(), api) {
            (Some("HTTP"), _) => self.http(api),
            (Some("TCP"), _) => {
                let port = number(&self.port, "destination.port", 1..=65_535, 0)?;
                match u16::try_from(port) {
                    Ok(port) if port > 0 => Ok(Destination::Tcp { port }),
                    _ => Err("destination.port is not provided".to_owned()),
                }
            }
            _ => Err("destination.protocol should be HTTP or TCP".to_owned()),
        }
    }

    fn http(&self, api: Api) -> Result<Destination, String> {
        let uri = self.uri.as_deref().unwrap_or_default();
        let uri: Uri = uri
            .parse()
            .map_err(|_| "destination.URI is not a URI".to_owned())?;
        if uri.scheme_str() != Some("http") {
            return Err("URI scheme should be http".to_owned());
        }
        if !matches!(uri.host(), Some("sandbox.localdomain" | "sandbox")) {
            return Err("URI host should be sandbox.localdomain".to_owned());
        }
        let Some(port) = uri.port_u16().filter(|port| *port > 0) else {
            return Err("URI port is not provided".to_owned());
        };
        let is_put = match (api, self.method.as_deref()) {
            (_, None | Some("POST")) => false,
            (Api::Logs, Some("PUT")) => true,
            _ => return Err("destination.method should be POST, or PUT with the Logs API".to_owned()),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Destination::Http {
            host: format!("{}:{port}", uri.host().unwrap_or_default()),
            port,
            path: path.to_owned(),
            is_put,
        })
    }
}

fn number(
    value: &Option<Value>,
    name: &str,
    allowed: std::ops::RangeInclusive<usize>,
    default: usize,
) -> Result<usize, String> {
    let Some(value) = value else {
        return Ok(default);
    };
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    let number = number.filter(|number| allowed.contains(number));
    number.ok_or_else(|| {
        let (least, most) = allowed.into_inner();
        format!("{name} should be a whole number from {least} to {most}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body() -> Value {
        json!({
            "schemaVersion": "2022-12-13",
            "types": ["platform", "function"],
            "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080/telemetry?a=b"},
        })
    }

    fn wrong(api: Api, body: &Value, is_managed: bool) -> String {
        Subscription::read(api, body.to_string().as_bytes(), is_managed).unwrap_err()
    }

    #[test]
    fn a_subscription_has_defaults() {
        let read = Subscription::read(Api::Telemetry, body().to_string().as_bytes(), false).unwrap();
        assert_eq!(read.schema, Schema::TelemetryWithObjects);
        assert_eq!(read.types, [Category::Platform, Category::Function]);
        let (items, bytes) = (read.buffering.items, read.buffering.bytes);
        assert_eq!(
            (items, bytes, read.buffering.timeout),
            (10_000, 262_144, Duration::from_secs(1))
        );
        let Destination::Http {
            port,
            path,
            is_put,
            host,
        } = read.destination
        else {
            panic!("not HTTP");
        };
        assert_eq!(
            (port, &*path, is_put, &*host),
            (8080, "/telemetry?a=b", false, "sandbox.localdomain:8080")
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let said = wrong(
            Api::Logs,
            &json!({"destination": {"protocol": "HTTP", "URI": "http://sandbox"}}),
            false,
        );
        assert_eq!(said, "types should not be empty; URI port is not provided");
        let said = wrong(Api::Telemetry, &json!({}), false);
        assert_eq!(
            said,
            "schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29; types should not be empty; \
             destination.protocol should be HTTP or TCP"
        );
        assert!(wrong(Api::Telemetry, &json!({"types": "platform"}), false).contains("not a subscription"));
    }

    #[test]
    fn buffers_have_limits() {
        for (name, least, most) in [
            ("maxItems", 1_000, 10_000),
            ("maxBytes", 262_144, 1_048_576),
            ("timeoutMs", 25, 30_000),
        ] {
            let with = |value: Value| {
                let mut body = body();
                body["buffering"] = json!({name: value});
                Subscription::read(Api::Telemetry, body.to_string().as_bytes(), false)
            };
            assert!(with(least.into()).is_ok() && with(most.into()).is_ok(), "{name}");
            for refused in [json!(least - 1), json!(most + 1), json!(1.5), json!("many")] {
                let expected = format!("{name} should be a whole number from {least} to {most}");
                assert_eq!(with(refused).unwrap_err(), expected);
            }
        }
    }

    #[test]
    fn records_stay_on_this_machine() {
        for (uri, expected) in [
            ("http://sandbox.localdomain:1", None),
            ("http://sandbox:1/x", None),
            (
                "http://example.com:80",
                Some("URI host should be sandbox.localdomain"),
            ),
            (
                "http://127.0.0.1:80",
                Some("URI host should be sandbox.localdomain"),
            ),
            ("https://sandbox:1", Some("URI scheme should be http")),
            ("http://sandbox", Some("URI port is not provided")),
            ("", Some("destination.URI is not a URI")),
        ] {
            let mut body = body();
            body["destination"]["URI"] = uri.into();
            let read = Subscription::read(Api::Telemetry, body.to_string().as_bytes(), false);
            assert_eq!(read.err().as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn each_api_has_schemas_and_managed_instances_have_one() {
        for (api, version, is_managed, is_valid) in [
            (Api::Telemetry, "2022-07-01", false, true),
            (Api::Telemetry, "2022-07-01", true, false),
            (Api::Telemetry, "2025-01-29", true, true),
            (Api::Telemetry, "2025-01-29", false, true),
            (Api::Telemetry, "2021-03-18", false, false),
            (Api::Logs, "2021-03-18", false, true),
            (Api::Logs, "2022-07-01", false, false),
            (Api::Logs, "2020-08-15", true, false),
        ] {
            let mut body = body();
            body["schemaVersion"] = version.into();
            let read = Subscription::read(api, body.to_string().as_bytes(), is_managed);
            assert_eq!(read.is_ok(), is_valid, "{api:?} {version}");
        }
    }

    #[test]
    fn tcp_needs_a_port_and_put_the_logs_api() {
        let with = |api: Api, destination: Value| {
            let mut body = body();
            body["destination"] = destination;
            body["schemaVersion"] = if api == Api::Logs {
                "2020-08-15"
            } else {
                "2022-07-01"
            }
            .into();
            Subscription::read(api, body.to_string().as_bytes(), false).map(|read| read.destination)
        };
        assert_eq!(
            with(Api::Logs, json!({"protocol": "TCP", "port": 5})),
            Ok(Destination::Tcp { port: 5 })
        );
        assert_eq!(
            with(Api::Telemetry, json!({"protocol": "TCP"})),
            Err("destination.port is not provided".to_owned())
        );
        let put = json!({"protocol": "HTTP", "URI": "http://sandbox:1", "method": "PUT"});
        assert!(with(Api::Telemetry, put.clone()).is_err());
        assert!(matches!(
            with(Api::Logs, put),
            Ok(Destination::Http { is_put: true, .. })
        ));
    }
}
