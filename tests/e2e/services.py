"""The emulated services, as a process of their own on a free port of 127.0.0.1, and their clients."""

import contextlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

REGION = "eu-central-1"
ACCOUNT = "123456789012"
EMULATOR = pathlib.Path(__file__).with_name("emulator.py")


class Services:
    """Where the services are, and who asks them."""

    def __init__(self, port, certificate):
        self.port = port
        self.certificate = certificate
        self.endpoint = f"https://127.0.0.1:{port}"

    def client(self, service):
        """A client with the rights of the account's root user."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            verify=self.certificate,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def ready(self):
        context = ssl.create_default_context(cafile=self.certificate)
        with contextlib.suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(f"{self.endpoint}/_ministack/health", context=context).status == 200
        return False


@contextlib.contextmanager
def services():
    """Starts the services, and ends them and every function they started, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="switchboard-e2e-") as directory:
        place = Services(free_port(), certificate(directory))
        with open(f"{directory}/emulator.log", "w+") as log:
            emulator = subprocess.Popen(
                [sys.executable, EMULATOR],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=environment(place, directory),
                start_new_session=True,
            )
            try:
                wait_until_ready(place, emulator, log)
                yield place
            finally:
                end(emulator)


def environment(place, directory):
    """Nothing of the caller's environment: a function inherits what the emulator has."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": directory,
        "TMPDIR": directory,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(place.port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        # The APIs answer to the names that the stack's outputs have.
        "MINISTACK_HOST": f"{REGION}.amazonaws.com",
        "LAMBDA_EXECUTOR": "local",
        # Policies and signatures are checked, and the bucket's policy wants TLS.
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": place.certificate,
        "MINISTACK_SSL_KEY": place.certificate,
        # What the function finds AWS by; Lambda sets the rest.
        "AWS_ENDPOINT_URL": place.endpoint,
        "SSL_CERT_FILE": place.certificate,
        # Listeners of services that nobody asks here.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def certificate(directory):
    """A certificate for 127.0.0.1 and its key, in one file."""
    path = f"{directory}/certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    # rustls takes no authority's certificate for a server's.
    for extension in ("subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:FALSE"):
        command += f" -addext {extension}"
    command += f" -keyout {path} -out {path}.part"
    subprocess.run(command.split(), check=True, capture_output=True)
    with open(path, "a") as file:
        file.write(pathlib.Path(f"{path}.part").read_text())
    return path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_ready(place, emulator, log):
    deadline = time.monotonic() + 60
    while not place.ready():
        if emulator.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise SystemExit(f"the emulator did not start:\n{log.read()}")
        time.sleep(0.1)


def end(emulator):
    """The emulator leads a process group of its own; its functions are in it."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(emulator.pid, ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            emulator.wait(5)
    emulator.stdin.close()
