"""Who issues tokens: a server on this machine, which publishes its key as OpenID Connect has it."""

import base64
import contextlib
import http.server
import json
import ssl
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "journal"
KEY = "e2e"


class Issuer:
    """Issues tokens in its own name, signed with its key."""

    def __init__(self, url, key):
        self.url = url
        self.key = key

    def token(self, scope, audience=AUDIENCE):
        head = {"alg": "RS256", "typ": "JWT", "kid": KEY}
        claims = {"iss": self.url, "aud": audience, "scope": scope, "exp": int(time.time()) + 600}
        signed = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(claims).encode())}"
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encoded(signature)}"

    def documents(self):
        """By path, what an API asks of who issues its tokens."""
        public = self.key.public_key().public_numbers()
        n, e = (encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (public.n, public.e))
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY, "n": n, "e": e}]},
        }


@contextlib.contextmanager
def issuer(place):
    """An issuer, for as long as it is needed. It has the certificate of the services, which they trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place.certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    issues = Issuer(
        f"https://127.0.0.1:{server.server_port}", rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    server.documents = issues.documents()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issues
    finally:
        server.shutdown()
        server.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        document = self.server.documents.get(self.path)
        self.send_response(404 if document is None else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_):
        """Says nothing: what is asked shows in what the API answers."""


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
