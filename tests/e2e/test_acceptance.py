"""Accounts that must accept: by a stack of their own through a provider of the owner's or one of their own, or by the
owner's stack through a role. The owner's stack waits in the real queue meanwhile."""

import json
import time
import unittest

from botocore.exceptions import ClientError
from cfnlint.decode.cfn_yaml import load
from demo import scene as scenery
from demo import views
from demo.__main__ import BINARY
from demo.stacks import TEMPLATES, Stacks, follow

from e2e import role
from e2e.world import ACCEPTANCE_TEMPLATE, PROVIDER_TEMPLATE, SHARE_TEMPLATE, World, failure, hasty

PARTNER = scenery.OUTSIDE
EXAMPLE = TEMPLATES / "examples/share-with-partners.yaml"
ROLE = "license-manager-provider-acceptance"
LICENSES = ("SQL Server Enterprise", "Oracle Database")


class AcceptanceWorld(World):
    """The owner's provider has 10 seconds an invocation, so that what takes longer is handed over soon."""

    provider_template = hasty(PROVIDER_TEMPLATE)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.scene.account(PARTNER)
        cls.partners_stacks = Stacks(cls.partner)

    def begin_share(self, name, **given):
        """The owner's stack, which waits until the partner has accepted. Returns it and the ARN of the share, which the
        partner has from the invitation."""
        parameters = self.parameters(
            LICENSES, [PARTNER], ShareName=name, AllowExternalPrincipals="true", WaitForAcceptance="true", **given
        )
        operation = self.stacks.begin_create(name, SHARE_TEMPLATE, parameters)
        return operation, until(lambda: self.offered(name))

    def offered(self, name):
        found = [item for item in views.invitations(self.partner) if item["resourceShareName"] == name]
        return found[0]["resourceShareArn"] if found else None

    def accept(self, arn, **given):
        """Parameters of the partner's stack."""
        licenses = ",".join(self.scene.licenses[name] for name in LICENSES)
        return {"ResourceShareArn": arn, "LicenseConfigurationArns": licenses, **given}

    def assert_accepted(self, arn, outputs):
        ordered = sorted(outputs["LicenseConfigurationArns"].split(","))
        self.assertEqual(ordered, sorted(self.licenses(*LICENSES)))
        told = {
            name: outputs[name] for name in ("ResourceShareArn", "OwnerAccountId", "Status", "AcceptedBy", "Warnings")
        }
        wanted = [arn, scenery.OWNER, "ACTIVE", "Invitation", ""]
        self.assertEqual(list(told.values()), wanted)
        self.assertEqual(views.shared_with(self.partner), self.licenses(*LICENSES))

    def assert_done(self, name):
        outputs = self.stacks.outputs(name)
        self.assertEqual([outputs[key] for key in ("PendingAccounts", "Warnings")], ["", ""])

    def assert_left(self, arn):
        self.assertEqual(views.shared_with(self.partner), set())
        until(lambda: PARTNER not in views.entities(self.owner, arn))

    def assert_nothing_waits(self):
        for output in ("WaitQueueUrl", "WaitDeadLettersQueueUrl", "FailedInvocationsQueueUrl"):
            self.assertEqual(self.messages(self.provider[output]), 0)

    def assert_allows(self, grants, calls):
        self.assertTrue(calls)
        self.assertEqual([call for call in calls if not role.allows(grants, call)], [])


class CentralProvider(AcceptanceWorld):
    """A copy of the provider in the owner's account accepts through a role of the partner's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accepting = scenery.accepting_parameters(cls.code, [PARTNER])
        cls.stacks.create(scenery.ACCEPTING, PROVIDER_TEMPLATE, accepting)
        cls.accepting = cls.stacks.outputs(scenery.ACCEPTING)

    def central(self):
        return {"ServiceToken": self.accepting["ServiceToken"], "ProviderRoleArn": self.accepting["RoleArn"]}

    def test_the_owners_stack_waits_until_the_partners_has_accepted(self):
        owners, arn = self.begin_share("waits")
        until(lambda: self.outcomes("waiting"))
        self.assertFalse(owners.has_ended())
        mark = len(self.scene.log())
        parameters = self.accept(arn, **self.central())
        partners = self.partners_stacks.begin_create("accepts", ACCEPTANCE_TEMPLATE, parameters)
        follow(owners, partners)
        outputs = self.partners_stacks.outputs("accepts")
        self.assert_accepted(arn, outputs)
        self.assert_done("waits")
        self.assertEqual(outputs["RoleArn"], f"arn:aws:iam::{PARTNER}:role/{ROLE}")
        self.assert_the_role_is_narrow()
        self.partners_stacks.delete("accepts")
        self.assert_left(arn)
        self.assert_acted_through_the_role_alone(mark)
        self.assert_nothing_waits()
        self.stacks.delete("waits")

    def test_a_second_share_is_accepted_through_the_role_of_the_first_and_left_before_it(self):
        first, second = self.share_with_partner("first"), self.share_with_partner("second")
        self.partners_stacks.create("accepts-first", ACCEPTANCE_TEMPLATE, self.accept(first, **self.central()))
        existing = {"ServiceToken": self.accepting["ServiceToken"], "ExistingRole": "true"}
        self.partners_stacks.create("accepts-second", ACCEPTANCE_TEMPLATE, self.accept(second, **existing))
        outputs = self.partners_stacks.outputs("accepts-second")
        self.assert_accepted(second, outputs)
        self.assertNotIn("RoleArn", outputs)
        with self.assertRaisesRegex(Exception, "accepts-second|in use|imported"):
            self.partners_stacks.delete("accepts-first")
        for stack, arn in [("accepts-second", second), ("accepts-first", first)]:
            self.partners_stacks.delete(stack)
            until(lambda arn=arn: PARTNER not in views.entities(self.owner, arn))
        self.assert_left(first)
        for name in ("first", "second"):
            self.stacks.delete(name)

    def assert_the_role_is_narrow(self):
        of_owner = f"arn:aws:ram:{self.owner.region}:{scenery.OWNER}"
        owner_alone = repr({"StringEquals": {"ram:ShareOwnerAccountId": scenery.OWNER}})
        self.grants_of_role = role.grants(self.partner, ROLE)
        self.assertEqual(
            self.grants_of_role,
            {
                ("ram:GetResourceShareInvitations", "*", None),
                ("ram:GetResourceShares", "*", None),
                ("ram:ListResources", "*", None),
                ("ram:AcceptResourceShareInvitation", f"{of_owner}:resource-share-invitation/*", owner_alone),
                ("ram:DisassociateResourceShare", f"{of_owner}:resource-share/*", None),
            },
        )

    def assert_acted_through_the_role_alone(self, mark):
        """Each change in the partner's account came through the role, which allows each call; the sessions tell which
        stack asked."""
        sessions = [call for call in self.scene.log()[mark:] if call["session"]]
        changes = [call["operation"] for call in sessions if call["applied"] and not reads(call)]
        self.assertEqual(changes, ["AcceptResourceShareInvitation", "DisassociateResourceShare"])
        names = {call["session"] for call in sessions}
        self.assertEqual(names, {f"arn:aws:sts::{PARTNER}:assumed-role/{ROLE}/license-manager-provider-accepts"})
        self.assert_allows(self.grants_of_role, sessions)
        assumed = [call for call in self.scene.log()[mark:] if call["operation"] == "AssumeRole"]
        self.assert_allows(self.grants(provider=scenery.ACCEPTING), assumed)

    def test_who_is_not_trusted_cannot_invoke_the_function(self):
        stacks = Stacks(self.scene.account(scenery.NEWCOMER))
        arn = f"arn:aws:ram:{self.owner.region}:{scenery.OWNER}:resource-share/01234567-89ab-cdef-0123-456789abcdef"
        given = {"ResourceShareArn": arn, **self.central()}
        events = stacks.create("stranger", ACCEPTANCE_TEMPLATE, given, expect="ROLLBACK_COMPLETE")
        self.assertIn("not authorized to perform: lambda:InvokeFunction", failure(events, "Acceptance"))

    def test_a_role_that_does_not_let_the_provider_in_is_named_with_the_statement_that_it_needs(self):
        arn = self.share_with_partner("shut-out")
        other = {**self.central(), "ProviderRoleArn": f"arn:aws:iam::{scenery.NEWCOMER}:role/other", "RoleName": "shut"}
        events = self.partners_stacks.create(
            "shut-out", ACCEPTANCE_TEMPLATE, self.accept(arn, **other), expect="ROLLBACK_COMPLETE"
        )
        reason = failure(events, "Acceptance")
        self.assertIn(f"arn:aws:iam::{PARTNER}:role/shut", reason)
        self.assertIn(f'"sts:ExternalId":"license-manager-provider:{PARTNER}"', reason)
        self.stacks.delete("shut-out")

    def test_a_share_that_was_accepted_by_hand_is_found_and_stays(self):
        arn = self.share_with_partner("by-hand")
        views.accept_all(self.partner)
        self.partners_stacks.create("finds", ACCEPTANCE_TEMPLATE, self.accept(arn, **self.central()))
        self.assert_accepted(arn, self.partners_stacks.outputs("finds"))
        self.partners_stacks.delete("finds")
        self.assertEqual(views.shared_with(self.partner), self.licenses(*LICENSES))
        self.stacks.delete("by-hand")

    def share_with_partner(self, name):
        given = self.parameters(LICENSES, [PARTNER], ShareName=name, AllowExternalPrincipals="true")
        self.stacks.create(name, SHARE_TEMPLATE, given)
        until(lambda: self.offered(name))
        return self.stacks.outputs(name)["ResourceShareArn"]


class OrganizationMember(AcceptanceWorld):
    """All of the organization may have shares accepted by a copy of the provider."""

    def test_where_there_is_nothing_to_accept_the_stack_verifies(self):
        accepting = scenery.accepting_parameters(self.code, [])
        accepting["AcceptingOrganizationId"] = self.scene.organization_id
        self.stacks.create(scenery.ACCEPTING, PROVIDER_TEMPLATE, accepting)
        provider = self.stacks.outputs(scenery.ACCEPTING)
        arn = self.create_share("for-all")
        members = Stacks(self.scene.account(scenery.UNITS["Sales"][0]))
        central = {"ServiceToken": provider["ServiceToken"], "ProviderRoleArn": provider["RoleArn"]}
        members.create("verifies", ACCEPTANCE_TEMPLATE, {"ResourceShareArn": arn, **central})
        outputs = members.outputs("verifies")
        told = [outputs[key] for key in ("AcceptedBy", "OwnerAccountId", "LicenseConfigurationArns", "Warnings")]
        self.assertEqual(told, ["Organization", scenery.OWNER, *self.licenses("SQL Server Enterprise"), ""])
        members.delete("verifies")
        self.assertIn(self.scene.organization_arn, views.entities(self.owner, arn))


class OwnProvider(AcceptanceWorld):
    """The partner has a provider of their own, which needs no role."""

    def test_it_accepts_in_its_own_account_and_leaves(self):
        code = scenery.upload(self.scene, BINARY, PARTNER)
        self.partners_stacks.create(scenery.PROVIDER, PROVIDER_TEMPLATE, {**code, "MayLinkOrganization": "false"})
        owners, arn = self.begin_share("waits")
        partners = self.partners_stacks.begin_create("accepts", ACCEPTANCE_TEMPLATE, self.accept(arn))
        follow(owners, partners)
        outputs = self.partners_stacks.outputs("accepts")
        self.assert_accepted(arn, outputs)
        self.assertNotIn("RoleArn", outputs)
        self.assert_done("waits")
        with self.assertRaisesRegex(Exception, "accepts|in use|imported"):
            self.partners_stacks.delete(scenery.PROVIDER)
        grants = self.grants(self.partner)
        self.partners_stacks.delete("accepts")
        self.assert_left(arn)
        calls = [call for call in self.scene.log() if call["account"] == PARTNER]
        self.assert_allows(grants, calls)
        changes = [call["operation"] for call in calls if not reads(call)]
        self.assertEqual(changes, ["AcceptResourceShareInvitation", "DisassociateResourceShare"])
        self.assert_nothing_waits()


class RoleOnly(AcceptanceWorld):
    """The owner's stack accepts through a role that the partner has made."""

    def make_role(self):
        owner = {"OwnerAccountId": scenery.OWNER, "ProviderRoleArn": self.provider["RoleArn"]}
        self.partners_stacks.create("role", ACCEPTANCE_TEMPLATE, {"RoleOnly": "true", **owner})
        self.addCleanup(self.partners_stacks.delete, "role")

    def test_the_owners_stack_accepts_through_it(self):
        self.make_role()
        mark = len(self.scene.log())
        owners, arn = self.begin_share("accepts", AcceptanceRoleName=ROLE)
        follow(owners)
        self.assert_done("accepts")
        self.assertEqual(views.shared_with(self.partner), self.licenses(*LICENSES))
        log = self.scene.log()[mark:]
        sessions = [call for call in log if call["session"]]
        self.assert_allows(role.grants(self.partner, ROLE), sessions)
        self.assertEqual([call["operation"] for call in sessions if not reads(call)], ["AcceptResourceShareInvitation"])
        self.assert_allows(self.grants(), [call for call in log if call["operation"] == "AssumeRole"])
        self.stacks.delete("accepts")
        self.assertEqual(views.shared_with(self.partner), set())
        self.assert_nothing_waits()

    def test_the_example_makes_the_roles_and_then_accepts_through_them(self):
        """ministack has no StackSets: what the example's would deploy is deployed by hand, with its parameters."""
        example = load(EXAMPLE)
        roles, share = example["Resources"].pop("Roles"), example["Resources"]["Share"]
        self.assertEqual(share.pop("DependsOn"), "Roles")
        named = roles["Properties"]["Parameters"]
        given = {item["ParameterKey"]: self.resolve(item["ParameterValue"]) for item in named}
        self.partners_stacks.create("role", ACCEPTANCE_TEMPLATE, given)
        self.addCleanup(self.partners_stacks.delete, "role")
        licenses = ",".join(self.licenses(*LICENSES))
        given = {"LicenseConfigurationArns": licenses, "PartnerAccounts": PARTNER, "AcceptanceTemplateUrl": "any"}
        self.stacks.create("example", json.dumps(example), given)
        self.assertEqual(views.shared_with(self.partner), self.licenses(*LICENSES))
        self.stacks.delete("example")
        self.assertEqual(views.shared_with(self.partner), set())
        self.assert_nothing_waits()

    def resolve(self, value):
        """A value of the example as the owner's account would resolve it."""
        if value == {"Ref": "AWS::AccountId"}:
            return scenery.OWNER
        exports = self.owner.client("cloudformation").list_exports()["Exports"]
        named = {export["Name"]: export["Value"] for export in exports}
        return named[value["Fn::ImportValue"]] if isinstance(value, dict) else value

    def test_the_owners_stack_waits_for_a_role_that_is_still_to_come(self):
        owners, _ = self.begin_share("early", AcceptanceRoleName=ROLE)
        until(lambda: self.outcomes("waiting"))
        self.make_role()
        follow(owners)
        self.assert_done("early")
        self.stacks.delete("early")

    def test_it_lets_in_the_owners_provider_for_stacks_of_the_owner_and_of_the_partner_alone(self):
        self.make_role()
        time.sleep(0.5)  # until local-cloud has been told of it
        for account, asks, admitted in [
            (scenery.OWNER, scenery.OWNER, True),
            (scenery.OWNER, PARTNER, True),
            (scenery.OWNER, scenery.NEWCOMER, False),
            (scenery.NEWCOMER, scenery.OWNER, False),
        ]:
            with self.subTest(account=account, asks=asks):
                self.assertEqual(self.may_assume(account, f"license-manager-provider:{asks}"), admitted)
        self.assertFalse(self.may_assume(scenery.OWNER, None))

    def may_assume(self, account, external_id):
        named = {"ExternalId": external_id} if external_id else {}
        arn = f"arn:aws:iam::{PARTNER}:role/{ROLE}"
        try:
            self.scene.account(account).client("sts").assume_role(RoleArn=arn, RoleSessionName="test", **named)
        except ClientError as error:
            self.assertEqual(error.response["Error"]["Code"], "AccessDenied")
            return False
        return True


class Parameters(AcceptanceWorld):
    def test_what_a_set_up_needs_is_asked_for_before_anything_is_made(self):
        token = f"arn:aws:lambda:{self.owner.region}:{scenery.OWNER}:function:{scenery.ACCEPTING}"
        arn = f"arn:aws:ram:{self.owner.region}:{scenery.OWNER}:resource-share/01234567-89ab-cdef-0123-456789abcdef"
        both = {"ProviderRoleArn": self.provider["RoleArn"], "ExistingRole": "true"}
        for given, asked in [
            ({}, "ResourceShareArn is needed"),
            ({"RoleOnly": "true"}, "RoleOnly needs ProviderRoleArn"),
            ({"RoleOnly": "true", "ProviderRoleArn": self.provider["RoleArn"]}, "RoleOnly needs OwnerAccountId"),
            ({"ResourceShareArn": arn, "ServiceToken": token}, "needs ProviderRoleArn or ExistingRole"),
            ({"ResourceShareArn": arn, **both}, "ExistingRole goes without ProviderRoleArn"),
        ]:
            with self.subTest(asked), self.assertRaisesRegex(Exception, asked):
                self.partners_stacks.create("incomplete", ACCEPTANCE_TEMPLATE, given)


def reads(call):
    return call["operation"].startswith(("Get", "List"))


def until(ready):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if result := ready():
            return result
        time.sleep(0.1)
    raise AssertionError("it did not come to that in time")


if __name__ == "__main__":
    unittest.main()
