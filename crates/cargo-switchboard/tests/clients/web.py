"""A web application that knows nothing of Lambda."""

import http.server
import json
import os


class Application(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200 if self.path == "/ready" else 404, None)

    def do_PUT(self):
        print("a line of the application", flush=True)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.answer(
            200,
            {
                "method": self.command,
                "path": self.path,
                "body": body.decode(),
                "mine": self.headers["x-mine"],
                "has_context": "x-amzn-lambda-context" in self.headers,
            },
        )


http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["AWS_LWA_PORT"])), Application).serve_forever()
