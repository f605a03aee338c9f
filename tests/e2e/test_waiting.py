"""A stack waits for longer than one invocation: the queue and its mapping run for real."""

import json
import time
import unittest

from demo import scene as scenery
from demo.admin import Admin

from e2e.world import PROVIDER_TEMPLATE, SHARE_TEMPLATE, World, hasty


class Waiting(World):
    provider_template = hasty(PROVIDER_TEMPLATE)

    def setUp(self):
        Admin(self.scene.endpoints).post("settings", ram={"times": {"associate_organization": 20}})

    def test_a_stack_is_done_once_the_association_has_settled_and_no_message_is_left(self):
        began = time.monotonic()
        self.stacks.create("patient", SHARE_TEMPLATE, self.parameters(ShareName="patient"))
        self.assertGreater(time.monotonic() - began, 15)
        self.assertEqual(self.associations("patient"), {"ASSOCIATED"})
        self.assertIn(len(self.outcomes("waiting")), [1, 2, 3])
        self.assertEqual(len(self.outcomes("answer")), 1)
        self.assert_tells_no_secret(self.outcomes(""))
        for url in [self.provider["WaitQueueUrl"], self.provider["WaitDeadLettersQueueUrl"]]:
            self.assertEqual(self.messages(url), 0)
        print("\nthe first invocation and the looks took", ", ".join(self.durations()))

    def test_the_queues_are_encrypted_and_the_mapping_takes_one_message_at_a_time(self):
        wait = self.attributes(self.provider["WaitQueueUrl"])
        dead = self.attributes(self.provider["WaitDeadLettersQueueUrl"])
        self.assertEqual((wait["SqsManagedSseEnabled"], dead["SqsManagedSseEnabled"]), ("true", "true"))
        self.assertEqual(wait["VisibilityTimeout"], "150")
        self.assertIn(dead["QueueArn"], wait["RedrivePolicy"])
        mappings = self.owner.client("lambda").list_event_source_mappings(FunctionName=scenery.PROVIDER)
        found = [(found["EventSourceArn"], found["BatchSize"]) for found in mappings["EventSourceMappings"]]
        self.assertEqual(found, [(wait["QueueArn"], 1)])

    def test_nobody_but_the_function_sends_or_reads_a_request_that_waits(self):
        others = self.denied_to_others("WaitQueueUrl", "Role")
        self.assertLessEqual({"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"}, others)

    def test_nobody_but_the_rescue_function_reads_a_request_that_failed(self):
        for queue in ("FailedInvocationsQueueUrl", "WaitDeadLettersQueueUrl"):
            others = self.denied_to_others(queue, "RescueRole")
            self.assertEqual(others, {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"})

    def denied_to_others(self, url, role):
        queue = self.attributes(self.provider[url])
        denials = json.loads(queue["Policy"])["Statement"]
        self.assertEqual({statement["Effect"] for statement in denials}, {"Deny"})
        self.assertEqual({statement["Resource"] for statement in denials}, {queue["QueueArn"]})
        (plain,) = (statement for statement in denials if "Bool" in statement["Condition"])
        self.assertEqual(plain["Condition"], {"Bool": {"aws:SecureTransport": "false"}})
        (others,) = (statement for statement in denials if "ArnNotEquals" in statement["Condition"])
        name = self.stacks.physical_id(scenery.PROVIDER, role)
        arn = self.owner.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        self.assertEqual(others["Condition"], {"ArnNotEquals": {"aws:PrincipalArn": arn}})
        self.assertEqual(others["Principal"], "*")
        return set(others["Action"])

    def associations(self, name):
        ram = self.owner.client("ram")
        arn = self.stacks.outputs(name)["ResourceShareArn"]
        found = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[arn])
        return {association["status"] for association in found["resourceShareAssociations"]}

    def attributes(self, url):
        return self.owner.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


if __name__ == "__main__":
    unittest.main()
