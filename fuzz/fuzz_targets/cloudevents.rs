//! CloudEvents: what is read is written as it was, and read again the same; and what is posted, in any mode, is what is kept.

#![no_main]

use http::{HeaderMap, HeaderName};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use switchboard_function::journal::{
    Attribute, BATCH_JSON, Data, EVENT_JSON, Entry, Sqlite, WRITTEN_BY, batch_from_json, batch_to_json,
};
use switchboard_fuzz::{Answer, Api};

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::from_json(data) {
        let written = entry.to_json();
        let read = Entry::from_json(written.as_bytes()).expect("what was written can be read");
        assert_eq!((&entry, &written), (&read, &read.to_json()));
        structured(&entry, data);
        binary(&entry);
    }
    if let Ok(batch) = batch_from_json(data) {
        let written = batch_to_json(&batch);
        assert_eq!(
            batch,
            batch_from_json(written.as_bytes()).expect("what was written can be read")
        );
        let answer = post(&HeaderMap::new(), BATCH_JSON, data);
        assert!(answer.status < 300 || is_refused(&answer), "{}", answer.body);
    }
});

fn post(headers: &HeaderMap, media_type: &str, body: &[u8]) -> Answer {
    let mut headers = headers.clone();
    if !media_type.is_empty() {
        headers.insert("content-type", media_type.parse().expect("it was one"));
    }
    // A journal of its own for each: the first of an id is kept.
    Api::new(Sqlite::memory()).post("/events", &headers, body)
}

/// What is valid, and still not taken, is refused with a reason.
fn is_refused(answer: &Answer) -> bool {
    let problem: Value = serde_json::from_str(&answer.body).expect("a problem is JSON");
    (400..500).contains(&answer.status) && problem["detail"].is_string()
}

fn structured(entry: &Entry, document: &[u8]) {
    let answer = post(&HeaderMap::new(), EVENT_JSON, document);
    if is_kept(&answer) {
        same(entry, &answer);
    }
}

fn is_kept(answer: &Answer) -> bool {
    answer.status == 201 || {
        assert!(is_refused(answer), "{}", answer.body);
        false
    }
}

/// The answer is the entry that was kept: what was posted, and that it was, whatever it says of that itself.
fn same(entry: &Entry, answer: &Answer) {
    let mut expected = members(&entry.to_json());
    expected.insert(WRITTEN_BY.to_owned(), r#""client""#.to_owned());
    assert_eq!(expected, members(&answer.body));
}

/// The members of an event, each as it is written.
fn members(event: &str) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(event).expect("an event is JSON");
    let members = members.into_iter();
    members
        .map(|(name, value)| (name, value.get().to_owned()))
        .collect()
}

/// The same event in headers and body, in which all attributes are texts.
fn binary(entry: &Entry) {
    let Some(media_type) = media_type(entry) else {
        return;
    };
    let mut headers = HeaderMap::new();
    let mut put = |name: &str, value: &str| {
        let name = HeaderName::try_from(format!("ce-{name}")).expect("an attribute's name is one");
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        headers.insert(name, value.parse().expect("it is escaped"));
    };
    put("specversion", "1.0");
    put("id", entry.id());
    put("source", entry.source());
    put("type", entry.event_type());
    let mut expected = Entry::builder(entry.id(), entry.source(), entry.event_type());
    if let Some(subject) = entry.subject() {
        put("subject", subject);
        expected = expected.subject(subject);
    }
    if let Some(time) = entry.time() {
        put("time", &time.to_rfc3339());
        expected = expected.time(time);
    }
    if let Some(schema) = entry.dataschema() {
        put("dataschema", schema);
        expected = expected.dataschema(schema);
    }
    for (name, value) in entry.extensions() {
        let text = match value {
            Attribute::Boolean(value) => value.to_string(),
            Attribute::Integer(value) => value.to_string(),
            Attribute::String(value) => value.clone(),
        };
        put(name, &text);
        expected = expected.extension(name.to_owned(), text);
    }
    if !media_type.is_empty() {
        expected = expected.datacontenttype(media_type);
    }
    let body = match entry.data() {
        Some(Data::Json(json)) => json.get().as_bytes(),
        Some(Data::Text(text)) => text.as_bytes(),
        Some(Data::Binary(bytes)) => bytes,
        None => b"",
    };
    if let Some(data) = entry.data().filter(|_| !body.is_empty()) {
        expected = expected.data(data.clone());
    }
    let answer = post(&headers, media_type, body);
    let Ok(expected) = expected.build() else { return };
    if is_kept(&answer) {
        same(&expected, &answer);
    }
}

/// The media type, where it says of the data what it is: binary mode has nothing else to tell text from bytes by.
fn media_type(entry: &Entry) -> Option<&str> {
    let media_type = entry.datacontenttype().unwrap_or_default();
    let name = media_type.split(';').next().unwrap_or_default().trim();
    let says = match entry.data() {
        None => true,
        Some(Data::Json(_)) => ["", "application/json"].contains(&name),
        Some(Data::Text(_)) => name == "text/plain",
        Some(Data::Binary(_)) => name == "application/octet-stream",
    };
    (says && media_type.bytes().all(|byte| (b' '..=b'~').contains(&byte))).then_some(media_type)
}
