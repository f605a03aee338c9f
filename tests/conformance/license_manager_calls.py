"""Every operation of AWS License Manager that the local cloud serves."""

from cloud import pages, refused, same

MANAGER, MEMBER, OUTSIDER = "520000000001", "520000000002", "520000000003"
BUCKET = "arn:aws:s3:::aws-license-manager-service-conformance"
TOPIC = f"arn:aws:sns:us-east-1:{MANAGER}:aws-license-manager-service-conformance"
INVALID = "InvalidParameterValueException"
FULL = dict(
    Name="full",
    LicenseCountingType="Core",
    Description="all members",
    LicenseCount=4,
    LicenseCountHardLimit=True,
    LicenseRules=["#minimumCores=2"],
    DisassociateWhenNotFound=True,
    LicenseExpiry=4_000_000_000,
    Tags=[{"Key": "k", "Value": "v"}],
    ProductInformationList=[
        {
            "ResourceType": "SSM_MANAGED",
            "ProductInformationFilterList": [
                {
                    "ProductInformationFilterName": "Application Name",
                    "ProductInformationFilterValue": ["x"],
                    "ProductInformationFilterComparator": "EQUALS",
                }
            ],
        }
    ],
)


def run(cloud):
    """The whole scenario."""
    organizations = cloud.client("organizations", MANAGER)
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    cloud.add_account(organization["Id"], MEMBER)
    manager = cloud.client("license-manager", MANAGER)
    arns = _create(manager)
    _read(manager, arns)
    _change(manager, arns)
    _tags(manager, arns[0])
    _delete(manager, arns)
    _settings(cloud, manager, organizations)
    _inventory(cloud, manager)
    _other_accounts(cloud, arns)


def _create(manager):
    create = manager.create_license_configuration
    arns = [create(**FULL)["LicenseConfigurationArn"]]
    arns += [create(Name="plain", LicenseCountingType="vCPU")["LicenseConfigurationArn"] for _ in range(2)]
    same(len(set(arns)), 3, "ARNs of three creates, two of one name")
    refused(INVALID, create, Name="x")
    refused(INVALID, create, Name="x", LicenseCountingType="VCPU")
    refused(INVALID, create, Name="x", LicenseCountingType="vCPU", LicenseCount="many")
    return arns


def _read(manager, arns):
    full = manager.get_license_configuration(LicenseConfigurationArn=arns[0])
    same({name: full[name] for name in FULL}, FULL, "members given and shown")
    same((full["Status"], full["OwnerAccountId"], full["ConsumedLicenses"]), ("AVAILABLE", MANAGER, 0), "state")
    unknown = arns[0][:-4] + "0000"
    refused(INVALID, manager.get_license_configuration, LicenseConfigurationArn=unknown)
    call = manager.list_license_configurations
    listed, count = pages(call, "LicenseConfigurations", MaxResults=1)
    same(([item["LicenseConfigurationArn"] for item in listed], count), (arns, 3), "pages of one")
    some, _ = pages(call, "LicenseConfigurations", LicenseConfigurationArns=arns[1:])
    same([item["LicenseConfigurationArn"] for item in some], arns[1:], "the ARNs asked for")
    cores, _ = pages(call, "LicenseConfigurations", Filters=[{"Name": "licenseCountingType", "Values": ["Core"]}])
    same([item["Name"] for item in cores], ["full"], "filter by counting type")
    refused(INVALID, call, Filters=[{"Name": "name", "Values": ["full"]}])
    refused("FilterLimitExceededException", call, Filters=[{"Name": "licenseCountingType", "Values": ["Core", "vCPU"]}])
    refused(INVALID, call, NextToken="nonsense")


def _change(manager, arns):
    update = manager.update_license_configuration
    update(LicenseConfigurationArn=arns[1], Name="renamed", LicenseCount=9, LicenseConfigurationStatus="DISABLED")
    shown = manager.get_license_configuration(LicenseConfigurationArn=arns[1])
    same((shown["Name"], shown["LicenseCount"], shown["Status"]), ("renamed", 9, "DISABLED"), "after the update")
    refused(INVALID, update, LicenseConfigurationArn=arns[1], LicenseConfigurationStatus="DELETED")
    refused(INVALID, update, LicenseConfigurationArn=arns[0], LicenseRules=["#minimumCores=8"])


def _tags(manager, arn):
    manager.tag_resource(ResourceArn=arn, Tags=[{"Key": "l", "Value": ""}])
    manager.untag_resource(ResourceArn=arn, TagKeys=["k"])
    same(manager.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "l", "Value": ""}], "tags")
    refused(INVALID, manager.tag_resource, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    refused(INVALID, manager.list_tags_for_resource, ResourceArn="arn:aws:nothing")


def _delete(manager, arns):
    manager.delete_license_configuration(LicenseConfigurationArn=arns[2])
    refused(INVALID, manager.delete_license_configuration, LicenseConfigurationArn=arns[2])
    shown = manager.get_license_configuration(LicenseConfigurationArn=arns[2])
    same(shown["Status"], "DELETED", "status after the delete")
    listed, _ = pages(manager.list_license_configurations, "LicenseConfigurations")
    assert arns[2] not in [item["LicenseConfigurationArn"] for item in listed], "a deleted one is listed"


def _settings(cloud, manager, organizations):
    same(manager.get_service_settings()["OrganizationConfiguration"], {"EnableIntegration": False}, "fresh settings")
    update = manager.update_service_settings
    refused(INVALID, update, SnsTopicArn=TOPIC.replace("aws-license", "license"))
    refused(INVALID, update, EnableCrossAccountsDiscovery=True)
    update(OrganizationConfiguration={"EnableIntegration": True}, SnsTopicArn=TOPIC)
    update(EnableCrossAccountsDiscovery=True, S3BucketArn=BUCKET, EnabledDiscoverySourceRegions=["eu-west-1"])
    settings = manager.get_service_settings()
    same((settings["SnsTopicArn"], settings["S3BucketArn"]), (TOPIC, BUCKET), "topic and bucket")
    same(settings["EnableCrossAccountsDiscovery"], True, "discovery")
    refused(INVALID, update, EnableCrossAccountsDiscovery=False)
    trusted, _ = pages(organizations.list_aws_service_access_for_organization, "EnabledServicePrincipals")
    same(
        [service["ServicePrincipal"] for service in trusted],
        ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"],
        "trusted after the link",
    )
    _own_share(cloud, settings["LicenseManagerResourceShareArn"])
    link = {"OrganizationConfiguration": {"EnableIntegration": True}}
    refused("AccessDeniedException", cloud.client("license-manager", MEMBER).update_service_settings, **link)
    refused(INVALID, cloud.client("license-manager", OUTSIDER).update_service_settings, **link)


def _own_share(cloud, arn):
    ram = cloud.client("ram", MANAGER)
    (share,), _ = pages(
        ram.get_resource_shares, "resourceShares", token="nextToken", resourceOwner="SELF", resourceShareArns=[arn]
    )
    same(share["name"], f"licenseManagerResourceShare-{MANAGER}", "License Manager's own share")
    same(share["tags"], [{"key": "Service", "value": "LicenseManager"}], "its tags")
    same(share["allowExternalPrincipals"], True, "its openness")


def _inventory(cloud, manager):
    for number, account in enumerate([MANAGER, MEMBER, OUTSIDER]):
        cloud.add_inventory(resource_id=f"i-{number}", account=account, region="us-east-1", platform="Windows")
    rows, _ = pages(manager.list_resource_inventory, "ResourceInventoryList", MaxResults=1)
    same([row["ResourceId"] for row in rows], ["i-0", "i-1"], "the organization's machines")
    condition = {"Name": "account_id", "Condition": "EQUALS", "Value": MEMBER}
    rows, _ = pages(manager.list_resource_inventory, "ResourceInventoryList", Filters=[condition])
    same([row["ResourceOwningAccountId"] for row in rows], [MEMBER], "a filter by account")
    refused(INVALID, manager.list_resource_inventory, Filters=[{**condition, "Condition": "LIKE"}])


def _other_accounts(cloud, arns):
    member = cloud.client("license-manager", MEMBER)
    refused(INVALID, member.get_license_configuration, LicenseConfigurationArn=arns[0])
    same(pages(member.list_license_configurations, "LicenseConfigurations")[0], [], "nothing is shared")
    abroad = cloud.client("license-manager", MANAGER, "eu-west-1")
    same(pages(abroad.list_license_configurations, "LicenseConfigurations")[0], [], "another Region")
