#!/usr/bin/env bash
# The Runtime API has trailers for a streamed reply that fails midway: Lambda-Runtime-Function-Error-Type and …-Error-Body, after the
# last chunk. The Rust runtime announces the first in a `Trailer` header, and makes both lines when the stream that a handler returned
# yields an error, so one expects Lambda to learn of the failure. But it hands the lines to hyper as one more piece of DATA: the body
# ends with the text of them, and no trailers follow. For Lambda the invocation has succeeded, no alarm counts it, and the client of a
# function URL finds header lines and a base64 text behind its CSV or video, in a response that is complete by the rules of HTTP.
#
# Exits with 1 if the runtime no longer does that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "streaming"
version = "0.0.0"
edition = "2024"

[dependencies]
futures-util = { version = "=0.3.31", default-features = false }
lambda_runtime = { version = "=1.5.0", default-features = false }
serde_json = "=1.0.154"
tokio = { version = "=1.54.1", features = ["macros", "rt"] }

[profile.dev]
debug = false
TOML
cat >"$folder/src/main.rs" <<'RUST'
use lambda_runtime::{Error, LambdaEvent, run, service_fn, streaming::Response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(|_: LambdaEvent<serde_json::Value>| async {
        let chunks: Vec<Result<&str, Error>> = vec![Ok("id,name\n"), Err("the database is gone".into())];
        Ok::<_, Error>(Response::from(futures_util::stream::iter(chunks)))
    }))
    .await
}
RUST
cat >"$folder/try.py" <<'PYTHON'
"""A Runtime API with one event, which keeps the answer's body and trailers apart."""
import os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

answer = {}
answered = threading.Event()

class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if answered.is_set():
            threading.Event().wait()
        self.send_response(200)
        for name, value in {
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": "9999999999999",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
            "Content-Length": "2",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self):
        body, trailers = b"", []
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            trailers.append(line)
        answer.update(path=self.path, mode=self.headers["Lambda-Runtime-Function-Response-Mode"],
                      announced=self.headers["Trailer"], body=body, trailers=trailers)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        answered.set()

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
server.daemon_threads = True
server.handle_error = lambda *_: None
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = os.environ | {
    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "g",
    "AWS_LAMBDA_LOG_STREAM_NAME": "s",
}
runtime = subprocess.Popen(["target/debug/streaming"], env=environment)
answered.wait(30)
runtime.terminate()
runtime.wait()
print("lambda_runtime 1.5.0 answered", answer)
as_data = b"id,name\nLambda-Runtime-Function-Error-Type:" in answer["body"] and b"Lambda-Runtime-Function-Error-Body:" in answer["body"]
sys.exit(0 if as_data and not answer["trailers"] and answer["path"].endswith("/response") else 1)
PYTHON
cd "$folder"
cargo build --quiet
timeout 60 python3 try.py
