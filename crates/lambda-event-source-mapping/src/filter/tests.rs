//! What patterns match. The kinds of cases are those that AWS was asked about.

use serde_json::{Value, json};

use super::{Filters, Pattern};

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(event)
}

#[test]
fn tests_hold_or_not() {
    for (test, holds, not) in [
        (json!("a"), json!("a"), json!("A")),
        (json!(null), json!(null), json!("")),
        (json!(""), json!(""), json!(null)),
        (json!(true), json!(true), json!("true")),
        (json!(5), json!(5), json!("5")),
        (json!({"prefix": "a"}), json!("ab"), json!("ba")),
        (json!({"prefix": ""}), json!("ab"), json!(1)),
        (
            json!({"prefix": {"equals-ignore-case": "A"}}),
            json!("ab"),
            json!("ba"),
        ),
        (json!({"suffix": "a"}), json!("ba"), json!("ab")),
        (json!({"equals-ignore-case": "aB"}), json!("Ab"), json!("b")),
        (json!({"wildcard": "a*b*"}), json!("a-b-"), json!("ba")),
        (json!({"wildcard": "a*b"}), json!("ab"), json!("aba")),
        (json!({"wildcard": "a\\*b"}), json!("a*b"), json!("axb")),
        (json!({"numeric": [">", 1, "<=", 5]}), json!(5.0), json!(1)),
        (json!({"numeric": ["=", 5]}), json!(5.0), json!("5")),
        (json!({"numeric": ["<", 5]}), json!(-1), json!(null)),
        (json!({"anything-but": "a"}), json!("b"), json!("a")),
        (json!({"anything-but": "a"}), json!(null), json!("a")),
        (json!({"anything-but": 0}), json!(1), json!(0)),
        (json!({"anything-but": ["a", 1]}), json!("b"), json!(1)),
        (json!({"anything-but": {"prefix": "a"}}), json!(5), json!("ab")),
        (
            json!({"anything-but": {"prefix": ["a", "b"]}}),
            json!(null),
            json!("bc"),
        ),
        (json!({"anything-but": {"suffix": "a"}}), json!("ab"), json!("ba")),
        (
            json!({"anything-but": {"wildcard": "*x*"}}),
            json!("ab"),
            json!("axb"),
        ),
        (
            json!({"anything-but": {"equals-ignore-case": ["A", "B"]}}),
            json!("c"),
            json!("b"),
        ),
        (json!({"exists": true}), json!([]), json!({"a": 1})),
        (json!("a"), json!(["b", "a"]), json!(["b"])),
        (json!(null), json!([null]), json!([])),
    ] {
        let pattern = json!({"field": [test]});
        assert!(matches(&pattern, &json!({"field": holds})), "{pattern} {holds}");
        assert!(!matches(&pattern, &json!({"field": not})), "{pattern} {not}");
        let holds_without = test == json!({"exists": false});
        assert_eq!(
            matches(&pattern, &json!({"other": 1})),
            holds_without,
            "{pattern}"
        );
    }
}

#[test]
fn all_fields_and_one_of_the_alternatives_must_match() {
    let pattern = json!({"a": ["x"], "$or": [{"b": {"c": [1]}}, {"d": [{"exists": false}]}]});
    assert!(matches(&pattern, &json!({"a": "x", "b": {"c": 1}, "d": 0})));
    assert!(matches(&pattern, &json!({"a": "x"})));
    assert!(!matches(&pattern, &json!({"a": "x", "d": 0})));
    assert!(!matches(&pattern, &json!({"a": "y", "b": {"c": 1}})));
    let listed = json!({"list": {"a": [1], "b": [2]}});
    assert!(matches(&listed, &json!({"list": [{"a": 1, "b": 2}]})));
    assert!(!matches(&listed, &json!({"list": [{"a": 1}, {"b": 2}]})));
}

#[test]
fn what_is_no_pattern_is_refused_with_its_place() {
    for (pattern, said) in [
        (r#""text""#, "JSON object"),
        ("{", "not JSON"),
        (r#"{"a":"x"}"#, "at a: it must be an object or an array"),
        (r#"{"a":{"b":1}}"#, "at a.b: it must be an object or an array"),
        (r#"{"a":[]}"#, "at a: an empty list"),
        (r#"{"a":{}}"#, "at a: an object must have a field"),
        (r#"{"a":[["x"]]}"#, "not allowed in a list"),
        (r#"{"a":[{"prefix":1}]}"#, "prefix needs a text"),
        (r#"{"a":[{"prefix":["x"]}]}"#, "prefix needs a text"),
        (r#"{"a":[{"suffix":1}]}"#, "suffix needs a text"),
        (
            r#"{"a":[{"equals-ignore-case":["x"]}]}"#,
            "equals-ignore-case needs a text",
        ),
        (r#"{"a":[{"wildcard":"a**b"}]}"#, "two stars"),
        (r#"{"a":[{"wildcard":1}]}"#, "wildcard needs a text"),
        (r#"{"a":[{"numeric":["x",1]}]}"#, "numeric needs"),
        (r#"{"a":[{"numeric":1}]}"#, "numeric needs"),
        (r#"{"a":[{"numeric":[]}]}"#, "numeric needs"),
        (r#"{"a":[{"anything-but":null}]}"#, "only texts and numbers"),
        (r#"{"a":[{"anything-but":["x",null]}]}"#, "only texts and numbers"),
        (r#"{"a":[{"anything-but":{"prefix":""}}]}"#, "empty text"),
        (
            r#"{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}"#,
            "prefix needs a text",
        ),
        (
            r#"{"a":[{"anything-but":{"suffix":[1]}}]}"#,
            "suffix needs a text",
        ),
        (
            r#"{"a":[{"anything-but":{"equals-ignore-case":[1]}}]}"#,
            "equals-ignore-case needs a text",
        ),
        (r#"{"a":[{"exists":"yes"}]}"#, "exists needs"),
        (r#"{"a":[{"cidr":"10.0.0.0/8"}]}"#, "cidr is not an operator"),
        (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "exactly one operator"),
    ] {
        let error = Pattern::parse(pattern).unwrap_err().to_string();
        assert!(error.contains(said), "{pattern}: {error}");
    }
}

#[test]
fn content_is_read_as_json_only_if_it_is() {
    let pass = |pattern: &str, body: &str| {
        let filters = Filters::parse([pattern]).unwrap();
        filters.pass(
            json!({"messageId": "1", "body": "…"}),
            Some(("body", body.as_bytes())),
        )
    };
    assert!(pass(r#"{"body":{"a":["x"]}}"#, r#"{"a":"x"}"#));
    assert!(!pass(r#"{"body":{"a":["x"]}}"#, "a plain text"));
    assert!(pass(r#"{"body":["a plain text"]}"#, "a plain text"));
    assert!(!pass(r#"{"body":["a plain text"]}"#, r#"{"a":"x"}"#));
    assert!(pass(r#"{"messageId":["1"]}"#, "anything"));
    assert!(Filters::default().pass(Value::Null, None));
}
