"""The provider's own stack: what it makes, what its role may do, what stays when it goes."""

import json
import unittest

from demo import scene as scenery
from demo import views
from demo.stacks import TEMPLATES, StackFailed

from e2e import role
from e2e.world import PROVIDER_TEMPLATE, SHARE_TEMPLATE, World, failure

# A resource that CloudFormation cannot create, since it names no share.
FAILS = """
  Fails:
    Type: Custom::LicenseConfigShare
    Properties:
      ServiceToken: !GetAtt Function.Arn

"""
THREE_MISTAKES = TEMPLATES / "examples/three-mistakes.yaml"


class ProviderStack(World):
    def test_cloudformation_takes_every_template(self):
        for template in sorted(TEMPLATES.rglob("*.yaml")):
            if "AWS::CloudFormation::StackSet" in template.read_text():
                continue  # which ministack does not have; cfn-lint looks at it
            with self.subTest(template.name):
                self.owner.client("cloudformation").validate_template(TemplateBody=template.read_text())

    def test_the_service_token_is_the_unqualified_arn_of_a_fixed_name(self):
        arn = f"arn:aws:lambda:{self.owner.region}:{scenery.OWNER}:function:license-manager-provider"
        self.assertEqual(self.provider["ServiceToken"], arn)
        exports = self.owner.client("cloudformation").list_exports()["Exports"]
        self.assertEqual(
            {export["Name"]: export["Value"] for export in exports},
            {
                "license-manager-provider:ServiceToken": arn,
                "license-manager-provider:RoleArn": self.provider["RoleArn"],
                "license-manager-provider:RecordTableName": self.provider["RecordTableName"],
            },
        )

    def test_no_output_is_empty(self):
        self.assertEqual([key for key, value in self.provider.items() if not value], [])

    def test_only_the_own_account_is_trusted_by_default(self):
        self.assertEqual(self.trusted(), scenery.OWNER)
        self.assertEqual(self.variables()["RECORD_TABLE"], self.provider["RecordTableName"])

    def test_only_named_accounts_and_the_named_organization_may_invoke_the_function(self):
        self.assertEqual(self.may_invoke(), set())
        self.addCleanup(self.stacks.update, scenery.PROVIDER, PROVIDER_TEMPLATE, self.code)
        self.redeploy(TrustedAccounts=f"{scenery.OUTSIDE},{scenery.NEWCOMER}")
        self.assertEqual(self.may_invoke(), {(scenery.OUTSIDE, None), (scenery.NEWCOMER, None)})
        self.assertEqual(self.trusted(), f"{scenery.OUTSIDE},{scenery.NEWCOMER}")
        organization = {"AcceptingOrganizationId": self.scene.organization_id}
        self.redeploy(**organization, MayShare="false", MayLinkOrganization="false")
        self.assertEqual(self.may_invoke(), {("*", self.scene.organization_id)})
        self.assertEqual(self.trusted(), "*")

    def test_an_organization_is_let_in_only_where_the_role_may_do_nothing_here(self):
        for given in ({"MayShare": "false"}, {"MayLinkOrganization": "false"}, {}):
            with self.subTest(given), self.assertRaisesRegex(Exception, "needs MayShare and MayLinkOrganization"):
                self.redeploy(AcceptingOrganizationId=self.scene.organization_id, **given)

    def test_no_template_widens_the_check_of_the_response_url(self):
        texts = {template.name: template.read_text() for template in TEMPLATES.rglob("*.yaml")}
        self.assertIn("provider.yaml", texts)
        self.assertEqual([name for name, text in texts.items() if "RESPONSE_URL" in text], [])

    def test_failed_invocations_go_to_an_encrypted_queue_after_two_retries(self):
        settings = self.owner.client("lambda").get_function_event_invoke_config(
            FunctionName=scenery.PROVIDER, Qualifier="$LATEST"
        )
        self.assertEqual((settings["MaximumRetryAttempts"], settings["MaximumEventAgeInSeconds"]), (2, 3300))
        attributes = self.owner.client("sqs").get_queue_attributes(
            QueueUrl=self.provider["FailedInvocationsQueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        self.assertEqual(settings["DestinationConfig"]["OnFailure"]["Destination"], attributes["QueueArn"])
        self.assertEqual(attributes["SqsManagedSseEnabled"], "true")

    def test_the_role_may_do_what_is_listed_and_nothing_wider(self):
        table = self.provider["RecordTableName"]
        queues = [self.queue_arn(output) for output in ("WaitQueueUrl", "FailedInvocationsQueueUrl")]
        base = role.permitted(self.owner.region, table, *queues)
        share, link = role.permitted_to_share(self.owner.region), role.permitted_to_link()
        elsewhere = role.permitted_elsewhere()
        self.assertEqual(self.grants(), base | share | link | elsewhere)
        self.addCleanup(self.stacks.update, scenery.PROVIDER, PROVIDER_TEMPLATE, self.code)
        for parameters, left in [
            ({"MayLinkOrganization": "false"}, base | share | elsewhere),
            ({"MayLinkOrganization": "false", "AcceptanceRoleName": ""}, base | share),
            ({"MayLinkOrganization": "false", "MayShare": "false"}, base | elsewhere),
        ]:
            with self.subTest(parameters):
                self.stacks.update(scenery.PROVIDER, PROVIDER_TEMPLATE, {**self.code, **parameters})
                self.assertEqual(self.grants(), left)

    def test_the_role_lets_every_call_pass_that_a_share_takes(self):
        mark = len(self.scene.log())
        stack = "actions"
        both = ["SQL Server Enterprise", "Oracle Database"]
        self.stacks.create(stack, SHARE_TEMPLATE, self.parameters(both, ShareName=stack))
        self.stacks.update(stack, SHARE_TEMPLATE, self.parameters(["Windows Server"], ShareName="renamed"))
        self.stacks.delete(stack)
        used = {call["operation"] for call in self.scene.log()[mark:]}
        self.assertGreaterEqual(used, {"CreateResourceShare", "AssociateResourceShare", "DeleteResourceShare"})
        self.assert_allowed_since(mark)

    def redeploy(self, **parameters):
        self.stacks.update(scenery.PROVIDER, PROVIDER_TEMPLATE, {**self.code, **parameters})

    def trusted(self):
        return self.variables()["TRUSTED_ACCOUNTS"]

    def variables(self):
        answer = self.owner.client("lambda").get_function_configuration(FunctionName=scenery.PROVIDER)
        return answer["Environment"]["Variables"]

    def may_invoke(self):
        """Whom the resource policy lets invoke the function: principals, and the organization that they must be of."""
        client = self.owner.client("lambda")
        try:
            policy = json.loads(client.get_policy(FunctionName=scenery.PROVIDER)["Policy"])
        except client.exceptions.ResourceNotFoundException:
            return set()
        return {admitted(statement) for statement in policy["Statement"]}

    def queue_arn(self, output):
        sqs = self.owner.client("sqs")
        answer = sqs.get_queue_attributes(QueueUrl=self.provider[output], AttributeNames=["QueueArn"])
        return answer["Attributes"]["QueueArn"]


def admitted(statement):
    principal = statement["Principal"]
    condition = statement.get("Condition", {"StringEquals": {"aws:PrincipalOrgID": None}})
    assert list(condition) == ["StringEquals"] and statement["Action"] == "lambda:InvokeFunction", statement
    who = principal if principal == "*" else principal["AWS"]
    return who, condition["StringEquals"]["aws:PrincipalOrgID"]


class FirstDeployment(World):
    def test_one_that_fails_leaves_no_table(self):
        tables = self.owner.client("dynamodb").list_tables
        before = tables()["TableNames"]
        self.assertEqual(before, [self.provider["RecordTableName"]])
        template = PROVIDER_TEMPLATE.read_text().replace("\nResources:\n", f"\nResources:\n{FAILS}")
        second = {**self.code, "FunctionName": "second"}
        events = self.stacks.create("second", template, second, expect="ROLLBACK_COMPLETE")
        self.assertIn(
            "CREATE_COMPLETE", [e["ResourceStatus"] for e in events if e["LogicalResourceId"] == "RecordTable"]
        )
        self.assertEqual(tables()["TableNames"], before)


class ProviderGone(World):
    def test_the_record_survives_the_provider_and_a_new_copy_takes_it_over(self):
        self.stacks.create("early", THREE_MISTAKES, expect="ROLLBACK_COMPLETE")
        self.stacks.delete("early")
        table = self.provider["RecordTableName"]
        items = views.records(self.owner, table)
        self.assertTrue(items)
        self.stacks.delete(scenery.PROVIDER)
        self.assertIn(table, self.owner.client("dynamodb").list_tables()["TableNames"])
        self.stacks.create(scenery.PROVIDER, PROVIDER_TEMPLATE, {**self.code, "ExistingRecordTable": table})
        self.assertEqual(self.stacks.outputs(scenery.PROVIDER)["RecordTableName"], table)
        self.assertEqual(views.records(self.owner, table), items)
        self.stacks.create("late", THREE_MISTAKES, expect="ROLLBACK_COMPLETE")
        self.assertEqual(len(views.records(self.owner, table)), len(items) + 1)


class RoleEnforced(World):
    """IAM policies are enforced for what ministack serves: DynamoDB above all."""

    environment = {"AUTH": "true"}

    def test_the_role_may_keep_the_record_and_nothing_else_lets_it(self):
        events = self.stacks.create("allowed", THREE_MISTAKES, expect="ROLLBACK_COMPLETE")
        self.assertIn("role/Auditor", failure(events))
        name = self.stacks.physical_id(scenery.PROVIDER, "Role")
        self.owner.client("iam").delete_role_policy(RoleName=name, PolicyName="Record")
        with self.assertRaises(StackFailed) as caught:
            self.stacks.create("denied", THREE_MISTAKES)
        self.assertIn("dynamodb:UpdateItem", failure(caught.exception.events))


if __name__ == "__main__":
    unittest.main()
