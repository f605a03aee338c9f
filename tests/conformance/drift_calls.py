"""What goes wrong around the link and around invitations: denials, drift, conflicts, and a past that people made."""

from cloud import pages, refused, same
from ram_calls import listing

MANAGER, MEMBER, SUSPENDED = "570000000001", "570000000002", "570000000003"
OUTSIDER, CALLER = "570000000004", "570000000005"
LICENSE_MANAGER = "license-manager.amazonaws.com"
LINK, UNLINK = [{"OrganizationConfiguration": {"EnableIntegration": on}} for on in (True, False)]
BUCKET = "arn:aws:s3:::aws-license-manager-service-drift"
TOPIC = f"arn:aws:sns:us-east-1:{MEMBER}:aws-license-manager-service-drift"
DENIED = [
    ("license-manager", "update_service_settings", "UpdateServiceSettings", LINK, "AccessDeniedException"),
    ("ram", "create_resource_share", "CreateResourceShare", {"name": "x"}, "AccessDeniedException"),
    ("organizations", "describe_organization", "DescribeOrganization", {}, "AccessDeniedException"),
    ("iam", "get_role", "GetRole", {"RoleName": "x"}, "AccessDenied"),
    ("sts", "get_caller_identity", "GetCallerIdentity", {}, "AccessDenied"),
]


def run(cloud):
    """The whole scenario."""
    organizations = cloud.client("organizations", MANAGER)
    organization = organizations.create_organization()["Organization"]
    for account in (MEMBER, SUSPENDED):
        cloud.add_account(organization["Id"], account)
    _denials(cloud)
    _half_links(cloud, organization["Id"], organizations)
    _unlink(cloud)
    _settings(cloud)
    _discovery(cloud)
    _delegation(cloud, organizations)
    _conflicts(cloud, organizations)
    _invitations(cloud)


def _denials(cloud):
    with cloud.settings(sts={"caller_role": "provider"}):
        identity = cloud.client("sts", CALLER).get_caller_identity()
        for service, method, operation, members, code in DENIED:
            action = f"{service}:{operation}"
            cloud.admin("POST", "denials", {"account": CALLER, "action": action})
            message = refused(code, getattr(cloud.client(service, CALLER), method), **members)
            words = f"User: {identity['Arn']} is not authorized to perform: {action} on resource: *"
            assert message.startswith(words), message
    cloud.admin("POST", "denials/clear", {})
    cloud.client("sts", CALLER).get_caller_identity()


def _half_links(cloud, organization, organizations):
    manager = cloud.client("license-manager", MANAGER)
    place = {"account": MANAGER, "region": "us-east-1"}
    cloud.admin("POST", "service-settings", {**place, "settings": {"integration": True}})
    same(manager.get_service_settings()["OrganizationConfiguration"], LINK["OrganizationConfiguration"], "half a link")
    same(_trusted(organizations), [], "trusted access of half a link")
    with cloud.settings(license_manager={"relink_repairs": False}):
        manager.update_service_settings(**LINK)
        same(_trusted(organizations), [], "trusted access where linking again repairs nothing")
    with cloud.settings(organizations={"license_manager_access": False}):
        unrecognized = "UNRECOGNIZED_SERVICE_PRINCIPAL"
        enable = organizations.enable_aws_service_access
        refused("InvalidInputException", enable, reason=unrecognized, ServicePrincipal=LICENSE_MANAGER)
    manager.update_service_settings(**LINK)
    same(len(_trusted(organizations)), 2, "trusted services after linking again")
    trust = {"organization": organization, "service_principal": LICENSE_MANAGER, "trusted": False}
    cloud.admin("POST", "trusted-access", trust)
    same(len(_trusted(organizations)), 1, "trusted services after somebody took one away")
    cloud.admin("POST", "link", place)
    assert manager.get_service_settings()["LicenseManagerResourceShareArn"], "no share after a link by hand"


def _unlink(cloud):
    manager = cloud.client("license-manager", MANAGER)
    with cloud.settings(license_manager={"unlink": "Conflict"}):
        refused("ConflictException", manager.update_service_settings, **UNLINK)
    manager.update_service_settings(**UNLINK)
    settings = manager.get_service_settings()
    same(settings["OrganizationConfiguration"]["EnableIntegration"], False, "the link after unlinking")
    assert "LicenseManagerResourceShareArn" in settings, "the share went with the link"
    manager.update_service_settings(**LINK)
    with cloud.settings(license_manager={"unlink_deletes_share": True}):
        manager.update_service_settings(**UNLINK)
    assert "LicenseManagerResourceShareArn" not in manager.get_service_settings(), "the share outlived the link"
    manager.update_service_settings(**LINK)


def _settings(cloud):
    update = cloud.client("license-manager", MANAGER).update_service_settings
    with cloud.settings(license_manager={"checks_topic_place": True, "bad_value": "Validation"}):
        refused("ValidationException", update, SnsTopicArn=TOPIC)
    update(SnsTopicArn=TOPIC)
    with cloud.settings(license_manager={"update_window": 3600}):
        refused("ConflictException", update, **LINK)


def _discovery(cloud):
    manager = cloud.client("license-manager", MANAGER)
    cloud.add_inventory(resource_id="i-drift", account=MEMBER, region="us-east-1", platform="Windows")

    def look():
        rows, _ = pages(manager.list_resource_inventory, "ResourceInventoryList")
        status = manager.get_service_settings()["ServiceStatus"]
        return [row["ResourceOwningAccountId"] for row in rows], status["CrossAccountDiscovery"]["Message"]

    with cloud.settings(license_manager={"discovery_delay": 600}):
        discovery = dict(EnableCrossAccountsDiscovery=True, S3BucketArn=BUCKET)
        manager.update_service_settings(EnabledDiscoverySourceRegions=["eu-west-1"], **discovery)
        settings = manager.get_service_settings()
        same(settings["CrossRegionDiscoveryHomeRegion"], "us-east-1", "home Region")
        same(list(settings["ServiceStatus"]["CrossRegionDiscovery"]["Message"]), ["eu-west-1"], "source Regions")
        same(look(), ([], "IN_PROGRESS"), "discovery just turned on")
        _forward(cloud, 601)
        same(look(), ([MEMBER], "COMPLETED"), "discovery after a while")
    refused("InvalidParameterValueException", manager.update_service_settings, **UNLINK)


def _delegation(cloud, organizations):
    register = organizations.register_delegated_administrator
    cloud.admin("POST", "accounts/suspend", {"account": SUSPENDED})
    for account, reason in [
        (MANAGER, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"),
        (SUSPENDED, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"),
    ]:
        refused(
            "ConstraintViolationException", register, reason=reason, AccountId=account, ServicePrincipal=LICENSE_MANAGER
        )
    refused("AccountNotFoundException", register, AccountId=OUTSIDER, ServicePrincipal=LICENSE_MANAGER)


def _conflicts(cloud, organizations):
    trust = dict(ServicePrincipal="ssm.amazonaws.com")
    organizations.enable_aws_service_access(**trust)
    with cloud.settings(organizations={"write_window": 3600}):
        refused("ConcurrentModificationException", organizations.disable_aws_service_access, **trust)
    organizations.disable_aws_service_access(**trust)


def _invitations(cloud):
    owner, outsider = cloud.client("ram", MANAGER), cloud.client("ram", OUTSIDER)
    made = cloud.client("license-manager", MANAGER).create_license_configuration(Name="n", LicenseCountingType="vCPU")
    license_configuration = made["LicenseConfigurationArn"]
    with cloud.settings(ram={"times": {"share_shown": 60, "resources_shown": 60}}):
        share = owner.create_resource_share(
            name="late", resourceArns=[license_configuration], principals=[OUTSIDER], allowExternalPrincipals=True
        )["resourceShare"]["resourceShareArn"]
        for status in ("EXPIRED", "REJECTED"):
            cloud.admin("POST", "invitations/old", {"share": share, "account": OUTSIDER, "status": status})
        found = _invited(outsider)
        same([item["status"] for item in found], ["REJECTED", "EXPIRED", "PENDING"], "invitations with a past")
        accept = outsider.accept_resource_share_invitation
        rejected = found[0]["resourceShareInvitationArn"]
        refused("ResourceShareInvitationAlreadyRejectedException", accept, resourceShareInvitationArn=rejected)
        accept(resourceShareInvitationArn=found[2]["resourceShareInvitationArn"])
        named = dict(resourceOwner="OTHER-ACCOUNTS", resourceShareArns=[share])
        refused("UnknownResourceException", outsider.get_resource_shares, **named)
        _forward(cloud, 61)
        outsider.get_resource_shares(**named)
        same(_usable(cloud), [], "license configurations of a share that just showed")
        _forward(cloud, 60)
        same(_usable(cloud), [license_configuration], "license configurations a while later")
    cloud.admin("POST", "invitations/purge", {"account": OUTSIDER})
    same(_invited(outsider), [], "invitations after the purge")
    _member_role_accepts(cloud, owner, license_configuration)


def _member_role_accepts(cloud, owner, license_configuration):
    with cloud.settings(license_manager={"member_role_accepts": True}):
        owner.create_resource_share(
            name="by role", resourceArns=[license_configuration], principals=[MEMBER], allowExternalPrincipals=True
        )
        _forward(cloud, 1)
        found = _invited(cloud.client("ram", MEMBER))
        same([item["status"] for item in found], ["ACCEPTED"], "an invitation to a member of a linked organization")


def _trusted(organizations):
    found, _ = pages(organizations.list_aws_service_access_for_organization, "EnabledServicePrincipals")
    return [item["ServicePrincipal"] for item in found if item["ServicePrincipal"].startswith("license-manager")]


def _invited(client):
    return listing(client.get_resource_share_invitations, "resourceShareInvitations")[0]


def _usable(cloud):
    call = cloud.client("license-manager", OUTSIDER).list_license_configurations
    return [item["LicenseConfigurationArn"] for item in pages(call, "LicenseConfigurations")[0]]


def _forward(cloud, seconds):
    cloud.admin("POST", "advance", {"seconds": seconds})
