"""The scene: an organization with accounts, accounts outside it, and license configurations to share."""

import sys
import time
from dataclasses import dataclass, field

from demo.admin import Admin
from demo.aws import REGION, Account
from demo.processes import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "provider"))
from package import package  # noqa: E402 (the script of `make package`)

OWNER = "111122223333"
OUTSIDE = "999988887777"
NEWCOMER = "888877776666"
UNITS = {"Engineering": ["222233334444", "333344445555"], "Sales": ["444455556666"]}
LICENSES = {"SQL Server Enterprise": 64, "Oracle Database": 32, "Windows Server": 128}
BUCKET = "provider-code"
PROVIDER = "license-manager-provider"
ACCEPTING = "license-acceptance"
SHARE_SECONDS = 3  # AWS takes about two minutes
ROLE_SECONDS = 1


@dataclass
class Scene:
    """What is there before the story begins, by name."""

    endpoints: object
    organization_id: str = ""
    organization_arn: str = ""
    units: dict = field(default_factory=dict)  # name -> ARN
    licenses: dict = field(default_factory=dict)  # name -> ARN

    def account(self, account_id=OWNER):
        return Account(self.endpoints, account_id)

    def log(self):
        """The calls to License Manager, RAM, Organizations, IAM and STS so far."""
        return Admin(self.endpoints).get("log")["calls"]

    def name_of(self, thing):
        """How people call an ARN or account id of this scene."""
        names = {arn: name for name, arn in self.licenses.items()}
        names |= {arn: f"unit {name}" for name, arn in self.units.items()}
        names[self.organization_arn] = "the whole organization"
        return names.get(thing) or f"account {thing}"


def set_scene(endpoints):
    """Everything is there to share with the organization, and License Manager is not linked to it."""
    scene = Scene(endpoints)
    make_organization(scene)
    scene.account().client("ram").enable_sharing_with_aws_organization()
    make_licenses(scene)
    return scene


def set_untouched_scene(endpoints):
    """An organization that has never used License Manager, nor shared anything. Its roles and share take their time."""
    scene = Scene(endpoints)
    admin = Admin(endpoints)
    delays = {"license_manager": {"share_delay": SHARE_SECONDS}, "iam": {"propagation": ROLE_SECONDS}}
    admin.post("settings", epoch=time.time(), **delays)  # the provider judges by the clock what was just switched on
    make_organization(scene)
    admin.post("linked-roles/remove", account=OWNER)
    return scene


def make_organization(scene):
    admin = Admin(scene.endpoints)
    organization = admin.post("organizations", management_account=OWNER)
    scene.organization_id, scene.organization_arn = organization["id"], organization["arn"]
    for name, accounts in UNITS.items():
        unit = admin.post("units", organization=organization["id"], name=name)
        scene.units[name] = unit["arn"]
        for account in accounts:
            admin.post("accounts", organization=organization["id"], unit=unit["id"], account=account)


def make_licenses(scene):
    scene.licenses = {name: make_license(scene, name, count) for name, count in LICENSES.items()}


def make_license(scene, name, count):
    answer = scene.account().client("license-manager").create_license_configuration(
        Name=name, LicenseCountingType="vCPU", LicenseCount=count, LicenseCountHardLimit=True
    )  # fmt: skip
    return answer["LicenseConfigurationArn"]


def upload(scene, binary, account_id=OWNER):
    """Makes the zip, puts it into S3 and returns the parameters of the provider's template."""
    zip_file, bucket = package(binary, REPOSITORY / "target/package"), f"{BUCKET}-{account_id}"
    s3 = scene.account(account_id).client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key=zip_file.name, Body=zip_file.read_bytes())
    architecture = zip_file.stem.rpartition("-")[2]
    return {"CodeBucket": bucket, "CodeKey": zip_file.name, "Architecture": architecture}


def accepting_parameters(code, accounts):
    """Parameters of provider.yaml for a copy that accepts shares for other accounts and can do nothing else."""
    nothing_here = {"MayShare": "false", "MayLinkOrganization": "false"}
    return {**code, "FunctionName": ACCEPTING, "TrustedAccounts": ",".join(accounts), **nothing_here}


def share_parameters(scene, licenses, principals, **more):
    """Parameters of license-config-share.yaml, from the names of license configurations."""
    return {
        "LicenseConfigurationArns": ",".join(scene.licenses[name] for name in licenses),
        "Principals": ",".join(principals),
        **more,
    }


def link_parameters(scene, **more):
    """Parameters of org-link.yaml: everything is wanted and acknowledged."""
    return {
        "AcknowledgeOrganizationLink": "true",
        "EnableRamSharing": "true",
        "CrossAccountInventorySearch": "true",
        "AcknowledgeInventoryCharges": "true",
        "OrganizationId": scene.organization_id,
        **more,
    }
