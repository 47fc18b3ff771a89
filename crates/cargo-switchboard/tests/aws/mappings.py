"""Lambda's event source mappings, which the emulator plays without Kafka and without provisioned mode.

A double between the command and the emulator: requests about mappings are checked against botocore's model of Lambda (unknown
members, types, ranges, patterns, names of enums) and against what Lambda's documents say of Kafka and of pollers; all other requests
go on to the emulator. Prints its port. Runs until its standard input ends.
"""

import json
import os
import re
import sys
import threading
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.loaders
import botocore.model
import botocore.validate

MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("lambda", "service-2"))
EMULATOR = os.environ["AWS_ENDPOINT_URL"]
MAPPINGS = "/2015-03-31/event-source-mappings"
RETRIES = ("FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds")
KAFKA = ("AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig")
mappings, lock = {}, threading.Lock()


class Refused(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.status = code, status


def invalid(message):
    return Refused("InvalidParameterValueException", message)


def texts(shape, value, at=""):
    """Patterns and names of enums, which botocore leaves to the service."""
    if shape.type_name == "structure":
        for key, member in value.items():
            texts(shape.members[key], member, f"{at}.{key}")
    elif shape.type_name == "list":
        for member in value:
            texts(shape.member, member, f"{at}[]")
    elif shape.type_name == "map":
        for key, member in value.items():
            texts(shape.key, key, at)
            texts(shape.value, member, f"{at}.{key}")
    elif shape.type_name == "string":
        # Python's expressions have no classes of Unicode.
        pattern = shape.metadata.get("pattern", "").replace(r"\p{L}\p{Z}\p{N}", r"\w\s")
        if shape.enum and value not in shape.enum or pattern and not re.fullmatch(pattern, value):
            raise invalid(f"{at}: {value!r} is not allowed by the model")


def modelled(operation, body):
    shape = MODEL.operation_model(operation).input_shape
    if "StartingPositionTimestamp" in body:
        body["StartingPositionTimestamp"] = float(body["StartingPositionTimestamp"])
    report = botocore.validate.ParamValidator().validate(body, shape)
    unknown = set(body) - set(shape.members)
    if report.has_errors() or unknown:
        raise Refused("ValidationException", report.generate_report() or f"unknown: {unknown}")
    texts(shape, body)


def registry(mapping):
    found = (mapping.get(kind, {}).get("SchemaRegistryConfig") for kind in KAFKA)
    return next((one for one in found if one), None)


def check(mapping):
    """What Lambda's documents say of the settings of a mapping as a whole."""
    arn, kafka, pollers = mapping.get("EventSourceArn", ""), mapping.get("Topics"), mapping.get("ProvisionedPollerConfig")
    queue = ":sqs:" in arn
    if bool(arn) == ("SelfManagedEventSource" in mapping):
        raise invalid("an ARN or a self-managed event source, and not both")
    if bool(kafka) != (":kafka:" in arn or not arn):
        raise invalid("topics are for Kafka")
    if queue == ("StartingPosition" in mapping):
        raise invalid("a starting position is for streams and Kafka, which require it")
    if pollers and not (queue or kafka):
        raise invalid("provisioned mode is for SQS and Kafka")
    if pollers and mapping.get("ScalingConfig") is not None:
        raise invalid("maximum concurrency and provisioned mode are mutually exclusive")
    if pollers and queue and min(pollers.get("MinimumPollers", 2), pollers.get("MaximumPollers", 200)) < 2:
        raise invalid("a queue has two pollers at least")
    if kafka and not pollers:
        limited = [one for one in RETRIES if mapping.get(one) not in (None, [], False, -1)]
        if limited or registry(mapping):
            raise invalid(f"{limited or 'a schema registry'} requires provisioned mode")
    if kafka and "ParallelizationFactor" in mapping:
        raise invalid("a parallelization factor is for streams")
    if arn and KAFKA[1] in mapping or not arn and KAFKA[0] in mapping:
        raise invalid("settings of the other kind of cluster")


def arn_of(function):
    """The ARN of a function that is given by its name or by its ARN."""
    account = os.environ["AWS_ACCESS_KEY_ID"]
    account = account if re.fullmatch(r"\d{12}", account) else "000000000000"
    is_arn = function.startswith("arn:")
    return function if is_arn else f"arn:aws:lambda:{os.environ['AWS_REGION']}:{account}:function:{function}"


def create(body):
    modelled("CreateEventSourceMapping", body)
    function = arn_of(body.pop("FunctionName"))
    mapping = {**body, "UUID": str(uuid.uuid4()), "FunctionArn": function, "State": "Enabled"}
    if mapping.get("Topics"):
        kind = KAFKA[1] if "SelfManagedEventSource" in mapping else KAFKA[0]
        mapping.setdefault(kind, {}).setdefault("ConsumerGroupId", mapping["UUID"])
    region = function.split(":")
    mapping["EventSourceMappingArn"] = ":".join([*region[:5], "event-source-mapping", mapping["UUID"]])
    check(mapping)
    same = ("EventSourceArn", "SelfManagedEventSource", "Topics", "FunctionArn")
    if any(all(one.get(key) == mapping.get(key) for key in same) for one in mappings.values()):
        raise Refused("ResourceConflictException", "there is a mapping of this source to this function", 409)
    mappings[mapping["UUID"]] = mapping
    return 202, mapping


def update(found, body):
    modelled("UpdateEventSourceMapping", {**body, "UUID": found["UUID"]})
    changed = {**found, **body}
    for kind in KAFKA:
        group = found.get(kind, {}).get("ConsumerGroupId")
        if body.get(kind, {}).get("ConsumerGroupId", group) != group:
            raise invalid("the consumer group cannot change")
        if kind in body:
            changed[kind] = {**found.get(kind, {}), **body[kind]}
            if not changed[kind].get("SchemaRegistryConfig"):
                changed[kind].pop("SchemaRegistryConfig", None)
    if changed.get("ProvisionedPollerConfig") == {}:
        if registry(found):
            raise invalid("remove the schema registry first")
        del changed["ProvisionedPollerConfig"]
    if changed.get("ScalingConfig") == {}:
        if changed.get("ProvisionedPollerConfig") and "ScalingConfig" not in found:
            raise invalid("maximum concurrency and provisioned mode are mutually exclusive")
        del changed["ScalingConfig"]
    check(changed)
    mappings[found["UUID"]] = changed
    return 202, changed


def listed(query):
    function, source = query.get("FunctionName", [""])[0], query.get("EventSourceArn", [None])[0]
    named = lambda one: one["FunctionArn"] == function or one["FunctionArn"].split(":")[6] == function.split(":")[-1]
    every = [one for one in mappings.values() if named(one)]
    every = [one for one in every if source is None or one.get("EventSourceArn") == source]
    return 200, {"EventSourceMappings": every}


def answer(method, path, query, body):
    if path.startswith("/2017-03-31/tags/"):
        arn = unquote(path.removeprefix("/2017-03-31/tags/"))
        ours = [one for one in mappings.values() if one["EventSourceMappingArn"] == arn]
        return (200, {"Tags": ours[0].get("Tags", {})}) if ours else None
    if not path.startswith(MAPPINGS):
        return None
    one = path.removeprefix(MAPPINGS).strip("/")
    if not one:
        return create(body) if method == "POST" else listed(query)
    if one not in mappings:
        raise Refused("ResourceNotFoundException", "there is no such mapping", 404)
    if method == "DELETE":
        return 202, {**mappings.pop(one), "State": "Deleting"}
    return update(mappings[one], body) if method == "PUT" else (200, mappings[one])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def forward(self, body):
        request = urllib.request.Request(EMULATOR + self.path, body or None, dict(self.headers), method=self.command)
        try:
            with urllib.request.urlopen(request) as said:
                return said.status, said.read(), said.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = urlsplit(self.path)
        kept = {"content-type": "application/json"}
        try:
            with lock:
                said = answer(self.command, parts.path, parse_qs(parts.query), json.loads(body or b"{}"))
        except Refused as refused:
            kept["x-amzn-errortype"] = refused.code
            return self.reply(refused.status, json.dumps({"Type": "User", "message": str(refused)}).encode(), kept)
        if said is not None:
            return self.reply(said[0], json.dumps(said[1]).encode(), kept)
        status, body, headers = self.forward(body)
        kept = {name: headers[name] for name in ("content-type", "x-amzn-errortype") if headers[name]}
        return self.reply(status, body, kept)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
