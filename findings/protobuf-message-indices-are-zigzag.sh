#!/usr/bin/env bash
# Powertools for Python (3.37.0) reads a Protobuf message of Kafka as empty if it is not the first message of its schema file.
#
# The good guess: what AWS's own library does with the bytes that an event source mapping with Confluent's registry delivers is what the
# format says, so one may copy it. Before a message, Confluent's serializer writes which message of the file it is: a count and as many
# indices. They are varints in zigzag encoding, so a count of 1 is the byte 2. The first message, which nearly every test has, is written as
# one byte 0, which is 0 in both readings. For any other message the library takes twice as many indices as there are, so that bytes of the
# message count as such, and parses the rest: here a nested message, of which nothing is left and of which there is no error.
#
# This serializes one message of each kind with Confluent's serializer, in memory, takes the header away as Lambda does, and reads it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "confluent-kafka[protobuf,schemaregistry]==2.16.1" grpcio-tools==1.85.1 \
    "aws-lambda-powertools[kafka-consumer-protobuf]==3.37.0"

cat >"$work/order.proto" <<'PROTO'
syntax = "proto3";
message First { Amount amount = 1; }
message Outer { message Inner { Amount amount = 1; } }
message Amount { int32 cents = 1; }
PROTO

cd "$work"
"$work/venv/bin/python" -m grpc_tools.protoc -I. --python_out=. order.proto
"$work/venv/bin/python" - <<'PYTHON' | tee "$work/seen"
import base64, importlib.metadata, logging

import order_pb2
from aws_lambda_powertools.utilities.kafka.deserializer.protobuf import ProtobufDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.schema_registry.schema_registry_client import SchemaRegistryClient
from confluent_kafka.serialization import MessageField, SerializationContext

for package in ("aws-lambda-powertools", "confluent-kafka"):
    print(package, importlib.metadata.version(package))
client = SchemaRegistryClient.new_client({"url": "mock://"})
for kind in (order_pb2.First, order_pb2.Outer.Inner):
    serializer = ProtobufSerializer(kind, client, {"use.deprecated.format": False})
    data = serializer(kind(amount={"cents": 5}), SerializationContext(kind.__name__, MessageField.VALUE))[5:]
    reader = ProtobufDeserializer(kind, {"dataFormat": "PROTOBUF", "schemaId": "1"})
    print(kind.__name__, data.hex(" "), "is read as", reader.deserialize(base64.b64encode(data).decode()))
PYTHON

grep -q "^First 00 .* is read as {'amount': {'cents': 5}}$" "$work/seen" && grep -q "^Inner 04 02 00 .* is read as {}$" "$work/seen" \
    || { echo "Powertools or Confluent's serializer does otherwise now"; exit 1; }
