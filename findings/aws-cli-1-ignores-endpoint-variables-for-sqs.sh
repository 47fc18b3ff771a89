#!/usr/bin/env bash
# AWS_ENDPOINT_URL sends every service of an AWS SDK or of the AWS CLI to another address, for instance to an emulator, and AWS_ENDPOINT_URL_SQS
# sends one service there; the option --endpoint-url does the same for one command. One would expect the three to be interchangeable, and
# version 1 of the CLI to keep to them for each service alike. For SNS it does. For SQS it fills in the old host name of the region
# (eu-west-1.queue.amazonaws.com) as if the user had typed it as --endpoint-url, which outranks the variables: the command that is meant for
# the emulator goes to AWS. Only the option itself helps. (Here a proxy that does not exist keeps it from getting there.)
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check awscli==1.46.3
venv/bin/aws --version

cat >server.py <<'PY'
"""Prints the service of each request, which its signature names."""
import http.server, re

class Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        print(re.search(r"/([a-z]+)/aws4_request", self.headers["authorization"])[1], flush=True)
        self.send_response(400)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Answering)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py >seen &
server=$!
until [ -s seen ]; do sleep 0.1; done
address=http://127.0.0.1:$(head -1 seen)

export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=eu-west-1 AWS_MAX_ATTEMPTS=1
export HTTPS_PROXY=http://127.0.0.1:9 NO_PROXY=127.0.0.1

fail=0
expect() { # EXPECTED COMMAND…
    before=$(wc -l <seen)
    "${@:2}" >/dev/null 2>&1 || true
    arrived=$(tail -n "+$((before + 1))" seen)
    echo "${*:2}: ${arrived:-nothing} arrived"
    [ "$arrived" = "$1" ] || fail=1
}
expect sns env AWS_ENDPOINT_URL="$address" venv/bin/aws sns list-topics
expect "" env AWS_ENDPOINT_URL="$address" venv/bin/aws sqs list-queues
expect "" env AWS_ENDPOINT_URL_SQS="$address" venv/bin/aws sqs list-queues
expect sqs venv/bin/aws sqs list-queues --endpoint-url "$address"
exit "$fail"
