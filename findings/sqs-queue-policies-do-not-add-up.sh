#!/usr/bin/env bash
# Two AWS::SQS::QueuePolicy resources for one queue do not add up: the last one that is made is the queue's whole policy.
#
# The good guess: a policy resource adds its statements, as two AWS::IAM::Policy resources add theirs to one role, and as two
# AWS::Lambda::Permission resources add theirs to one function. So one resource would let EventBridge in, and another one, written
# later, would refuse what comes without TLS. But a queue has one attribute `Policy`, and each QueuePolicy sets it whole. The deny is
# there and the allow is gone, or the other way round, by the order in which CloudFormation happens to make them. And nobody says
# so: cfn-lint, which knows of resources that overwrite each other's primary identifiers, finds nothing, because the resources have
# identifiers of their own; the stack is created without a warning.
#
# This lints such a template, and deploys it to an emulator of CloudFormation and SQS, which does what SQS's SetQueueAttributes does.
set -euo pipefail

work=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0 ministack==1.5.33 boto3==1.43.106

cat >"$work/template.yaml" <<'YAML'
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Queue:
    Type: AWS::SQS::Queue
  LetsIn:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - { Sid: LetsIn, Effect: Allow, Principal: { Service: events.amazonaws.com }, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn }
  TlsOnly:
    Type: AWS::SQS::QueuePolicy
    DependsOn: LetsIn
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: TlsOnly
            Effect: Deny
            Principal: "*"
            Action: "sqs:*"
            Resource: !GetAtt Queue.Arn
            Condition: { Bool: { "aws:SecureTransport": "false" } }
YAML

"$work/venv/bin/cfn-lint" --version
lint=$("$work/venv/bin/cfn-lint" --non-zero-exit-code none --regions eu-central-1 -- "$work/template.yaml")
echo "cfn-lint finds: ${lint:-nothing}"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && HOME=$work BIND_HOST=127.0.0.1 GATEWAY_PORT=$port SFTP_ENABLED=0 IOT_MTLS_ENABLED=0 exec "$work/venv/bin/ministack") >"$work/log" 2>&1 &
emulator=$!

"$work/venv/bin/python" - "$port" "$work/template.yaml" <<'PYTHON' >"$work/sids"
import json, socket, sys, time
import boto3

port, template = sys.argv[1:]
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", int(port)), 1).close()
        break
    except OSError:
        time.sleep(0.1)
place = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "eu-central-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
cloudformation, sqs = boto3.client("cloudformation", **place), boto3.client("sqs", **place)
cloudformation.create_stack(StackName="two", TemplateBody=open(template).read())
cloudformation.get_waiter("stack_create_complete").wait(StackName="two", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
[queue] = [r["PhysicalResourceId"] for r in cloudformation.describe_stack_resources(StackName="two")["StackResources"] if r["LogicalResourceId"] == "Queue"]
policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"])
print(*[statement["Sid"] for statement in policy["Statement"]])
PYTHON
echo "ministack $("$work/venv/bin/pip" show ministack 2>/dev/null | sed -n 's/^Version: //p'): the queue's policy has the statements: $(cat "$work/sids")"

[ -z "$lint" ] || { echo "changed: cfn-lint says something of it"; exit 1; }
[ "$(cat "$work/sids")" = TlsOnly ] || { echo "changed: the queue has other statements than the last policy's"; exit 1; }
