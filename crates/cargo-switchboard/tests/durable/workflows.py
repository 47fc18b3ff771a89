"""Durable functions with AWS's SDK for Python, one for each kind of operation. The event's `case` chooses one."""

import json
import os

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import (
    CallbackConfig,
    Duration,
    StepConfig,
    StepSemantics,
    WaitForCallbackConfig,
)
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision


def soon(attempts: int):
    return create_retry_strategy(
        RetryStrategyConfig(max_attempts=attempts, initial_delay=Duration.from_seconds(1), backoff_rate=1)
    )


def step(context: DurableContext, event: dict):
    return context.step(lambda _: {"v": 1}, name="a")


def retry(context: DurableContext, event: dict):
    def body(step_context):
        tries = event_tries(event)
        if tries < 3:
            raise ValueError(f"try {tries}")
        return tries

    return context.step(body, name="r", config=StepConfig(retry_strategy=soon(4)))


def fails(context: DurableContext, event: dict):
    def body(_):
        raise ValueError("no luck")

    return context.step(body, name="f", config=StepConfig(retry_strategy=soon(2)))


def once(context: DurableContext, event: dict):
    def body(_):
        if event_tries(event) == 1:
            os._exit(3)
        return "done"

    config = StepConfig(step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY, retry_strategy=soon(3))
    return context.step(body, name="o", config=config)


def wait(context: DurableContext, event: dict):
    context.step(lambda _: 1, name="before")
    context.wait(Duration.from_seconds(3600), name="w")
    return context.step(lambda _: 2, name="after")


def child(context: DurableContext, event: dict):
    def kid(inner: DurableContext):
        one = inner.step(lambda _: "x" * (300 << 10), name="x")
        inner.wait(Duration.from_seconds(60), name="w")
        return one

    return len(context.run_in_child_context(kid, name="kid"))


def callback(context: DurableContext, event: dict):
    def submit(callback_id: str, _):
        print(json.dumps({"callback": callback_id}), flush=True)

    return context.wait_for_callback(submit, name="cb", config=WaitForCallbackConfig(timeout=Duration.from_seconds(7200)))


def callback_timeout(context: DurableContext, event: dict):
    callback = context.create_callback(name="late", config=CallbackConfig(timeout=Duration.from_seconds(60)))
    try:
        return callback.result()
    except Exception as error:
        return type(error).__name__


def condition(context: DurableContext, event: dict):
    def decide(state, attempt):
        if state >= 3:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(Duration.from_seconds(30))

    config = WaitForConditionConfig(wait_strategy=decide, initial_state=0)
    return context.wait_for_condition(lambda state, _: state + 1, config=config, name="c")


def map_items(context: DurableContext, event: dict):
    def item(inner: DurableContext, value, index, _):
        inner.wait(Duration.from_seconds(10 * (index + 1)), name="w")
        return inner.step(lambda _: value * 10, name="i")

    return context.map([1, 2, 3], item, name="m").get_results()


def invoke(context: DurableContext, event: dict):
    return context.invoke("itself:$LATEST", {"case": "step"}, name="i")


def large(context: DurableContext, event: dict):
    return "x" * ((6 << 20) - 20)


def event_tries(event: dict) -> int:
    """Counts calls beside the execution, as a step's effect would."""
    path = os.path.join(os.environ["COUNTS"], event["id"])
    with open(path, "a") as file:
        file.write("x")
    return os.path.getsize(path)


CASES = {
    case.__name__: case
    for case in (step, retry, fails, once, wait, child, callback, callback_timeout, condition, map_items, invoke, large)
}


@durable_execution
def handler(event: dict, context: DurableContext):
    return CASES[event["case"]](context, event)
