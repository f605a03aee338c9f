//! The share that License Manager makes when it is linked to Organizations.

use std::time::Duration;

use super::model::{Association, AssociationStatus, Kind, Share, ShareStatus, Tag};
use super::{Ram, principal};
use crate::ctx::Ctx;
use crate::organizations::Organizations;

impl Ram {
    /// Makes License Manager's own share for the caller, or finds it; its ARN (License Manager user guide, sample output:
    /// name `licenseManagerResourceShare-<account>`, tag Service=LicenseManager, external principals allowed).
    pub fn create_license_manager_share(&mut self, ctx: &Ctx, organizations: &Organizations) -> String {
        let name = format!("licenseManagerResourceShare-{}", ctx.account());
        let there = self.shares.iter().find(|share| {
            share.name == name
                && share.owner == ctx.account()
                && share.region == ctx.region
                && share.status.is_live()
        });
        if let Some(share) = there {
            return share.arn.clone();
        }
        let id = self.ids.uuid();
        let arn = format!("arn:{}:ram:{}:{}:resource-share/{id}", ctx.partition, ctx.region, ctx.account());
        let organization = organizations.organization_of(ctx.account());
        let sharing = organization.filter(|found| principal::sharing_is_on(found, ctx.now));
        let associations = sharing.map(|found| whole_organization(&found.arn, ctx.now)).into_iter().collect();
        self.shares.push(Share {
            arn: arn.clone(),
            name,
            owner: ctx.account().to_owned(),
            region: ctx.region.clone(),
            allow_external: true,
            retain: false,
            tags: vec![Tag { key: "Service".to_owned(), value: "LicenseManager".to_owned() }],
            permissions: Vec::new(),
            status: ShareStatus::Active,
            created: ctx.now,
            updated: ctx.now,
            next: None,
            associations,
            former_principals: Vec::new(),
        });
        arn
    }
}

fn whole_organization(arn: &str, now: Duration) -> Association {
    Association {
        kind: Kind::Principal,
        entity: arn.to_owned(),
        status: AssociationStatus::Associated,
        message: None,
        created: now,
        updated: now,
        external: false,
        next: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::organizations::RamSharing;
    use crate::ram::testing::{MEMBER, OWNER, REGION, World, texts};

    #[test]
    fn license_managers_own_share_is_found_by_its_tag_and_goes_to_the_organization() {
        let mut world = World::new();
        let arn = world.cloud.create_license_manager_share(OWNER, REGION);
        let filter = json!([{"tagKey": "Service", "tagValues": ["LicenseManager"]}]);
        let input = json!({"resourceOwner": "SELF", "tagFilters": filter});
        let answer = world.ok(OWNER, "GetResourceShares", input);
        assert_eq!(texts(&answer["resourceShares"], "name"), ["licenseManagerResourceShare-111111111111"]);
        assert_eq!(answer["resourceShares"][0]["allowExternalPrincipals"], true);
        assert_eq!(world.seen(MEMBER, "OTHER-ACCOUNTS"), [arn.as_str()]);
        assert_eq!(world.cloud.create_license_manager_share(OWNER, REGION), arn);
    }

    #[test]
    fn without_sharing_with_the_organization_it_has_no_principal() {
        let mut world = World::new();
        let organization = world.organization.clone();
        world.cloud.set_ram_sharing(&organization, RamSharing::Off);
        let arn = world.cloud.create_license_manager_share(OWNER, REGION);
        assert_eq!(world.cloud.associations(&arn).len(), 0);
    }
}
