"""A function for awslambdaric."""

import itertools

COUNT = itertools.count(1)


def handler(event, context):
    count = next(COUNT)
    if event.get("fail"):
        raise ValueError("as told")
    print("a line of the function")
    return {
        "event": event,
        "count": count,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "custom": context.client_context.custom if context.client_context else None,
    }
