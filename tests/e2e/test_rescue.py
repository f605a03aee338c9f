"""The rescue function: Lambda's destination, the dead letters and the queue of what nobody can answer, for real."""

import io
import json
import time
import unittest
import zipfile

from demo import scene as scenery
from demo import views

from e2e import role
from e2e.world import PROVIDER_TEMPLATE, World

RESCUE = f"{scenery.PROVIDER}-rescue"
VISIBILITY = "VisibilityTimeout: 180"
STACK = "stack/rescued/8a1b2c30-0000-11f1-8000-0a0b0c0d0e0f"


def hasty(template):
    """The provider with failure queues that deliver again after a second."""
    text = template.read_text()
    assert text.count(VISIBILITY) == 2
    return text.replace(VISIBILITY, "VisibilityTimeout: 1")


def dying():
    """The zip of a function that is killed as soon as it starts."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, "#!/bin/sh\nkill -9 $$\n")
    return packed.getvalue()


class Rescue(World):
    provider_template = hasty(PROVIDER_TEMPLATE)

    def test_a_function_that_dies_at_its_start_is_answered_for_and_a_delete_follows(self):
        functions = self.owner.client("lambda")
        alive = functions.get_function(FunctionName=scenery.PROVIDER)["Configuration"]["CodeSha256"]
        functions.update_function_code(FunctionName=scenery.PROVIDER, ZipFile=dying())
        create = self.event("Create", "died")
        functions.invoke(FunctionName=scenery.PROVIDER, InvocationType="Event", Payload=json.dumps(create))
        answer = self.answer("died")
        self.assertEqual(answer["Status"], "FAILED")
        self.assertEqual(answer["PhysicalResourceId"], "license-config-share/none/died")
        self.assertIn(f"Search the log group {self.provider['LogGroupName']} for", answer["Reason"])
        items = views.records(self.owner, self.provider["RecordTableName"])
        self.assertIn("died", json.dumps(items))
        code = {"S3Bucket": self.code["CodeBucket"], "S3Key": self.code["CodeKey"]}
        functions.update_function_code(FunctionName=scenery.PROVIDER, **code)
        self.assertEqual(functions.get_function(FunctionName=scenery.PROVIDER)["Configuration"]["CodeSha256"], alive)
        delete = {**self.event("Delete", "deleted"), "PhysicalResourceId": answer["PhysicalResourceId"]}
        functions.invoke(FunctionName=scenery.PROVIDER, InvocationType="Event", Payload=json.dumps(delete))
        self.assertEqual(self.answer("deleted")["Status"], "SUCCESS")

    def test_a_dead_letter_is_answered(self):
        event = self.event("Create", "waited")
        letter = {"version": 1, "look": 3, "arrived_ms": int(time.time() * 1000), "event": event}
        self.send("WaitDeadLettersQueueUrl", json.dumps(letter))
        self.assertIn("(look 3)", self.answer("waited")["Reason"])

    def test_what_nobody_can_answer_ends_in_the_queue_with_the_alarm(self):
        self.send("FailedInvocationsQueueUrl", json.dumps({"requestPayload": {"RequestType": "Create"}}))
        sqs, url, body = self.owner.client("sqs"), self.provider["RescueFailuresQueueUrl"], None
        for _ in range(60):
            found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, VisibilityTimeout=0).get("Messages")
            if found:
                body = found[0]["Body"]
                break
        self.assertEqual(json.loads(body or "null"), {"requestPayload": {"RequestType": "Create"}})
        name = url.rpartition("/")[2]
        alarms = self.owner.client("cloudwatch").describe_alarms()["MetricAlarms"]
        watched = {(alarm["MetricName"], alarm["Dimensions"][0]["Value"]) for alarm in alarms}
        age = "ApproximateAgeOfOldestMessage"
        queues = [self.provider[output].rpartition("/")[2] for output in self.entrances()]
        self.assertEqual(watched, {("ApproximateNumberOfMessagesVisible", name), *((age, queue) for queue in queues)})

    def test_both_failure_queues_invoke_it_one_message_at_a_time_and_end_in_the_same_encrypted_queue(self):
        arns = {self.attributes(output)["QueueArn"] for output in self.entrances()}
        mappings = self.owner.client("lambda").list_event_source_mappings(FunctionName=RESCUE)["EventSourceMappings"]
        self.assertEqual({(found["EventSourceArn"], found["BatchSize"]) for found in mappings}, {(a, 1) for a in arns})
        last = self.attributes("RescueFailuresQueueUrl")
        self.assertEqual(last["SqsManagedSseEnabled"], "true")
        self.assertNotIn("RedrivePolicy", last)
        for output in self.entrances():
            self.assertIn(last["QueueArn"], self.attributes(output)["RedrivePolicy"])

    def test_its_role_reaches_the_record_and_the_two_queues_and_nothing_else(self):
        here = f"{self.owner.region}:{scenery.OWNER}"
        log = f"arn:aws:logs:{here}:log-group:/custom-resources/{scenery.PROVIDER}:*"
        calls = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
        queues = [self.attributes(output)["QueueArn"] for output in self.entrances()]
        name = self.stacks.physical_id(scenery.PROVIDER, "RescueRole")
        granted = set().union(*map(role.granted, role.statements(self.owner.client("iam"), name)))
        self.assertEqual(
            granted,
            {
                ("dynamodb:UpdateItem", f"arn:aws:dynamodb:{here}:table/{self.provider['RecordTableName']}", None),
                ("logs:CreateLogStream", log, None),
                ("logs:PutLogEvents", log, None),
                *((f"sqs:{call}", queue, None) for call in calls for queue in queues),
            },
        )

    def entrances(self):
        return ["FailedInvocationsQueueUrl", "WaitDeadLettersQueueUrl"]

    def attributes(self, output):
        answer = self.owner.client("sqs").get_queue_attributes(QueueUrl=self.provider[output], AttributeNames=["All"])
        return answer["Attributes"]

    def send(self, output, body):
        self.owner.client("sqs").send_message(QueueUrl=self.provider[output], MessageBody=body)

    def event(self, request_type, request_id):
        return {
            "RequestType": request_type,
            "RequestId": request_id,
            "StackId": f"arn:aws:cloudformation:{self.owner.region}:{scenery.OWNER}:{STACK}",
            "LogicalResourceId": "Share",
            "ResourceType": "Custom::LicenseConfigShare",
            "ResponseURL": f"{self.servers.endpoints.ministack}/_ministack/cfn-response/rescued",
            "ResourceProperties": {"Name": "rescued"},
        }

    def answer(self, request_id):
        """The answer that was sent, by the log."""
        logs = self.owner.client("logs")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=self.provider["LogGroupName"])
            lines = [event["message"] for page in pages for event in page["events"]]
            for line in lines:
                if '"outcome"' in line and f'"request_id":"{request_id}"' in line:
                    self.assert_tells_no_secret(lines)
                    return json.loads(json.loads(line[line.index("{") :])["answer"])
            time.sleep(0.2)
        return self.fail(f"no answer to {request_id}: {lines}")


if __name__ == "__main__":
    unittest.main()
