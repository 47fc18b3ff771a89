"""Makes things happen in the stack's services, and says what the journal has to tell of them."""

import base64
import json

from api import CLOUDEVENT, CLOUDEVENTS
from expected import Expected
from services import ACCOUNT, REGION


def objects(services, stack):
    """Objects put, overwritten, copied, tagged, deleted and put again, with keys that S3 encodes in its events."""
    s3, bucket = services.client("s3"), stack.UploadsBucketName
    expected = Expected()

    def happened(event, key, answer):
        etag = answer["ETag"].strip('"') if "ETag" in answer else None
        expected.entry(f"aws:s3.{REGION}.{bucket}", f"com.amazonaws.s3.{event}", key, etag)

    def put(key, body):
        happened("ObjectCreated:Put", key, s3.put_object(Bucket=bucket, Key=key, Body=body))

    def delete(key):
        happened("ObjectRemoved:DeleteMarkerCreated", key, s3.delete_object(Bucket=bucket, Key=key))

    deleted, overwritten, again, copied = "two words/a+b.txt", "Grüße/ü.txt", "100% & more=?.txt", "copies/a copy.txt"
    put(deleted, b"first")
    put(overwritten, b"first")
    put(again, b"first")
    delete(deleted)
    put(overwritten, b"second")
    delete(again)
    put(again, b"second")
    copy = s3.copy_object(Bucket=bucket, Key=copied, CopySource={"Bucket": bucket, "Key": overwritten})
    happened("ObjectCreated:Copy", copied, copy["CopyObjectResult"])
    for key, state in {deleted: "deleted", overwritten: "created", again: "created", copied: "created"}.items():
        expected.state(f"arn:aws:s3:::{bucket}/{key}", state)
    return expected


def items(services, stack, number):
    """An item inserted, updated and deleted; another one that stays."""
    dynamodb, table = services.client("dynamodb"), stack.SourceTableName
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}"
    expected = Expected()

    def happened(event, subject, state, changes):
        expected.entry(arn, f"com.amazonaws.dynamodb.{event}", subject, changes)
        expected.state(f"{arn}/item/{subject}", state)

    def key(sort):
        return {"pk": {"S": f"order {number}"}, "sk": {"S": sort}}

    def images(**side):
        [(name, image)] = side.items()
        return {attribute: {name: value} for attribute, value in image.items()}

    # More digits than a floating-point number has.
    low, high = {"N": "12345678901234567890.12"}, {"N": "12345678901234567890.13"}
    stays, gone = key("stays"), key("ü&=")
    dynamodb.put_item(TableName=table, Item=stays)
    happened("INSERT", f"pk=order {number}&sk=stays", "inserted", images(after=stays))
    subject = f"pk=order {number}&sk=ü%26%3D"
    dynamodb.put_item(TableName=table, Item=gone | {"total": low})
    happened("INSERT", subject, "inserted", images(after=gone | {"total": low}))
    dynamodb.update_item(
        TableName=table,
        Key=gone,
        UpdateExpression="SET #total = :high",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":high": high},
    )
    happened("MODIFY", subject, "modified", {"total": {"before": low, "after": high}})
    dynamodb.delete_item(TableName=table, Key=gone)
    happened("REMOVE", subject, "removed", images(before=gone | {"total": high}))
    return expected


def records(services, stack, number):
    """Records of JSON, text and bytes, some with one partition key."""
    kinesis, stream = services.client("kinesis"), stack.SourceStreamName
    arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{stream}"
    expected = Expected()
    data = [
        ("user 1", json.dumps({"click": number}).encode(), {"click": number}),
        ("user 1", f"Grüße {number}".encode(), f"Grüße {number}"),
        ("ü", json.dumps({"page": number}).encode(), {"page": number}),
        ("bytes", bytes([0, 255, number]), base64.b64encode(bytes([0, 255, number])).decode()),
    ]
    for key, _, gist in data:
        expected.entry(arn, "com.amazonaws.kinesis.record", key, gist)
    batch = [{"PartitionKey": key, "Data": content} for key, content, _ in data]
    kinesis.put_record(StreamName=stream, **batch[0])
    answer = kinesis.put_records(StreamName=stream, Records=batch[1:])
    assert answer["FailedRecordCount"] == 0, f"Kinesis did not take all records: {answer}"
    return expected


def events(services, stack):
    """The lives of an instance and a job, and an event that no rule wants."""
    expected = Expected()
    instance = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0c5e7a91d2b34f680"
    job = f"arn:aws:batch:{REGION}:{ACCOUNT}:job/4c7599ae-0a82-49aa-ba5a-4727fcce14a8"
    entries = []

    def put(source, detail_type, resource, detail, gist):
        entries.append(
            {"Source": source, "DetailType": detail_type, "Resources": [resource], "Detail": json.dumps(detail)}
        )
        expected.entry(source, f"com.amazonaws.{source[4:]}.{detail_type.replace(' ', '-')}", resource, gist)

    for state in ("pending", "running", "stopping", "stopped"):
        detail = {"instance-id": "i-0c5e7a91d2b34f680", "state": state}
        put("aws.ec2", "EC2 Instance State-change Notification", instance, detail, detail)
    for status in ("SUBMITTED", "RUNNABLE", "RUNNING", "FAILED"):
        detail = {"jobArn": job, "jobId": job.split("/")[1], "jobName": "nightly", "status": status}
        put("aws.batch", "Batch Job State Change", job, detail, status)
    entries.append({"Source": "aws.ec2", "DetailType": "EC2 Spot Instance Interruption Warning", "Detail": "{}"})
    answer = services.client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 0, f"EventBridge did not take all events: {answer}"
    expected.state(instance, "stopped")
    expected.state(job, "FAILED")
    return expected


def execution(services, stack):
    """A state machine that runs: Step Functions itself tells of it."""
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = services.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    states = services.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}})
    machine = states.create_state_machine(name="machine", definition=definition, roleArn=role)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, name="e2e", input="{}")["executionArn"]
    expected = Expected()
    for status in ("RUNNING", "SUCCEEDED"):
        kind = "com.amazonaws.states.Step-Functions-Execution-Status-Change"
        expected.entry("aws.states", kind, arn, status)
    expected.state(arn, "SUCCEEDED")
    return expected


def posted(rest, http):
    """CloudEvents over HTTP: one twice, once by each API; many at once; one that is larger than an item of a table."""
    expected = Expected()

    def event(number, data):
        made = {"specversion": "1.0", "id": f"{number}", "source": "/e2e", "type": "e2e.posted", "subject": "a b"}
        expected.entry(made["source"], made["type"], made["subject"], data)
        return made | {"data": data}

    def post(api, body, content_type, status):
        answered, _, answer = api.call("POST", "/events", body, content_type)
        assert answered == status, f"POST {api.url}/events answered {answered}: {answer}"

    twice = event(0, {"number": 0})
    post(http, twice, CLOUDEVENT, 201)
    post(rest, twice, CLOUDEVENT, 200)
    post(rest, event(1, {"number": 1}), CLOUDEVENT, 201)
    many = [event(number, {"number": number}) for number in range(2, 62)]
    post(http, many, CLOUDEVENTS, 201)
    post(rest, many, CLOUDEVENTS, 200)
    post(rest, event(62, {"text": "large " * 100_000}), CLOUDEVENT, 201)
    return expected
