#!/usr/bin/env bash
# Version 4 of Lambda's runtime for Node.js (aws-lambda-ric) takes its handler from the variable _HANDLER, and nothing else. Its README
# starts it with an argument, `npx aws-lambda-ric index.handler`, and the runtime for Python still reads that argument: whoever starts it
# so without Lambda's emulator in front guesses that the argument counts. It is ignored. Without _HANDLER the process ends, and if
# _HANDLER has what a custom runtime on Lambda has, `bootstrap`, the error is a malformed handler name that nobody wrote. The example of
# the README works because the emulator puts the argument into _HANDLER.
#
# Exits with 1 if the argument counts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# Without its scripts: the handler is looked up before the part in C++ is needed.
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" aws-lambda-ric@4.0.2
echo 'export const handler = async () => "ok";' >app.mjs
started=$(env -u _HANDLER LAMBDA_TASK_ROOT="$folder" AWS_LAMBDA_RUNTIME_API=127.0.0.1:9 \
    timeout 30 node node_modules/aws-lambda-ric/index.mjs app.handler 2>&1 || true)
echo "aws-lambda-ric 4.0.2 on Node.js $(node --version), started with app.handler, wrote:"
echo "$started"
grep -q "_HANDLER environment variable is not set" <<<"$started"
