"""Calls AWS for the tests: a line of JSON in, [service, operation, arguments], a line out, {"ok": …} or {"error": …}."""

import datetime
import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

clients = {}


def client(service):
    """By the environment's credentials and endpoint; a bucket's name is no host of this machine."""
    if service not in clients:
        clients[service] = boto3.client(service, config=Config(s3={"addressing_style": "path"}))
    return clients[service]


def arguments(given):
    """{"file": PATH} stands for the file's bytes."""
    for key, value in given.items():
        if isinstance(value, dict):
            given[key] = open(value["file"], "rb").read() if set(value) == {"file"} else arguments(value)
    return given


def plain(value):
    return value.isoformat() if isinstance(value, datetime.datetime) else value.read().decode()


for line in sys.stdin:
    service, operation, given = json.loads(line)
    try:
        answer = getattr(client(service), operation)(**arguments(given))
        answer.pop("ResponseMetadata", None)
        said = {"ok": answer}
    except ClientError as error:
        said = {"error": error.response["Error"]["Code"]}
    print(json.dumps(said, default=plain), flush=True)
