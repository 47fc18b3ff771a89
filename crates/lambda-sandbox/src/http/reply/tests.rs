//! Tests of replies.

use super::*;
use serde_json::json;

fn convert(reply: &Value, format: PayloadFormat) -> Result<Response<Bytes>, InvalidReply> {
    response(&reply.to_string().into(), &ResponseMode::Buffered, format)
}

#[test]
fn a_structured_reply_becomes_a_response() {
    let reply = json!({
        "statusCode": 201,
        "headers": {"X-A": "1", "content-length": "999"},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "aGk=",
        "isBase64Encoded": true,
    });
    let response = convert(&reply, PayloadFormat::Http).unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-a"], "1");
    assert_eq!(response.headers().get("content-length"), None);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2"]);
    assert_eq!(response.body(), "hi");
}

#[test]
fn a_header_in_both_maps_of_a_rest_reply_has_all_its_values() {
    let reply = json!({"statusCode": "200", "headers": {"x-a": "0", "x-b": "1"},
        "multiValueHeaders": {"X-A": ["1", 2], "x-b": ["1"]}});
    let response = convert(&reply, PayloadFormat::Rest).unwrap();
    let values: Vec<_> = response.headers().get_all("x-a").iter().collect();
    assert_eq!(values, ["1", "2", "0"]);
    assert_eq!(response.headers().get_all("x-b").iter().count(), 1);
    assert_eq!(response.headers()["content-type"], "application/json");
}

#[test]
fn format_2_takes_anything_for_a_body_and_rest_apis_do_not() {
    for (reply, body) in [
        (r#""hel\u006co""#, "hello"),
        (
            r#"{"a":  1, "headers": {"x-a": "1"}}"#,
            r#"{"a":  1, "headers": {"x-a": "1"}}"#,
        ),
        ("[]", "[]"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("<p>hi</p>", "<p>hi</p>"),
        ("{", "{"),
        ("", ""),
    ] {
        let response = |format| response(&reply.into(), &ResponseMode::Buffered, format);
        for format in [PayloadFormat::Http, PayloadFormat::FunctionUrl] {
            let response = response(format).unwrap();
            assert_eq!(response.status(), 200, "{reply}");
            assert_eq!(response.headers()["content-type"], "application/json");
            assert_eq!(response.headers().get("x-a"), None);
            assert_eq!(response.body(), body, "{reply}");
        }
        assert!(response(PayloadFormat::Rest).is_err(), "{reply}");
    }
}

#[test]
fn what_api_gateway_rejects_is_invalid() {
    let replies = [
        json!({"statusCode": 99}),
        json!({"statusCode": "ok"}),
        json!({"statusCode": null}),
        json!({"statusCode": 200, "body": {}}),
        json!({"statusCode": 200, "body": "%", "isBase64Encoded": true}),
        json!({"statusCode": 200, "headers": ["x"]}),
        json!({"statusCode": 200, "headers": {"a b": "x"}}),
        json!({"statusCode": 200, "headers": {"a": "x\ny"}}),
    ];
    for reply in replies {
        for format in [
            PayloadFormat::Http,
            PayloadFormat::Rest,
            PayloadFormat::FunctionUrl,
        ] {
            assert!(convert(&reply, format).is_err(), "{reply}");
        }
    }
    for reply in [
        json!({}),
        json!({"statusCode": 200, "multiValueHeaders": {"a": "x"}}),
        json!({"statusCode": 200, "more": 1}),
    ] {
        assert!(convert(&reply, PayloadFormat::Rest).is_err(), "{reply}");
    }
    let cookies = json!({"statusCode": 200, "cookies": []});
    assert!(
        convert(&cookies, PayloadFormat::Rest)
            .unwrap_err()
            .to_string()
            .contains("`cookies`")
    );
}

#[test]
fn rest_apis_take_a_reply_for_a_200_that_does_not_say_its_status() {
    for reply in [
        json!({"headers": {"x-a": "1"}}),
        json!({"body": "hi", "headers": null}),
    ] {
        assert_eq!(convert(&reply, PayloadFormat::Rest).unwrap().status(), 200);
    }
}

#[test]
fn a_stream_has_its_head_in_a_prelude() {
    let mode = ResponseMode::Streaming {
        content_type: HTTP_INTEGRATION.to_owned(),
    };
    let mut stream = json!({"statusCode": 202, "headers": {"x-a": "1"}, "cookies": ["c=1"]})
        .to_string()
        .into_bytes();
    stream.extend_from_slice(&PRELUDE_END);
    stream.extend_from_slice(b"body\0");
    let response = response(&stream.into(), &mode, PayloadFormat::Http).unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (202, &b"body\0"[..])
    );
    assert_eq!(response.headers()["set-cookie"], "c=1");
    assert!(super::response(&"{}".into(), &mode, PayloadFormat::Http).is_err());
}
