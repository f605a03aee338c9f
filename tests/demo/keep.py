"""What `make demo KEEP=1` prints at its end: how to look around with the AWS CLI, and how to stop it all."""

from demo import show
from demo.aws import REGION
from demo.link import LINK
from demo.scene import OUTSIDE, OWNER, PROVIDER
from demo.stacks import SHARES

LOG_GROUP = f"/custom-resources/{PROVIDER}"
EVENT = "Timestamp,LogicalResourceId,ResourceStatus,ResourceStatusReason"
COMMANDS = {
    "what the stack says of the link": "aws cloudformation describe-stacks --stack-name {link} --output table "
    "--query 'Stacks[].Outputs[]'",
    "which services have trusted access": "aws organizations list-aws-service-access-for-organization",
    "the settings of License Manager": "aws license-manager get-service-settings",
    "what happened to the stack of the share": "aws cloudformation describe-stack-events --stack-name {shares} "
    f"--output table --query 'StackEvents[].[{EVENT}]'",
    "what that stack says": "aws cloudformation describe-stacks --stack-name {shares} --output table "
    "--query 'Stacks[].Outputs[]'",
    "the shares as their owner sees them": "aws ram get-resource-shares --resource-owner SELF",
    "with whom they are shared": "aws ram get-resource-share-associations --association-type PRINCIPAL",
    "what the provider wrote": "aws logs filter-log-events --log-group-name {log} --output text "
    "--query 'events[].[message]'",
    "the same as a supplier sees it": "AWS_ACCESS_KEY_ID={outside} aws license-manager list-license-configurations",
    "that stack's end": "aws cloudformation delete-stack --stack-name {shares}",
}


def explain(servers):
    show.line()
    show.line(show.paint("All of it is still running, and the stacks are still there.", "bold"))
    show.line("   Set up a shell (the access key is the id of the account that you are):")
    show.line()
    for name, value in variables(servers.endpoints).items():
        show.line(f"export {name}={value}")
    show.line('export PATH="$PWD/.venv/bin:$PATH"')
    show.line()
    show.line("   Then look around:")
    for what, command in COMMANDS.items():
        show.line()
        show.line(show.paint(f"# {what}", "dim"))
        show.line(command.format(link=LINK, shares=SHARES, log=LOG_GROUP, outside=OUTSIDE))
    show.line()
    show.line("   Stop it all with: make demo-stop")


def variables(endpoints):
    return {
        "AWS_ACCESS_KEY_ID": OWNER,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": '""',
        "AWS_ENDPOINT_URL": endpoints.ministack,
        **{f"AWS_ENDPOINT_URL_{name}": endpoints.local_cloud
           for name in ("LICENSE_MANAGER", "ORGANIZATIONS", "RAM", "STS")},
    }  # fmt: skip
