"""What the provider's role may do, and which of its statements lets a call pass."""

import ast
from fnmatch import fnmatchcase

from demo import scene as scenery

ANY = "*"
LINKED = ["license-manager.amazonaws.com", "license-manager.member-account.amazonaws.com"]
ROLES = {
    "license-manager.amazonaws.com": "AWSServiceRoleForAWSLicenseManagerRole",
    "license-manager.master-account.amazonaws.com": "AWSServiceRoleForAWSLicenseManagerMasterAccountRole",
    "license-manager.member-account.amazonaws.com": "AWSServiceRoleForAWSLicenseManagerMemberAccountRole",
    "ram.amazonaws.com": "AWSServiceRoleForResourceAccessManager",
}
# Members of calls that say what they act on, where IAM looks at it.
NAMED = ["resourceShareArn", "resourceShareInvitationArn", "LicenseConfigurationArn", "RoleArn"]
ONLY_LICENSES = {"StringEqualsIfExists": {"ram:RequestedResourceType": "license-manager:LicenseConfiguration"}}


def permitted(region, table, wait_queue, failed_queue):
    """What the role is to allow whatever the provider's stack says: what, on what, under which condition."""
    here = f"{region}:{scenery.OWNER}"
    record = f"arn:aws:dynamodb:{here}:table/{table}"
    log = f"arn:aws:logs:{here}:log-group:/custom-resources/{scenery.PROVIDER}:*"
    return {
        ("dynamodb:GetItem", record, None),
        ("dynamodb:UpdateItem", record, None),
        ("dynamodb:Query", f"{record}/index/ByObject", None),
        ("logs:CreateLogStream", log, None),
        ("logs:PutLogEvents", log, None),
        *((f"sqs:{call}Message", wait_queue, None) for call in ("Delete", "Receive", "Send")),
        ("sqs:GetQueueAttributes", wait_queue, None),
        ("sqs:SendMessage", failed_queue, None),
    }


def permitted_elsewhere():
    """What it is to allow in other accounts, unless the stack says otherwise."""
    return {("sts:AssumeRole", "arn:aws:iam::*:role/license-manager-provider-acceptance", None)}


def permitted_to_share(region):
    """What it is to allow with shares, this account's own and others', unless the stack says otherwise."""
    here, anywhere = f"{region}:{scenery.OWNER}", f"arn:aws:ram:{region}:*"
    share = f"arn:aws:ram:{here}:resource-share/*"
    self_alone = [scenery.OWNER, f"arn:aws:iam::{scenery.OWNER}:root"]
    leaving = {"StringEqualsIfExists": {"ram:Principal": self_alone}}
    return {
        ("ram:GetResourceShareInvitations", ANY, None),
        ("ram:ListResources", ANY, None),
        ("ram:AcceptResourceShareInvitation", f"{anywhere}:resource-share-invitation/*", None),
        ("ram:DisassociateResourceShare", f"{anywhere}:resource-share/*", repr(leaving)),
        ("ram:GetResourceShares", ANY, None),
        ("ram:GetResourceShareAssociations", ANY, None),
        ("ram:CreateResourceShare", ANY, repr(ONLY_LICENSES)),
        ("ram:AssociateResourceShare", share, repr(ONLY_LICENSES)),
        ("ram:DisassociateResourceShare", share, None),
        ("ram:UpdateResourceShare", share, None),
        ("ram:DeleteResourceShare", share, None),
        ("ram:TagResource", share, None),
        ("ram:UntagResource", share, None),
        ("license-manager:ListLicenseConfigurations", ANY, None),
        ("license-manager:GetLicenseConfiguration", f"arn:aws:license-manager:{here}:license-configuration:*", None),
    }


def permitted_to_link():
    """What it is to allow beside that, unless the provider's stack says otherwise."""
    account = f"arn:aws:organizations::{scenery.OWNER}:account/o-*/*"
    trusted = {"StringEquals": {"organizations:ServicePrincipal": [*LINKED, "ram.amazonaws.com"]}}
    delegated = {"StringEquals": {"organizations:ServicePrincipal": LINKED[0]}}
    services = {"StringEquals": {"iam:AWSServiceName": list(ROLES)}}
    roles = [role_arn(service) for service in ROLES]
    return {
        ("license-manager:GetServiceSettings", ANY, None),
        ("license-manager:UpdateServiceSettings", ANY, None),
        ("organizations:DescribeOrganization", ANY, None),
        ("organizations:ListAWSServiceAccessForOrganization", ANY, None),
        ("organizations:ListDelegatedAdministrators", ANY, None),
        ("organizations:DescribeAccount", account, None),
        ("organizations:EnableAWSServiceAccess", ANY, repr(trusted)),
        ("organizations:RegisterDelegatedAdministrator", account, repr(delegated)),
        ("organizations:DeregisterDelegatedAdministrator", account, repr(delegated)),
        ("ram:EnableSharingWithAwsOrganization", ANY, None),
        *(("iam:GetRole", arn, None) for arn in [*roles, *map(without_path, ROLES.values())]),
        *(("iam:CreateServiceLinkedRole", arn, repr(services)) for arn in roles),
    }


def role_arn(service):
    return f"arn:aws:iam::{scenery.OWNER}:role/aws-service-role/{service}/{ROLES[service]}"


def without_path(role):
    """As IAM may name a role that is not there: it does not know its path."""
    return f"arn:aws:iam::{scenery.OWNER}:role/{role}"


def statements(iam, role):
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def grants(account, name):
    """All that the inline policies of a role allow, in the form of `permitted`."""
    return set().union(*map(granted, statements(account.client("iam"), name)))


def granted(statement):
    """Each action of a statement with each resource, in the form of `permitted`. A key that is not known here, such as
    NotAction, is an error."""
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    assert not unknown and statement["Effect"] == "Allow", statement
    condition = repr(statement["Condition"]) if "Condition" in statement else None
    pairs = [(action, on) for action in as_list(statement["Action"]) for on in as_list(statement["Resource"])]
    return {(action, on, condition) for action, on in pairs}


def allows(grants, call):
    """Whether a grant covers a call of local-cloud's log: what it acts on, and what its condition asks about."""
    return any(
        action == f"{call['service']}:{call['operation']}"
        and fnmatchcase(acts_on(call), on)
        and (condition is None or holds(ast.literal_eval(condition), context(call)))
        for action, on, condition in grants
    )


def holds(condition, context):
    """An operator that is not known here is an error."""
    assert set(condition) <= {"StringEquals", "StringEqualsIfExists"}, condition
    return all(
        context[key] in as_list(values) if key in context else operator.endswith("IfExists")
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def context(call):
    """The condition keys of a call that IAM would have."""
    given = call["input"]
    names = {"ServicePrincipal": "organizations:ServicePrincipal", "AWSServiceName": "iam:AWSServiceName"}
    keys = {key: given[name] for name, key in names.items() if name in given}
    if arns := given.get("resourceArns"):
        licenses = all(":license-configuration:" in arn for arn in arns)
        keys["ram:RequestedResourceType"] = "license-manager:LicenseConfiguration" if licenses else "another"
    if principals := given.get("principals"):
        keys["ram:Principal"] = principals[0] if len(principals) == 1 else "several"
    if invitation := given.get("resourceShareInvitationArn"):
        keys["ram:ShareOwnerAccountId"] = invitation.split(":")[4]
    return keys


def acts_on(call):
    """The ARN in the call that IAM would match with Resource, where its action knows one."""
    given = call["input"]
    if service := given.get("AWSServiceName"):
        return role_arn(service)
    if name := given.get("RoleName"):
        return next((role_arn(service) for service, role in ROLES.items() if role == name), name)
    if account := given.get("AccountId"):
        return f"arn:aws:organizations::{scenery.OWNER}:account/o-any/{account}"
    return next((given[name] for name in NAMED if given.get(name)), ANY)


def as_list(value):
    return value if isinstance(value, list) else [value]
