"""Deploys and deletes CloudFormation stacks, and follows their events as they come."""

import time
from pathlib import Path

from botocore.exceptions import ClientError

from demo.processes import REPOSITORY

TEMPLATES = REPOSITORY / "cfn-templates"
POLL_SECONDS = 0.15
WAIT_SECONDS = 120
CAPABILITIES = ["CAPABILITY_IAM"]


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
        answer = self.cloudformation.create_stack(**request(name, template, parameters), **options)
        return self.follow(name, answer["StackId"], set(), expect)

    def update(self, name, template, parameters=None, expect="UPDATE_COMPLETE"):
        stack_id, seen = self.known(name)
        self.cloudformation.update_stack(**request(name, template, parameters))
        return self.follow(name, stack_id, seen, expect)

    def delete(self, name, expect="DELETE_COMPLETE"):
        stack_id, seen = self.known(name)
        self.cloudformation.delete_stack(StackName=name)
        return self.follow(name, stack_id, seen, expect)

    def known(self, name):
        stack_id = self.describe(name)["StackId"]
        return stack_id, {event["EventId"] for event in self.events(stack_id)}

    def follow(self, name, stack_id, seen, expect):
        """Reads events until the stack has ended whatever it does, and returns those that are new."""
        events, end = [], time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            status = self.status(stack_id)
            events += self.unseen(stack_id, seen)
            if not status.endswith("_IN_PROGRESS"):
                return ended(name, status, expect, events)
            time.sleep(POLL_SECONDS)
        raise StackFailed(name, f"{status} after {WAIT_SECONDS} s", events)

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


def request(name, template, parameters):
    text = template.read_text() if isinstance(template, Path) else template
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()]
    return {"StackName": name, "TemplateBody": text, "Parameters": given, "Capabilities": CAPABILITIES}


def ended(name, status, expect, events):
    if status != expect:
        raise StackFailed(name, status, events)
    return events


def reasons(events):
    """Why resources failed, first cause first."""
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    )
