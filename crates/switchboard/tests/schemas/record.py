"""Records what producers write with a schema registry, and what Powertools for Python reads from it: vectors.json.

Confluent's bytes are those of its own serializers, with a registry in memory. Glue's are those of the serializer of
`aws-glue-schema-registry` (PyPI); for Protobuf, which that has not, the message index of AWS's serializers for Java is put before the
message by hand. In the form of an event source mapping with a registry the header is taken away, as Lambda does, and Powertools'
consumer reads the rest: what it reads is recorded, too. It is null for messages that are not the first of their schema file, whose indices
that consumer misreads: they are in zigzag encoding.

    python3 -m venv venv
    venv/bin/pip install "confluent-kafka[avro,protobuf,json,schemaregistry]==2.16.1" aws-glue-schema-registry==1.1.3 grpcio-tools==1.85.1 \\
        "aws-lambda-powertools[kafka-consumer-avro,kafka-consumer-protobuf]==3.37.0"
    venv/bin/python record.py vectors.json
"""

import base64
import importlib
import json
import pathlib
import sys
import tempfile
import uuid

from aws_lambda_powertools.utilities.kafka.consumer_records import ConsumerRecords
from aws_lambda_powertools.utilities.kafka.schema_config import SchemaConfig
from aws_lambda_powertools.utilities.kafka.exceptions import KafkaConsumerDeserializationError
from aws_schema_registry import codec
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.schema_registry.schema_registry_client import SchemaRegistryClient
from confluent_kafka.serialization import MessageField, SerializationContext
from grpc_tools import protoc

HERE = pathlib.Path(__file__).parent
ORDERS = [
    {"id": 1001, "customer": "Ada", "items": [{"sku": "a-1", "count": 2}, {"sku": "é😀", "count": -3}], "note": None},
    {"id": -1, "customer": "", "items": [], "note": "by noon"},
]
GLUE_ID = uuid.UUID("b7f3c1de-0a11-4e22-9c33-1f2e3d4c5b6a")


def messages():
    """The module of order.proto."""
    directory = tempfile.mkdtemp()
    protoc.main(["protoc", f"-I{HERE}", f"--python_out={directory}", str(HERE / "order.proto")])
    sys.path.insert(0, directory)
    return importlib.import_module("order_pb2")


def message(types, order):
    made = types.Order(id=order["id"], customer=order["customer"], note=order["note"] or "")
    made.items.extend(types.Line(**item) for item in order["items"])
    return made


def read_by_powertools(kind, schema, data, schema_id):
    metadata = {"dataFormat": kind, "schemaId": schema_id}
    record = {"topic": "orders", "partition": 0, "offset": 1, "timestamp": 0, "timestampType": "CREATE_TIME", "headers": []}
    record |= {"value": base64.b64encode(data).decode(), "valueSchemaMetadata": metadata}
    config = SchemaConfig(value_schema_type=kind, value_schema=schema)
    event = ConsumerRecords({"eventSource": "aws:kafka", "records": {"orders-0": [record]}}, config)
    try:
        return next(iter(event.records)).value
    except KafkaConsumerDeserializationError:
        return None


def main(target):
    types = messages()
    client = SchemaRegistryClient.new_client({"url": "mock://"})
    avro = (HERE / "order.avsc").read_text()
    by_confluent = {
        "AVRO": AvroSerializer(client, avro),
        "PROTOBUF": ProtobufSerializer(types.Order, client, {"use.deprecated.format": False}),
        "PROTOBUF nested": ProtobufSerializer(types.Envelope.Inner, client, {"use.deprecated.format": False}),
        "JSON": JSONSerializer(json.dumps({"title": "Order", "type": "object"}), client),
    }
    vectors = []
    for order in ORDERS:
        for name, serializer in by_confluent.items():
            kind = name.split()[0]
            value = order
            if kind == "PROTOBUF":
                value = message(types, order) if name == kind else types.Envelope.Inner(order=message(types, order))
            data = serializer(value, SerializationContext(f"orders-{name.replace(' ', '-')}", MessageField.VALUE))
            schema_id = str(int.from_bytes(data[1:5], "big"))
            bare = data[5:]
            schema = {"AVRO": avro, "JSON": None}.get(kind, type(value))
            read = read_by_powertools(kind, schema, bare, schema_id)
            add(vectors, f"Confluent {name}", kind, schema_id, data, bare, order, read)
            if name == "PROTOBUF nested":
                continue
            plain = value.SerializeToString() if kind == "PROTOBUF" else bare
            glued = (b"\x01" if kind == "PROTOBUF" else b"") + plain
            read = read_by_powertools(kind, schema, glued, str(GLUE_ID))
            for compression in (None, "zlib"):
                data = codec.encode(glued, GLUE_ID, compression)
                add(vectors, f"Glue {name} {compression or 'plain'}", kind, str(GLUE_ID), data, glued, order, read)
    pathlib.Path(target).write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")


def add(vectors, name, kind, schema_id, data, bare, order, read):
    encoded = {"produced": base64.b64encode(data).decode(), "mapped": base64.b64encode(bare).decode()}
    vectors.append({"name": name, "format": kind, "schemaId": schema_id, **encoded, "order": order, "powertools": read})


main(sys.argv[1])
