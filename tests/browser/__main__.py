"""A browser opens web pages while `cargo switchboard run` serves a function: a page of another site reaches neither the function
nor Lambda's API, by none of the ways in which a page can send requests; a page of this machine does, and so does one that was
allowed. Usage: python tests/browser COMPANION FUNCTION [BROWSER]"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).with_name("page.html").read_text()
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
INVOKE = "/2015-03-31/functions/f/invocations"
# What the page sends, as the companion's lines have it. `json` is told from its preflight.
REQUESTS = [
    f"POST {INVOKE}",
    "POST /post",
    "OPTIONS /json",
    "GET /get",
    "GET /img",
    "GET /script",
    "GET /frame",
    "POST /form",
    "POST /beacon",
    "POST /null",
    "GET /rebound",
]
# Of a page that was let in, these name its origin.
WITH_ORIGIN = [f"POST {INVOKE}", "POST /post", "OPTIONS /json", "POST /form", "POST /beacon"]


class Run:
    """A `run` that serves the function until the end of the block."""

    def __init__(self, companion, function, *words):
        # One environment, so that one process counts all invocations.
        command = [companion, "switchboard", "run", "--port", "0", "--max-environments", "1", "--binary", function, *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = next(line for line in self.process.stdout if line.startswith("Serving "))
        self.address = next(word for word in line.split() if word.startswith("http://"))
        self.port = self.address.rsplit(":", 1)[1]
        self.notes = []
        self.reader = threading.Thread(target=lambda: self.notes.extend(self.process.stderr))
        self.reader.start()

    def invocations(self):
        """How many the function has had, without this one."""
        payload = b'{"do":"context"}'
        with urllib.request.urlopen(self.address + INVOKE, payload, timeout=20) as reply:
            return json.load(reply)["count"] - 1

    def stop(self):
        """Ends it, and returns the status of each request."""
        self.process.terminate()
        self.process.wait(20)
        self.reader.join(20)
        words = [note.split() for note in self.notes if "  " in note]
        return [(f"{line[0]} {line[1]}", line[2]) for line in words if len(line) > 2 and line[2].isdigit()]


def visit(browser, run, host):
    """Opens the page at `host`, which leads to this machine whatever its name, and waits until it has done what it can."""
    done = threading.Event()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            page = PAGE.replace("TARGET", f"http://127.0.0.1:{run.port}")
            page = page.replace("REBOUND", f"http://rebound.example:{run.port}").encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self):
            done.set()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", run.site_port), Site) as site, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        command = [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP *.example 127.0.0.1",
            # The companion's own refusal is what is tried, not the browser's.
            "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,HttpsUpgrades",
            f"http://{host}:{site.server_port}/",
        ]
        visitor = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert done.wait(60), "the page did not come to its end"
        finally:
            visitor.terminate()
            visitor.wait(20)
            site.shutdown()


def free_port():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def try_page(browser, companion, function, host, *options, site_port):
    run = Run(companion, function, *options)
    run.site_port = site_port
    try:
        visit(browser, run, host)
        invocations = run.invocations()
    finally:
        answers = run.stop()
    return invocations, answers[:-1]


def main(companion, function, browser=None):
    browser = browser or next(filter(shutil.which, BROWSERS), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    port = free_port()
    invocations, answers = try_page(browser, companion, function, "evil.example", site_port=port)
    statuses = dict(answers)
    missing = [request for request in REQUESTS if request not in statuses]
    assert not missing, f"never sent: {missing}; sent: {answers}"
    passed = [answer for answer in answers if answer[1] != "403"]
    assert not passed and invocations == 0, f"a page of another site got through: {passed}"
    print(f"{len(answers)} requests of a foreign page refused, among them {len(REQUESTS)} kinds")

    for host, options in [("localhost", []), ("evil.example", ["--allow-origin", f"http://evil.example:{port}"])]:
        invocations, answers = try_page(browser, companion, function, host, *options, site_port=port)
        refused = [request for request in WITH_ORIGIN if (request, "403") in answers or request not in dict(answers)]
        assert not refused and invocations >= len(WITH_ORIGIN), f"{host}: {refused}, {answers}"
        assert ("GET /rebound", "403") in answers, answers
        print(f"{invocations} requests of a page of {host} handled")


main(*sys.argv[1:])
