//! The example `echo` of the sandbox, and a small HTTP client.

use crate::example;
use std::net::SocketAddr;
use std::path::PathBuf;

use lambda_sandbox::{Builder, Function, Outcome};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub fn echo() -> PathBuf {
    example("echo")
}

pub fn builder() -> Builder {
    Function::builder(echo())
}

pub async fn start() -> Function {
    builder().start().await.unwrap()
}

/// The reply, read as JSON.
pub fn reply(outcome: &Outcome) -> Value {
    let reply = outcome
        .result
        .as_ref()
        .unwrap_or_else(|error| panic!("{error}: {:?}", outcome.logs));
    serde_json::from_slice(reply).unwrap()
}

/// Type and message of the function error.
pub fn error(outcome: &Outcome) -> (&str, &str) {
    let error = outcome.result.as_ref().unwrap_err();
    (&error.error_type, &error.message)
}

/// Whether a process with this id exists.
pub fn lives(pid: u32) -> bool {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::test_kill_process(pid).is_ok()
}

/// Told by the test function when an invocation is under way.
pub struct Mark(TcpListener);

impl Mark {
    pub async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// The payload of an invocation that never ends.
    pub fn hang(&self) -> String {
        serde_json::json!({"do": "hang", "connect": self.address()}).to_string()
    }

    /// The payload of an invocation that ends when the connection of [`Mark::met`] is dropped, with its context.
    pub fn meet(&self) -> String {
        serde_json::json!({"do": "meet", "connect": self.address()}).to_string()
    }

    pub fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    pub async fn reached(&self) {
        self.met().await;
    }

    pub async fn met(&self) -> TcpStream {
        self.0.accept().await.unwrap().0
    }
}

/// An HTTP response as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {:?}", String::from_utf8_lossy(&self.body)))
    }
}

/// Sends one request over a connection of its own.
pub async fn send(to: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    send_to_host(to, line, &to.to_string(), headers, body).await
}

/// Sends one request for `host`.
pub async fn send_to_host(
    to: SocketAddr,
    line: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut request = format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    parse(&answer)
}

fn parse(answer: &[u8]) -> Reply {
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| {
        line.split_once(": ")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .unwrap()
    };
    let headers: Vec<_> = lines.map(pair).collect();
    let body = &answer[end + 4..];
    let is_chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Reply {
        status,
        headers,
        body: if is_chunked {
            unchunked(body)
        } else {
            body.to_vec()
        },
    }
}

/// A chunked body without its framing. Fails if it has no end.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        let chunk = &body[end + 2..];
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&chunk[..size]);
        body = &chunk[size + 2..];
    }
}

/// The JSON that is posted to `listener` next. The client is told that it was taken.
pub async fn received(listener: &TcpListener) -> Value {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let length = connection.read(&mut buffer).await.unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&read);
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
        if let Some(json) = body.and_then(|body| serde_json::from_str(body).ok()) {
            let taken = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(taken).await.unwrap();
            return json;
        }
    }
}
