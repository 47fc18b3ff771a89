"""What the journal has to hold, and how that compares with what it holds."""

import collections
import dataclasses
import hashlib
import json


@dataclasses.dataclass
class Expected:
    """Entries, each with the number of times it has to be there, and the states of resources by their names."""

    entries: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    states: dict = dataclasses.field(default_factory=dict)

    def entry(self, source, event_type, subject, gist):
        self.entries[(source, event_type, subject, text(gist))] += 1

    def state(self, urn, state):
        self.states[urn] = state

    def __add__(self, other):
        return Expected(self.entries + other.entries, self.states | other.states)

    def missing(self, journal):
        """What is not (yet) as it has to be, a line each."""
        lines = [describe("not in the journal", entry) for entry in self.entries - found(journal)]
        for urn, state in self.states.items():
            if (known := journal.state(urn)) != state:
                lines.append(f"{urn} is {known}, not {state}")
        return lines

    def unexpected(self, journal):
        """What came twice, or came at all though it should not have."""
        return [describe("not to be in the journal (again)", entry) for entry in found(journal) - self.entries]


def happened(journal):
    """The journal's entries but those of the schedule: how many these are depends on how long it all takes."""
    return [entry for entry in journal.entries() if entry["source"] != "aws.events"]


def found(journal):
    names = [(entry["source"], entry["type"], entry.get("subject"), text(gist(entry))) for entry in happened(journal)]
    return collections.Counter(names)


def gist(entry):
    """The part of an entry's data that tells it from others about the same thing."""
    data = entry.get("data", entry.get("data_base64"))
    match entry["type"].split("."):
        case ["com", "amazonaws", "s3", event]:
            # Of a delete marker AWS tells the hash of nothing, the emulator none.
            return data["s3"]["object"]["eTag"] if event.startswith("ObjectCreated") else None
        case ["com", "amazonaws", "dynamodb", _]:
            return data["changes"]
        case ["com", "amazonaws", "states" | "batch", _]:
            return data["status"]
    return data


def text(value):
    """A value that can be counted, and shown on a line."""
    made = json.dumps(value, sort_keys=True)
    return made if len(made) < 1000 else f"{len(made)} bytes of hash {hashlib.sha256(made.encode()).hexdigest()}"


def describe(what, entry):
    source, event_type, subject, told = entry
    return f"{what}: {event_type} of {source}, subject {subject}, with {told}"
