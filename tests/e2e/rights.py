"""Rights that AWS asks for and the emulator does not: whether the template gives them is asked of the policies."""

import fnmatch
import json

from services import ACCOUNT, REGION

QUEUES = ("AsyncFailures", "StreamFailures")
RULES = ("InstanceStates", "BatchJobStates", "ExecutionStates", "Schedule")


def role_of(services, stack):
    """What Lambda does by the function's role: read the streams, report failures, write logs. And nothing else."""
    table = services.client("dynamodb").describe_table(TableName=stack.SourceTableName)["Table"]
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stack.SourceStreamName}"
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/switchboard/switchboard/function:log-stream:x"
    queues = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{stack.resources[name].split('/')[-1]}" for name in QUEUES]
    # Of what Lambda's documents ask for, without enhanced fan-out.
    needed = [
        (table["LatestStreamArn"], ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]),
        (f"{table['TableArn']}/stream/*", ["dynamodb:ListStreams"]),
        (stream, ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"]),
        (stream, ["kinesis:GetShardIterator", "kinesis:ListShards"]),
        (logs, ["logs:CreateLogStream", "logs:PutLogEvents"]),
        *[(queue, ["sqs:SendMessage"]) for queue in queues],
    ]
    refused = [
        (table["TableArn"], ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:DeleteTable"]),
        (f"arn:aws:s3:::{stack.UploadsBucketName}/x", ["s3:GetObject", "s3:PutObject"]),
        (stream, ["kinesis:PutRecord"]),
    ]
    for allowed, rights in [(True, needed), (False, refused)]:
        for resource, actions in rights:
            for action, decision in decisions(services, stack, resource, actions):
                assert (decision == "allowed") == allowed, f"{action} on {resource}: {decision}"


def decisions(services, stack, resource, actions):
    answer = services.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{stack.resources['FunctionRole']}",
        ActionNames=actions,
        ResourceArns=[resource],
    )
    return [(result["EvalActionName"], result["EvalDecision"]) for result in answer["EvaluationResults"]]


def triggers_of(services, stack):
    """Who may invoke the function: the bucket, the rules and the APIs of this stack, each for itself."""
    events, apis = f"arn:aws:events:{REGION}:{ACCOUNT}:rule", f"arn:aws:execute-api:{REGION}:{ACCOUNT}"
    rules = [f"{events}/{stack.resources[f'SwitchboardFunction{name}']}" for name in RULES]
    rest, http = (stack.resources[name] for name in ("RestApi", "HttpApi"))
    needed = [("s3.amazonaws.com", f"arn:aws:s3:::{stack.UploadsBucketName}")]
    needed += [("events.amazonaws.com", rule) for rule in rules]
    needed += [("apigateway.amazonaws.com", f"{apis}:{rest}/v1/GET/{path}") for path in ("", "events")]
    needed += [("apigateway.amazonaws.com", f"{apis}:{http}/$default/$default")]
    policy = json.loads(services.client("lambda").get_policy(FunctionName=stack.FunctionName)["Policy"])
    given = [source(statement) for statement in policy["Statement"]]
    for service, arn in needed:
        allowed = any(service == principal and fnmatch.fnmatchcase(arn, pattern) for principal, pattern in given)
        assert allowed, f"{service} may not invoke the function for {arn}; the policy is {given}"


def source(statement):
    """The service a statement of the function's policy lets invoke it, and what for."""
    assert (statement["Effect"], statement["Action"]) == ("Allow", "lambda:InvokeFunction"), statement
    conditions = {key.lower(): value for test in statement["Condition"].values() for key, value in test.items()}
    return statement["Principal"]["Service"], conditions["aws:sourcearn"]
