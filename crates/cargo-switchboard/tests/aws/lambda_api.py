"""Every operation of Lambda's API that boto3 knows, sent to `cargo switchboard run`: three are served, the others are refused in
a way that boto3 understands, and none of them reaches the function as an HTTP request."""

import base64
import json
import subprocess
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SERVED = {"Invoke", "InvokeWithResponseStream", "ListFunctions"}


def value(shape):
    """The smallest value that boto3 takes for a parameter."""
    match shape.type_name:
        case "structure":
            return {name: value(shape.members[name]) for name in shape.required_members}
        case "list":
            return [value(shape.member)] * max(1, shape.metadata.get("min", 0))
        case "map":
            return {"a": "b"}
        case "string":
            return shape.enum[0] if shape.enum else "a" * max(1, shape.metadata.get("min", 0))
        case "blob":
            return b"{}"
        case "boolean":
            return True
        case "timestamp":
            return 0
        case _:
            return max(1, shape.metadata.get("min", 0))


def refusal(client, operation):
    """The code with which an operation is refused."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    method = getattr(client, {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation])
    try:
        method(**(value(shape) if shape else {}))
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


def check(client):
    reply = client.invoke(
        FunctionName="any",
        Qualifier="live",
        Payload=b'{"do":"context"}',
        LogType="Tail",
        ClientContext=base64.b64encode(b'{"custom":{"a":"b"}}').decode(),
    )
    told = json.load(reply["Payload"])
    assert reply["StatusCode"] == 200 and reply["ExecutedVersion"] == "$LATEST", reply
    assert told["client_context"]["custom"] == {"a": "b"}, told
    assert b"REPORT RequestId: " in base64.b64decode(reply["LogResult"])
    assert client.list_functions()["Functions"][0]["FunctionName"] == "echo"
    operations = set(client.meta.service_model.operation_names)
    assert SERVED < operations
    for operation in sorted(operations - SERVED):
        assert refusal(client, operation) == ("UnknownOperationException", 404), operation
    # The process has had no invocation but the two that were meant for it.
    again = json.load(client.invoke(FunctionName="any", Payload=b'{"do":"context"}')["Payload"])
    assert again["count"] == 2, again
    check_stream(client)
    check_tenants(client)
    print(f"{len(operations - SERVED)} operations refused, {len(SERVED)} served")


def check_stream(client):
    def stream(payload):
        events = list(client.invoke_with_response_stream(FunctionName="any", Payload=payload, LogType="Tail")["EventStream"])
        return b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]), events[-1]["InvokeComplete"]

    body, end = stream(b'{"do":"stream"}')
    assert body.endswith(bytes(8) + b"one,two"), body
    assert b"END RequestId: " in base64.b64decode(end["LogResult"]) and "ErrorCode" not in end, end
    body, end = stream(b'{"do":"error","type":"Mine","message":"no"}')
    assert body == b"" and end["ErrorCode"] == "Unhandled", (body, end)
    assert json.loads(end["ErrorDetails"]) == {"errorType": "Mine", "errorMessage": "no"}, end


def check_tenants(client):
    try:
        client.invoke(FunctionName="any", TenantId="north", Payload=b"{}")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidParameterValueException", error.response
    else:
        raise AssertionError("a function without tenant isolation takes no tenant")


def main(companion, function):
    run = [companion, "switchboard", "run", "--port", "0", "--binary", function]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = next(line for line in process.stdout if line.startswith("Serving "))
            endpoint = next(word for word in line.split() if word.startswith("http://"))
            once = Config(retries={"total_max_attempts": 1}, parameter_validation=True)
            check(boto3.client("lambda", endpoint_url=endpoint, config=once))
        finally:
            process.terminate()


main(*sys.argv[1:])
