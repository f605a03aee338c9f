"""Every operation of AWS RAM that the local cloud serves: an owner, members of its organization, and an outsider."""

from cloud import pages, refused, same

OWNER, MEMBER, OTHER, OUTSIDER, REFUSER = (
    "540000000001",
    "540000000002",
    "540000000003",
    "540000000004",
    "540000000005",
)
KIND = "license-manager:LicenseConfiguration"


class Scene:
    """The clients, and what was made so far."""

    def __init__(self, cloud):
        self.organizations = cloud.client("organizations", OWNER)
        self.organization = self.organizations.create_organization(FeatureSet="ALL")["Organization"]
        for account in (MEMBER, OTHER):
            cloud.add_account(self.organization["Id"], account)
        self.owner, self.member, self.outsider, self.refuser = (
            cloud.client("ram", account) for account in (OWNER, MEMBER, OUTSIDER, REFUSER)
        )
        self.licenses = {account: cloud.client("license-manager", account) for account in (OWNER, MEMBER, OUTSIDER)}
        self.arns = [self._license(name) for name in ("one", "two")]

    def _license(self, name):
        made = self.licenses[OWNER].create_license_configuration(Name=name, LicenseCountingType="vCPU")
        return made["LicenseConfigurationArn"]

    def share(self, **members):
        """The share, as its owner finds it."""
        found, _ = listing(self.owner.get_resource_shares, "resourceShares", resourceOwner="SELF", **members)
        return found

    def associations(self, arn, kind):
        """Entity and status of all associations of a kind."""
        found, _ = listing(
            self.owner.get_resource_share_associations,
            "resourceShareAssociations",
            associationType=kind,
            resourceShareArns=[arn],
        )
        return {item["associatedEntity"]: item["status"] for item in found}


def listing(call, member, **members):
    """All items of one of RAM's lists."""
    return pages(call, member, token="nextToken", **members)


def run(cloud):
    """The whole scenario."""
    scene = Scene(cloud)
    _catalogue(scene.owner)
    _sharing(scene)
    share = _create(scene)
    _idempotency(scene)
    _associate(scene, share)
    _owner_sees(scene, share)
    _member_sees(scene, share)
    _invitations(scene, share)
    _tags(scene, share)
    _leave(scene, share)
    _end(scene, share)


def _catalogue(owner):
    types, _ = listing(owner.list_resource_types, "resourceTypes")
    assert KIND in [item["resourceType"] for item in types], f"{KIND} is no resource type: {types}"
    permissions, _ = listing(owner.list_permissions, "permissions", resourceType=KIND)
    assert permissions, "there is no permission for license configurations"
    permission = owner.get_permission(permissionArn=permissions[0]["arn"])["permission"]
    same(permission["resourceType"].lower(), KIND.lower(), "resource type of the permission")
    refused("MalformedArnException", owner.get_permission, permissionArn="nonsense")
    refused("InvalidNextTokenException", owner.list_permissions, nextToken="nonsense")


def _sharing(scene):
    """Sharing with the organization: off at first, then turned on by the management account alone."""
    principals = [scene.organization["Arn"]]
    refused(
        "OperationNotPermittedException",
        scene.owner.create_resource_share,
        name="early",
        principals=principals,
        resourceArns=scene.arns[:1],
    )
    refused("OperationNotPermittedException", scene.member.enable_sharing_with_aws_organization)
    same(scene.owner.enable_sharing_with_aws_organization()["returnValue"], True, "sharing turned on")
    trusted, _ = pages(scene.organizations.list_aws_service_access_for_organization, "EnabledServicePrincipals")
    same([service["ServicePrincipal"] for service in trusted], ["ram.amazonaws.com"], "trusted services")


def _create(scene):
    create = scene.owner.create_resource_share
    made = create(
        name="share",
        resourceArns=scene.arns[:1],
        principals=[scene.organization["Arn"]],
        allowExternalPrincipals=True,
        tags=[{"key": "k", "value": "v"}],
    )["resourceShare"]
    assert made["status"] in ("PENDING", "ACTIVE"), made
    refused("InvalidParameterException", create, name="x", principals=[scene.organization["Id"]])
    refused("InvalidParameterException", create, name="x", principals=[OUTSIDER], allowExternalPrincipals=False)
    refused("TagPolicyViolationException", create, name="x", tags=[{"key": "aws:x", "value": ""}])
    refused("InvalidParameterException", create)
    return made["resourceShareArn"]


def _idempotency(scene):
    create, token = scene.owner.create_resource_share, "token-of-conformance"
    first = create(name="twice", clientToken=token)
    again = create(name="twice", clientToken=token)
    same(again["resourceShare"]["resourceShareArn"], first["resourceShare"]["resourceShareArn"], "a replayed create")
    refused("IdempotentParameterMismatchException", create, name="other", clientToken=token)
    same(len(scene.share(name="twice")), 1, "shares made by one token")


def _associate(scene, share):
    associate = scene.owner.associate_resource_share
    associate(resourceShareArn=share, resourceArns=scene.arns[1:], principals=[OUTSIDER, REFUSER, OTHER])
    same(scene.associations(share, "RESOURCE"), dict.fromkeys(scene.arns, "ASSOCIATED"), "resources")
    same(
        scene.associations(share, "PRINCIPAL"),
        {scene.organization["Arn"]: "ASSOCIATED", OTHER: "ASSOCIATED", OUTSIDER: "ASSOCIATING", REFUSER: "ASSOCIATING"},
        "principals",
    )
    refused("UnknownResourceException", associate, resourceShareArn=share[:-4] + "0000", principals=[OTHER])
    refused("MalformedArnException", associate, resourceShareArn="nonsense", principals=[OTHER])


def _owner_sees(scene, share):
    scene.owner.update_resource_share(resourceShareArn=share, name="renamed")
    (found,) = scene.share(resourceShareArns=[share])
    same((found["name"], found["status"], found["owningAccountId"]), ("renamed", "ACTIVE", OWNER), "the share")
    same(scene.share(tagFilters=[{"tagKey": "k", "tagValues": ["v"]}]), [found], "found by its tag")
    resources, count = listing(scene.owner.list_resources, "resources", resourceOwner="SELF", maxResults=1)
    same(({item["arn"] for item in resources}, count), (set(scene.arns), 2), "resources, one a page")
    principals, _ = listing(scene.owner.list_principals, "principals", resourceOwner="SELF", resourceShareArns=[share])
    external = {item["id"]: item["external"] for item in principals}
    same(external[scene.organization["Arn"]], False, "external of the organization")
    permissions, _ = listing(scene.owner.list_resource_share_permissions, "permissions", resourceShareArn=share)
    same([item["resourceType"].lower() for item in permissions], [KIND.lower()], "permissions of the share")
    refused("InvalidParameterException", scene.owner.get_resource_shares, resourceOwner="ME")
    refused("InvalidNextTokenException", scene.owner.get_resource_shares, resourceOwner="SELF", nextToken="nonsense")
    refused(
        "UnknownResourceException",
        scene.owner.get_resource_shares,
        resourceOwner="SELF",
        resourceShareArns=[share[:-4] + "0000"],
    )


def _member_sees(scene, share):
    shares, _ = listing(scene.member.get_resource_shares, "resourceShares", resourceOwner="OTHER-ACCOUNTS")
    same([item["resourceShareArn"] for item in shares], [share], "shares that a member sees")
    resources, _ = listing(scene.member.list_resources, "resources", resourceOwner="OTHER-ACCOUNTS", resourceType=KIND)
    same({item["arn"] for item in resources}, set(scene.arns), "resources that a member sees")
    owners, _ = listing(scene.member.list_principals, "principals", resourceOwner="OTHER-ACCOUNTS")
    same({item["id"] for item in owners}, {OWNER}, "owners that a member sees")
    seen, _ = pages(scene.licenses[MEMBER].list_license_configurations, "LicenseConfigurations")
    same(
        {item["LicenseConfigurationArn"]: item["OwnerAccountId"] for item in seen},
        dict.fromkeys(scene.arns, OWNER),
        "license configurations that a member sees",
    )


def _invitations(scene, share):
    accept, refuse = scene.outsider.accept_resource_share_invitation, scene.refuser.reject_resource_share_invitation
    taken, turned_down = (_pending(client, share) for client in (scene.outsider, scene.refuser))
    offered, _ = listing(
        scene.outsider.list_pending_invitation_resources, "resources", resourceShareInvitationArn=taken
    )
    same({item["arn"] for item in offered}, set(scene.arns), "resources of the invitation")
    same(accept(resourceShareInvitationArn=taken)["resourceShareInvitation"]["status"], "ACCEPTED", "accepted")
    refused("ResourceShareInvitationAlreadyAcceptedException", accept, resourceShareInvitationArn=taken)
    refused("ResourceShareInvitationArnNotFoundException", accept, resourceShareInvitationArn=turned_down)
    answer = refuse(resourceShareInvitationArn=turned_down)
    same(answer["resourceShareInvitation"]["status"], "REJECTED", "rejected")
    refused("ResourceShareInvitationAlreadyRejectedException", refuse, resourceShareInvitationArn=turned_down)
    same(scene.associations(share, "PRINCIPAL")[OUTSIDER], "ASSOCIATED", "the outsider after accepting")
    seen, _ = pages(scene.licenses[OUTSIDER].list_license_configurations, "LicenseConfigurations")
    same(len(seen), 2, "license configurations that the outsider sees")


def _pending(client, share):
    invitations, _ = listing(
        client.get_resource_share_invitations, "resourceShareInvitations", resourceShareArns=[share]
    )
    same([item["status"] for item in invitations], ["PENDING"], "invitations")
    return invitations[0]["resourceShareInvitationArn"]


def _tags(scene, share):
    scene.owner.tag_resource(resourceShareArn=share, tags=[{"key": "l", "value": "w"}])
    scene.owner.untag_resource(resourceShareArn=share, tagKeys=["k"])
    (found,) = scene.share(resourceShareArns=[share])
    same(found["tags"], [{"key": "l", "value": "w"}], "tags of the share")
    refused(
        "TagPolicyViolationException",
        scene.owner.tag_resource,
        resourceShareArn=share,
        tags=[{"key": "aws:x", "value": ""}],
    )


def _leave(scene, share):
    scene.outsider.disassociate_resource_share(resourceShareArn=share, principals=[OUTSIDER])
    scene.owner.disassociate_resource_share(resourceShareArn=share, resourceArns=scene.arns[:1])
    same(scene.associations(share, "RESOURCE").get(scene.arns[1]), "ASSOCIATED", "the resource that stays")
    resources, _ = listing(scene.outsider.list_resources, "resources", resourceOwner="OTHER-ACCOUNTS")
    same(resources, [], "resources after leaving")
    refused(
        "UnknownResourceException",
        scene.owner.disassociate_resource_share,
        resourceShareArn=share,
        principals=["540000000099"],
    )


def _end(scene, share):
    same(scene.owner.delete_resource_share(resourceShareArn=share)["returnValue"], True, "deleted")
    (found,) = scene.share(resourceShareArns=[share])
    assert found["status"] in ("DELETING", "DELETED"), found
    shares, _ = listing(scene.member.get_resource_shares, "resourceShares", resourceOwner="OTHER-ACCOUNTS")
    assert all(item["status"] != "ACTIVE" for item in shares), f"a member still sees it: {shares}"
