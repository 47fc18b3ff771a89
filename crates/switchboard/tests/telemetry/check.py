"""Reads what a function has written as those do who take its lines: with Python's json, and the schema of metrics.

Usage: … --raw 2>&1 >/dev/null | python tests/telemetry/check.py

Every line has to be a JSON object: a log line with its keys at the top level, or a document of metrics.
"""

import json
import pathlib
import sys

import jsonschema

SCHEMA = json.loads(pathlib.Path(__file__).with_name("emf.schema.json").read_text())
OF_A_LINE = ["timestamp", "level", "message", "target", "service", "function_name"]
OF_AN_INVOCATION = ["function_request_id", "requestId", "xray_trace_id", "cold_start", "source"]
OF_A_DOCUMENT = ["service", "source", "function_request_id", "Invocations", "ColdStart", "Duration"]


def main():
    lines = documents = 0
    for text in sys.stdin:
        # What cargo says of building comes before.
        if not text.startswith("{"):
            continue
        line = json.loads(text, object_pairs_hook=once)
        if "_aws" in line:
            documents += 1
            check_document(line)
        else:
            lines += 1
            check_line(line)
    if not lines or not documents:
        sys.exit(f"{lines} log lines and {documents} documents of metrics: there have to be both")
    print(f"{lines} log lines and {documents} documents of metrics are as they have to be")


def once(pairs):
    """An object none of whose keys stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        sys.exit(f"a key stands twice: {pairs}")
    return found


def check_line(line):
    missing = [key for key in OF_A_LINE + OF_AN_INVOCATION if key not in line]
    if missing:
        sys.exit(f"{missing} missing at the top level of {line}")
    if line["requestId"] != line["function_request_id"] or not isinstance(line["cold_start"], bool):
        sys.exit(f"contradictory: {line}")


def check_document(document):
    jsonschema.validate(document, SCHEMA)
    # What a schema cannot say: what is named has to be there, a text or one to a hundred numbers.
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for name in sum(directive["Dimensions"], []):
            value = document[name]
            if not isinstance(value, str) or not 1 <= len(value) <= 1024:
                sys.exit(f"no value of a dimension: {name} = {value!r}")
        names = [metric["Name"] for metric in directive["Metrics"]]
        if len(set(names)) != len(names):
            sys.exit(f"a metric is named twice: {names}")
        for name in names:
            values = document[name] if isinstance(document[name], list) else [document[name]]
            if not 1 <= len(values) <= 100 or not all(type(value) in (int, float) for value in values):
                sys.exit(f"no value of a metric: {name} = {document[name]!r}")
        own = directive["Dimensions"] != [["service", "source"]]
        missing = [key for key in OF_A_DOCUMENT if key not in document]
        if missing and not own:
            sys.exit(f"{missing} missing in {document}")


if __name__ == "__main__":
    main()
