"""Service-linked roles in IAM, and what License Manager and RAM make of them."""

import datetime

from cloud import pages, refused, same

MANAGER, MEMBER, FRESH = "560000000001", "560000000002", "560000000003"
CORE, MASTER = "license-manager.amazonaws.com", "license-manager.master-account.amazonaws.com"
MEMBERS, RAM = "license-manager.member-account.amazonaws.com", "ram.amazonaws.com"
SUBSCRIPTIONS = "license-manager-linux-subscriptions.amazonaws.com"
NAMES = {
    CORE: "AWSServiceRoleForAWSLicenseManagerRole",
    MASTER: "AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
    MEMBERS: "AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
    SUBSCRIPTIONS: "AWSServiceRoleForAWSLicenseManagerLinuxSubscriptionsService",
    RAM: "AWSServiceRoleForResourceAccessManager",
}


def run(cloud):
    """The whole scenario."""
    _core_role(cloud)
    _every_role(cloud.client("iam", FRESH, "eu-west-1"))
    _refusals(cloud.client("iam", FRESH))
    _deletion(cloud.client("iam", FRESH))
    _made_by_services(cloud)


def _core_role(cloud):
    licenses, iam = cloud.client("license-manager", FRESH), cloud.client("iam", FRESH)
    cloud.admin("POST", "linked-roles/remove", {"account": FRESH})
    with cloud.settings(iam={"propagation": 60}):
        message = refused("AccessDeniedException", licenses.get_service_settings)
        assert message.startswith("Service role not found"), message
        refused("NoSuchEntity", iam.get_role, RoleName=NAMES[CORE])
        made = iam.create_service_linked_role(AWSServiceName=CORE)["Role"]
        same(made["Arn"], f"arn:aws:iam::{FRESH}:role/aws-service-role/{CORE}/{NAMES[CORE]}", "ARN of the core role")
        refused("AccessDeniedException", licenses.get_service_settings)
        cloud.admin("POST", "advance", {"seconds": 61})
        licenses.get_service_settings()


def _every_role(iam):
    for service in (MASTER, MEMBERS, SUBSCRIPTIONS, RAM):
        made = iam.create_service_linked_role(AWSServiceName=service, Description="<conformance> & more")["Role"]
        same((made["RoleName"], made["Path"]), (NAMES[service], f"/aws-service-role/{service}/"), "a role")
        same(made["Description"], "<conformance> & more", "its description")
        assert isinstance(made["CreateDate"], datetime.datetime), made
        (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
        same(statement["Principal"], {"Service": service}, "whom it trusts")
        same(iam.get_role(RoleName=NAMES[service])["Role"], made, "GetRole after the create")
    roles, count = pages(iam.list_roles, "Roles", token="Marker", MaxItems=2)
    same(({role["RoleName"] for role in roles}, count), (set(NAMES.values()), 3), "all roles, two a page")
    some, _ = pages(iam.list_roles, "Roles", token="Marker", PathPrefix=f"/aws-service-role/{RAM}/")
    same([role["RoleName"] for role in some], [NAMES[RAM]], "roles by path")


def _refusals(iam):
    create = iam.create_service_linked_role
    message = refused("InvalidInput", create, AWSServiceName=CORE)
    taken = f"Service role name {NAMES[CORE]} has been taken in this account, please try a different suffix."
    same(message, taken, "the refusal of a second core role")
    refused("InvalidInput", create, AWSServiceName="ec2.amazonaws.com")
    refused("InvalidInput", create, AWSServiceName=CORE, CustomSuffix="x")
    refused("ValidationError", create)
    refused("ValidationError", iam.list_roles, MaxItems=0)
    refused("NoSuchEntity", iam.get_role, RoleName="unknown")


def _deletion(iam):
    def status(name):
        task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
        return iam.get_service_linked_role_deletion_status(DeletionTaskId=task)

    kept = status(NAMES[CORE])
    same(kept["Status"], "FAILED", "the deletion of the core role before the others")
    assert kept["Reason"]["Reason"], kept
    for service in (MASTER, MEMBERS, SUBSCRIPTIONS, RAM, CORE):
        same(status(NAMES[service])["Status"], "SUCCEEDED", f"the deletion of the role of {service}")
    refused("NoSuchEntity", iam.delete_service_linked_role, RoleName=NAMES[CORE])
    refused("NoSuchEntity", iam.get_service_linked_role_deletion_status, DeletionTaskId="task/unknown")
    same(pages(iam.list_roles, "Roles", token="Marker")[0], [], "roles after the deletions")


def _made_by_services(cloud):
    organization = cloud.client("organizations", MANAGER).create_organization()["Organization"]
    cloud.add_account(organization["Id"], MEMBER)
    manager, member = cloud.client("iam", MANAGER), cloud.client("iam", MEMBER)
    for service in (MASTER, MEMBERS, RAM):
        refused("NoSuchEntity", manager.get_role, RoleName=NAMES[service])
    _sharing_without_role(cloud, organization)
    cloud.client("ram", MANAGER).enable_sharing_with_aws_organization()
    link = {"OrganizationConfiguration": {"EnableIntegration": True}}
    cloud.client("license-manager", MANAGER).update_service_settings(**link)
    for service in (MASTER, MEMBERS, RAM):
        same(manager.get_role(RoleName=NAMES[service])["Role"]["RoleName"], NAMES[service], "made by a service")
    member.get_role(RoleName=NAMES[MEMBERS])
    refused("NoSuchEntity", member.get_role, RoleName=NAMES[MASTER])


def _sharing_without_role(cloud, organization):
    cloud.client("organizations", MANAGER).enable_aws_service_access(ServicePrincipal=RAM)
    share = dict(name="early", principals=[organization["Arn"]])
    refused("UnknownResourceException", cloud.client("ram", MANAGER).create_resource_share, **share)
