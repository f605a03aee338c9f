"""GetCallerIdentity and AssumeRole, and that the credentials of a role act in the role's account."""

import datetime

from cloud import refused, same

CALLER, OWNER = "530000000001", "530000000002"
ROLE = f"arn:aws:iam::{OWNER}:role/path/Acceptor"
GUARDED = f"arn:aws:iam::{OWNER}:role/Guarded"
NARROW = f"arn:aws:iam::{OWNER}:role/Narrow"


def run(cloud):
    """The whole scenario."""
    caller = cloud.client("sts", CALLER)
    identity = caller.get_caller_identity()
    same((identity["Account"], identity["Arn"]), (CALLER, f"arn:aws:iam::{CALLER}:user/local-cloud"), "identity")
    _session(cloud, caller)
    _trust(cloud, caller)
    _permissions(cloud, caller)
    refused("ValidationError", caller.assume_role, RoleArn=ROLE)
    refused("ValidationError", caller.assume_role, RoleArn="nonsense", RoleSessionName="session")
    refused("ValidationError", caller.assume_role, RoleArn=ROLE, RoleSessionName="session", DurationSeconds=1)


def _session(cloud, caller):
    answer = caller.assume_role(RoleArn=ROLE, RoleSessionName="session", DurationSeconds=900)
    credentials = answer["Credentials"]
    assert isinstance(credentials["Expiration"], datetime.datetime), credentials
    arn = f"arn:aws:sts::{OWNER}:assumed-role/Acceptor/session"
    same(answer["AssumedRoleUser"]["Arn"], arn, "assumed role")
    with_session = dict(token=credentials["SessionToken"], secret=credentials["SecretAccessKey"])
    session = cloud.client("sts", credentials["AccessKeyId"], **with_session)
    identity = session.get_caller_identity()
    same((identity["Account"], identity["Arn"]), (OWNER, arn), "identity of the session")
    same(identity["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"], "user id of the session")
    licenses = cloud.client("license-manager", credentials["AccessKeyId"], **with_session)
    made = licenses.create_license_configuration(Name="by role", LicenseCountingType="vCPU")
    owned = cloud.client("license-manager", OWNER).get_license_configuration(**made_arn(made))
    same(owned["OwnerAccountId"], OWNER, "owner of what the session made")


def made_arn(made):
    """The input that names a license configuration just made."""
    return {"LicenseConfigurationArn": made["LicenseConfigurationArn"]}


def _trust(cloud, caller):
    cloud.register_role(arn=GUARDED, trusted_accounts=[CALLER], external_id="secret")
    guarded = dict(RoleArn=GUARDED, RoleSessionName="session")
    refused("AccessDenied", caller.assume_role, **guarded)
    refused("AccessDenied", caller.assume_role, ExternalId="other", **guarded)
    refused("AccessDenied", cloud.client("sts", OWNER).assume_role, ExternalId="secret", **guarded)
    caller.assume_role(ExternalId="secret", **guarded)


def _permissions(cloud, caller):
    root = f"arn:aws:iam::{CALLER}:root"
    cloud.register_role(arn=NARROW, trusted_principals=[root], permissions=[{"actions": ["ram:GetResourceShares"]}])
    credentials = caller.assume_role(RoleArn=NARROW, RoleSessionName="session")["Credentials"]
    session = dict(token=credentials["SessionToken"], secret=credentials["SecretAccessKey"])
    ram = cloud.client("ram", credentials["AccessKeyId"], **session)
    ram.get_resource_shares(resourceOwner="SELF")
    refused("AccessDeniedException", ram.get_resource_share_invitations)
    licenses = cloud.client("license-manager", credentials["AccessKeyId"], **session)
    refused("AccessDeniedException", licenses.list_license_configurations)
    refused(
        "AccessDenied",
        cloud.client("sts", credentials["AccessKeyId"], **session).assume_role,
        RoleArn=ROLE,
        RoleSessionName="session",
    )
