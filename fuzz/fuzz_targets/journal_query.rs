//! Queries of the journal: a list has what its filters say, in its order, whatever the pages are that it comes in; the link to the
//! next page asks for the same again; and a cursor that nobody handed out is told from one that was.

#![no_main]

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use serde_json::{Value, from_str};
use std::cell::LazyCell;
use std::collections::BTreeMap;
use switchboard_function::journal::{Append, Entry, Order, Sqlite, StateChange, Store as _};
use switchboard_fuzz::{Answer, Api, block_on};

const ENTRIES: i64 = 40;

/// The parameters of a query, decoded.
type Parameters = BTreeMap<String, String>;

fuzz_target!(|data: &[u8]| {
    let Ok(target) = std::str::from_utf8(data) else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    API.with(|api| {
        let answer = api.get(path, query);
        assert!(answer.status < 500, "{} of {target:?}", answer.body);
        if answer.status != 200 {
            let problem: Value = from_str(&answer.body).expect("a problem is JSON");
            assert!(problem["detail"].is_string() || problem["title"].is_string());
            return;
        }
        match path {
            "/events" => events(api, query),
            "/resources" => drop(walk(api, path, query)),
            _ => {}
        }
    });
});

thread_local! {
    static API: LazyCell<Api> = LazyCell::new(api);
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("a moment")
}

/// A journal in which nearly each combination of filters finds something: several entries of a moment among them.
fn api() -> Api {
    let append = |number: i64| {
        let id = number.to_string();
        let source = ["/roof", "urn:a+b%2F", "/%C3%BC"][number as usize % 3];
        let entry = Entry::builder(&id, source, ["warm", "cold+"][number as usize % 2]).time(at(number / 4));
        let entry = if number % 5 == 0 {
            entry
        } else {
            entry.subject(["s", "t&u="][number as usize % 7 / 4])
        };
        let change = StateChange {
            urn: format!("urn:{}", number % 9),
            resource_type: ["room", "door"][number as usize % 2],
            state: "open".to_owned(),
            order: Order::time(at(number)),
            data: None,
        };
        Append {
            entry: entry.build().expect("it is valid"),
            order: None,
            change: Some(change),
        }
    };
    let journal = Sqlite::memory();
    let batch: Vec<_> = (0..ENTRIES).map(append).collect();
    block_on(journal.append(&batch)).expect("it is kept");
    Api::new(journal)
}

fn decoded(query: &str) -> Parameters {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn items(answer: &Answer) -> Vec<Value> {
    from_str(&answer.body).expect("a list is JSON")
}

/// All pages of a list, each of which asks for the next by the same filters.
fn walk(api: &Api, path: &str, query: &str) -> Vec<Value> {
    let mut asked = decoded(query);
    asked.remove("cursor");
    let limit = asked
        .get("limit")
        .map_or(100, |limit| limit.parse().expect("a number, as it was taken"));
    let (mut all, mut query) = (Vec::new(), query.to_owned());
    loop {
        let answer = api.get(path, &query);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let page = items(&answer);
        assert!(page.len() <= limit);
        all.extend(page);
        let Some(link) = answer.headers.get("link") else {
            return all;
        };
        let link = link.to_str().expect("a link is ASCII");
        let next = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .expect("a link");
        let (to, next) = next.split_once('?').expect("it has a cursor");
        let mut parameters = decoded(next);
        assert!(parameters.remove("cursor").is_some());
        assert_eq!((to, &parameters), (path, &asked), "{next}");
        assert!(all.len() <= ENTRIES as usize, "it comes to an end");
        next.clone_into(&mut query);
    }
}

fn events(api: &Api, query: &str) {
    let asked = decoded(query);
    let found = walk(api, "/events", query);
    let all = items(&api.get("/events", "limit=1000"));
    let time = |name: &str| {
        let text = asked.get(name)?.replace(' ', "+");
        Some(
            DateTime::parse_from_rfc3339(&text)
                .expect("a time, as it was taken")
                .to_utc(),
        )
    };
    let (since, until) = (time("since"), time("until"));
    let expected: Vec<Value> = all
        .into_iter()
        .filter(|entry| {
            let is = |name: &str| asked.get(name).is_none_or(|value| entry[name] == **value);
            let time: DateTime<Utc> = entry["time"]
                .as_str()
                .and_then(|time| time.parse().ok())
                .expect("a time");
            let within = since.is_none_or(|since| time >= since) && until.is_none_or(|until| time < until);
            is("source") && is("type") && is("subject") && within
        })
        .collect();
    match asked.contains_key("cursor") {
        // It goes on somewhere, and nothing is missing from there on.
        true => assert!(expected.ends_with(&found), "{found:?}"),
        false => assert_eq!(expected, found),
    }
}
