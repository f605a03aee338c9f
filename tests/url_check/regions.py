"""Every partition and region that botocore knows, with the hosts that its rules give CloudFormation's bucket there.

    .venv/bin/python tests/url_check/regions.py

writes `regions.json` anew. `tests/response_url_regions.rs` holds the check of the response URL to it, and
`test_regions.py` holds it to the botocore of `tests/requirements.txt`.
"""

import json
from pathlib import Path

import botocore
import botocore.session
from botocore.endpoint_provider import EndpointProvider

TABLE = Path(__file__).parent / "regions.json"
BUCKET = "cloudformation-custom-resource-response-"
# What the rules ask beside the bucket and the region; CloudFormation's URLs are of the plain kind or dual-stack.
PLAIN = {
    "Accelerate": False,
    "DisableMultiRegionAccessPoints": False,
    "ForcePathStyle": False,
    "UseArnRegion": False,
    "UseFIPS": False,
    "UseGlobalEndpoint": False,
}


def table():
    """The table: for each partition its DNS suffixes and regions, for each region the hosts of the bucket."""
    loader = botocore.session.get_session().get_component("data_loader")
    rules = EndpointProvider(loader.load_service_model("s3", "endpoint-rule-set-1"), loader.load_data("partitions"))
    return {
        "botocore": botocore.__version__,
        "partitions": {
            name: {
                "dnsSuffix": suffix(loader, name),
                "dualStackDnsSuffix": outputs["dualStackDnsSuffix"],
                "regions": {region: hosts(rules, region) for region in regions(loader, name)},
            }
            for name, outputs in outputs_of_partitions(loader).items()
        },
    }


def outputs_of_partitions(loader):
    """The partitions of both of botocore's lists, with what the newer one says of each."""
    new = {partition["id"]: partition["outputs"] for partition in loader.load_data("partitions")["partitions"]}
    old = {partition["partition"] for partition in loader.load_data("endpoints")["partitions"]}
    if old - set(new):
        raise SystemExit(f"partitions.json has not the partitions {sorted(old - set(new))} of endpoints.json")
    return dict(sorted(new.items()))


def suffix(loader, name):
    """The DNS suffix, on which both lists must agree."""
    (new,) = (p["outputs"]["dnsSuffix"] for p in loader.load_data("partitions")["partitions"] if p["id"] == name)
    old = [p["dnsSuffix"] for p in loader.load_data("endpoints")["partitions"] if p["partition"] == name]
    if set(old) - {new}:
        raise SystemExit(f"{name} has the suffix {new} in partitions.json, and {old} in endpoints.json")
    return new


def regions(loader, name):
    """The regions of both lists, those in endpoints of CloudFormation and S3 included. No pseudo regions, in which
    nothing runs: `aws-global` and its like, `fips-us-east-1`, `s3-external-1`."""
    found = set()
    for partition in loader.load_data("partitions")["partitions"]:
        if partition["id"] == name:
            found |= set(partition["regions"])
    for partition in loader.load_data("endpoints")["partitions"]:
        if partition["partition"] == name:
            found |= set(partition["regions"])
            for service in ("cloudformation", "lambda", "s3"):
                found |= set(partition["services"].get(service, {}).get("endpoints", {}))
    return sorted(region for region in found if not is_pseudo(region))


def is_pseudo(region):
    return region.endswith(("-global", "-fips")) or region.startswith("fips-") or region == "s3-external-1"


def hosts(rules, region):
    """The bucket's hosts by S3's own endpoint rules: one over IPv4, one dual-stack."""
    bucket = BUCKET + region.replace("-", "")
    urls = [
        rules.resolve_endpoint(Bucket=bucket, Region=region, UseDualStack=dual_stack, **PLAIN).url
        for dual_stack in (False, True)
    ]
    return [url.removeprefix("https://") for url in urls]


def text():
    return json.dumps(table(), indent=1) + "\n"


if __name__ == "__main__":
    TABLE.write_text(text(), encoding="utf-8")
