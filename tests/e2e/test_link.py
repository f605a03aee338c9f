"""The link through CloudFormation: its template, what it exports, what a rollback and a deletion leave."""

import json

from demo import scene as scenery
from demo import views
from demo.admin import Admin
from demo.link import TRUSTED

from e2e.world import LINK_TEMPLATE, SHARE_TEMPLATE, World, failure

LINK = "link"
TOKEN = {"Fn::ImportValue": f"{scenery.PROVIDER}:ServiceToken"}
MISTAKE = "12345678901"  # an account that has lost its leading zero
TOPIC = "arn:aws:sns:{region}:{account}:aws-license-manager-service-alerts"
BUCKET = "aws-license-manager-service-{account}-{region}"


class LinkWorld(World):
    """The link is one an account and Region: each class has one world, and most have one story."""

    def settings(self):
        return views.service_settings(self.owner)

    def linked(self):
        return self.settings()["OrganizationConfiguration"]["EnableIntegration"]

    def link(self, stack=LINK, **given):
        return self.deploy(self.stacks.create, stack, given)

    def update_link(self, stack=LINK, **given):
        return self.deploy(self.stacks.update, stack, given)

    def deploy(self, operation, stack, given):
        mark = len(self.scene.log())
        operation(stack, LINK_TEMPLATE, scenery.link_parameters(self.scene, **given))
        self.assert_allowed_since(mark)
        return self.stacks.outputs(stack)

    def switches(self):
        """What the organization and License Manager have."""
        return self.settings(), views.trusted_services(self.owner), self.delegates()

    def delegates(self):
        organizations = self.owner.client("organizations")
        found = organizations.list_delegated_administrators(ServicePrincipal="license-manager.amazonaws.com")
        return [account["Id"] for account in found["DelegatedAdministrators"]]

    def updates_since(self, mark):
        """What was sent to License Manager's settings after the first `mark` calls."""
        calls = self.scene.log()[mark:]
        return [call["input"] for call in calls if call["operation"] == "UpdateServiceSettings"]

    def exports(self, stack):
        found = self.owner.client("cloudformation").list_exports()["Exports"]
        start = f"{stack}:"
        return {item["Name"].removeprefix(start): item["Value"] for item in found if item["Name"].startswith(start)}

    def assert_writes_are_for_ours_alone(self, policy, key, expected):
        statements = [one for one in json.loads(policy)["Statement"] if one["Effect"] == "Allow"]
        writes = {one["Action"]: one["Condition"]["StringEquals"] for one in statements if "Put" in one["Action"]}
        self.assertEqual(set(writes), {"s3:PutObject", "s3:PutObjectTagging"})
        for equals in writes.values():
            self.assertEqual({name: of for name, of in equals.items() if name.startswith("aws:")}, {key: expected})

    def named(self, form):
        return form.format(account=self.owner.id, region=self.owner.region)


class FirstLink(LinkWorld):
    """License Manager was never used."""

    set_scene = staticmethod(scenery.set_untouched_scene)

    def test_the_life_of_a_link(self):
        outputs = self.link()
        self.assert_linked(outputs)
        self.assert_topic_and_bucket_are_protected()
        scenery.make_licenses(self.scene)
        self.assert_shares_take_the_exports()
        self.assert_updates_warn_and_undo_nothing(outputs)
        self.assert_deletion_leaves_everything()

    def assert_linked(self, outputs):
        own_share = self.settings()["LicenseManagerResourceShareArn"]
        exported = {
            "OrganizationId": self.scene.organization_id,
            "OrganizationArn": self.scene.organization_arn,
            "ResourceShareArn": own_share,
            "SnsTopicArn": self.named(TOPIC),
            "S3BucketArn": f"arn:aws:s3:::{self.named(BUCKET)}",
        }
        told = {
            "ManagementAccountId": scenery.OWNER,
            "TrustedAccess": "Enabled",
            "RamSharing": "JustEnabled",
            "CrossAccountInventorySearch": "true",
            "Warnings": "",
        }
        self.assertEqual(outputs, {**exported, **told})
        self.assertEqual(self.exports(LINK), exported)
        self.assertEqual(views.trusted_services(self.owner), TRUSTED)
        self.assertEqual(views.entities(self.owner, own_share), {self.scene.organization_arn})
        account, region = self.owner.id, self.owner.region
        physical_id = self.stacks.physical_id(LINK, "Link")
        self.assertEqual(physical_id, f"license-manager-org-link/{account}/{region}")

    def assert_topic_and_bucket_are_protected(self):
        s3, bucket = self.owner.client("s3"), self.named(BUCKET)
        blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        self.assertEqual(set(blocked.values()), {True})
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        self.assertEqual(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
        policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        attributes = self.owner.client("sns").get_topic_attributes(TopicArn=self.named(TOPIC))["Attributes"]
        for text, service in ((policy, "ssm.amazonaws.com"), (attributes["Policy"], "AWSLicenseManagerRole")):
            self.assertIn(service, text)
            self.assertIn("aws:SecureTransport", text)
        self.assert_writes_are_for_ours_alone(policy, "aws:SourceOrgID", self.scene.organization_id)

    def assert_shares_take_the_exports(self):
        own = self.stacks.outputs(LINK)["ResourceShareArn"]
        org = {"ShareWithOrganization": "true", "OrgLinkStackName": LINK}
        share = self.parameters(principals=[], ShareName="by-export", **org)
        self.stacks.create("by-export", SHARE_TEMPLATE, share)
        arn = self.stacks.outputs("by-export")["ResourceShareArn"]
        members = {self.scene.organization_arn, *self.licenses("SQL Server Enterprise")}
        self.assertEqual(views.entities(self.owner, arn), members)
        unit = self.scene.units["Sales"]
        given = self.parameters(principals=[unit], ShareName="by-export", **org)
        self.stacks.update("by-export", SHARE_TEMPLATE, given)
        self.assertEqual(views.entities(self.owner, arn), members | {unit})
        into = self.parameters(["Windows Server"], [], UseLicenseManagerShare="true", OrgLinkStackName=LINK)
        self.stacks.create("into-own", SHARE_TEMPLATE, into)
        self.assertEqual(self.shared_licenses(own), self.licenses("Windows Server"))
        with self.assertRaisesRegex(Exception, "by-export|into-own|in use|imported"):
            self.stacks.delete(LINK)
        for stack in ("into-own", "by-export"):
            self.stacks.delete(stack)
        self.assertEqual(views.entities(self.owner, own), {self.scene.organization_arn})

    def assert_updates_warn_and_undo_nothing(self, outputs):
        before = self.settings()
        member = scenery.UNITS["Sales"][0]
        delegated = self.update_link(DelegatedAdministratorAccountId=member)
        self.assertEqual(delegated, {**outputs, "DelegatedAdministratorAccountId": member})
        topic, bucket = self.named(TOPIC), f"arn:aws:s3:::{self.named(BUCKET)}"
        given = {"ExistingSnsTopicArn": topic, "ExistingS3BucketArn": bucket, "OrganizationId": ""}
        back = self.update_link(EnableRamSharing="false", CrossAccountInventorySearch="false", **given)
        for warning in ("CrossAccountInventorySearch stays on", "stays on: it is never", "stays registered"):
            self.assertIn(warning, back["Warnings"])
        self.assertEqual((back["SnsTopicArn"], back["S3BucketArn"]), (topic, bucket))
        self.assertEqual(self.settings(), before)
        self.assertEqual(views.trusted_services(self.owner), TRUSTED)
        self.owner.client("s3").head_bucket(Bucket=self.named(BUCKET))

    def assert_deletion_leaves_everything(self):
        before = self.settings()
        mark = len(self.scene.log())
        self.stacks.delete(LINK)
        self.assertEqual(self.scene.log()[mark:], [])
        self.assertEqual(self.settings(), before)
        self.assertEqual(views.trusted_services(self.owner), TRUSTED)
        topics = [topic["TopicArn"] for topic in self.owner.client("sns").list_topics()["Topics"]]
        self.assertEqual(topics, [self.named(TOPIC)])
        self.owner.client("s3").head_bucket(Bucket=self.named(BUCKET))


class FailedUpdate(LinkWorld):
    """License Manager is linked by a stack, with nothing else; an update adds what cannot be taken back, and fails."""

    def test_an_update_whose_sibling_fails_is_rolled_back_with_a_warning_and_nothing_is_undone(self):
        self.stacks.create(LINK, with_sibling({}))
        trusted = views.trusted_services(self.owner)
        bucket, topic = "arn:aws:s3:::aws-license-manager-service-inventory", self.named(TOPIC)
        search = {"CrossAccountInventorySearch": "true", "AcknowledgeInventoryCharges": "true", "S3BucketArn": bucket}
        member = scenery.UNITS["Sales"][0]
        more = {**search, "SnsTopicArn": topic, "EnableRamSharing": "true", "DelegatedAdministratorAccountId": member}
        mark = len(self.scene.log())
        events = self.stacks.update(LINK, with_sibling(more, [MISTAKE]), expect="UPDATE_ROLLBACK_COMPLETE")
        self.assertIn(MISTAKE, failure(events, "Sibling"))
        link = [event["ResourceStatus"] for event in events if event["LogicalResourceId"] == "Link"]
        self.assertEqual([status for status in link if "FAILED" in status], [])
        added = {"EnableCrossAccountsDiscovery": True, "S3BucketArn": bucket, "SnsTopicArn": topic}
        self.assertEqual(self.updates_since(mark), [added])
        self.assert_answered_with_warnings(
            "CrossAccountInventorySearch stays on: License Manager cannot switch it off",
            "the delegated administrator stays registered: deregister it in AWS Organizations if it is to go",
            "sharing with the organization in AWS RAM stays on: it is never switched off here",
            "License Manager keeps the S3 bucket that it had: taking the property out changes nothing",
            "License Manager keeps the SNS topic that it had: taking the property out changes nothing",
        )
        settings, still_trusted, delegates = self.switches()
        self.assertTrue(self.linked())
        self.assertTrue(settings["EnableCrossAccountsDiscovery"])
        self.assertEqual((settings["SnsTopicArn"], settings["S3BucketArn"]), (topic, bucket))
        self.assertEqual((still_trusted, delegates), (trusted, [member]))
        # The stack is as good as before.
        self.stacks.update(LINK, with_sibling(more, [scenery.UNITS["Sales"][0]]))
        self.assertEqual(self.stacks.outputs(LINK)["Warnings"], "")

    def assert_answered_with_warnings(self, *warnings):
        """The answer to the rollback is the last one on record: a rolled back stack shows its old outputs."""
        records = views.records(self.owner, self.provider["RecordTableName"])
        told = [str(record) for record in records if "license-manager-org-link/" in str(record)]
        for warning in warnings:
            self.assertTrue(any(warning in record for record in told), warning)


class FailedCreation(LinkWorld):
    def test_a_creation_that_failed_leaves_topic_and_bucket_for_the_next(self):
        accounts = [scenery.OWNER, scenery.UNITS["Sales"][0]]
        given = {"AcknowledgeOrganizationLink": "false", "InventoryAccounts": ",".join(accounts)}
        wrong = scenery.link_parameters(self.scene, **given)
        self.stacks.create("first-try", LINK_TEMPLATE, wrong, expect="ROLLBACK_COMPLETE")
        self.assertFalse(self.linked())
        topic, bucket = self.named(TOPIC), self.named(BUCKET)
        attributes = self.owner.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
        self.assertIn("AWSLicenseManagerRole", attributes["Policy"])
        policy = self.owner.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
        self.assert_writes_are_for_ours_alone(policy, "aws:SourceAccount", accounts)
        arn = f"arn:aws:s3:::{bucket}"
        outputs = self.link("second-try", ExistingSnsTopicArn=topic, ExistingS3BucketArn=arn, OrganizationId="")
        self.assertEqual((outputs["SnsTopicArn"], outputs["S3BucketArn"]), (topic, arn))
        self.assertEqual((self.settings()["SnsTopicArn"], self.settings()["S3BucketArn"]), (topic, arn))


class Unlink(LinkWorld):
    def test_a_stack_that_switched_the_link_on_switches_it_off_where_it_says_so(self):
        outputs = self.link(CrossAccountInventorySearch="false", OrganizationId="", OnDelete="Unlink")
        self.assertNotIn("S3BucketArn", outputs)
        self.assertTrue(self.linked())
        trusted = views.trusted_services(self.owner)
        mark = len(self.scene.log())
        self.stacks.delete(LINK)
        self.assert_allowed_since(mark)
        self.assertFalse(self.linked())
        self.assertEqual(views.trusted_services(self.owner), trusted)

    def test_a_creation_that_switched_the_link_on_and_failed_switches_it_off_where_it_says_so(self):
        mark = len(self.scene.log())
        template = with_sibling({"OnDelete": "Unlink"}, [MISTAKE])
        events = self.stacks.create("failed-unlink", template, expect="ROLLBACK_COMPLETE")
        self.assertIn(MISTAKE, failure(events, "Sibling"))
        sent = [update["OrganizationConfiguration"]["EnableIntegration"] for update in self.updates_since(mark)]
        self.assertEqual(sent, [True, False])
        self.assertFalse(self.linked())


class LinkedByHand(LinkWorld):
    """The link, and a topic for it, were there before any stack."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Admin(cls.servers.endpoints).post("link", account=scenery.OWNER, region=cls.owner.region)
        answer = cls.owner.client("sns").create_topic(Name="aws-license-manager-service-by-hand")
        cls.topic = answer["TopicArn"]

    def link(self, stack, **given):
        plain = {"CrossAccountInventorySearch": "false", "AcknowledgeInventoryCharges": "false", "OrganizationId": ""}
        return super().link(stack, **{"ExistingSnsTopicArn": self.topic, **plain, **given})

    def test_a_deletion_leaves_a_link_that_the_stack_did_not_switch_on(self):
        self.link("adopted", OnDelete="Unlink")
        self.stacks.delete("adopted")
        self.assertTrue(self.linked())

    def test_a_creation_whose_sibling_fails_leaves_a_link_that_was_there_before(self):
        before, mark = self.switches(), len(self.scene.log())
        template = with_sibling({"OnDelete": "Unlink"}, [MISTAKE])
        events = self.stacks.create("failed", template, expect="ROLLBACK_COMPLETE")
        self.assertIn(MISTAKE, failure(events, "Sibling"))
        link = {event["ResourceStatus"] for event in events if event["LogicalResourceId"] == "Link"}
        self.assertLessEqual({"CREATE_COMPLETE", "DELETE_COMPLETE"}, link)
        self.assertTrue(self.linked())
        self.assertEqual(self.switches(), before)
        self.assertEqual(self.updates_since(mark), [])

    def test_two_stacks_declare_the_link_and_the_end_of_one_does_no_harm(self):
        first, second = self.link("one", OnDelete="Unlink"), self.link("two")
        self.assertEqual(first, second)
        self.stacks.delete("one")
        self.assertTrue(self.linked())
        self.assertEqual(self.exports("two")["OrganizationArn"], self.scene.organization_arn)
        self.stacks.delete("two")

    def test_what_may_be_empty_is_not_exported(self):
        outputs = self.link("no-wait", WaitForResourceShare="false")
        self.assertEqual(set(self.exports("no-wait")), {"OrganizationId", "OrganizationArn", "SnsTopicArn"})
        self.assertNotIn("ResourceShareArn", outputs)
        self.assertEqual(outputs["SnsTopicArn"], self.topic)
        self.assertEqual([name for name, value in self.exports("no-wait").items() if not value], [])

    def test_without_the_acknowledgements_nothing_is_linked(self):
        given = {"AcknowledgeOrganizationLink": "false", "CrossAccountInventorySearch": "true"}
        bucket = "arn:aws:s3:::aws-license-manager-service-by-hand"
        parameters = scenery.link_parameters(
            self.scene, AcknowledgeInventoryCharges="false", ExistingSnsTopicArn=self.topic,
            ExistingS3BucketArn=bucket, **given,
        )  # fmt: skip
        before = self.settings()
        events = self.stacks.create("unacknowledged", LINK_TEMPLATE, parameters, expect="ROLLBACK_COMPLETE")
        for name in ("AcknowledgeOrganizationLink", "AcknowledgeInventoryCharges"):
            self.assertIn(name, failure(events, "Link"))
        self.assertEqual(self.settings(), before)

    def test_what_must_be_decided_has_no_default(self):
        given = scenery.link_parameters(self.scene, ExistingSnsTopicArn=self.topic)
        for name in ("AcknowledgeOrganizationLink", "AcknowledgeInventoryCharges", "EnableRamSharing"):
            with self.subTest(name), self.assertRaisesRegex(Exception, name):
                self.stacks.create("undecided", LINK_TEMPLATE, {k: v for k, v in given.items() if k != name})

    def test_an_encrypted_topic_comes_with_the_statement_that_its_key_needs(self):
        key = self.named("arn:aws:kms:{region}:{account}:key/12345678-1234-1234-1234-123456789012")
        outputs = self.link("encrypted", ExistingSnsTopicArn="", TopicKmsKeyArn=key)
        statement = json.loads(outputs["TopicKeyPolicyStatement"])
        self.assertEqual(statement["Action"], ["kms:Decrypt", "kms:GenerateDataKey*"])
        self.assertIn("AWSServiceRoleForAWSLicenseManagerRole", str(statement["Condition"]["ArnEquals"]))
        self.assertEqual(self.settings()["SnsTopicArn"], self.named(TOPIC))


def with_sibling(link, principals=None):
    """A template with a link and, where there are principals, a share that is made or changed after it."""
    link = {"ServiceToken": TOKEN, "AcknowledgeOrganizationLink": "true", **link}
    resources = {"Link": {"Type": "Custom::LicenseManagerOrgLink", "Properties": link}}
    if principals is not None:
        share = {"ServiceToken": TOKEN, "Name": "sibling", "Principals": principals}
        resources["Sibling"] = {"Type": "Custom::LicenseConfigShare", "DependsOn": "Link", "Properties": share}
    outputs = {"Warnings": {"Value": {"Fn::GetAtt": ["Link", "Warnings"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})
