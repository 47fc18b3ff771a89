"""The commands of docs/triggers.md, as they stand there, in an account of the emulator: `page.py COMMAND PAGE`.

All blocks of commands are one script of bash. `wire` and `unwire` answer their own question, and print what the page shows. After what a
section does with the AWS CLI, `wire list` finds a trigger that works.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import boto3

# The account of the page.
os.environ["AWS_ACCESS_KEY_ID"] = "123456789012"
KINDS = {
    "S3": "s3", "DynamoDB": "dynamodb", "Kinesis": "kinesis", "SQS": "sqs", "Kafka": "kafka", "EventBridge": "events",
    "SNS": "sns", "CloudWatch Logs": "logs", "API Gateway": "http", "Application Load Balancer": "alb", "Function URL": "url",
}
# What makes room for a block of a section that shows another way to a trigger that is there already.
BEFORE = {
    ("S3", 0): "cargo switchboard unwire s3 --function thumbnails --bucket photos",
    ("SQS", 2): "cargo switchboard unwire sqs --function orders --queue mail",
    ("Function URL", 2): 'aws lambda delete-function-url-config --function-name "$FUNCTION"',
}


def sections(page):
    """The blocks of commands, by the heading that they stand under."""
    found = {}
    for part in re.split(r"^## ", page, flags=re.MULTILINE):
        title = part.partition("\n")[0]
        found[title] = re.findall(r"^```console\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)
    return found


def split(block):
    """The commands of a block, and what it shows them print."""
    commands, printed = [], []
    for line in block.splitlines():
        if line.startswith("$ "):
            commands.append(line[2:])
        elif commands and line.startswith("      ") and not printed:
            commands[-1] += "\n" + line
        else:
            printed.append(line)
    return commands, printed


def script(found, listener):
    """All commands. The load balancer has an id of its own."""
    lines = []
    for title, blocks in found.items():
        uses_cli = False
        for number, block in enumerate(blocks):
            commands, printed = split(block)
            is_cli = any("aws " in command for command in commands)
            lines.extend(filter(None, [BEFORE.get((title, number))]))
            for command in commands:
                lines.append(f"LISTENER={listener}" if command.startswith("LISTENER=") else command)
            if printed:
                # The question is for a terminal.
                shown = "\n".join(line for line in printed if not line.startswith("Apply this plan?"))
                lines[-1] = f"diff <(cat <<'SHOWN'\n{shown}\nSHOWN\n) <({lines[-1]})"
            uses_cli |= is_cli
        if uses_cli and title in KINDS:
            lines.append(f"works {KINDS[title]}")
    return "\n".join(lines)


def prepare():
    """What the page's commands take for granted; returns a listener's ARN."""
    client = lambda service: boto3.client(service)
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    for name in "orders", "thumbnails":
        role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as file:
            file.writestr("bootstrap", "#!/bin/sh\n")
        client("lambda").create_function(FunctionName=name, Runtime="provided.al2023", Role=role, Handler="bootstrap",
                                         Code={"ZipFile": package.getvalue()})
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    client("iam").put_role_policy(RoleName="orders", PolicyName="all", PolicyDocument=json.dumps(rights))
    place = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket="photos", CreateBucketConfiguration=place)
    client("dynamodb").create_table(TableName="orders", BillingMode="PAY_PER_REQUEST",
                                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    for queue in "mail", "failures", "undelivered":
        client("sqs").create_queue(QueueName=queue)
    client("sns").create_topic(Name="order-placed")
    client("logs").create_log_group(logGroupName="/ecs/shop")
    balancer = client("elbv2").create_load_balancer(Name="shop")["LoadBalancers"][0]["LoadBalancerArn"]
    refuse = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    made = client("elbv2").create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=refuse)
    return made["Listeners"][0]["ListenerArn"]


def works(kind):
    """Fails unless the function has a trigger of this kind that nothing is missing from."""
    words = ["cargo", "switchboard", "wire", "list", "--function", "orders", "--format", "json"]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    triggers = [json.loads(line) for line in listed.splitlines()]
    states = [trigger["state"] for trigger in triggers if trigger["kind"] == kind and not trigger["wired"]]
    if states != ["Enabled"]:
        sys.exit(f"{kind}: the AWS CLI's trigger should be enabled: {triggers}")


def commands(command):
    """What the page's commands are here. Version 1 of the AWS CLI calls SQS by a name of its own, whatever AWS_ENDPOINT_URL says."""
    aws = shutil.which("aws")
    return {
        "aws": f'[ "$1" = sqs ] && set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"\nexec {aws} "$@"',
        "cargo": f"""case "$*" in
install*) ;;
"switchboard wire list"*) exec {command} "$@" ;;
*) exec {command} "$@" --yes ;;
esac""",
        "works": f'exec {sys.executable} {Path(__file__).resolve()} works "$@"',
    }


def main(command, page):
    double = subprocess.Popen([sys.executable, Path(__file__).with_name("mappings.py")], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    with tempfile.TemporaryDirectory() as directory:
        listener = prepare()
        os.environ["AWS_ENDPOINT_URL_LAMBDA"] = f"http://127.0.0.1:{double.stdout.readline().strip()}"
        for name, text in commands(command).items():
            file = Path(directory, name)
            file.write_text(f"#!/usr/bin/env bash\n{text}\n")
            file.chmod(0o755)
        os.environ["PATH"] = f"{directory}:{os.environ['PATH']}"
        told = script(sections(page.read_text()), listener)
        done = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", told], cwd=directory, stdin=subprocess.DEVNULL)
    double.stdin.close()
    double.wait()
    sys.exit(done.returncode)


if sys.argv[1] == "works":
    works(sys.argv[2])
else:
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
