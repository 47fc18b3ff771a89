"""Documents of JSON with the hash that Powertools for AWS Lambda (Python) gives each, behind a tab, a line each.

How many, and from which seed, are its arguments. Nothing in a document stands as it would by default: keys in any order,
escapes where none are needed, numbers in any spelling.
"""

import json
import random
import struct
import sys

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

count, seed = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
# The method that hashes needs nothing of a persistence layer but its hash function.
layer = DynamoDBPersistenceLayer.__new__(DynamoDBPersistenceLayer)
layer.hash_function = __import__("hashlib").md5

CHARACTERS = "aAbBzZ09_ \"\\/\b\f\n\r\t\x00\x1f\x7f\x80éßİΣςK\u2028\ue000\uffff😀𝄞\U0010ffff"
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def text():
    written = []
    for _ in range(chance.choice([0, 1, 1, 2, 3, 8])):
        kind = chance.random()
        if kind < 0.1:
            # Half of a surrogate pair, or by chance a pair.
            written.append("\\u%04x" % chance.choice([0xD800, 0xD83D, 0xDBFF, 0xDC00, 0xDE00, 0xDFFF]))
            continue
        character = chance.choice(CHARACTERS) if kind < 0.9 else chr(chance.randrange(0x20, 0xD800))
        if chance.random() < 0.2:
            units = character.encode("utf-16-be")
            pairs = [units[at : at + 2] for at in range(0, len(units), 2)]
            written += [chance.choice(["\\u%04x", "\\u%04X"]) % int.from_bytes(pair) for pair in pairs]
        elif character == "/" and chance.random() < 0.5:
            written.append("\\/")
        elif character in ESCAPES or character < " ":
            written.append(ESCAPES.get(character, "\\u%04x" % ord(character)))
        else:
            written.append(character)
    return '"%s"' % "".join(written)


def number():
    kind = chance.randrange(8)
    if kind == 0:
        return str(chance.choice([0, -1, 1, 10, 255, 2**53, 2**53 + 1, 2**63, 2**64 + 1, 10**25, chance.getrandbits(90)]))
    if kind == 1:
        return chance.choice(["-0", "-0.0", "0e0", "1E400", "-1e400", "1e-400", "5e-324", "1e16", "1e-5", "1.0", "1e22", "1e21"])
    if kind == 2:
        # Between two spellings: doubles of this size are a few eighths apart.
        return repr(chance.getrandbits(51)) + chance.choice([".125", ".25", ".375", ".5", ".75"])
    if kind == 3:
        bits = chance.getrandbits(64)
        double = struct.unpack(">d", struct.pack(">Q", bits))[0]
        return "%.17e" % double if double - double == 0 else "0.1"
    if kind == 4:
        return "%.*f" % (chance.randrange(1, 30), chance.uniform(-1e6, 1e6))
    if kind == 5:
        return "%d.%dE%+d" % (chance.randrange(-9, 9), chance.getrandbits(60), chance.randrange(-30, 30))
    if kind == 6:
        return "%de%d" % (chance.getrandbits(30), chance.randrange(-12, 12))
    return str(chance.randrange(-1000, 1000) / 100)


def space():
    return chance.choice(["", "", "", " ", "  ", "\r"])


def value(depth):
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return chance.choice([number, number, text, text, lambda: chance.choice(["true", "false", "null"])])()
    size = chance.choice([0, 1, 2, 3, 5])
    if kind < 0.6:
        inside = ",".join(space() + value(depth - 1) + space() for _ in range(size))
        return "[%s]" % inside
    keys = [text() if chance.random() < 0.9 else '"%s"' % chance.choice(["__proto__", "0", "10", "9", "01", "4294967295"]) for _ in range(size)]
    # The same key again, now and then in another spelling.
    keys += chance.sample(keys, k=min(len(keys), chance.choice([0, 0, 0, 1])))
    inside = ",".join(space() + key + space() + ":" + space() + value(depth - 1) for key in keys)
    return "{%s%s}" % (inside, space())


def deep():
    depth = chance.randrange(60, 400)
    return "".join(chance.choice(["[", '{"b":1,"a":']) for _ in range(depth))


def document():
    if chance.random() < 0.002:
        opened = deep()
        closing = "".join("]" if bracket == "[" else "}" for bracket in reversed([c for c in opened if c in "[{"]))
        return opened + number() + closing
    return value(chance.choice([0, 1, 2, 3, 4]))


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for _ in range(count):
    # No line ends inside a document, as they are told apart by them.
    written = document().replace("\r", " ")
    sys.stdout.write("%s\t%s\n" % (written, layer._generate_hash(json.loads(written))))
