"""AWS clients of one account and Region, at whichever of the two servers has the service."""

import functools

import boto3
from botocore.config import Config

REGION = "eu-west-1"
# IAM is at both: CloudFormation makes roles at ministack, service-linked roles are local-cloud's.
AT_LOCAL_CLOUD = {"license-manager", "organizations", "ram", "sts"}
CONFIG = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=60, proxies={})


class Account:
    """One account: both servers take an access key of 12 digits as the id of the account that calls."""

    def __init__(self, endpoints, account_id):
        self.endpoints = endpoints
        self.id = account_id
        self.region = REGION

    @functools.cache  # noqa: B019 (as long-lived as the run)
    def client(self, service):
        session = boto3.Session(aws_access_key_id=self.id, aws_secret_access_key="local", region_name=REGION)
        endpoint = self.endpoints.local_cloud if service in AT_LOCAL_CLOUD else self.endpoints.ministack
        return session.client(service, endpoint_url=endpoint, config=CONFIG)


def pages(call, key, **arguments):
    """All items of a paged operation that takes and gives `nextToken` or `NextToken`; an empty page is not the end."""
    items, token = [], {}
    while True:
        answer = call(**arguments, **token)
        items += answer[key]
        name = next((name for name in ("nextToken", "NextToken") if answer.get(name)), None)
        if name is None:
            return items
        token = {name: answer[name]}
