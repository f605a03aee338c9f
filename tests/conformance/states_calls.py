"""What takes time, what fails, quotas and throttles: the answers that a fresh and idle cloud never gives."""

from cloud import pages, refused, same
from ram_calls import listing

OWNER, MEMBER, INVITED, LATE = "550000000001", "550000000002", "550000000003", "550000000004"
DAY = 24 * 3600
SLOW = {
    "share_pending": 5,
    "share_deleting": 5,
    "associate_resource": 5,
    "associate_account": 5,
    "associate_organization": 5,
    "disassociate_resource": 5,
    "disassociate_principal": 5,
}
THROTTLES = [
    ("ram", "create_resource_share", {"name": "x"}, "ThrottlingException"),
    ("ram", "get_resource_shares", {"resourceOwner": "SELF"}, "ThrottlingException"),
    ("license-manager", "get_service_settings", {}, "RateLimitExceededException"),
    ("organizations", "describe_organization", {}, "TooManyRequestsException"),
    ("sts", "get_caller_identity", {}, "Throttling"),
    ("iam", "list_roles", {}, "Throttling"),
]


def run(cloud):
    """The whole scenario."""
    organizations = cloud.client("organizations", OWNER)
    organization = organizations.create_organization()["Organization"]
    cloud.add_account(organization["Id"], MEMBER)
    owner = cloud.client("ram", OWNER)
    owner.enable_sharing_with_aws_organization()
    made = cloud.client("license-manager", OWNER).create_license_configuration(Name="n", LicenseCountingType="vCPU")
    license_configuration = made["LicenseConfigurationArn"]
    with cloud.settings(ram={"times": SLOW}):
        _life_of_a_share(cloud, owner, license_configuration)
    _failures(cloud, owner)
    _invitations_end(cloud, owner, license_configuration)
    _invitations_taken_back(cloud, owner)
    _too_many_invitations(cloud, owner)
    _quotas(cloud, owner)
    _closing(cloud, organizations)
    _sessions_end(cloud)
    _throttles(cloud)


def _life_of_a_share(cloud, owner, license_configuration):
    made = owner.create_resource_share(name="slow", resourceArns=[license_configuration], principals=[MEMBER])
    share = made["resourceShare"]["resourceShareArn"]
    same(made["resourceShare"]["status"], "PENDING", "a new share")
    same(_statuses(owner, share), {"ASSOCIATING"}, "members of a new share")
    member = cloud.client("ram", MEMBER)
    seen, _ = listing(member.get_resource_shares, "resourceShares", resourceOwner="OTHER-ACCOUNTS")
    same(seen, [], "what a member sees of a pending share")
    _forward(cloud, 11)
    same(_statuses(owner, share), {"ASSOCIATED"}, "members after a while")
    gone = owner.disassociate_resource_share(resourceShareArn=share, principals=[MEMBER])
    same(gone["resourceShareAssociations"][0]["status"], "DISASSOCIATING", "a member on its way out")
    _forward(cloud, 6)
    owner.delete_resource_share(resourceShareArn=share)
    same(_status(owner, share), "DELETING", "a share just deleted")
    _forward(cloud, 6)
    same(_status(owner, share), "DELETED", "a share deleted a while ago")
    _forward(cloud, 3 * 3600)
    refused("UnknownResourceException", owner.get_resource_shares, resourceOwner="SELF", resourceShareArns=[share])


def _failures(cloud, owner):
    own = owner.create_resource_share(name="own", principals=[OWNER])["resourceShare"]["resourceShareArn"]
    _forward(cloud, 1)
    found, _ = listing(
        owner.get_resource_share_associations,
        "resourceShareAssociations",
        associationType="PRINCIPAL",
        resourceShareArns=[own],
    )
    same([item["status"] for item in found], ["FAILED"], "the owner as its own principal")
    assert found[0]["statusMessage"], "a failed association says nothing"


def _invitations_end(cloud, owner, license_configuration):
    share = owner.create_resource_share(
        name="open", resourceArns=[license_configuration], principals=[LATE], allowExternalPrincipals=True
    )["resourceShare"]["resourceShareArn"]
    late = cloud.client("ram", LATE)
    (invitation,), _ = listing(
        late.get_resource_share_invitations, "resourceShareInvitations", resourceShareArns=[share]
    )
    same(invitation["status"], "PENDING", "a fresh invitation")
    _forward(cloud, 8 * DAY)
    (invitation,), _ = listing(
        late.get_resource_share_invitations, "resourceShareInvitations", resourceShareArns=[share]
    )
    same(invitation["status"], "EXPIRED", "an old invitation")
    arn = invitation["resourceShareInvitationArn"]
    refused(
        "ResourceShareInvitationExpiredException", late.accept_resource_share_invitation, resourceShareInvitationArn=arn
    )
    refused(
        "ResourceShareInvitationExpiredException",
        late.list_pending_invitation_resources,
        resourceShareInvitationArn=arn,
    )


def _invitations_taken_back(cloud, owner):
    invited = cloud.client("ram", INVITED)
    for answer, code in [
        ("Vanishes", "ResourceShareInvitationArnNotFoundException"),
        ("Expires", "ResourceShareInvitationExpiredException"),
        ("Stays", "OperationNotPermittedException"),
    ]:
        with cloud.settings(ram={"withdrawn_invitation": answer}):
            made = owner.create_resource_share(name=answer, principals=[INVITED])
            share = made["resourceShare"]["resourceShareArn"]
            (invitation,), _ = listing(
                invited.get_resource_share_invitations, "resourceShareInvitations", resourceShareArns=[share]
            )
            owner.disassociate_resource_share(resourceShareArn=share, principals=[INVITED])
            arn = invitation["resourceShareInvitationArn"]
            refused(code, invited.accept_resource_share_invitation, resourceShareInvitationArn=arn)
            owner.delete_resource_share(resourceShareArn=share)


def _too_many_invitations(cloud, owner):
    quota = {"quotas": {"pending_invitations": 1}}
    with cloud.settings(ram=quota):
        two = dict(name="x", principals=["550000000005", "550000000006"])
        refused("ResourceShareLimitExceededException", owner.create_resource_share, **two)
    with cloud.settings(ram={**quota, "invitation_limit": "Fails"}):
        share = owner.create_resource_share(**two)["resourceShare"]["resourceShareArn"]
        same("FAILED" in _statuses(owner, share), True, "one too many")
        owner.delete_resource_share(resourceShareArn=share)


def _quotas(cloud, owner):
    with cloud.settings(ram={"quotas": {"members_per_call": 1, "tags": 1}}, license_manager={"quota": 1}):
        refused(
            "ResourceShareLimitExceededException", owner.create_resource_share, name="x", principals=[MEMBER, INVITED]
        )
        tags = [{"key": str(number), "value": ""} for number in range(2)]
        refused("TagLimitExceededException", owner.create_resource_share, name="x", tags=tags)
        licenses = cloud.client("license-manager", OWNER)
        refused(
            "ResourceLimitExceededException",
            licenses.create_license_configuration,
            Name="x",
            LicenseCountingType="vCPU",
        )


def _closing(cloud, organizations):
    with cloud.settings(organizations={"closing_time": 60, "account_status": True}):
        organizations.close_account(AccountId=MEMBER)
        account = organizations.describe_account(AccountId=MEMBER)["Account"]
        same((account["State"], account["Status"]), ("PENDING_CLOSURE", "PENDING_CLOSURE"), "an account being closed")
        _forward(cloud, 61)
        account = organizations.describe_account(AccountId=MEMBER)["Account"]
        same((account["State"], account["Status"]), ("CLOSED", "SUSPENDED"), "a closed account")


def _sessions_end(cloud):
    role = f"arn:aws:iam::{INVITED}:role/r"
    credentials = cloud.client("sts", OWNER).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = dict(token=credentials["SessionToken"], secret=credentials["SecretAccessKey"])
    _forward(cloud, 3601)
    key = credentials["AccessKeyId"]
    refused("ExpiredToken", cloud.client("sts", key, **session).get_caller_identity)
    refused("ExpiredTokenException", cloud.client("ram", key, **session).get_resource_shares, resourceOwner="SELF")
    refused("UnrecognizedClientException", cloud.client("organizations", "AKIAUNKNOWN").describe_organization)


def _throttles(cloud):
    cloud.admin("POST", "throttles", {"service": "*", "operation": "*", "per_second": 0.001, "burst": 1})
    try:
        for service, operation, members, code in THROTTLES:
            call = getattr(cloud.client(service, OWNER), operation)
            call(**members)
            refused(code, call, **members)
    finally:
        cloud.admin("POST", "faults/clear", {})


def _forward(cloud, seconds):
    cloud.admin("POST", "advance", {"seconds": seconds})


def _status(owner, share):
    (found,), _ = pages(
        owner.get_resource_shares, "resourceShares", token="nextToken", resourceOwner="SELF", resourceShareArns=[share]
    )
    return found["status"]


def _statuses(owner, share):
    kinds = ("PRINCIPAL", "RESOURCE")
    found = [
        listing(
            owner.get_resource_share_associations,
            "resourceShareAssociations",
            associationType=kind,
            resourceShareArns=[share],
        )[0]
        for kind in kinds
    ]
    return {item["status"] for items in found for item in items}
