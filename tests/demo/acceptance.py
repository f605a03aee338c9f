"""The steps of the story in which a supplier accepts by a stack of its own, and leaves again."""

import time

from demo import scene as scenery
from demo import show, views
from demo.checks import check, in_order, same
from demo.stacks import POLL_SECONDS, SHARE_TEMPLATE, SHARES, TEMPLATES, Stacks, follow

ACCEPTS = "accept-licenses"
ACCEPTANCE_TEMPLATE = TEMPLATES / "stackset-member-acceptance.yaml"
HAND_OVER_SECONDS = 60
OURS, THEIRS = "company", "supplier"


class AcceptanceSteps:
    """Steps of the story."""

    def deploy_accepting_provider(self):
        self.steps.say(
            "The platform team deploys a copy of the provider for suppliers",
            "A supplier's stack may invoke it. So its role can do nothing in the company's account, and nothing in a "
            "supplier's but what a role there lets it do.",
        )
        parameters = scenery.accepting_parameters(self.code, [scenery.NEWCOMER])
        self.stacks.create(scenery.ACCEPTING, TEMPLATES / "provider.yaml", parameters)
        self.accepting = self.stacks.outputs(scenery.ACCEPTING)

    def accept_by_stack(self):
        self.steps.say(
            "The second supplier accepts by a stack of its own, while the company's stack waits for it",
            "The company's stack is to be done when everybody has accepted, and waits in the provider's queue. The "
            "supplier finds the invitation and deploys cfn-templates/stackset-member-acceptance.yaml: a role for the "
            "provider, and the acceptance. The events of both stacks, as they come:",
        )
        supplier = self.scene.account(scenery.NEWCOMER)
        events = self.accept_side_by_side(supplier)
        order = [(OURS, "UPDATE_IN_PROGRESS", "Share"), (THEIRS, "CREATE_IN_PROGRESS", "Acceptance")]
        order += [(THEIRS, "CREATE_COMPLETE", "Acceptance"), (OURS, "UPDATE_COMPLETE", "Share")]
        in_order(events, order, "the events of both stacks")
        same(self.show_outputs(ACCEPTS, self.suppliers_stacks)["AcceptedBy"], "Invitation", "how it was accepted")
        same(self.stacks.outputs(SHARES)["PendingAccounts"], "", "the accounts that must still accept")
        self.show_visible(supplier, ["SQL Server Enterprise"])

    def accept_side_by_side(self, supplier):
        """The events of both, in the order in which they came."""
        came = []
        company = Stacks(self.owner, recorded(came, OURS))
        self.suppliers_stacks = Stacks(supplier, recorded(came, THEIRS))
        waits = {**self.suppliers_parameters(), "WaitForAcceptance": "true"}
        ours = company.begin_update(SHARES, SHARE_TEMPLATE, waits)
        self.wait_for_hand_over(ours)
        (invitation,) = [item for item in views.invitations(supplier) if item["status"] == "PENDING"]
        given = {
            "ResourceShareArn": invitation["resourceShareArn"],
            "LicenseConfigurationArns": self.scene.licenses["SQL Server Enterprise"],
            "ServiceToken": self.accepting["ServiceToken"],
            "ProviderRoleArn": self.accepting["RoleArn"],
        }
        follow(ours, self.suppliers_stacks.begin_create(ACCEPTS, ACCEPTANCE_TEMPLATE, given))
        return came

    def wait_for_hand_over(self, operation):
        """The function looks for itself for a quarter of a minute, then hands the request to the queue."""
        end = time.monotonic() + HAND_OVER_SECONDS
        while views.messages(self.owner, self.provider["WaitQueueUrl"]) == 0:
            check(not operation.has_ended() and time.monotonic() < end, "the company's stack should wait in the queue")
            time.sleep(POLL_SECONDS)
        show.line("               (The request is in the queue now. Nothing runs until the next look at it.)")

    def leave_by_stack(self):
        self.steps.say(
            "The second supplier deletes its stack",
            "It leaves the share that it had accepted. The role goes after that.",
        )
        self.suppliers_stacks.delete(ACCEPTS)
        supplier = self.scene.account(scenery.NEWCOMER)
        self.show_visible(supplier, [])
        same(supplier.client("iam").list_roles()["Roles"], [], "the roles that are left in the supplier's account")


def recorded(came, who):
    """Shows events with the account that had them, and writes them down."""

    def note(event):
        came.append((who, event["ResourceStatus"], event["LogicalResourceId"]))
        show.event(event, who)

    return note
