"""A double of AWS between `doctor` and the emulator: it adds to the emulator's answers what AWS tells of settings that the emulator drops.

What is added has to be part of the operation's answer in AWS's own model of the API, which botocore has: a misspelt or misplaced member
is an error, so that a test cannot pass with an answer that AWS never gives.
"""

import http.server
import json
import re
import threading
import urllib.error
import urllib.request

import botocore.loaders
import botocore.model

HOP = {"connection", "content-length", "transfer-encoding", "host"}


def members_of(shape, value, path):
    """Fails unless `value` is an instance of this shape of the model, as far as it goes."""
    if shape.type_name == "structure":
        for name, member in value.items():
            assert name in shape.members, f"AWS's answer has no {path}.{name}"
            members_of(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            members_of(shape.member, item, path)
    elif getattr(shape, "enum", None):
        assert value in shape.enum, f"{path} is never {value}"
    else:
        kinds = {"string": str, "integer": int, "boolean": bool}
        assert isinstance(value, kinds[shape.type_name]), f"{path} is a {shape.type_name}"


class Told:
    """Listens while it is entered, and answers as the emulator at `emulator` does, with what `told` adds for the operations of Lambda."""

    def __init__(self, emulator, told):
        model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("lambda", "service-2"))
        self.emulator, self.rules = emulator, []
        for entry in told:
            operation = model.operation_model(entry["operation"])
            shape = operation.output_shape
            if "of" in entry:
                shape = shape.members[entry["of"]].member
            members_of(shape, entry["set"], entry["operation"])
            path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.http["requestUri"]))
            self.rules.append((operation.http["method"], re.compile(path + "/?"), entry))

    def added(self, method, path, body):
        for of_method, of_path, entry in self.rules:
            if of_method == method and of_path.fullmatch(path.split("?")[0]):
                answer = json.loads(body)
                items = answer[entry["of"]] if "of" in entry else [answer]
                for item in items:
                    if entry.get("where", "") in item.get("EventSourceArn", ""):
                        item.update(entry["set"])
                body = json.dumps(answer).encode()
        return body

    def __enter__(self):
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                asked = urllib.request.Request(
                    double.emulator + self.path,
                    data=self.rfile.read(length) if length else None,
                    method=self.command,
                    headers={name: value for name, value in self.headers.items() if name.lower() not in HOP},
                )
                try:
                    told = urllib.request.urlopen(asked)  # noqa: S310: the emulator on this machine
                except urllib.error.HTTPError as refused:
                    told = refused
                body = told.read()
                if told.status == 200:
                    body = double.added(self.command, self.path, body)
                self.send_response(told.status)
                for name, value in told.headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
