"""What `cargo switchboard doctor --fix` writes can be deployed, and has none of the faults that it says it has fixed.

Run as `fixed.py CARGO_SWITCHBOARD CFN_LINT`. Templates with faults are fixed: those of the pages, of the tests, and those in `fix/`, one
for each kind of trouble that a fix may make. AWS's own transform must take each one before and after, and cfn-lint must find no error
in what it makes of it afterwards that it did not find before: a circular dependency, or a reference to what may not exist.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

HERE = Path(__file__).parent
PAGES = HERE.parents[3] / "docs" / "doctor"
FIXED = re.compile(r"^This fixes (.*)\.$", re.MULTILINE)


class ManagedPolicies:
    """Names of managed policies, which the transform would ask AWS for."""

    def load(self):
        names = ["AWSLambdaVPCAccessExecutionRole", "AWSLambdaSQSQueueExecutionRole"]
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names} | {
            name: f"arn:aws:iam::aws:policy/{name}" for name in ["AmazonS3FullAccess", "AmazonDynamoDBReadOnlyAccess"]
        }


def templates():
    """Names and texts."""
    for path in [*sorted((HERE / "fix").glob("*.yaml")), *sorted((HERE / "transform").glob("*.yaml"))]:
        yield path.name, path.read_text()
    for page in sorted(PAGES.glob("*.md")):
        yield page.stem, page.read_text().split("```yaml\n")[1].split("```")[0]
    for fault in json.loads((HERE / "faults.json").read_text()):
        for kind in ["sam", "cfn"]:
            if fault.get(kind) is not None:
                text = (HERE / f"{fault.get('base', 'sound')}.{kind}.yaml").read_text()
                for old, new in fault[kind]:
                    text = text.replace(old, new)
                yield f"{fault['code']}.{kind}", text


def translated(text):
    """What the transform makes of a template; `None` if it refuses it."""
    written = yaml_parse(text)
    for resource in written["Resources"].values():
        # `sam package` replaces local paths by the places it uploads to.
        if isinstance(resource.get("Properties", {}).get("CodeUri"), str):
            resource["Properties"]["CodeUri"] = "s3://code/function.zip"
    if "Transform" not in written:
        return written
    try:
        return transform(written, {}, ManagedPolicies())
    except Exception:  # noqa: BLE001: many kinds of exceptions, all of which are refusals
        return None


def fixed(program, folder, text):
    """The template with its fixes, and the codes that it no longer has."""
    path = folder / "template.yaml"
    path.write_text(text)
    command = [program, "switchboard", "doctor", "--template", str(path), "--no-routes"]
    done = subprocess.run([*command, "--fix", "--yes"], text=True, capture_output=True, check=False)
    said = FIXED.search(done.stderr)
    codes = {entry.split(" of ")[0] + " of " + entry.split(" of ")[1] for entry in said[1].split(", ")} if said else set()
    left = subprocess.run([*command, "--format", "json"], text=True, capture_output=True, check=False)
    found = {f"{finding['code']} of {finding['resource']}" for finding in json.loads(left.stdout)["findings"]} if said else set()
    return path.read_text(), codes & found


def errors(lint, files):
    """The errors that cfn-lint finds, by file: rule and message."""
    command = [lint, "--format", "json", "--regions", "eu-west-1", "--", *files]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    found = {str(file): set() for file in files}
    for match in json.loads(done.stdout):
        if match["Level"] == "Error":
            found[match["Filename"]].add((match["Rule"]["Id"], match["Message"]))
    return found


def main(program, lint):
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    wrong, pairs = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, (template, text) in enumerate(templates()):
            before = translated(text)
            after, left = fixed(program, folder, text)
            if left:
                wrong.append(f"{template}: still found after the fix: {sorted(left)}")
            if before is None or after == text:
                continue
            made = translated(after)
            if made is None:
                wrong.append(f"{template}: the transform refuses it after the fix:\n{after}")
                continue
            files = [folder / f"{place}.{when}.json" for when in ["before", "after"]]
            for file, content in zip(files, [before, made], strict=True):
                file.write_text(json.dumps(content))
            pairs[template] = (files, after)
        found = errors(lint, [file for files, _ in pairs.values() for file in files])
        for template, ((before, after), text) in pairs.items():
            if new := found[str(after)] - found[str(before)]:
                wrong.append(f"{template}: {sorted(new)} after the fix:\n{text}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(pairs)} templates fixed, {len(wrong)} of them wrong")
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
