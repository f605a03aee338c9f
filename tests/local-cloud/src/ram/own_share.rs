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
