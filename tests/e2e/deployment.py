"""template.yaml, deployed through CloudFormation as `sam package` and `sam deploy` do it."""

import dataclasses
import json
import pathlib

from botocore.exceptions import WaiterError

TEMPLATE = pathlib.Path(__file__).parents[2] / "template.yaml"
STACK = "switchboard"
ARTIFACTS = "artifacts"


@dataclasses.dataclass
class Stack:
    """What the template's outputs name, and what of the stack has no output."""

    outputs: dict
    resources: dict

    def __getattr__(self, name):
        return self.outputs[name]


def deploy(services, package, parameters):
    """Deploys the function in the ZIP file `package`."""
    s3 = services.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.upload_file(package, ARTIFACTS, "bootstrap.zip")
    cloudformation = services.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        **what(parameters),
    )
    done(cloudformation, "create")
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return Stack(
        {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
        {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
    )


def allow_on_the_emulator(services, stack):
    """Gives the role what AWS does not ask for. The emulator wants rights of the operations' own names for
    `BatchExecuteStatement` and `ExecuteTransaction`; in AWS there are no such rights, and a statement needs that of what it does,
    `dynamodb:PartiQLInsert`. And it fills in no `dynamodb:LeadingKeys`, on which the template lets the function put and update
    items.
    """
    actions = [f"dynamodb:{name}" for name in ("BatchExecuteStatement", "ExecuteTransaction", "PutItem", "UpdateItem")]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    services.client("iam").put_role_policy(
        RoleName=stack.resources["FunctionRole"],
        PolicyName="emulator",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def update(services, parameters):
    """Deploys the same function again, with other parameters."""
    cloudformation = services.client("cloudformation")
    cloudformation.update_stack(StackName=STACK, **what(parameters))
    done(cloudformation, "update")


def what(parameters):
    return {
        "TemplateBody": packaged(TEMPLATE.read_text()),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }


def done(cloudformation, change):
    try:
        waiter = cloudformation.get_waiter(f"stack_{change}_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    except WaiterError as error:
        raise SystemExit(f"no {change} of the stack: {reasons(cloudformation) or error}") from error


def packaged(template):
    """The template with its one path on this machine replaced by the place in S3."""
    local = "      CodeUri: .\n"
    assert template.count(local) == 1, "template.yaml has one function, with `CodeUri: .`"
    return template.replace(local, f"      CodeUri: s3://{ARTIFACTS}/bootstrap.zip\n")


def reasons(cloudformation):
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed)


def function_logs(services):
    """The function's own log lines, from the group that the template gives it."""
    logs = services.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/switchboard/{STACK}/function")
    lines = [event["message"].rstrip() for page in pages for event in page["events"]]
    return "\n".join(line for line in lines if not line.startswith(("START ", "END ", "REPORT ")))


def caller(services, name, actions):
    """The keys of a user who may do `actions`, and nothing else."""
    iam = services.client("iam")
    iam.create_user(UserName=name)
    if actions:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
