"""What Organizations, RAM and License Manager say: of the link, and of the shares, as their owner and as those they are
shared with see it."""

from demo.aws import pages


def shares(account, owner="SELF"):
    return pages(account.client("ram").get_resource_shares, "resourceShares", resourceOwner=owner)


def live_shares(account, owner="SELF"):
    return [share for share in shares(account, owner) if share["status"] not in ("DELETING", "DELETED")]


def members(account, share_arn):
    """Resources, then principals, of a share: (kind, entity, status, external)."""
    found = []
    for kind in ("RESOURCE", "PRINCIPAL"):
        call = account.client("ram").get_resource_share_associations
        items = pages(call, "resourceShareAssociations", associationType=kind, resourceShareArns=[share_arn])
        live = [item for item in items if item["status"] not in ("DISASSOCIATING", "DISASSOCIATED")]
        found += [(kind, item["associatedEntity"], item["status"], item.get("external", False)) for item in live]
    return found


def entities(account, share_arn):
    return {entity for _, entity, _, _ in members(account, share_arn)}


def shared_with(account):
    """The license configurations that others share with this account: their ARNs, as RAM lists them."""
    found = pages(account.client("ram").list_resources, "resources", resourceOwner="OTHER-ACCOUNTS")
    return {item["arn"] for item in found}


def visible_licenses(account):
    """(name, ARN, owner) of each license configuration that License Manager shows in this account."""
    found = pages(account.client("license-manager").list_license_configurations, "LicenseConfigurations")
    return [(item["Name"], item["LicenseConfigurationArn"], item["OwnerAccountId"]) for item in found]


def invitations(account):
    return pages(account.client("ram").get_resource_share_invitations, "resourceShareInvitations")


def accept_all(account):
    waiting = [item for item in invitations(account) if item["status"] == "PENDING"]
    for item in waiting:
        account.client("ram").accept_resource_share_invitation(
            resourceShareInvitationArn=item["resourceShareInvitationArn"]
        )
    return len(waiting)


def trusted_services(account):
    """The service principals with trusted access to the organization."""
    call = account.client("organizations").list_aws_service_access_for_organization
    return sorted(item["ServicePrincipal"] for item in pages(call, "EnabledServicePrincipals"))


def service_settings(account):
    """License Manager's settings, without what the SDK adds."""
    answer = account.client("license-manager").get_service_settings()
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def subscriptions(account, topic_arn):
    """(protocol, address) of each subscription of a topic, whether it was confirmed or not."""
    found = account.client("sns").list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    return [(item["Protocol"], item["Endpoint"]) for item in found]


def records(account, table):
    return account.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]


def messages(account, queue_url):
    """How many a queue holds: visible, delayed, in flight."""
    names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "Delayed", "NotVisible")]
    answer = account.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def log_lines(account, group):
    """Every line of the function's log."""
    events = pages(account.client("logs").filter_log_events, "events", logGroupName=group)
    return [event["message"] for event in events]
