"""Runs durable functions with AWS's SDKs for Python and JavaScript on `cargo switchboard run --durable`, and checks what the service says
about their executions: how each ended, with how many attempts and statuses, in how many invocations.

Usage: scenarios.py SWITCHBOARD PYTHON NODE_MODULES
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SWITCHBOARD, PYTHON, MODULES = (os.path.abspath(word) for word in sys.argv[1:4])

# Every case: what it results in, and the operations after it by name: type, status, attempts.
RESULT = {
    "step": {"v": 1},
    "retry": 3,
    "once": "done",
    "wait": 2,
    "child": 300 << 10,
    "callback": '"paid"',
    "callback_timeout": {"python": ("CallbackError", "CallbackTimeoutError"), "javascript": ("CallbackError", "CallbackTimeoutError")},
    "condition": 3,
    "map_items": [10, 20, 30],
    "invoke": {"v": 1},
}
OPERATIONS = {
    "step": {"a": ("STEP", "SUCCEEDED", 1)},
    "retry": {"r": ("STEP", "SUCCEEDED", 3)},
    "fails": {"f": ("STEP", "FAILED", 2)},
    "once": {"o": ("STEP", "SUCCEEDED", 2)},
    "wait": {"before": ("STEP", "SUCCEEDED", 1), "w": ("WAIT", "SUCCEEDED", None), "after": ("STEP", "SUCCEEDED", 1)},
    "child": {"kid": ("CONTEXT", "SUCCEEDED", None), "x": ("STEP", "SUCCEEDED", 1), "w": ("WAIT", "SUCCEEDED", None)},
    "callback": {"cb": ("CONTEXT", "SUCCEEDED", None)},
    "callback_timeout": {"late": ("CALLBACK", "TIMED_OUT", None)},
    "condition": {"c": ("STEP", "SUCCEEDED", 3)},
    "map_items": {"m": ("CONTEXT", "SUCCEEDED", None), "i": ("STEP", "SUCCEEDED", 1)},
    "invoke": {"i": ("CHAINED_INVOKE", "SUCCEEDED", None)},
    "large": {},
}
INVOCATIONS = {"step": 1, "retry": 3, "fails": 2, "once": 3, "wait": 2, "child": 2, "callback_timeout": 2, "condition": 3, "invoke": 2, "large": 1}


class Service:
    """A `run --durable` with a function of one language, an hour of whose clock takes a third of a second."""

    def __init__(self, language: str, folder: pathlib.Path):
        self.language = language
        binary = folder / f"{language}-function"
        binary.write_text(f"#!/bin/sh\nexec {self.command()}\n")
        binary.chmod(0o755)
        counts = folder / language
        counts.mkdir()
        words = [SWITCHBOARD, "switchboard", "run", "--port", "0", "--durable", "--time-scale", "10000", "--format", "json"]
        words += ["--binary", str(binary), "--env", f"COUNTS={counts}", "--env", f"NODE_PATH={MODULES}", "--env", f"PYTHONPATH={HERE}"]
        words += ["--env", "AWS_LAMBDA_LOG_FORMAT=Text"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=sys.stderr)
        self.lines = (json.loads(line) for line in self.process.stdout)
        self.url = next(line["url"] for line in self.lines if line["type"] == "serving")

    def command(self) -> str:
        if self.language == "python":
            return f"{PYTHON} -m awslambdaric workflows.handler"
        return f"env HANDLER={HERE / 'workflows.mjs'} node {HERE / 'runtime.mjs'}"

    def call(self, method: str, path: str, body=b"", headers=None):
        request = urllib.request.Request(self.url + path, body if method == "POST" else None, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read()[:500]}")

    def start(self, case: str) -> str:
        body = json.dumps({"case": case, "id": case}).encode()
        headers = {"X-Amz-Invocation-Type": "Event", "X-Amz-Durable-Execution-Name": f"{self.language}-{case}"}
        headers, _ = self.call("POST", "/2015-03-31/functions/any/invocations", body, headers)
        return urllib.parse.quote(headers["X-Amz-Durable-Execution-Arn"], safe="")

    def wait(self, case: str) -> dict:
        """Attaches to the execution of this name and input, and waits for its end."""
        body = json.dumps({"case": case, "id": case}).encode()
        headers = {"X-Amz-Durable-Execution-Name": f"{self.language}-{case}"}
        headers, _ = self.call("POST", "/2015-03-31/functions/any/invocations", body, headers)
        arn = urllib.parse.quote(headers["X-Amz-Durable-Execution-Arn"], safe="")
        _, body = self.call("GET", f"/2025-12-01/durable-executions/{arn}")
        return json.loads(body)

    def history(self, arn: str) -> list:
        _, body = self.call("GET", f"/2025-12-01/durable-executions/{arn}/history?IncludeExecutionData=true&MaxItems=1000")
        return json.loads(body)["Events"]

    def end_callback(self):
        """Waits until the function has sent out the id of its callback, and completes it."""
        for line in self.lines:
            if line["type"] == "log" and '"callback"' in line["line"]:
                found = line["line"][line["line"].index("{") :]
                callback = urllib.parse.quote(json.loads(found)["callback"], safe="")
                self.call("POST", f"/2025-12-01/durable-execution-callbacks/{callback}/succeed", b'"paid"')
                return
        raise SystemExit("the function ended before it had a callback")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)


STATUS = {"Started": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED", "TimedOut": "TIMED_OUT", "Stopped": "STOPPED", "Cancelled": "CANCELLED"}
TYPE = {"Step": "STEP", "Wait": "WAIT", "Callback": "CALLBACK", "Context": "CONTEXT", "ChainedInvoke": "CHAINED_INVOKE"}


def operations(events: list) -> dict:
    """What the history says about each named operation in the end."""
    found = {}
    for event in events:
        kind = next((kind for kind in TYPE if event["EventType"].startswith(kind)), None)
        if kind and "Name" in event:
            status = STATUS[event["EventType"][len(kind) :]]
            details = event[f"{event['EventType']}Details"]
            attempts = details.get("RetryDetails", {}).get("CurrentAttempt")
            found[event["Name"]] = (TYPE[kind], status, attempts)
    return found


def check(service: Service, case: str) -> list[str]:
    arn = service.start(case)
    if case == "callback":
        service.end_callback()
    execution = service.wait(case)
    events = service.history(arn)
    faults = []

    def expect(what, seen, expected):
        if seen != expected:
            faults.append(f"{service.language} {case}: {what} is {seen!r:.300}, expected {expected!r:.300}")

    expect("the status", execution["Status"], "FAILED" if case == "fails" else "SUCCEEDED")
    if case == "fails":
        expect("the message", "no luck" in execution["Error"]["ErrorMessage"], True)
    elif case == "large":
        expect("the size", len(json.loads(execution["Result"])), (6 << 20) - 20)
    else:
        expected, seen = RESULT[case], json.loads(execution["Result"])
        if case == "callback_timeout":
            expect("the error", seen in expected[service.language], True)
        else:
            expect("the result", seen, expected)
    seen = operations(events)
    for name, expected in OPERATIONS[case].items():
        expect(f"operation {name}", seen.get(name), expected)
    invocations = sum(event["EventType"] == "InvocationCompleted" for event in events)
    if case in INVOCATIONS:
        expect("the number of invocations", invocations, INVOCATIONS[case])
    return faults


def main():
    faults, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for language in ("python", "javascript"):
            service = Service(language, pathlib.Path(folder))
            try:
                for case in OPERATIONS:
                    found = check(service, case)
                    faults += found
                    count += 1
            finally:
                service.end()
    print(*faults, sep="\n", file=sys.stderr)
    if faults:
        raise SystemExit(1)
    print(f"{count} durable executions of two SDKs")


main()
