"""The same faults, deployed: `cargo switchboard doctor --function` finds in an emulator of AWS what it finds in the templates.

Run as `live.py CARGO_SWITCHBOARD` where AWS_ENDPOINT_URL and AWS_REGION say where the emulator is. Each template is deployed by
CloudFormation, with one fault at a time, and removed again. What SAM's own transform makes of a template is a template too.
"""

import functools
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from told import Told

HERE = Path(__file__).parent
FUNCTION = "doctor-orders"


def changed(text, changes):
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def settled(cloudformation, name):
    """The stack's status, once nothing changes any more; `None` if it is gone."""
    while True:
        try:
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except cloudformation.exceptions.ClientError:
            return None
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack["StackStatus"]
        time.sleep(0.05)


def transformed(template):
    """What SAM's own transform makes of the template."""
    written = yaml_parse(template)
    return transform(written, {}, ManagedPolicies()) if "Transform" in written else None


def is_refused(template):
    """Whether SAM's own transform refuses the template: some settings exclude each other there already."""
    try:
        transformed(template)
    except InvalidDocumentException:
        return True
    return False


class ManagedPolicies:
    """Names of managed policies, which the transform would ask AWS for."""

    def load(self):
        name = "AWSLambdaVPCAccessExecutionRole"
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}"}


def import_documents(cloudformation, stack, resources):
    """The emulator leaves an HTTP API's OpenAPI document aside, in which SAM writes the routes. AWS imports it."""
    function = boto3.client("lambda").get_function_configuration(FunctionName=FUNCTION)["FunctionArn"]
    for name, resource in resources.items():
        if resource["Type"] != "AWS::ApiGatewayV2::Api":
            continue
        api = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=name)
        for path in resource["Properties"]["Body"]["paths"].values():
            for operation in path.values():
                integration = operation["x-amazon-apigateway-integration"]
                boto3.client("apigatewayv2").create_integration(
                    ApiId=api["StackResourceDetail"]["PhysicalResourceId"],
                    IntegrationType=integration["type"].upper(),
                    IntegrationUri=function,
                    PayloadFormatVersion=integration["payloadFormatVersion"],
                    TimeoutInMillis=int(integration.get("timeoutInMillis", 30000)),
                )


def named(template):
    """The small template, whose function has the name of the one that is examined."""
    start = template.index("    Properties:\n", template.index("  Small:\n")) + len("    Properties:\n")
    return f"{template[:start]}      FunctionName: {FUNCTION}\n{template[start:]}"


def found(doctor, template, told):
    """What is found in the deployed template, and in what SAM's transform makes of it. `told` is what AWS answers, but not the emulator."""
    plain = transformed(template)
    cloudformation = boto3.client("cloudformation")
    name = f"doctor-{time.monotonic_ns()}"
    cloudformation.create_stack(
        StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
    )
    status = settled(cloudformation, name)
    if status != "CREATE_COMPLETE":
        reasons = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        sys.exit(f"{status}: {[event.get('ResourceStatusReason') for event in reasons]}")
    if plain:
        import_documents(cloudformation, name, plain["Resources"])
    with Told(os.environ["AWS_ENDPOINT_URL"], told) as endpoint:
        live = doctor("--function", FUNCTION, "--endpoint-url", endpoint)
    cloudformation.delete_stack(StackName=name)
    settled(cloudformation, name)
    return [live, found_in(doctor, plain)] if plain else [live]


def found_in(doctor, template):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        return doctor("--template", file.name)


def diagnose(program, routes, *which):
    known = ["--routes", "-"] if routes else ["--no-routes"]
    command = [program, "switchboard", "doctor", *which, *known, "--format", "json"]
    done = subprocess.run(command, input=routes, text=True, stdout=subprocess.PIPE, check=False)
    findings = json.loads(done.stdout)["findings"]
    expected = 1 if any(finding["severity"] == "error" for finding in findings) else 0
    assert done.returncode == expected, done.returncode
    return [(finding["code"], finding["what"]) for finding in findings]


def main(program):
    # The transform counts how often it is used, and complains that nobody collects the figures.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    routes = (HERE / "routes.json").read_text()
    faults = json.loads((HERE / "faults.json").read_text())
    # What cannot be deployed is tried in templates only. Settings that the emulator leaves out are told in its place.
    deployed = [fault for fault in faults if fault.get("live", True)]
    sound = {"code": None, "what": "nothing is wrong", "sam": [], "cfn": []}
    small = {**sound, "base": "small"}
    wrong = []
    implied = found_in(functools.partial(diagnose, program, None), transformed((HERE / "implied.sam.yaml").read_text()))
    if implied:
        wrong.append(f"what SAM implies: found {implied}")
    tried = 0
    for kind in ["sam", "cfn"]:
        for fault in [sound, small, *deployed]:
            # Not every template can have every fault.
            if fault.get(kind) is None:
                continue
            base = fault.get("base", "sound")
            template = changed((HERE / f"{base}.{kind}.yaml").read_text(), fault[kind])
            fault_routes = changed(routes, fault.get("routes", []))
            if base == "small":
                template, fault_routes = named(template), None
            if is_refused(template):
                continue
            expected = [fault["code"]] if fault["code"] else []
            doctor = functools.partial(diagnose, program, fault_routes)
            tried += 1
            live = fault.get("live")
            for findings in found(doctor, template, live if isinstance(live, list) else []):
                if [code for code, _ in findings] != expected:
                    wrong.append(f"{kind}, {fault['what']}: expected {expected}, found {findings}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{tried} deployments, {len(wrong)} findings not as in the templates")
    sys.exit(1 if wrong else 0)


main(sys.argv[1])
