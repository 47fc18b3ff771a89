"""Proves on running services that the function works deployed: template.yaml, the ZIP file, every event source.

Usage: python tests/e2e ARCHITECTURE BOOTSTRAP.ZIP

An emulator of AWS is started on this machine, the template deployed to it through CloudFormation, and things are made
to happen in each source. Then the journal is asked over HTTP: each event has to be there exactly once.
"""

import functools
import json
import pathlib
import signal
import sys
import time

import rights
import sources
from api import CLOUDEVENT, Api
from deployment import allow_on_the_emulator, caller, deploy, function_logs, update
from expected import Expected, happened
from issuer import AUDIENCE, issuer
from services import services

SAMPLE = pathlib.Path(__file__).parents[2] / "events" / "unrouted" / "sqs.json"
STARTED = time.monotonic()
DAYS = 30
# At the start of each minute: nobody wants to wait for an hour.
SCHEDULE = "cron(* * * * ? *)"


def main():
    architecture, package = sys.argv[1:]
    # As Ctrl-C, so that the services are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with services() as place:
        say(f"the services listen on {place.endpoint}, with TLS, signatures and policies")
        parameters = {"Architecture": architecture, "ScheduleExpression": SCHEDULE, "RetentionDays": str(DAYS)}
        stack = deploy(place, package, parameters)
        say(f"CloudFormation has created the {len(stack.resources)} resources of template.yaml")
        try:
            prove(place, stack)
            tokens(place, stack, parameters)
        except AssertionError as error:
            sys.exit(f"\n{error}\n\nThe function's logs:\n{function_logs(place)}")
    say("all is as it has to be")


def prove(place, stack):
    rights.role_of(place, stack)
    rights.states_of(place, stack)
    rights.triggers_of(place, stack)
    say("the function's role and policy have the rights that AWS asks for")
    allow_on_the_emulator(place, stack)
    rights.guards_of(place, stack)
    say("queues and bucket take TLS only, and the tables are not deleted")
    rest, http = apis(place, stack)
    expected = Expected()
    for what, happenings in [
        ("S3: objects put, overwritten, copied, deleted, put again", sources.objects(place, stack)),
        ("DynamoDB: items inserted, updated, deleted", sources.items(place, stack, 1)),
        ("Kinesis: records of JSON, text and bytes", sources.records(place, stack, 1)),
        ("EventBridge: states of an instance and a job", sources.events(place, stack)),
        ("Step Functions: an execution", sources.execution(place, stack)),
        ("CloudEvents posted: over both APIs, many at once, a large one", sources.posted(rest, http)),
    ]:
        eventually(functools.partial(happenings.missing, http))
        say(f"{what}: {happenings.entries.total()} entries, {len(happenings.states)} states")
        expected += happenings
    nothing_else(expected, http)
    assert happened(rest) == happened(http), "the two APIs tell of different journals"
    expected += redelivered(place, stack, http)
    nothing_else(expected, http)
    say("both streams delivered a second time from their beginning: no entry and no state has changed")
    eventually(functools.partial(followed, http))
    say("who follows the journal gets each entry once")
    failure(place, stack)
    schedule(stack, http)
    nothing_else(expected, http)
    retention(place, stack, http)


def apis(place, stack):
    """Both APIs, for a user who may call them; nobody else may."""
    may, may_not = caller(place, "reader", "execute-api:Invoke"), caller(place, "stranger", None)
    for url in (stack.RestApiUrl, stack.HttpApiUrl):
        for keys, who in [(None, "an unsigned request"), (may_not, "a user without the right to it")]:
            status, _, _ = Api(place, url, keys).call("GET", "/health")
            assert status == 403, f"{url} answers {status} to {who}"
        Api(place, url, may).get("/health")
        say(f"{url} answers whoever may call it, and nobody else")
    return Api(place, stack.RestApiUrl, may), Api(place, stack.HttpApiUrl, may)


def followed(journal):
    """What a follower gets otherwise than it stands in the journal. A place that was given up is waited for."""
    listed, arrived = (sorted((entry["source"], entry["id"]) for entry in of) for of in (journal.entries(), journal.followed()))
    return [] if listed == arrived else [f"{len(listed)} entries are listed and {len(arrived)} followed"]


def redelivered(place, stack, journal):
    """Every record of the streams comes a second time, through new mappings that start at the beginning."""
    functions = place.client("lambda")
    for name in ("SwitchboardFunctionTableChanges", "SwitchboardFunctionStreamRecords"):
        mapping = functions.get_event_source_mapping(UUID=stack.resources[name])
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        functions.create_event_source_mapping(
            FunctionName=stack.FunctionName,
            EventSourceArn=mapping["EventSourceArn"],
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=mapping["FunctionResponseTypes"],
        )
    # A shard is in order: when these have come, so have all before them. Their keys are those of the first ones.
    happenings = sources.items(place, stack, 2) + sources.records(place, stack, 2)
    eventually(functools.partial(happenings.missing, journal))
    return happenings


def failure(place, stack):
    """An event the function has no handler for is tried three times, and goes to the queue of failures."""
    payload = SAMPLE.read_bytes()
    place.client("lambda").invoke(FunctionName=stack.FunctionName, InvocationType="Event", Payload=payload)
    sqs, found = place.client("sqs"), []

    def arrived():
        found.extend(sqs.receive_message(QueueUrl=stack.AsyncFailuresUrl).get("Messages", []))
        return [] if found else ["nothing has come to the queue AsyncFailures"]

    eventually(arrived)
    told = json.loads(found[0]["Body"])
    assert told["requestPayload"] == json.loads(payload), f"AsyncFailures has {told}"
    for queue in (stack.AsyncFailuresUrl, stack.StreamFailuresUrl, stack.RuleFailuresUrl):
        more = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        assert not more, f"{queue} has {more}"
    say("an event without a handler is in the queue AsyncFailures; nothing else is in any of the three queues")


def schedule(stack, journal):
    rule = stack.resources["SwitchboardFunctionSchedule"]
    scheduled = []

    def came():
        scheduled[:] = [entry for entry in journal.entries() if entry["source"] == "aws.events"]
        return [] if scheduled else ["the schedule has not come"]

    eventually(came, seconds=90)
    for entry in scheduled:
        assert entry["type"] == "com.amazonaws.events.Scheduled-Event", entry
        assert entry["subject"].endswith(f":rule/{rule}"), entry
    assert len({entry["time"] for entry in scheduled}) == len(scheduled), f"the schedule came twice: {scheduled}"
    say(f"EventBridge: the schedule has come, {len(scheduled)} time(s)")


def retention(place, stack, journal):
    """The journal is in its table, and only entries leave it by themselves."""
    listed = list(journal.entries())
    pages = place.client("dynamodb").get_paginator("scan").paginate(TableName=stack.JournalTableName)
    items = {item["pk"]["S"]: item for page in pages for item in page["Items"]}
    expiring = {key for key, item in items.items() if "expires" in item}
    # With the logs of arrivals, which count on, and places in them that were closed, which name nothing.
    closed = {key for key, item in items.items() if item.get("entries") == {"L": []}}
    states = closed | {key for key in items if key.startswith(("resource#", "arrivals#"))}
    assert expiring.isdisjoint(states), f"states expire: {expiring & states}"
    assert expiring | states == items.keys(), f"entries do not expire: {items.keys() - expiring - states}"
    for key in expiring:
        days = (int(items[key]["expires"]["N"]) - time.time()) / 86400
        assert DAYS - 1 < days < DAYS + 1, f"{key} expires in {days:.1f} days"
    entries = [key for key in items if key.startswith("entry#")]
    assert len(entries) >= len(listed), f"the journal has {len(listed)} entries, its table {len(entries)}"
    say(f"the table has {len(entries)} entries, which expire after {DAYS} days, and {len(states)} states and places, which do not")


def tokens(place, stack, parameters):
    """With an issuer the HTTP API takes tokens, and nothing else: one scope reads, the other one writes."""
    event = {"specversion": "1.0", "id": "by token", "source": "/e2e", "type": "e2e.posted"}
    read, write = "switchboard/read", "switchboard/write"
    with issuer(place) as issues:
        update(place, parameters | {"JwtIssuer": issues.url, "JwtAudience": AUDIENCE})
        for who, api, reads, writes in [
            ("an unsigned request", {}, 401, 401),
            ("a signed request", {"keys": caller(place, "signer", "execute-api:Invoke")}, 401, 401),
            ("a token for others", {"token": issues.token(f"{read} {write}", "others")}, 401, 401),
            ("a token without a scope", {"token": issues.token("openid")}, 403, 403),
            ("a token that reads", {"token": issues.token(read)}, 200, 403),
            ("a token that writes", {"token": issues.token(write)}, 403, 201),
        ]:
            http = Api(place, stack.HttpApiUrl, **api)
            asked, _, _ = http.call("GET", "/events?limit=1")
            posted, _, body = http.call("POST", "/events", event, CLOUDEVENT)
            assert (asked, posted) == (reads, writes), f"{who}: GET is {asked}, POST is {posted}: {body}"
    say("with an issuer the HTTP API takes tokens: with one scope they read, with the other they write")


def nothing_else(expected, journal):
    """All is there, and nothing twice."""
    wrong = expected.missing(journal) + expected.unexpected(journal)
    assert not wrong, "\n".join(wrong)


def eventually(wrong, seconds=60):
    """Asks until nothing is wrong; fails with what still is."""
    deadline = time.monotonic() + seconds
    while lines := wrong():
        assert time.monotonic() < deadline, "\n".join(lines)
        time.sleep(0.2)


def say(what):
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    main()
