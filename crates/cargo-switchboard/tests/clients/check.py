"""Clients that others wrote, held against `cargo switchboard run`: runtimes (awslambdaric, aws-lambda-ric, the Lambda Web Adapter) and
callers of the Invoke API (boto3, the AWS SDK for JavaScript, AWS CLI version 1).

    check.py COMPANION ECHO NODE_MODULES ADAPTER
"""

import base64
import contextlib
import json
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).parent
EVENT = {"a": 1}
CONTEXT = {"custom": {"b": "c"}}


@contextlib.contextmanager
def serving(companion, function, *words, env=()):
    """The address of a `run` that serves a function, and a function that returns what it has written to stderr so far."""
    command = [companion, "switchboard", "run", "--port", "0", "--binary", str(function), *words]
    for name, value in dict(env).items():
        command += ["--env", f"{name}={value}"]
    with tempfile.TemporaryFile("w+") as notes:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=notes, text=True)

        def written():
            notes.seek(0)
            return notes.read()

        try:
            lines = (line for line in process.stdout if line.startswith("Serving "))
            line = next(lines, None)
            assert line, written()
            yield next(word for word in line.split() if word.startswith("http://")), written
        finally:
            process.terminate()
            process.wait(timeout=10)
            process.stdout.close()


def script(folder, name, text):
    """A program: a file of shell commands."""
    path = pathlib.Path(folder, name)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def client(endpoint):
    once = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    return boto3.client("lambda", endpoint_url=endpoint, config=once)


def invoked(endpoint, payload, **more):
    return client(endpoint).invoke(FunctionName="any", Payload=json.dumps(payload).encode(), **more)


def encoded(context):
    return base64.b64encode(json.dumps(context).encode()).decode()


def check_runtime(endpoint, error_type, error_message):
    """A runtime's function answers with its event and context, prints a line, and fails if it is told to."""
    reply = invoked(endpoint, EVENT, ClientContext=encoded(CONTEXT), LogType="Tail")
    told = json.load(reply["Payload"])
    assert "FunctionError" not in reply and told["event"] == EVENT, told
    assert told["request_id"] == reply["ResponseMetadata"]["RequestId"], (told, reply)
    assert told["custom"] == CONTEXT["custom"], told
    assert told["arn"].endswith(f":function:{told['name']}") and 0 < told["remaining"] <= 30_000, told
    assert b"a line of the function" in base64.b64decode(reply["LogResult"])
    reply = invoked(endpoint, {"fail": True})
    error = json.load(reply["Payload"])
    assert reply["FunctionError"] == "Unhandled", reply
    assert (error["errorType"], error["errorMessage"]) == (error_type, error_message), error
    # The process goes on.
    assert json.load(invoked(endpoint, EVENT)["Payload"])["count"] == 3


def check_python(companion, folder):
    command = f'cd "{HERE}" && exec "{sys.executable}" -m awslambdaric'
    with serving(companion, script(folder, "python", f"{command} function.handler")) as (endpoint, _):
        check_runtime(endpoint, "ValueError", "as told")
    broken = script(folder, "broken", f"{command} no_such_module.handler")
    ended = subprocess.run(
        [companion, "switchboard", "run", "--port", "0", "--binary", broken], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0 and "Runtime.ImportModuleError" in ended.stderr, ended.stderr


def check_node(companion, folder, modules):
    bootstrap = script(folder, "node", f'exec node "{modules}/aws-lambda-ric/index.mjs"')
    env = {"LAMBDA_TASK_ROOT": HERE, "_HANDLER": "function.handler"}
    with serving(companion, bootstrap, env=env) as (endpoint, _):
        check_runtime(endpoint, "Error", "as told")
    env["_HANDLER"] = "function.streaming"
    with serving(companion, bootstrap, "--payload", "function-url", env=env) as (endpoint, _):
        begun = time.monotonic()
        with urllib.request.urlopen(f"{endpoint}/any") as response:
            assert (response.status, response.headers["x-mine"]) == (201, "yes"), response.headers
            assert response.read(4) == b"one,"
            first = time.monotonic() - begun
            assert response.read() == b"two"
        # The function pauses for half a second between the two.
        assert time.monotonic() - begun - first > 0.2, "the reply came at once"


def check_adapter(companion, folder, adapter):
    """A web application that knows nothing of Lambda, behind the Lambda Web Adapter, which is an extension and the runtime at once."""
    extensions = pathlib.Path(folder, "extensions")
    extensions.mkdir()
    extensions.joinpath("lambda-adapter").symlink_to(pathlib.Path(adapter).resolve())
    application = script(folder, "web", f'exec "{sys.executable}" "{HERE / "web.py"}"')
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {"AWS_LWA_PORT": port, "AWS_LWA_READINESS_CHECK_PATH": "/ready"}
    with serving(companion, application, "--extensions", str(extensions), env=env) as (endpoint, written):
        request = urllib.request.Request(f"{endpoint}/orders/7?a=b%20c", data=b"body", headers={"x-mine": "1"}, method="PUT")
        with urllib.request.urlopen(request) as response:
            told = json.load(response)
        assert told == {"method": "PUT", "path": "/orders/7?a=b%20c", "body": "body", "mine": "1", "has_context": True}, told
        try:
            urllib.request.urlopen(f"{endpoint}/missing")
        except urllib.error.HTTPError as error:
            assert error.code == 404, error
        else:
            raise AssertionError("a missing page was found")
        assert "a line of the application" in written(), written()


def check_boto3(endpoint):
    assert invoked(endpoint, EVENT, InvocationType="DryRun")["StatusCode"] == 204
    assert invoked(endpoint, EVENT, InvocationType="Event")["StatusCode"] == 202
    reply = invoked(endpoint, {"do": "context"}, Qualifier="live", ClientContext=encoded(CONTEXT), LogType="Tail")
    assert reply["ExecutedVersion"] == "$LATEST" and b"REPORT RequestId: " in base64.b64decode(reply["LogResult"])
    assert json.load(reply["Payload"])["client_context"]["custom"] == CONTEXT["custom"]
    reply = invoked(endpoint, {"do": "error", "type": "Mine", "message": "no"})
    assert reply["FunctionError"] == "Unhandled" and json.load(reply["Payload"])["errorType"] == "Mine"
    events = client(endpoint).invoke_with_response_stream(FunctionName="any", Payload=b'{"do":"stream"}')["EventStream"]
    assert b"".join(event.get("PayloadChunk", {}).get("Payload", b"") for event in events).endswith(b"one,two")
    for refused, code in [
        ({"TenantId": "north"}, "InvalidParameterValueException"),
        ({"Payload": b"not JSON"}, "InvalidRequestContentException"),
        ({"InvocationType": "Event", "Payload": b'"' + b"x" * (1 << 20) + b'"'}, "RequestTooLargeException"),
    ]:
        try:
            client(endpoint).invoke(**{"FunctionName": "any", "Payload": b"{}", **refused})
        except ClientError as error:
            assert error.response["Error"]["Code"] == code, error.response
        else:
            raise AssertionError(f"not refused: {code}")


def check_cli(endpoint, folder):
    aws = pathlib.Path(sys.executable).with_name("aws")
    reply = pathlib.Path(folder, "reply")

    def run(*words, payload=b"{}"):
        event = pathlib.Path(folder, "event.json")
        event.write_bytes(payload)
        command = [aws, "lambda", "invoke", "--endpoint-url", endpoint, "--function-name", "any", "--payload"]
        return subprocess.run([*command, f"file://{event}", *words, reply], capture_output=True, text=True, timeout=60)

    ended = run("--log-type", "Tail", "--client-context", encoded(CONTEXT), payload=b'{"do":"context"}')
    assert ended.returncode == 0, ended.stderr
    assert b"END RequestId: " in base64.b64decode(json.loads(ended.stdout)["LogResult"])
    assert json.loads(reply.read_bytes())["client_context"]["custom"] == CONTEXT["custom"]
    ended = run("--invocation-type", "Event")
    assert json.loads(ended.stdout) == {"StatusCode": 202}, ended
    ended = run(payload=b'{"do":"error","type":"Mine","message":"no"}')
    assert json.loads(ended.stdout)["FunctionError"] == "Unhandled", ended
    ended = run("--tenant-id", "north")
    assert ended.returncode != 0 and "InvalidParameterValueException" in ended.stderr, ended


def check_tenants(companion, echo):
    with serving(companion, echo, "--tenant-isolation") as (endpoint, _):
        tenant = lambda name: json.load(invoked(endpoint, {"do": "context"}, TenantId=name)["Payload"])
        north, south = tenant("north"), tenant("south")
        assert (north["tenant"], south["tenant"]) == ("north", "south") and north["pid"] != south["pid"]


def check_javascript(endpoint, modules):
    # Modules are looked for beside the program.
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "calls.mjs")
        program.symlink_to(HERE / "calls.mjs")
        pathlib.Path(folder, "node_modules").symlink_to(modules)
        subprocess.run(["node", "--preserve-symlinks-main", program, endpoint], check=True, timeout=60)


def main(companion, echo, modules, adapter):
    modules = pathlib.Path(modules).resolve()
    os.environ.update(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    with tempfile.TemporaryDirectory() as folder:
        with serving(companion, echo) as (endpoint, _):
            check("boto3", check_boto3, endpoint)
            check("AWS CLI version 1", check_cli, endpoint, folder)
            check("AWS SDK for JavaScript", check_javascript, endpoint, modules)
        check("boto3, tenants", check_tenants, companion, echo)
        check("awslambdaric", check_python, companion, folder)
        check("aws-lambda-ric", check_node, companion, folder, modules)
        check("Lambda Web Adapter", check_adapter, companion, folder, adapter)


def check(name, what, *arguments):
    begun = time.monotonic()
    what(*arguments)
    print(f"{name}: ok, {time.monotonic() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
