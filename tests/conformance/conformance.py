"""Drives the local cloud with boto3 and checks every raw answer against botocore's service models.

    python tests/conformance/conformance.py <path to the local-cloud binary>

Every operation that the server says it serves must be answered well at least once; every error code must be one that
the model has for the operation, or a common one. Exit code 1 on any failure.
"""

import sys
import traceback
import unittest

import botocore.session
import drift_calls
import iam_calls
import license_manager_calls
import organizations_calls
import ram_calls
import states_calls
import sts_calls
import test_shapes
from answers import Watch
from cloud import Cloud

SCENARIOS = [
    organizations_calls,
    license_manager_calls,
    ram_calls,
    sts_calls,
    iam_calls,
    states_calls,
    drift_calls,
]

# Everything is run once as lists mostly are, and once with an empty first page, which clients must follow.
PAGES = [{"empty_first_page": False}, {"empty_first_page": True}]


def main(binary):
    """Runs everything and prints what was found; the exit code."""
    if not checks_work():
        return 1
    watch, failures = Watch(), []
    with Cloud(binary, watch) as cloud:
        served = cloud.operations()
        for pages in PAGES:
            cloud.admin("POST", "reset", {})
            cloud.admin("POST", "settings", {"pages": pages})
            failures += [failure for scenario in SCENARIOS for failure in failure_of(scenario, cloud)]
    failures += watch.faults
    failures += forgotten(served, watch.succeeded)
    for failure in failures:
        print(f"FAILED {failure}")
    print(
        f"{len(served)} operations, {watch.calls} calls, {watch.validated} answers validated, "
        f"{len(watch.codes)} error codes seen, {len(failures)} failures"
    )
    return 1 if failures else 0


def checks_work():
    """The checks themselves are tested first: a check that finds nothing proves nothing."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(test_shapes)
    return unittest.TextTestRunner(verbosity=0).run(suite).wasSuccessful()


def failure_of(scenario, cloud):
    """Runs one scenario; what stopped it."""
    try:
        scenario.run(cloud)
    except Exception as error:  # whatever stops one scenario must not hide the others
        last = traceback.extract_tb(error.__traceback__)
        place = next((frame for frame in reversed(last) if frame.filename.endswith("_calls.py")), last[-1])
        return [f"{scenario.__name__} line {place.lineno}: {type(error).__name__}: {error}"]
    return []


def forgotten(served, succeeded):
    """Operations that are served but were never answered well, and such as AWS does not have."""
    session = botocore.session.get_session()
    found = []
    for service, operation in sorted(served):
        if operation not in session.get_service_model(service).operation_names:
            found.append(f"{service} has no operation {operation}")
        elif (service, operation) not in succeeded:
            found.append(f"{service} {operation} was never answered well")
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
