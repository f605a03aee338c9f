"""Shares through CloudFormation: what rollback, replacement, retention and two stacks at one share do."""

from demo import scene as scenery
from demo import views
from demo.stacks import TEMPLATES, reasons

from e2e.world import SHARE_TEMPLATE, World, failure, retained


class Shares(World):
    # As talkative as it gets, for the test that no secret is told.
    environment = {"AWS_LAMBDA_LOG_LEVEL": "TRACE", "RUST_LOG": "trace"}

    def test_a_stack_makes_changes_and_deletes_its_share(self):
        arn = self.create_share("whole-life", licenses=["SQL Server Enterprise", "Oracle Database"])
        self.assertEqual(self.stacks.physical_id("whole-life", "Share"), arn)
        self.assertEqual(self.shared_licenses(arn), self.licenses("SQL Server Enterprise", "Oracle Database"))
        self.stacks.update("whole-life", SHARE_TEMPLATE, self.parameters(["Windows Server"], ShareName="renamed"))
        self.assertEqual(self.stacks.outputs("whole-life")["ResourceShareArn"], arn)
        self.assertEqual(self.share(arn)["name"], "renamed")
        self.assertEqual(self.shared_licenses(arn), self.licenses("Windows Server"))
        self.stacks.delete("whole-life")
        self.assertIn(self.share(arn)["status"], ("DELETING", "DELETED"))

    def test_every_attribute_is_an_output(self):
        arn = self.create_share("attributes", principals=[scenery.OUTSIDE], AllowExternalPrincipals="true")
        self.assertEqual(
            self.stacks.outputs("attributes"),
            {
                "ResourceShareArn": arn,
                "ResourceShareId": arn.rpartition("/")[2],
                "ResourceShareName": "attributes",
                "OwnerAccountId": scenery.OWNER,
                "Status": "ACTIVE",
                "PendingAccounts": scenery.OUTSIDE,
                "PendingAccountsCount": "1",
                "UnmanagedMembers": "",
                "UnmanagedMembersCount": "0",
                "Warnings": "",
            },
        )

    def test_a_refused_create_names_every_mistake_and_makes_nothing(self):
        template = TEMPLATES / "examples/three-mistakes.yaml"
        events = self.stacks.create("mistaken", template, expect="ROLLBACK_COMPLETE")
        for mistake in ("AllowExternalPrincipal", "12345678901", "role/Auditor"):
            self.assertIn(mistake, failure(events))
        self.assertNotIn("three-mistakes", [share["name"] for share in views.shares(self.owner)])
        self.stacks.delete("mistaken")

    def test_a_refused_update_rolls_back_and_leaves_the_share_as_it_was(self):
        arn = self.create_share("refused-update")
        share, members = self.share(arn), views.members(self.owner, arn)
        wrong = self.parameters(principals=["12345678901"], ShareName="refused-update")
        events = self.stacks.update("refused-update", SHARE_TEMPLATE, wrong, expect="UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("12345678901", failure(events))
        self.assertEqual(self.share(arn), share)
        self.assertEqual(views.members(self.owner, arn), members)
        self.assertEqual(self.stacks.physical_id("refused-update", "Share"), arn)

    def test_a_share_that_ram_refuses_is_not_left_behind(self):
        outside = self.parameters(principals=[scenery.OUTSIDE], ShareName="no-outsiders")
        events = self.stacks.create("no-outsiders", SHARE_TEMPLATE, outside, expect="ROLLBACK_COMPLETE")
        self.assertIn(scenery.OUTSIDE, failure(events))
        self.assertNotIn("no-outsiders", [share["name"] for share in views.live_shares(self.owner)])

    def test_a_move_to_an_existing_share_replaces_the_resource_and_deletes_the_old_share(self):
        old, other = self.create_share("moved"), self.share_by_hand("by-hand-moved")
        self.stacks.update("moved", SHARE_TEMPLATE, self.parameters(ExistingResourceShareArn=other, principals=[]))
        self.assertTrue(self.stacks.physical_id("moved", "Share").startswith(f"{other}#"))
        self.assertIn(self.share(old)["status"], ("DELETING", "DELETED"))
        self.assertEqual(self.shared_licenses(other), self.licenses("SQL Server Enterprise", "Windows Server"))

    def test_two_stacks_attach_to_one_share_and_take_out_only_what_is_theirs(self):
        arn = self.share_by_hand("by-hand-two-stacks")
        for stack, name in (("first", "SQL Server Enterprise"), ("second", "Oracle Database")):
            given = self.parameters([name], [], ExistingResourceShareArn=arn)
            self.stacks.create(f"attached-{stack}", SHARE_TEMPLATE, given)
        self.assertEqual(self.shared_licenses(arn), set(self.scene.licenses.values()))
        self.stacks.delete("attached-first")
        self.assertEqual(self.shared_licenses(arn), self.licenses("Oracle Database", "Windows Server"))
        self.stacks.delete("attached-second")
        self.assertEqual(self.shared_licenses(arn), self.licenses("Windows Server"))
        self.assertEqual(self.share(arn)["status"], "ACTIVE")

    def test_deletion_policy_retain_keeps_share_and_members(self):
        arn = self.create_share("retained", template=retained(SHARE_TEMPLATE))
        members = views.members(self.owner, arn)
        events = self.stacks.delete("retained")
        self.assertIn(("Share", "DELETE_SKIPPED"), {(e["LogicalResourceId"], e["ResourceStatus"]) for e in events})
        self.assertEqual(self.share(arn)["status"], "ACTIVE")
        self.assertEqual(views.members(self.owner, arn), members)

    def test_the_provider_cannot_be_deleted_while_a_stack_needs_it(self):
        self.create_share("needs-provider")
        with self.assertRaisesRegex(Exception, "needs-provider|in use|imported"):
            self.stacks.delete(scenery.PROVIDER)
        self.assertTrue(self.stacks.exists(scenery.PROVIDER))

    def test_neither_log_nor_stack_events_nor_record_tell_the_response_url(self):
        self.create_share("secrets")
        bad = self.parameters(principals=["ou-1234-12345678"], ShareName="secrets")
        events = self.stacks.update("secrets", SHARE_TEMPLATE, bad, expect="UPDATE_ROLLBACK_COMPLETE")
        self.assert_tells_no_secret(views.log_lines(self.owner, self.provider["LogGroupName"]))
        self.assert_tells_no_secret([reasons(events)])
        self.assert_tells_no_secret(map(str, views.records(self.owner, self.provider["RecordTableName"])))

    def test_the_log_has_a_plan_and_an_outcome_of_every_request(self):
        before = len(self.log())
        self.create_share("logged")
        added = "\n".join(self.log()[before:])
        self.assertIn("plan", added)
        self.assertIn("outcome", added)

    def log(self):
        return views.log_lines(self.owner, self.provider["LogGroupName"])
