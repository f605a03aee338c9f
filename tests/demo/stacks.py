"""Deploys and deletes CloudFormation stacks, and follows their events as they come."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from demo.processes import REPOSITORY

TEMPLATES = REPOSITORY / "cfn-templates"
SHARE_TEMPLATE = TEMPLATES / "license-config-share.yaml"
SHARES = "license-shares"  # the stack of the team's own share
POLL_SECONDS = 0.15
WAIT_SECONDS = 120
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


class StackFailed(Exception):
    """A stack did not end as it should; carries the status and the events of the operation."""

    def __init__(self, name, status, events):
        super().__init__(f"stack {name} ended as {status}, not as it should: {reasons(events)}")
        self.status = status
        self.events = events


class Stacks:
    """The stacks of one account. `on_event` is called with each new event, oldest first."""

    def __init__(self, account, on_event=lambda event: None):
        self.cloudformation = account.client("cloudformation")
        self.on_event = on_event

    def create(self, name, template, parameters=None, expect="CREATE_COMPLETE", **options):
        return follow(self.begin_create(name, template, parameters, expect, **options))

    def update(self, name, template, parameters=None, expect="UPDATE_COMPLETE"):
        return follow(self.begin_update(name, template, parameters, expect))

    def delete(self, name, expect="DELETE_COMPLETE"):
        operation = self.operation(name, expect)
        self.cloudformation.delete_stack(StackName=name)
        return follow(operation)

    def begin_create(self, name, template, parameters=None, expect="CREATE_COMPLETE", **options):
        answer = self.cloudformation.create_stack(**request(name, template, parameters), **options)
        return Operation(self, name, answer["StackId"], set(), expect)

    def begin_update(self, name, template, parameters=None, expect="UPDATE_COMPLETE"):
        operation = self.operation(name, expect)
        self.cloudformation.update_stack(**request(name, template, parameters))
        return operation

    def operation(self, name, expect):
        """One that is going to begin at a stack that is there."""
        stack_id = self.describe(name)["StackId"]
        return Operation(self, name, stack_id, {event["EventId"] for event in self.events(stack_id)}, expect)

    def unseen(self, stack_id, seen):
        fresh = [event for event in self.events(stack_id) if event["EventId"] not in seen]
        seen.update(event["EventId"] for event in fresh)
        for event in fresh:
            self.on_event(event)
        return fresh

    def events(self, stack_id):
        """All events of a stack, oldest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def status(self, stack_id):
        return self.describe(stack_id)["StackStatus"]

    def describe(self, name):
        return self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name):
        return {output["OutputKey"]: output["OutputValue"] for output in self.describe(name).get("Outputs", [])}

    def physical_id(self, name, logical_id):
        answer = self.cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        return answer["StackResourceDetail"]["PhysicalResourceId"]

    def exists(self, name):
        try:
            return self.describe(name)["StackStatus"] != "DELETE_COMPLETE"
        except ClientError:
            return False


@dataclass
class Operation:
    """A change of one stack that has begun, and its events so far."""

    stacks: Stacks
    name: str
    stack_id: str
    seen: set
    expect: str
    new: list = field(default_factory=list)
    status: str = ""

    def has_ended(self):
        """Takes a look. The status comes before the events, so that the last events are not missed."""
        self.status = self.stacks.status(self.stack_id)
        self.new += self.stacks.unseen(self.stack_id, self.seen)
        if self.status.endswith("_IN_PROGRESS"):
            return False
        if self.status != self.expect:
            raise StackFailed(self.name, self.status, self.new)
        return True


def follow(*operations):
    """Reads events until all have ended, and returns those that are new; fails as soon as one ends as it should not."""
    left, end = list(operations), time.monotonic() + WAIT_SECONDS
    while left := [one for one in left if not one.has_ended()]:
        if time.monotonic() > end:
            raise StackFailed(left[0].name, f"{left[0].status} after {WAIT_SECONDS} s", left[0].new)
        time.sleep(POLL_SECONDS)
    return [event for one in operations for event in one.new]


def request(name, template, parameters):
    text = template.read_text() if isinstance(template, Path) else template
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()]
    return {"StackName": name, "TemplateBody": text, "Parameters": given, "Capabilities": CAPABILITIES}


def reasons(events):
    """Why resources failed, first cause first."""
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    )
