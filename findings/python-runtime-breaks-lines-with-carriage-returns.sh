#!/usr/bin/env bash
# Lambda's runtime for Python (awslambdaric) writes an error and its stack trace as ONE line of standard output: the lines in it are
# separated by carriage returns, indented with no-break spaces. Whoever reads a function's output line by line, and guesses that a
# traceback comes as Python prints it, shows half of it over the other half, or a row of control characters; splitting at "\n" finds
# a single line, stripping "\r" glues it together, and a search for "\n  File" finds nothing. The reason is that a log event of
# CloudWatch is a line: the runtime keeps the record in one event that way.
#
# Exits with 1 if the runtime no longer does that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check awslambdaric==4.2.2
cat >"$folder/app.py" <<'PYTHON'
def handler(event, context):
    raise ValueError("no")
PYTHON
cat >"$folder/try.py" <<'PYTHON'
"""A Runtime API with one event, and the runtime that polls it."""
import os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

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
            "Content-Type": "application/json",
            "Content-Length": "2",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
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
    "LAMBDA_TASK_ROOT": os.getcwd(),
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "g",
    "AWS_LAMBDA_LOG_STREAM_NAME": "s",
}
runtime = subprocess.Popen([sys.executable, "-m", "awslambdaric", "app.handler"], env=environment,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
answered.wait(30)
runtime.terminate()
output = runtime.communicate()[0]
print("awslambdaric", version("awslambdaric"), "wrote", output)
record = next((line for line in output.split(b"\n") if b"[ERROR]" in line), b"")
sys.exit(0 if b"ValueError: no\rTraceback" in record and b"\r\xc2\xa0\xc2\xa0File" in record else 1)
PYTHON
cd "$folder"
timeout 60 "$folder/venv/bin/python" try.py
