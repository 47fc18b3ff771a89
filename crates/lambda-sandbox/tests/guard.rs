//! Web pages of other sites reach neither the function nor its Runtime API.

use std::net::SocketAddr;
use std::sync::Arc;

use lambda_sandbox::Gateway;
use lambda_sandbox::http::PayloadFormat;
use tokio::net::TcpListener;

use switchboard_test_support::client::{Reply, reply, send, send_to_host, start};

const INVOKE: &str = "POST /2015-03-31/functions/f/invocations";

async fn serve(gateway: impl FnOnce(Gateway) -> Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let function = Arc::new(start().await);
    tokio::spawn(gateway(Gateway::new(function, PayloadFormat::Http)).serve(listener));
    address
}

/// How many times the function was invoked, including now.
async fn count(address: SocketAddr) -> u64 {
    let reply = send(address, INVOKE, &[], br#"{"do":"context"}"#).await;
    reply.json()["count"].as_u64().unwrap()
}

fn assert_refused(reply: &Reply) {
    assert_eq!(reply.status, 403);
    assert_eq!(reply.header("x-amzn-errortype"), Some("AccessDeniedException"));
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let message = reply.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("must not reach") || message.contains("--allow-host"));
}

#[tokio::test]
async fn foreign_pages_cannot_reach_the_gateway_or_the_invoke_api() {
    let address = serve(|gateway| gateway).await;
    for line in [
        "GET /",
        "POST /orders",
        "OPTIONS /orders",
        INVOKE,
        "GET /2015-03-31/functions/",
    ] {
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
            &[("origin", "http://localhost"), ("origin", "https://evil.example")],
        ] {
            assert_refused(&send(address, line, headers, b"{}").await);
        }
        for host in ["evil.example", "evil.example:9000", "0.0.0.0:9000"] {
            assert_refused(&send_to_host(address, line, host, &[], b"{}").await);
        }
    }
    assert_eq!(count(address).await, 1);
}

#[tokio::test]
async fn pages_on_this_machine_reach_the_function_which_answers_preflights() {
    let address = serve(|gateway| gateway).await;
    let origin = ("origin", "http://localhost:5173");
    let reply = send(address, "OPTIONS /orders", &[origin], b"").await;
    assert_eq!(reply.json()["requestContext"]["http"]["method"], "OPTIONS");
    let reply = send_to_host(address, "POST /orders", "api.localhost:9000", &[origin], b"hi").await;
    assert_eq!(reply.json()["body"], "hi");
}

#[tokio::test]
async fn requests_of_allowed_hosts_and_origins_pass() {
    let address = serve(|gateway| {
        let gateway = gateway.allow_host("box.example").unwrap();
        gateway.allow_origin("https://app.example").unwrap()
    })
    .await;
    let origin = [
        ("origin", "https://app.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(send(address, "POST /", &origin, b"").await.status, 200);
    let reply = send_to_host(address, "GET /", "box.example:9000", &[], b"").await;
    assert_eq!(reply.status, 200);
    assert_refused(&send(address, "POST /", &[("origin", "http://app.example")], b"").await);
    assert_refused(&send_to_host(address, "GET /", "app.example", &[], b"").await);
    let gateway = Gateway::new(Arc::new(start().await), PayloadFormat::Http);
    assert!(gateway.allow_origin("app.example").is_err());
}

#[tokio::test]
async fn a_page_cannot_answer_for_the_function() {
    let function = start().await;
    let environment = reply(&function.invoke(r#"{"do":"environment"}"#).await.unwrap());
    let api = environment["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap();
    let api: SocketAddr = api.parse().unwrap();
    let line = "POST /2018-06-01/runtime/invocation/1/response";
    let foreign = [("origin", "https://evil.example")];
    for path in [line, "GET /2018-06-01/runtime/invocation/next", "GET /"] {
        assert_eq!(send(api, path, &foreign, b"{}").await.status, 403);
        let rebound = send_to_host(api, path, "evil.example", &[], b"{}").await;
        assert_eq!(rebound.status, 403);
    }
    // The process itself may; this invocation does not exist.
    assert_eq!(send(api, line, &[], b"{}").await.status, 400);
}
