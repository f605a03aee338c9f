//! GetResourceShareAssociations: for the owner only.

use super::listing::List;
use super::model::Kind;
use super::{Ram, arn, errors, render};
use crate::error::{Outcome, ServiceError};

const TYPES: [&str; 3] = ["PRINCIPAL", "RESOURCE", "SOURCE"];
const STATUSES: [&str; 8] = [
    "ASSOCIATING",
    "ASSOCIATED",
    "FAILED",
    "DISASSOCIATING",
    "DISASSOCIATED",
    "SUSPENDED",
    "SUSPENDING",
    "RESTORING",
];

impl Ram {
    pub(super) fn get_associations(&self, list: &List<'_>) -> Outcome {
        let kind = match list.members.required_one_of("associationType", &TYPES)? {
            "PRINCIPAL" => Some(Kind::Principal),
            "RESOURCE" => Some(Kind::Resource),
            // Sources belong to service principals, which there are none of.
            _ => None,
        };
        let entity = entity(list, kind)?;
        let status = list.members.one_of("associationStatus", &STATUSES)?;
        let arns = list.members.texts("resourceShareArns")?.unwrap_or_default();
        self.check_own(list, &arns)?;
        let own = self.shares.iter().filter(|share| {
            share.owner == list.ctx.account()
                && share.region == list.ctx.region
                && (arns.is_empty() || arns.contains(&share.arn.as_str()))
        });
        let found = own.flat_map(|share| share.associations.iter().map(move |found| (share, found))).filter(
            |(_, found)| {
                Some(found.kind) == kind
                    && entity.is_none_or(|entity| found.entity == entity)
                    && status.is_none_or(|status| found.status.as_str() == status)
            },
        );
        let shown = found.map(|(share, found)| render::association(list.ctx, share, found));
        list.page("resourceShareAssociations", shown.collect())
    }

    /// Shares that the caller does not own are unknown here, also those that it sees as a consumer.
    fn check_own(&self, list: &List<'_>, arns: &[&str]) -> Result<(), ServiceError> {
        for text in arns {
            arn::check_share(text)?;
            let own = self
                .share(text)
                .is_some_and(|share| share.owner == list.ctx.account() && share.region == list.ctx.region);
            if !own {
                return Err(errors::unknown_share(text));
            }
        }
        Ok(())
    }
}

fn entity<'a>(list: &List<'a>, kind: Option<Kind>) -> Result<Option<&'a str>, ServiceError> {
    let (principal, resource) = (list.members.text("principal")?, list.members.text("resourceArn")?);
    match (kind, principal, resource) {
        (Some(Kind::Resource), Some(_), _) => {
            Err(errors::invalid_parameter("You cannot specify principal with association type RESOURCE."))
        }
        (Some(Kind::Principal), _, Some(_)) => {
            Err(errors::invalid_parameter("You cannot specify resourceArn with association type PRINCIPAL."))
        }
        _ => Ok(principal.or(resource)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, World, texts};

    const GET: &str = "GetResourceShareAssociations";

    #[test]
    fn the_owner_filters_by_kind_share_entity_and_status() {
        let mut world = World::new();
        let one = world.share_with(&[MEMBER, OUTSIDER]);
        let two = world.share_with(&[MEMBER]);
        let license = world.license.clone();
        let mut count = |input: Value| {
            let answer = world.ok(OWNER, GET, input);
            texts(&answer["resourceShareAssociations"], "associatedEntity").len()
        };
        assert_eq!(count(json!({"associationType": "PRINCIPAL"})), 3);
        assert_eq!(count(json!({"associationType": "PRINCIPAL", "resourceShareArns": [one, two]})), 3);
        assert_eq!(count(json!({"associationType": "PRINCIPAL", "resourceShareArns": [two]})), 1);
        assert_eq!(count(json!({"associationType": "PRINCIPAL", "principal": MEMBER})), 2);
        assert_eq!(count(json!({"associationType": "PRINCIPAL", "associationStatus": "ASSOCIATING"})), 1);
        assert_eq!(count(json!({"associationType": "RESOURCE", "resourceArn": license})), 2);
        assert_eq!(count(json!({"associationType": "SOURCE"})), 0);
    }

    #[test]
    fn an_association_shows_what_the_model_names() {
        let mut world = World::new();
        let whole = world.whole.clone();
        let arn = world.share_with(&[&whole]);
        world.wait(5);
        let input = json!({"associationType": "PRINCIPAL", "resourceShareArns": [arn]});
        let answer = world.ok(OWNER, GET, input);
        let expected = json!([{
            "resourceShareArn": arn,
            "resourceShareName": "licenses",
            "associatedEntity": whole,
            "associationType": "PRINCIPAL",
            "status": "ASSOCIATED",
            "creationTime": 1_767_225_600.0,
            "lastUpdatedTime": 1_767_225_600.0,
            "external": false,
        }]);
        assert_eq!(answer, json!({"resourceShareAssociations": expected}));
    }

    #[test]
    fn a_filter_of_the_other_kind_is_refused() {
        let mut world = World::new();
        let license = world.license.clone();
        for input in [
            json!({"associationType": "PRINCIPAL", "resourceArn": license}),
            json!({"associationType": "RESOURCE", "principal": MEMBER}),
            json!({"associationType": "OTHER"}),
            json!({}),
        ] {
            assert_eq!(world.code(OWNER, GET, input), "InvalidParameterException");
        }
    }

    #[test]
    fn a_consumer_cannot_ask_for_the_associations_of_a_share() {
        let mut world = World::new();
        let arn = world.share_with(&[MEMBER]);
        let input = json!({"associationType": "PRINCIPAL", "resourceShareArns": [arn]});
        assert_eq!(world.code(MEMBER, GET, input), "UnknownResourceException");
        let all = world.ok(MEMBER, GET, json!({"associationType": "PRINCIPAL"}));
        assert_eq!(all["resourceShareAssociations"], json!([]));
    }
}
