"""The same findings in a SAM template and in what AWS's own transform makes of it.

Run as `transform.py CARGO_SWITCHBOARD [TEMPLATE ...]`. Each template is read by `cargo switchboard doctor` as it is written and as
aws-sam-translator translates it; code, function and severity of every finding must be the same. A file NAME.routes.json beside
NAME.yaml says what the function F serves.
"""

import collections
import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
# The transform names the partition itself, and has to be told a region for that.
REGION = "eu-west-1"


class ManagedPolicies:
    """Names of managed policies, which the transform would ask AWS for."""

    def load(self):
        names = ["AWSLambdaVPCAccessExecutionRole", "AWSLambdaSQSQueueExecutionRole"]
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names} | {
            name: f"arn:aws:iam::aws:policy/{name}" for name in ["AmazonS3FullAccess", "AmazonDynamoDBReadOnlyAccess"]
        }


def findings(program, template, routes):
    served = ["--routes", f"F={routes}"] if routes else ["--no-routes"]
    command = [program, "switchboard", "doctor", "--template", str(template), "--format", "json", *served]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode == 2:
        return collections.Counter({("refused", done.stderr.strip(), ""): 1})
    report = json.loads(done.stdout)
    found = ((finding["code"], finding["function"], finding["severity"]) for finding in report["findings"])
    # A queue or a mapping may be written once and stand twice, or the other way round.
    return collections.Counter(dict.fromkeys(found, 1))


def compared(program, path):
    written = yaml_parse(path.read_text())
    # `sam package` replaces local paths by the places it uploads to.
    for resource in written["Resources"].values():
        code = resource.get("Properties", {}).get("CodeUri")
        if isinstance(code, str) and not code.startswith("s3://"):
            resource["Properties"]["CodeUri"] = "s3://code/function.zip"
    try:
        translated = transform(written, {}, ManagedPolicies())
    except Exception as error:  # noqa: BLE001: the transform's own message is what helps
        return f"the transform refuses it: {getattr(error, 'message', error)}"
    routes = path.with_suffix(".routes.json")
    routes = routes if routes.exists() else None
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(translated, file)
        file.flush()
        before, after = findings(program, path, routes), findings(program, file.name, routes)
    if before == after:
        return None
    return f"written only: {sorted(before - after)}; translated only: {sorted(after - before)}"


def main(program, *templates):
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    own = [ROOT / "template.yaml", HERE / "sound.sam.yaml", HERE / "small.sam.yaml", HERE / "implied.sam.yaml"]
    paths = [Path(template) for template in templates] or [*own, *sorted((HERE / "transform").glob("*.yaml"))]
    wrong = [(path, told) for path in paths if (told := compared(program, path))]
    for path, told in wrong:
        print(f"{path.name}: {told}", file=sys.stderr)
    print(f"{len(paths)} templates, {len(wrong)} with other findings after the transform")
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
