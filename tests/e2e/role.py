"""What the provider's role may do, and which of its statements lets a call pass."""

from fnmatch import fnmatchcase

from demo import scene as scenery

ANY = "*"
ONLY_LICENSES = {"StringEqualsIfExists": {"ram:RequestedResourceType": "license-manager:LicenseConfiguration"}}


def permitted(region, table, wait_queue, failed_queue):
    """All that the role is to allow: what, on what, under which condition."""
    here = f"{region}:{scenery.OWNER}"
    share, record = f"arn:aws:ram:{here}:resource-share/*", f"arn:aws:dynamodb:{here}:table/{table}"
    log = f"arn:aws:logs:{here}:log-group:/custom-resources/{scenery.PROVIDER}:*"
    return {
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
        ("dynamodb:GetItem", record, None),
        ("dynamodb:UpdateItem", record, None),
        ("dynamodb:Query", f"{record}/index/ByObject", None),
        ("logs:CreateLogStream", log, None),
        ("logs:PutLogEvents", log, None),
        *((f"sqs:{call}Message", wait_queue, None) for call in ("Delete", "Receive", "Send")),
        ("sqs:GetQueueAttributes", wait_queue, None),
        ("sqs:SendMessage", failed_queue, None),
    }


def statements(iam, role):
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def granted(statement):
    """Each action of a statement with each resource, in the form of `permitted`. A key that is not known here, such as
    NotAction, is an error."""
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    assert not unknown and statement["Effect"] == "Allow", statement
    condition = repr(statement["Condition"]) if "Condition" in statement else None
    pairs = [(action, on) for action in as_list(statement["Action"]) for on in as_list(statement["Resource"])]
    return {(action, on, condition) for action, on in pairs}


def allows(grants, call):
    """Whether a grant covers a call of local-cloud's log: what it acts on, and what it puts into a share."""
    licenses = all(":license-configuration:" in arn for arn in call["input"].get("resourceArns") or [])
    return any(
        action == f"{call['service']}:{call['operation']}"
        and fnmatchcase(acts_on(call), on)
        and (condition is None or licenses)
        for action, on, condition in grants
    )


def acts_on(call):
    """The ARN in the call that IAM would match with Resource, where its action knows one."""
    given = call["input"]
    return given.get("resourceShareArn") or given.get("LicenseConfigurationArn") or ANY


def as_list(value):
    return value if isinstance(value, list) else [value]
