"""The steps of the story that link License Manager to the organization, and let go of the link."""

from demo import scene as scenery
from demo import show, views
from demo.checks import check, same
from demo.stacks import TEMPLATES

LINK = "organization-link"
LINK_TEMPLATE = TEMPLATES / "org-link.yaml"
ALERT_EMAIL = "licenses@example.com"
TRUSTED = ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com", "ram.amazonaws.com"]


class LinkSteps:
    """Steps of the story."""

    def link_organization(self):
        self.steps.say(
            "The platform team links License Manager to the organization",
            "What cannot be undone or costs money is acknowledged in the stack's parameters. The stack makes a topic "
            "and a bucket. The provider finds that License Manager's role is missing and makes it, links, switches on "
            "sharing in AWS RAM, and waits for License Manager's own share.",
        )
        parameters = scenery.link_parameters(self.scene, AlertEmail=ALERT_EMAIL)
        self.stacks.create(LINK, LINK_TEMPLATE, parameters)
        self.link = self.show_outputs(LINK)
        same(self.link["TrustedAccess"], "Enabled", "trusted access")
        same(self.link["OrganizationArn"], self.scene.organization_arn, "the organization")
        made = [call["operation"] for call in self.scene.log() if call["service"] == "iam"]
        check("CreateServiceLinkedRole" in made, "the missing role should have been made")

    def verify_link(self):
        self.steps.say(
            "The link, verified",
            "In AWS Organizations three services have trusted access; License Manager has its settings and its share, "
            "which goes to the whole organization. Somebody must still confirm the address for alerts.",
        )
        trusted = views.trusted_services(self.owner)
        show.table("Services with trusted access", ["service"], [[service] for service in trusted])
        same(trusted, TRUSTED, "the services with trusted access")
        self.show_settings()
        self.show_license_manager_share()
        rows = [list(way) for way in views.subscriptions(self.owner, self.link["SnsTopicArn"])]
        show.table("Who is alerted, once confirmed", ["by", "address"], rows)
        same(rows, [["email", ALERT_EMAIL]], "the subscriptions of the topic")

    def delete_link(self):
        self.steps.say(
            "The platform team deletes the stack of the link",
            "By default that changes nothing for the organization: the link, topic and bucket stay.",
        )
        before = views.service_settings(self.owner)
        self.stacks.delete(LINK)
        self.show_settings()
        same(views.service_settings(self.owner), before, "License Manager's settings after the deletion")
        same(views.trusted_services(self.owner), TRUSTED, "the services with trusted access after the deletion")
        topics = [topic["TopicArn"] for topic in self.owner.client("sns").list_topics()["Topics"]]
        same(topics, [self.link["SnsTopicArn"]], "the topics that are left")
        self.owner.client("s3").head_bucket(Bucket=self.link["S3BucketArn"].rpartition(":")[2])

    # --- parts of steps -----------------------------------------------------------------------------------------------

    def show_settings(self):
        settings = views.service_settings(self.owner)
        rows = [
            ["linked to the organization", on(settings["OrganizationConfiguration"]["EnableIntegration"])],
            ["cross-account inventory search", on(settings["EnableCrossAccountsDiscovery"])],
            ["topic", settings["SnsTopicArn"]],
            ["bucket", settings["S3BucketArn"]],
        ]
        show.table("Settings of License Manager", ["setting", "value"], rows)
        wanted = ["on", "on", self.link["SnsTopicArn"], self.link["S3BucketArn"]]
        same([value for _, value in rows], wanted, "the settings")

    def show_license_manager_share(self):
        arn = self.link["ResourceShareArn"]
        name = next(share["name"] for share in views.live_shares(self.owner) if share["resourceShareArn"] == arn)
        members = views.members(self.owner, arn)
        rows = [[name, self.scene.name_of(entity), status] for _, entity, status, _ in members]
        show.table("License Manager's own share", ["name", "shared with", "status"], rows)
        same([entity for _, entity, _, _ in members], [self.scene.organization_arn], "with whom it is shared")


def on(flag):
    return "on" if flag else "off"
