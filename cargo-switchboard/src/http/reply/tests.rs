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
fn several_values_win_over_one() {
    let reply = json!({"statusCode": "200", "headers": {"x-a": "0"}, "multiValueHeaders": {"X-A": ["1", 2]}});
    let response = convert(&reply, PayloadFormat::Rest).unwrap();
    let values: Vec<_> = response.headers().get_all("x-a").iter().collect();
    assert_eq!(values, ["1", "2"]);
    assert_eq!(response.headers()["content-type"], "application/json");
}

#[test]
fn http_apis_take_any_json_for_a_body_and_rest_apis_do_not() {
    for reply in [json!("hello"), json!({"a": 1}), json!([]), json!(null)] {
        let response = convert(&reply, PayloadFormat::Http).unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.body(), reply.to_string().as_bytes());
        assert!(convert(&reply, PayloadFormat::Rest).is_err());
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
        json!({"statusCode": 200, "multiValueHeaders": {"a": "x"}}),
    ];
    for reply in replies {
        for format in [PayloadFormat::Http, PayloadFormat::Rest] {
            assert!(convert(&reply, format).is_err(), "{reply}");
        }
    }
    let cookies = json!({"statusCode": 200, "cookies": []});
    assert!(
        convert(&cookies, PayloadFormat::Rest)
            .unwrap_err()
            .to_string()
            .contains("`cookies`")
    );
    assert!(response(&"{".into(), &ResponseMode::Buffered, PayloadFormat::Http).is_err());
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
