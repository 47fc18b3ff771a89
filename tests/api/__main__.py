"""Holds HTTP APIs against the clients of others, under `cargo switchboard run`.

The journal's API is what its document of OpenAPI says: Schemathesis makes requests of the document, sound and unsound ones, and compares
the answers with it. The example of a server of the Model Context Protocol serves the protocol's own client for Python.

Usage: api COMPANION JOURNAL MCP_SERVER
"""

import asyncio
import pathlib
import subprocess
import sys
import tempfile
import threading

from mcp import Client

SEED = "1"
EXAMPLES = "40"
CHECKS = [
    "allow_header_conformance",
    "content_type_conformance",
    "negative_data_rejection",
    "not_a_server_error",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
]


class Run:
    """A `run` that serves a function until the end of the block."""

    def __init__(self, companion, function, *words):
        command = [companion, "switchboard", "run", "--port", "0", *words, "--binary", function]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = next((line for line in self.process.stdout if line.startswith("Serving ")), None)
        if line is None:
            sys.exit(self.process.stderr.read())
        self.address = next(word for word in line.split() if word.startswith("http://"))
        self.notes = []
        self.readers = [threading.Thread(target=self.notes.extend, args=[pipe]) for pipe in (self.process.stdout, self.process.stderr)]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        for reader in self.readers:
            reader.join(20)


def journal(companion, function):
    """The stock function answers what its document says."""
    options = ["--env", "SWITCHBOARD_STORE=sqlite::memory:", "--env", "AWS_LAMBDA_LOG_LEVEL=ERROR", "--max-environments", "1"]
    with Run(companion, function, *options) as run:
        schemathesis = pathlib.Path(sys.executable).absolute().with_name("schemathesis")
        command = [schemathesis, "--no-color", "run", run.address + "/openapi.json", "--checks", ",".join(CHECKS)]
        command += ["--seed", SEED, "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--generation-database", "none"]
        # It keeps what it finds in the directory that it runs in.
        with tempfile.TemporaryDirectory() as here:
            tested = subprocess.run(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if tested.returncode:
        print(tested.stdout, *run.notes[-50:], sep="\n")
        sys.exit("the journal's API is not what its document says")
    print("the journal's API is what its document says:", tested.stdout.strip().splitlines()[-1].strip("= "))


async def protocol(address):
    """A session, as far as there is one: each request may reach another process."""
    steps = []

    async def note(done, of, _message):
        steps.append((done, of))

    async with Client(address + "/mcp") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert list(tools) == ["lookup_payment", "settle_payments"], tools
        schema = tools["lookup_payment"].input_schema
        assert schema["properties"]["payment"]["type"] == "string", schema
        found = await client.call_tool("lookup_payment", {"payment": "p-17"})
        assert found.structured_content == {"payment": "p-17", "state": "settled"}, found
        refused = await client.call_tool("lookup_payment", {"payment": "x"})
        assert refused.is_error and refused.content[0].text == "ids of payments begin with p-", refused
        settled = await client.call_tool("settle_payments", {"payments": ["p-1", "p-2"]}, progress_callback=note)
        assert settled.structured_content == {"settled": 2} and steps == [(1, 2), (2, 2)], (settled, steps)
        print(f"the example serves agents by MCP {client.protocol_version}: {', '.join(tools)}")


def main(companion, function, server):
    with Run(companion, server, "--payload", "function-url", "--env", "SWITCHBOARD_RESPONSE_STREAM=function_url") as run:
        asyncio.run(asyncio.wait_for(protocol(run.address), 60))
    journal(companion, function)


main(*sys.argv[1:])
