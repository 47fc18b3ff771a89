"""One call of a function that Powertools for AWS Lambda (Python) makes idempotent.

Reads from standard input where the table is, how Powertools is set up, and the event; writes what became of the call.
"""

import json
import sys
import warnings

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import BaseError

warnings.filterwarnings("ignore")
call = json.load(sys.stdin)
client = boto3.client(
    "dynamodb",
    endpoint_url=call["endpoint"],
    region_name="eu-west-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
outcome = {"ran": False, "result": None, "error": None}


class LambdaContext:
    def get_remaining_time_in_millis(self):
        return 30_000


config = IdempotencyConfig(
    event_key_jmespath=call["key"],
    payload_validation_jmespath=call["validation"],
    raise_on_no_idempotency_key=True,
    lambda_context=LambdaContext(),
)


@idempotent_function(
    data_keyword_argument="event",
    config=config,
    persistence_store=DynamoDBPersistenceLayer(call["table"], boto3_client=client),
    key_prefix=call["prefix"],
)
def function(event):
    outcome["ran"] = True
    return call["result"]


try:
    outcome["result"] = function(event=call["event"])
except BaseError as error:
    outcome["error"] = type(error).__name__
json.dump(outcome, sys.stdout)
