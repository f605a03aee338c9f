"""What every end-to-end test stands on: both servers, the demo's scene, and the provider deployed from its template."""

import re
import time
import unittest

from demo import scene as scenery
from demo import views
from demo.__main__ import BINARY
from demo.processes import SIGNALS, Servers
from demo.stacks import TEMPLATES, Stacks

from e2e import role

LINK_TEMPLATE = TEMPLATES / "org-link.yaml"
SHARE_TEMPLATE = TEMPLATES / "license-config-share.yaml"
ACCEPTANCE_TEMPLATE = TEMPLATES / "stackset-member-acceptance.yaml"
PROVIDER_TEMPLATE = TEMPLATES / "provider.yaml"
TIMEOUT = "Timeout: 120"
SECRETS = ("/_ministack/cfn-response/", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token")


class World(unittest.TestCase):
    """One world a class; the tests in it use names of their own."""

    environment = None
    set_scene = staticmethod(scenery.set_scene)
    provider_template = PROVIDER_TEMPLATE

    @classmethod
    def setUpClass(cls):
        SIGNALS.install()
        cls.servers = Servers(cls.environment)
        cls.addClassCleanup(cls.servers.stop)
        cls.servers.start()
        cls.scene = cls.set_scene(cls.servers.endpoints)
        cls.owner = cls.scene.account()
        cls.stacks = Stacks(cls.owner)
        cls.code = scenery.upload(cls.scene, BINARY)
        cls.stacks.create(scenery.PROVIDER, cls.provider_template, cls.code)
        cls.provider = cls.stacks.outputs(scenery.PROVIDER)

    def parameters(self, licenses=("SQL Server Enterprise",), principals=None, **more):
        principals = [self.scene.organization_arn] if principals is None else principals
        return scenery.share_parameters(self.scene, licenses, principals, **more)

    def create_share(self, stack, template=SHARE_TEMPLATE, **given):
        """A stack with a share of its own, named like the stack; returns the share's ARN."""
        self.stacks.create(stack, template, self.parameters(ShareName=stack, **given))
        return self.stacks.outputs(stack)["ResourceShareArn"]

    def share_by_hand(self, name):
        answer = self.owner.client("ram").create_resource_share(
            name=name, resourceArns=[self.scene.licenses["Windows Server"]], principals=[self.scene.organization_arn],
            allowExternalPrincipals=False,
        )  # fmt: skip
        return answer["resourceShare"]["resourceShareArn"]

    def share(self, arn):
        return next(share for share in views.shares(self.owner) if share["resourceShareArn"] == arn)

    def licenses(self, *names):
        return {self.scene.licenses[name] for name in names}

    def shared_licenses(self, arn):
        return {entity for kind, entity, _, _ in views.members(self.owner, arn) if kind == "RESOURCE"}

    def assert_allowed_since(self, mark):
        """That the provider's role lets every call pass that came after the first `mark`."""
        calls, grants = self.scene.log()[mark:], self.grants()
        self.assertTrue(calls)
        self.assertEqual([call for call in calls if not role.allows(grants, call)], [])

    def grants(self, account=None, provider=scenery.PROVIDER):
        """What the role of a provider allows: of the owner's, unless another is named."""
        account = account or self.owner
        return role.grants(account, Stacks(account).physical_id(provider, "Role"))

    def outcomes(self, kind):
        """The `outcome` lines of the log that have a member of this name, all for an empty one."""
        lines = [line for line in views.log_lines(self.owner, self.provider["LogGroupName"]) if '"outcome"' in line]
        return [line for line in lines if not kind or f'"{kind}":' in line]

    def durations(self):
        """How long each invocation of the function took, as Lambda reports it, with the unit."""
        lines = "\n".join(views.log_lines(self.owner, self.provider["LogGroupName"]))
        return re.findall(r"^REPORT .*?\tDuration: ([0-9.]+ ms)", lines, re.MULTILINE)

    def messages(self, url):
        """How many messages a queue holds once those in flight have been acknowledged."""
        end = time.monotonic() + 10
        while (count := views.messages(self.owner, url)) and time.monotonic() < end:
            time.sleep(0.2)
        return count

    def assert_tells_no_secret(self, texts):
        """And that there is something to look at: silence would prove nothing."""
        texts = list(texts)
        self.assertTrue(texts)
        told = [text for text in texts for secret in SECRETS if secret in text]
        self.assertEqual(told, [])


def hasty(template):
    """The provider with a function that has 10 seconds, so that what takes longer is handed over soon."""
    text = template.read_text()
    assert TIMEOUT in text
    return text.replace(TIMEOUT, "Timeout: 10")


def failure(events, logical_id="Share"):
    """The reason of the first failure of a resource."""
    return next(
        event["ResourceStatusReason"]
        for event in events
        if event["LogicalResourceId"] == logical_id and event["ResourceStatus"].endswith("_FAILED")
    )


def retained(template):
    """The template with DeletionPolicy Retain on the share."""
    text = template.read_text()
    return re.sub(r"( +)(Type: Custom::LicenseConfigShare)\n", r"\1\2\n\1DeletionPolicy: Retain\n", text)
