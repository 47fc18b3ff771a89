"""The stack's two APIs, called by their public names with signed requests, or with tokens."""

import http.client
import json
import re
import ssl
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from services import REGION

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"


class Api:
    """An API at the URL that the stack's output names, called by a user with `keys`, with a token, or with neither."""

    def __init__(self, services, url, keys=None, token=None):
        self.services = services
        self.url = url
        self.keys = keys
        self.token = token

    def call(self, method, path, body=None, content_type=JSON):
        """The answer's status, headers and body; `path` is relative to the API's URL."""
        url = self.url + path
        host = urllib.parse.urlsplit(url).netloc
        body = None if body is None else json.dumps(body).encode()
        request = AWSRequest(method, url, data=body, headers={"Host": host, "Content-Type": content_type})
        if self.keys:
            SigV4Auth(Credentials(*self.keys), "execute-api", REGION).add_auth(request)
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        # As a name server would lead it here.
        context = ssl.create_default_context(cafile=self.services.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", self.services.port, timeout=30, context=context)
        connection.request(method, url.removeprefix(f"https://{host}"), body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def get(self, path):
        """What there is at `path`; a test that expects nothing there calls `call`."""
        status, headers, body = self.call("GET", path)
        assert status == 200, f"GET {self.url}{path} answered {status}: {body}"
        return headers, json.loads(body)

    def entries(self):
        """All entries of the journal, page by page."""
        path = "/events?limit=20"
        while path:
            headers, page = self.get(path)
            yield from page
            link = re.match("<(.+)>", headers.get("Link", ""))
            path = link and link[1].removeprefix(urllib.parse.urlsplit(self.url).path)

    def followed(self):
        """All entries of the journal by their arrival, from the first to the last."""
        path, headers = "/events?after=0&limit=7", {}
        while "Retry-After" not in headers:
            headers, page = self.get(path)
            yield from page
            path = re.match("<(.+)>", headers["Link"])[1].removeprefix(urllib.parse.urlsplit(self.url).path)

    def state(self, urn):
        """The state of a resource; None if the journal knows none."""
        path = f"/resources/{urllib.parse.quote(urn, safe='')}"
        status, _, body = self.call("GET", path)
        assert status in (200, 404), f"GET {self.url}{path} answered {status}: {body}"
        return json.loads(body)["state"] if status == 200 else None
