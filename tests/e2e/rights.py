"""Rights that AWS asks for and the emulator does not: whether the template gives them is asked of the policies."""

import fnmatch
import json

from botocore.exceptions import ClientError
from services import ACCOUNT, REGION

QUEUES = ("AsyncFailures", "StreamFailures")
RULES = ("InstanceStates", "BatchJobStates", "ExecutionStates", "Schedule")


def role_of(services, stack):
    """What the function and Lambda do by its role: keep the journal, read the streams, report failures, write logs. And
    nothing else."""
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
    journal = services.client("dynamodb").describe_table(TableName=stack.JournalTableName)["Table"]["TableArn"]
    needed += [
        (journal, ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PartiQLInsert"]),
        *[(f"{journal}/index/gsi{number}", ["dynamodb:Query"]) for number in range(1, 8)],
    ]
    # What the journal has is not changed or taken away item by item, nor is the table.
    refused = [
        (journal, ["dynamodb:DeleteItem", "dynamodb:Scan", "dynamodb:BatchWriteItem"]),
        (journal, ["dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete", "dynamodb:PartiQLSelect"]),
        # Asked without the keys that they are for.
        (journal, ["dynamodb:PutItem", "dynamodb:UpdateItem"]),
        (journal, ["dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive"]),
        (f"{journal}/index/gsi1", ["dynamodb:Scan"]),
        (table["TableArn"], ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:DeleteTable"]),
        (f"arn:aws:s3:::{stack.UploadsBucketName}/x", ["s3:GetObject", "s3:PutObject"]),
        (stream, ["kinesis:PutRecord"]),
    ]
    for allowed, rights in [(True, needed), (False, refused)]:
        for resource, actions in rights:
            for action, decision in decisions(services, stack, resource, actions):
                assert (decision == "allowed") == allowed, f"{action} on {resource}: {decision}"


def states_of(services, stack):
    """The one right to put an item over another is for the states of resources, and the one to update an item for the counters of
    arrivals. The emulator's simulator takes no keys of conditions, so the statements are read."""
    role = stack.resources["FunctionRole"]
    iam = services.client("iam")
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    statements = [statement for policy in policies for statement in policy["Statement"]]
    for action, keys in (("PutItem", "resource#*"), ("UpdateItem", "arrivals#*")):
        given = [statement for statement in statements if f"dynamodb:{action}" in statement["Action"]]
        assert [statement["Condition"] for statement in given] == [
            {
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys},
                "Null": {"dynamodb:LeadingKeys": "false"},
            }
        ], given


def decisions(services, stack, resource, actions):
    answer = services.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{stack.resources['FunctionRole']}",
        ActionNames=actions,
        ResourceArns=[resource],
    )
    return [(result["EvalActionName"], result["EvalDecision"]) for result in answer["EvaluationResults"]]


def guards_of(services, stack):
    """What guards the stack's data: nothing but TLS is let in, and tables are not deleted."""
    sqs, s3, tables = (services.client(name) for name in ("sqs", "s3", "dynamodb"))
    for url in (stack.AsyncFailuresUrl, stack.StreamFailuresUrl, stack.RuleFailuresUrl):
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "QueueArn"])["Attributes"]
        assert wants_tls(told["Policy"], "sqs:*", told["QueueArn"]), f"{url} takes requests without TLS: {told['Policy']}"
    policy, bucket = s3.get_bucket_policy(Bucket=stack.UploadsBucketName)["Policy"], f"arn:aws:s3:::{stack.UploadsBucketName}"
    for resource in (bucket, f"{bucket}/*"):
        assert wants_tls(policy, "s3:*", resource), f"{resource} takes requests without TLS: {policy}"
    for table in (stack.JournalTableName, stack.SourceTableName):
        try:
            tables.delete_table(TableName=table)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationException", error
        else:
            raise AssertionError(f"the table {table} could be deleted")


def wants_tls(policy, actions, resource):
    def refuses(statement):
        named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        return (
            (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", actions)
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            and resource in named
        )

    return any(refuses(statement) for statement in json.loads(policy)["Statement"])


def triggers_of(services, stack):
    """Who may invoke the function: the bucket, the rules and the APIs of this stack, each for itself."""
    events, apis = f"arn:aws:events:{REGION}:{ACCOUNT}:rule", f"arn:aws:execute-api:{REGION}:{ACCOUNT}"
    rules = [f"{events}/{stack.resources[f'SwitchboardFunction{name}']}" for name in RULES]
    rest, http = (stack.resources[name] for name in ("RestApi", "HttpApi"))
    needed = [("s3.amazonaws.com", f"arn:aws:s3:::{stack.UploadsBucketName}")]
    needed += [("events.amazonaws.com", rule) for rule in rules]
    needed += [("apigateway.amazonaws.com", f"{apis}:{rest}/v1/GET/{path}") for path in ("", "events")]
    needed += [("apigateway.amazonaws.com", f"{apis}:{http}/$default/{route}") for route in ("$default", "GET/{proxy+}")]
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
