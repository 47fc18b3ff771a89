"""ministack, with what it leaves out of AWS and this test needs. Runs until its standard input ends.

The template is deployed as it stands; all that is made up for the emulator is here. It takes functions of ministack
that are not public, so another version of it (see `.ci/requirements-aws.txt`) may need another text here.
"""

import functools
import os
import signal
import sys
import threading

from ministack import app
from ministack.services import apigateway_v1, eventbridge

ANY_METHOD = "x-amazon-apigateway-any-method"


def take_events_of_aws():
    """The emulated EC2 and Batch put no events on the bus, and PutEvents refuses the sources `aws.*`, as on AWS."""
    eventbridge._put_events = functools.partial(eventbridge._put_events, allow_aws_source=True)


def serve_health():
    """`GET /health` of every host is answered by ministack itself: leave it to the API behind the host."""
    app._HEALTH_PATHS = ("/_ministack/health",)


def import_any_method():
    """A REST API's OpenAPI document is imported without its method ANY, the only one that SAM writes."""
    import_operation = apigateway_v1._import_operation

    def with_any(api_id, resource_id, method, *rest):
        return import_operation(api_id, resource_id, "ANY" if method == ANY_METHOD.upper() else method, *rest)

    apigateway_v1._OPENAPI_HTTP_METHODS.add(ANY_METHOD)
    apigateway_v1._import_operation = with_any


def end_with_parent():
    """Even a parent that was killed leaves no emulator behind, and no function."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    take_events_of_aws()
    serve_health()
    import_any_method()
    app.main()
