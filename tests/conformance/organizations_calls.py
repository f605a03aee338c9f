"""Every operation of AWS Organizations that the local cloud serves, in organizations of its own."""

from cloud import pages, refused, same

MANAGER, MEMBER, LEAVER, REMOVED, CLOSED, BILLING, OUTSIDER = (
    "510000000001",
    "510000000002",
    "510000000003",
    "510000000004",
    "510000000005",
    "510000000006",
    "510000000007",
)
LICENSE_MANAGER = "license-manager.amazonaws.com"
REGISTER = dict(AccountId=MEMBER, ServicePrincipal=LICENSE_MANAGER)


def run(cloud):
    """The whole scenario."""
    manager = cloud.client("organizations", MANAGER)
    organization = _organization(cloud, manager)
    root, upper, lower = _tree(manager)
    for account, parent in [(MEMBER, upper), (LEAVER, root), (REMOVED, root), (CLOSED, lower)]:
        cloud.add_account(organization["Id"], account, None if parent == root else parent)
    _accounts(cloud, manager, root, upper, lower)
    _access(manager)
    _delegation(cloud, manager)
    _ends(cloud, manager)
    _billing(cloud)


def _organization(cloud, manager):
    refused("AWSOrganizationsNotInUseException", manager.describe_organization)
    refused("InvalidInputException", manager.create_organization, reason="INVALID_ENUM", FeatureSet="SOME")
    made = manager.create_organization(FeatureSet="ALL")["Organization"]
    same(made["MasterAccountId"], MANAGER, "management account")
    same(made["FeatureSet"], "ALL", "feature set")
    refused("AlreadyInOrganizationException", manager.create_organization)
    same(manager.describe_organization()["Organization"], made, "DescribeOrganization of the manager")
    refused("AWSOrganizationsNotInUseException", cloud.client("organizations", OUTSIDER).describe_organization)
    return made


def _tree(manager):
    (root,), _ = pages(manager.list_roots, "Roots")
    make = manager.create_organizational_unit
    upper = make(ParentId=root["Id"], Name="upper")["OrganizationalUnit"]
    lower = make(ParentId=upper["Id"], Name="lower")["OrganizationalUnit"]
    refused("DuplicateOrganizationalUnitException", make, ParentId=root["Id"], Name="upper")
    refused("ParentNotFoundException", make, ParentId="ou-none-00000000", Name="x")
    refused("InvalidInputException", make, reason="INPUT_REQUIRED", ParentId=root["Id"])
    units, _ = pages(manager.list_organizational_units_for_parent, "OrganizationalUnits", ParentId=root["Id"])
    same(units, [upper], "units below the root")
    parents, _ = pages(manager.list_parents, "Parents", ChildId=lower["Id"])
    same(parents, [{"Id": upper["Id"], "Type": "ORGANIZATIONAL_UNIT"}], "parents of the lower unit")
    return root["Id"], upper["Id"], lower["Id"]


def _accounts(cloud, manager, root, upper, lower):
    listed, count = pages(manager.list_accounts, "Accounts", MaxResults=2)
    same([account["Id"] for account in listed], [MANAGER, MEMBER, LEAVER, REMOVED, CLOSED], "accounts")
    same(count, 3, "pages of two")
    same({account["State"] for account in listed}, {"ACTIVE"}, "states")
    member = manager.describe_account(AccountId=MEMBER)["Account"]
    assert member in listed, f"DescribeAccount and ListAccounts differ: {member}"
    refused("AccountNotFoundException", manager.describe_account, AccountId=OUTSIDER)
    move = dict(AccountId=MEMBER, SourceParentId=upper, DestinationParentId=lower)
    manager.move_account(**move)
    refused("SourceParentNotFoundException", manager.move_account, **move)
    inside, _ = pages(manager.list_accounts_for_parent, "Accounts", ParentId=lower)
    same({account["Id"] for account in inside}, {MEMBER, CLOSED}, "accounts of the lower unit")
    refused("ChildNotFoundException", manager.list_parents, ChildId=OUTSIDER)
    refused("InvalidInputException", manager.list_accounts, reason="INVALID_NEXT_TOKEN", NextToken="nonsense")
    refused("InvalidInputException", manager.list_accounts, reason="MAX_VALUE_EXCEEDED", MaxResults=21)
    member = cloud.client("organizations", MEMBER)
    same(member.describe_organization()["Organization"]["MasterAccountId"], MANAGER, "as a member sees it")
    refused("AccessDeniedException", member.list_accounts)
    refused("AccessDeniedException", member.list_accounts_for_parent, ParentId=root)


def _access(manager):
    enable = manager.enable_aws_service_access
    enable(ServicePrincipal=LICENSE_MANAGER)
    enable(ServicePrincipal="ssm.amazonaws.com")
    refused("InvalidInputException", enable, reason="UNRECOGNIZED_SERVICE_PRINCIPAL", ServicePrincipal="x.example")
    manager.disable_aws_service_access(ServicePrincipal="ssm.amazonaws.com")
    trusted, _ = pages(manager.list_aws_service_access_for_organization, "EnabledServicePrincipals")
    same([service["ServicePrincipal"] for service in trusted], [LICENSE_MANAGER], "trusted services")


def _delegation(cloud, manager):
    register, deregister = manager.register_delegated_administrator, manager.deregister_delegated_administrator
    untrusted = {**REGISTER, "ServicePrincipal": "ssm.amazonaws.com"}
    refused("ConstraintViolationException", register, reason="SERVICE_ACCESS_NOT_ENABLED", **untrusted)
    refused("AccountNotRegisteredException", deregister, **REGISTER)
    register(**REGISTER)
    refused("AccountAlreadyRegisteredException", register, **REGISTER)
    second = {**REGISTER, "AccountId": LEAVER}
    limit = "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED"
    refused("ConstraintViolationException", register, reason=limit, **second)
    administrators, _ = pages(
        manager.list_delegated_administrators, "DelegatedAdministrators", ServicePrincipal=LICENSE_MANAGER
    )
    same([account["Id"] for account in administrators], [MEMBER], "delegated administrators")
    services, _ = pages(manager.list_delegated_services_for_account, "DelegatedServices", AccountId=MEMBER)
    same([service["ServicePrincipal"] for service in services], [LICENSE_MANAGER], "delegated services")
    refused("AccountNotRegisteredException", manager.list_delegated_services_for_account, AccountId=LEAVER)
    seen, _ = pages(cloud.client("organizations", MEMBER).list_accounts, "Accounts")
    same(len(seen), 5, "accounts that a delegated administrator sees")
    held = "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"
    refused(
        "ConstraintViolationException",
        manager.disable_aws_service_access,
        reason=held,
        ServicePrincipal=LICENSE_MANAGER,
    )
    refused(
        "ConstraintViolationException",
        manager.remove_account_from_organization,
        reason="CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        AccountId=MEMBER,
    )
    deregister(**REGISTER)


def _ends(cloud, manager):
    cloud.client("organizations", LEAVER).leave_organization()
    manager.remove_account_from_organization(AccountId=REMOVED)
    manager.close_account(AccountId=CLOSED)
    refused("AccountAlreadyClosedException", manager.close_account, AccountId=CLOSED)
    refused("AccountNotFoundException", manager.remove_account_from_organization, AccountId=LEAVER)
    refused("MasterCannotLeaveOrganizationException", manager.leave_organization)
    refused(
        "ConstraintViolationException",
        manager.close_account,
        reason="CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        AccountId=MANAGER,
    )
    listed, _ = pages(manager.list_accounts, "Accounts")
    states = {account["Id"]: account["State"] for account in listed}
    same(states, {MANAGER: "ACTIVE", MEMBER: "ACTIVE", CLOSED: "CLOSED"}, "states at the end")


def _billing(cloud):
    billing = cloud.client("organizations", BILLING)
    made = billing.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]
    same(made["FeatureSet"], "CONSOLIDATED_BILLING", "feature set")
    refused(
        "ConstraintViolationException",
        billing.enable_aws_service_access,
        reason="ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        ServicePrincipal=LICENSE_MANAGER,
    )
