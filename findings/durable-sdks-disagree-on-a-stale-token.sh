#!/usr/bin/env bash
# A checkpoint with a stale token is refused with 400, InvalidParameterValueException. One would expect AWS's SDKs for durable functions to
# do the same then: end the invocation with an error, so that the service invokes the function again with a fresh token. They recognize
# the refusal by the beginning of its message, and by different ones. With `Invalid checkpoint token`, as the local runner of the Python SDK
# writes it, the SDK for Python ends the invocation, and the one for JavaScript fails the whole execution. With
# `Invalid Checkpoint Token` it is the other way round. A service that is to work with both has to look at who calls.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aws-durable-execution-sdk-python==3.0.0 boto3==1.44.8
npm install --silent --no-audit --no-fund @aws/durable-execution-sdk-js@2.4.0
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -i -E 'durable|boto3'
echo "node $(node --version), @aws/durable-execution-sdk-js 2.4.0"

cat >service.py <<'PY'
"""Refuses every checkpoint with the message in the first argument, and runs the rest of the arguments meanwhile."""
import http.server, json, os, subprocess, sys, threading

class Refusing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"Type": "User", "message": sys.argv[1]}).encode()
        self.send_response(400)
        for name, value in (("x-amzn-errortype", "InvalidParameterValueException"), ("content-type", "application/json"), ("content-length", len(body))):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
threading.Thread(target=server.serve_forever, daemon=True).start()
env = dict(os.environ, AWS_ENDPOINT_URL_LAMBDA=f"http://127.0.0.1:{server.server_port}", AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1",
           AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local", AWS_LAMBDA_FUNCTION_NAME="f")
sys.exit(subprocess.run(sys.argv[2:], env=env, timeout=60).returncode)
PY

cat >envelope.json <<'JSON'
{"DurableExecutionArn":"arn:aws:lambda:eu-west-1:000000000000:function:f:$LATEST/durable-execution/n/i","CheckpointToken":"dG9rZW4=",
 "InitialExecutionState":{"Operations":[{"Id":"i","Type":"EXECUTION","Status":"STARTED","Name":"n","StartTimestamp":1796003510085,
 "ExecutionDetails":{"InputPayload":"{}"}}]},"UpdatedOperationIds":[]}
JSON

cat >function.py <<'PY'
import json, types
from aws_durable_execution_sdk_python import durable_execution

@durable_execution
def handler(event, context):
    return context.step(lambda _: 1, name="a")

context = types.SimpleNamespace(aws_request_id="r", function_name="f", tenant_id=None, log_group_name="g", log_stream_name="s",
                                invoked_function_arn="arn", identity=None, client_context=None, get_remaining_time_in_millis=lambda: 60000)
try:
    print(handler(json.load(open("envelope.json")), context)["Status"])
except Exception as error:
    print("error", type(error).__name__)
PY

cat >function.mjs <<'JS'
import { readFileSync } from "node:fs";
import { withDurableExecution } from "@aws/durable-execution-sdk-js";

const handler = withDurableExecution((event, context) => context.step("a", async () => 1));
const context = { awsRequestId: "r", functionName: "f", invokedFunctionArn: "arn", getRemainingTimeInMillis: () => 60000 };
try {
    const answer = await handler(JSON.parse(readFileSync("envelope.json")), context);
    console.log(answer.Status);
} catch (error) {
    console.log("error", error.name);
}
process.exit(0);
JS

fail=0
expect() { # SPELLING LANGUAGE COMMAND EXPECTED
    seen=$(python3 service.py "$1: it was superseded" $3 2>/dev/null | grep -E '^(error|FAILED|SUCCEEDED|PENDING)' | tail -1)
    echo "\`$1\`, $2: ${seen:-nothing}"
    [[ $seen == $4* ]] || fail=1
}
expect "Invalid checkpoint token" Python "venv/bin/python function.py" error
expect "Invalid checkpoint token" JavaScript "node function.mjs" FAILED
expect "Invalid Checkpoint Token" Python "venv/bin/python function.py" FAILED
expect "Invalid Checkpoint Token" JavaScript "node function.mjs" error
exit "$fail"
