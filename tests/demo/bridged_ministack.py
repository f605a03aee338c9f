"""ministack, with what it lacks for stacks of several accounts, in its own process. `python -m demo.bridged_ministack`.

- CloudFormation finds a ServiceToken in another account, where the function's resource policy lets the stack's account
  invoke it, as on AWS. ministack alone knows the functions of the stack's own account.
- local-cloud's STS learns who may assume the roles that ministack's IAM holds, since it is there that functions ask.
  It is told just before a custom resource is invoked, and every tenth of a second besides.
"""

import json
import os
import threading
import time
import urllib.request

from ministack.app import main
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id
from ministack.services import iam, lambda_svc
from ministack.services.cloudformation import custom_resource

LOCAL_CLOUD = f"{os.environ['AWS_ENDPOINT_URL_STS']}/_local-cloud/"
SECONDS = 0.1
INVOKE = "lambda:InvokeFunction"

own_functions = lambda_svc._get_func_record_for_ref
invoke = custom_resource.invoke_custom_resource


# --- functions of other accounts --------------------------------------------------------------------------------------


def any_function(reference):
    found = own_functions(reference)
    account, caller = account_in(reference), get_account_id()
    if found[0] is not None or account in (None, caller):
        return found
    record, config, name = lambda_svc._get_func_record_for_ref_in_scope(reference, account_id=account)
    if record is not None and not admits(record["policy"], caller):
        raise ValueError(
            f"User: arn:aws:sts::{caller}:assumed-role/*/* is not authorized to perform: {INVOKE} on resource: "
            f"{reference} because no resource-based policy allows the {INVOKE} action"
        )
    return record, config, name


def account_in(reference):
    try:
        arn = parse_arn(reference)
    except (ArnParseError, TypeError):
        return None
    return arn.account_id if arn.service == "lambda" else None


def admits(policy, account):
    return any(
        statement["Action"] == INVOKE and names(statement["Principal"], account) and holds(statement, account)
        for statement in policy["Statement"]
    )


def names(principal, account):
    return principal == "*" or account in str(principal.get("AWS"))


def holds(statement, account):
    """A condition that is not known here does not hold."""
    condition = statement.get("Condition")
    of_organization = [{"StringEquals": {"aws:PrincipalOrgID": one}} for one in belongs_to(account)]
    return condition is None or condition in of_organization


def belongs_to(account):
    organizations = get("state")["organizations"]
    return [one["id"] for one in organizations if f'"{account}"' in json.dumps(one)]


# --- roles ------------------------------------------------------------------------------------------------------------


class Roles:
    """What local-cloud was told of the roles that accounts may assume, by ARN."""

    def __init__(self):
        self.lock = threading.Lock()
        self.told = {}

    def tell(self):
        with self.lock:
            known = [known_role(role) for role in list(iam._roles._data.values())]
            now = {role["arn"]: role for role in known if role["trusted_accounts"]}
            for arn in self.told.keys() | now.keys():
                if self.told.get(arn) != now.get(arn):
                    post("roles", now.get(arn, {"arn": arn}))  # one that is gone trusts nobody
            self.told = now

    def keep_telling(self):
        while True:
            time.sleep(SECONDS)
            self.tell()


def known_role(role):
    """Accounts and not roles are trusted: local-cloud knows callers by their accounts. It knows no conditions of
    permissions, and ARNs say whose shares they are of."""
    trust = json.loads(role["AssumeRolePolicyDocument"])["Statement"]
    principals = [name for one in trust for name in as_list(one["Principal"].get("AWS", []))]
    demanded = [one.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId", []) for one in trust]
    allowed = [one for document in role["InlinePolicies"].values() for one in json.loads(document)["Statement"]]
    return {
        "arn": role["Arn"],
        "trusted_accounts": [name.split(":")[4] if name.startswith("arn:") else name for name in principals],
        "external_ids": [external_id for ids in demanded for external_id in as_list(ids)],
        "permissions": [{"actions": as_list(one["Action"]), "resources": as_list(one["Resource"])} for one in allowed],
    }


def as_list(value):
    return value if isinstance(value, list) else [value]


def get(path):
    with urllib.request.urlopen(LOCAL_CLOUD + path, timeout=10) as answer:
        return json.load(answer)


def post(path, body):
    request = urllib.request.Request(LOCAL_CLOUD + path, data=json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10):
        pass


ROLES = Roles()


def invoke_with_roles_told(*arguments, **named):
    ROLES.tell()
    return invoke(*arguments, **named)


if __name__ == "__main__":
    lambda_svc._get_func_record_for_ref = any_function
    custom_resource.invoke_custom_resource = invoke_with_roles_told
    threading.Thread(target=ROLES.keep_telling, daemon=True).start()
    main()
