#!/usr/bin/env bash
# Policies that let a program insert into a DynamoDB table by PartiQL, and put items of certain keys only, are refused by an emulator that
# enforces IAM, though they are written as AWS documents them.
#
# The good guess: an IAM action is called as the API operation is, so BatchExecuteStatement needs dynamodb:BatchExecuteStatement, and
# an emulator that takes all names of actions from the SDK's model is right. But AWS has no such action. What a statement of PartiQL does
# is what has to be allowed: PartiQLInsert, PartiQLUpdate, PartiQLDelete, PartiQLSelect ("IAM security policies with PartiQL for
# DynamoDB"; the Service Authorization Reference lists BatchExecuteStatement as an operation that those four authorise). Whoever takes
# the emulator's message at its word, and adds the right that it names, has a template with a right that there is none of, and
# linters that know AWS's list say so.
#
# Nor does the emulator fill in dynamodb:LeadingKeys, the partition keys that a request names, by which AWS confines a role to some of
# a table's items ("Using IAM policy conditions for fine-grained access control"): to a condition that asks for the key to be there,
# it never is. So such policies cannot be tried there as they are; both need a second policy that is for the emulator only.
#
# Exits with 1 if the emulator no longer does that.
set -euo pipefail

work=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd "$work" && HOME=$work AUTH=true BIND_HOST=127.0.0.1 GATEWAY_PORT=$port SFTP_ENABLED=0 IOT_MTLS_ENABLED=0 exec "$work/venv/bin/ministack") >"$work/log" 2>&1 &
emulator=$!

timeout 60 "$work/venv/bin/python" - "$port" <<'PYTHON'
import json, socket, sys, time
from importlib.metadata import version
import boto3
from botocore.exceptions import ClientError

port = int(sys.argv[1])
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        break
    except OSError:
        time.sleep(0.1)


def client(service, key="test", secret="test"):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-west-1",
                        aws_access_key_id=key, aws_secret_access_key=secret)


table = client("dynamodb").create_table(
    TableName="journal", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
)["TableDescription"]["TableArn"]
iam = client("iam")
iam.create_user(UserName="writer")
key = iam.create_access_key(UserName="writer")["AccessKey"]
writer = client("dynamodb", key["AccessKeyId"], key["SecretAccessKey"])


def allow(*statements):
    statements = [{"Effect": "Allow", "Resource": table} | statement for statement in statements]
    iam.put_user_policy(UserName="writer", PolicyName="writes", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def outcome(call):
    try:
        answer = call()
    except ClientError as error:
        return error.response["Error"]["Message"]
    failed = [response["Error"] for response in answer.get("Responses", []) if "Error" in response]
    return str(failed) if failed else "done"


def insert():
    return outcome(lambda: writer.batch_execute_statement(
        Statements=[{"Statement": "INSERT INTO \"journal\" VALUE {'pk': ?}", "Parameters": [{"S": f"entry#{time.time()}"}]}]))


def put():
    return outcome(lambda: writer.put_item(TableName="journal", Item={"pk": {"S": "state#1"}}))


confined = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "state#*"}, "Null": {"dynamodb:LeadingKeys": "false"}}
allow({"Action": "dynamodb:PartiQLInsert"}, {"Action": "dynamodb:PutItem", "Condition": confined})
as_aws_has_it = insert(), put()
allow({"Action": "dynamodb:BatchExecuteStatement", "Resource": "*"}, {"Action": "dynamodb:PutItem"})
as_the_emulator_has_it = insert(), put()

print("ministack", version("ministack"))
print("with PartiQLInsert:           ", as_aws_has_it[0])
print("with BatchExecuteStatement:   ", as_the_emulator_has_it[0])
print("PutItem, keys confined:       ", as_aws_has_it[1])
print("PutItem, keys not confined:   ", as_the_emulator_has_it[1])
as_known = (
    "dynamodb:BatchExecuteStatement" in as_aws_has_it[0]
    and "dynamodb:PutItem" in as_aws_has_it[1]
    and as_the_emulator_has_it == ("done", "done")
)
sys.exit(0 if as_known else 1)
PYTHON
