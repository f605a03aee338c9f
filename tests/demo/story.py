"""The story that the demo tells, step by step. Each step checks what it shows."""

from demo import scene as scenery
from demo import show, views
from demo.acceptance import AcceptanceSteps
from demo.checks import same
from demo.link import LINK, LinkSteps
from demo.stacks import SHARE_TEMPLATE, SHARES, TEMPLATES, Stacks

ADDITION = "license-addition"
REFUSED = "three-mistakes"
MISTAKES = ["AllowExternalPrincipal", "12345678901", "role/Auditor"]
SUPPLIERS = [scenery.OUTSIDE, scenery.NEWCOMER]
SHARED = ["SQL Server Enterprise", "Oracle Database"]


class Story(LinkSteps, AcceptanceSteps):
    """The steps, in order; `keep` leaves the stacks as they are before the last one."""

    def __init__(self, endpoints, binary, keep):
        self.endpoints = endpoints
        self.binary = binary
        self.keep = keep
        self.steps = show.Steps()

    def tell(self):
        self.set_scene()
        self.deploy_provider()
        self.link_organization()
        self.verify_link()
        self.make_licenses()
        self.create_share()
        self.add_to_license_manager_share()
        self.look_as_owner()
        self.look_as_member()
        self.accept_outside()
        self.update_share()
        self.deploy_accepting_provider()
        self.accept_by_stack()
        self.be_refused()
        if not self.keep:
            self.leave_by_stack()
            self.delete_shares()
            self.delete_link()
            self.delete_provider()

    # --- steps --------------------------------------------------------------------------------------------------------

    def set_scene(self):
        self.steps.say(
            "The scene",
            "A company tracks its licenses in one account, the management account of its organization. Nobody has used "
            "License Manager yet, or shared anything. Two suppliers have accounts outside the organization.",
        )
        self.scene = scenery.set_untouched_scene(self.endpoints)
        self.owner = self.scene.account()
        self.stacks = Stacks(self.owner, show.event)
        show.table("Accounts", ["account", "where"], account_rows())

    def deploy_provider(self):
        self.steps.say(
            "The platform team deploys the provider",
            "The zip of the Lambda function goes to S3, then cfn-templates/provider.yaml makes function, role, record "
            "table, log group and failure queue.",
        )
        self.code = scenery.upload(self.scene, self.binary)
        self.stacks.create(scenery.PROVIDER, TEMPLATES / "provider.yaml", self.code)
        self.provider = self.stacks.outputs(scenery.PROVIDER)

    def make_licenses(self):
        self.steps.say(
            "The license team sets up its licenses", "Three license configurations, as in License Manager's console."
        )
        scenery.make_licenses(self.scene)
        rows = [[name, arn] for name, arn in self.scene.licenses.items()]
        show.table("License configurations of the management account", ["name", "ARN"], rows)

    def create_share(self):
        self.steps.say(
            "Method 1: a resource share with the organization",
            "A stack shares two license configurations with the organization that the link exports, and with a "
            "supplier's account. Accounts of the organization see them at once; the supplier must accept, and the "
            "stack says so.",
        )
        self.stacks.create(SHARES, SHARE_TEMPLATE, self.parameters(SHARED, [scenery.OUTSIDE]))
        outputs = self.show_outputs(SHARES)
        self.share_arn = outputs["ResourceShareArn"]
        same(outputs["PendingAccounts"], scenery.OUTSIDE, "the account that must still accept")
        same(self.stacks.physical_id(SHARES, "Share"), self.share_arn, "the physical id")

    def add_to_license_manager_share(self):
        self.steps.say(
            "Method 2: into License Manager's own share",
            "Another stack adds the third license configuration to the share that License Manager made, whose ARN the "
            "link exports too. The share itself stays as it is.",
        )
        added = scenery.share_parameters(
            self.scene, ["Windows Server"], [], UseLicenseManagerShare="true", OrgLinkStackName=LINK
        )
        self.stacks.create(ADDITION, SHARE_TEMPLATE, added)
        outputs = self.show_outputs(ADDITION)
        same(outputs["ResourceShareArn"], self.link["ResourceShareArn"], "the share that was added to")
        same(views.entities(self.owner, self.link["ResourceShareArn"]),
             {self.scene.organization_arn, self.scene.licenses["Windows Server"]}, "its members")  # fmt: skip

    def look_as_owner(self):
        self.steps.say("The shares as their owner sees them", "This is what AWS RAM says in the management account.")
        rows = [[share["name"], share["status"], yes(share["allowExternalPrincipals"])] for share in self.live()]
        show.table("Resource shares", ["name", "status", "accounts outside"], rows)
        members = views.members(self.owner, self.share_arn)
        rows = [[self.scene.name_of(entity), status, self.remark(entity, status)] for _, entity, status, _ in members]
        show.table("In the team's share", ["what", "status", ""], rows)
        found = {entity for kind, entity, _, _ in members if kind == "RESOURCE"}
        same(found, {self.scene.licenses[name] for name in SHARED}, "the license configurations in the share")
        still = [entity for _, entity, status, _ in members if status == "ASSOCIATING"]
        same(still, [scenery.OUTSIDE], "the accounts that RAM still waits for")

    def look_as_member(self):
        account = self.scene.account(scenery.UNITS["Engineering"][0])
        self.steps.say(
            "The shares as a member sees them",
            f"Account {account.id}, in the unit Engineering, did nothing and sees all three in License Manager. The "
            "supplier, who has not accepted yet, sees an invitation and nothing else.",
        )
        self.show_visible(account, sorted(self.scene.licenses))
        outside = self.scene.account(scenery.OUTSIDE)
        self.show_visible(outside, [])
        rows = [
            [item["resourceShareName"], item["senderAccountId"], item["status"]] for item in views.invitations(outside)
        ]
        show.table(f"Invitations of account {outside.id}", ["share", "from", "status"], rows)

    def accept_outside(self):
        self.steps.say(
            "The supplier accepts", "Someone in the supplier's account accepts the invitation, as in the RAM console."
        )
        outside = self.scene.account(scenery.OUTSIDE)
        same(views.accept_all(outside), 1, "the number of invitations that wait")
        self.show_visible(outside, ["Oracle Database", "SQL Server Enterprise"])

    def update_share(self):
        self.steps.say(
            "The team changes the share",
            "The Oracle license configuration is taken out and a second supplier's account is added. The share stays "
            "the same, and nobody loses the other license configuration in passing.",
        )
        self.stacks.update(SHARES, SHARE_TEMPLATE, self.suppliers_parameters())
        outputs = self.show_outputs(SHARES)
        same(outputs["ResourceShareArn"], self.share_arn, "the share's ARN after the update")
        same(outputs["PendingAccounts"], scenery.NEWCOMER, "the account that must still accept")
        self.show_visible(self.scene.account(scenery.UNITS["Sales"][0]), ["SQL Server Enterprise", "Windows Server"])
        self.show_visible(self.scene.account(scenery.OUTSIDE), ["SQL Server Enterprise"])
        wanted = {self.scene.licenses["SQL Server Enterprise"], self.scene.organization_arn, *SUPPLIERS}
        same(views.entities(self.owner, self.share_arn), wanted, "the members of the share")

    def be_refused(self):
        self.steps.say(
            "A template with three mistakes",
            "A property is misspelt, an account id has lost its leading zero, and a role is named as if it were an "
            "account. The provider finds them before it asks AWS for anything, and names all three in one reason.",
        )
        before = views.shares(self.owner)
        template = TEMPLATES / "examples/three-mistakes.yaml"
        events = self.stacks.create(REFUSED, template, expect="ROLLBACK_COMPLETE")
        reason = next(event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED")
        show.line()
        show.line(f"   One reason names all three: {', '.join(MISTAKES)}")
        missing = [mistake for mistake in MISTAKES if mistake not in reason]
        same(missing, [], "the mistakes that the reason does not name")
        same(views.shares(self.owner), before, "the shares after the refusal")
        self.stacks.delete(REFUSED)

    def delete_shares(self):
        self.steps.say(
            "The team deletes its stacks",
            "Its own share goes, and with it what the accounts could see. License Manager's share stays, without what "
            "the stack had added.",
        )
        self.stacks.delete(SHARES)
        self.stacks.delete(ADDITION)
        rows = [[share["name"], share["status"]] for share in views.shares(self.owner)]
        show.table("Resource shares", ["name", "status"], rows)
        own = self.link["ResourceShareArn"]
        same([share["resourceShareArn"] for share in self.live()], [own], "the shares that are still there")
        same(views.entities(self.owner, own), {self.scene.organization_arn}, "the members of License Manager's share")
        for account_id in (scenery.UNITS["Engineering"][0], scenery.OUTSIDE):
            self.show_visible(self.scene.account(account_id), [])
        self.show_records()

    def delete_provider(self):
        self.steps.say(
            "The platform team deletes the provider",
            "Nobody imports its ServiceToken any more, so CloudFormation lets it go, and its copy for suppliers. The "
            "record tables stay on purpose: a new copy of the provider can take one over.",
        )
        for provider in (self.accepting, self.provider):
            urls = [provider[f"{queue}QueueUrl"] for queue in ("FailedInvocations", "WaitDeadLetters")]
            left = sum(views.messages(self.owner, url) for url in [*urls, provider["WaitQueueUrl"]])
            show.line(f"   Requests of {name_of(provider)} that wait or could not be answered: {left}")
            same(left, 0, "the number of requests in the queues")
        self.stacks.delete(scenery.ACCEPTING)
        self.stacks.delete(scenery.PROVIDER)
        self.show_what_is_left()

    def show_what_is_left(self):
        functions = self.owner.client("lambda").list_functions()["Functions"]
        tables = self.owner.client("dynamodb").list_tables()["TableNames"]
        show.table("What is left of it", ["what", "name"], [["table", name] for name in tables])
        same(functions, [], "the functions that are left")
        kept = [provider["RecordTableName"] for provider in (self.accepting, self.provider)]
        same(sorted(tables), sorted(kept), "the tables that are left")

    # --- parts of steps -----------------------------------------------------------------------------------------------

    def parameters(self, licenses, principals):
        return scenery.share_parameters(
            self.scene, licenses, principals, ShareName="engineering-licenses", AllowExternalPrincipals="true",
            ShareWithOrganization="true", OrgLinkStackName=LINK,
        )  # fmt: skip

    def suppliers_parameters(self):
        return self.parameters(["SQL Server Enterprise"], SUPPLIERS)

    def live(self):
        return views.live_shares(self.owner)

    def remark(self, entity, status):
        if status == "ASSOCIATING":
            return "must still accept"
        return "outside the organization" if entity in (scenery.OUTSIDE, scenery.NEWCOMER) else ""

    def show_outputs(self, stack, stacks=None):
        outputs = (stacks or self.stacks).outputs(stack)
        show.table("Outputs of the stack", ["output", "value"], [[key, value or "-"] for key, value in outputs.items()])
        same(outputs["Warnings"], "", "the warnings")
        return outputs

    def show_visible(self, account, wanted):
        found = sorted(views.visible_licenses(account))
        show.table(f"License configurations in account {account.id}", ["name", "owner"],
                   [[name, owner] for name, _, owner in found])  # fmt: skip
        same([name for name, _, _ in found], wanted, f"what account {account.id} sees")

    def show_records(self):
        items = views.records(self.owner, self.provider["RecordTableName"])
        items = [item for item in items if item["Resource"]["S"].startswith("arn:")]  # the rest is of no one resource
        rows = [[short_key(item["Resource"]["S"]), "ended" if "ExpiresAt" in item else "in use"] for item in items]
        rows = sorted(row for row in rows if not row[0].startswith(f"{REFUSED} /"))
        show.table("Record of the provider (an ended item goes by itself after 7 hours)", ["resource", "state"], rows)
        wanted = [[f"{ADDITION} / Share", "ended"], [f"{SHARES} / Share", "ended"], [f"{LINK} / Link", "in use"]]
        same(rows, wanted, "the record")


def account_rows():
    rows = [[scenery.OWNER, "management account"]]
    rows += [[account, f"unit {unit}"] for unit, accounts in scenery.UNITS.items() for account in accounts]
    return rows + [[account, "outside the organization"] for account in (scenery.OUTSIDE, scenery.NEWCOMER)]


def name_of(provider):
    return provider["ServiceToken"].rpartition(":")[2]


def short_key(key):
    """`<stack name> / <logical id>` out of `<StackId>#<LogicalResourceId>`."""
    stack_id, _, logical_id = key.rpartition("#")
    return f"{stack_id.split('/')[1]} / {logical_id}"


def yes(flag):
    return "allowed" if flag else "not allowed"
