//! What people write into templates by mistake: each with the Reason that they read, and nothing changed in AWS.

use crate::support::refusals::{refused, refused_events, without_trailer};
use crate::support::world::{ACCOUNT, Event, MEMBER, OUTSIDER, REGION, World, attached, own, with};
use expect_test::expect;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SHARE: &str = "arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b2c3d-0000-4000-8000-000000000000";
const LICENSE: &str =
    "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef";

fn tag(key: &str) -> Value {
    json!({"Key": key, "Value": "v"})
}

#[tokio::test(start_paused = true)]
async fn neither_name_nor_share_is_refused() {
    refused(&World::new(), json!({"Principals": [MEMBER]}), expect!["1 property is wrong: Name: exactly one of Name (make a share) and ResourceShareArn (add to one that exists) must be given, neither is. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn both_name_and_share_are_refused() {
    let both = with(attached(SHARE, &[LICENSE.to_owned()], &[]), "Name", json!("licenses"));
    refused(&World::new(), both, expect!["1 property is wrong: ResourceShareArn: exactly one of Name (make a share) and ResourceShareArn (add to one that exists) must be given, both are. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_property_is_refused_with_the_nearest_name() {
    let unknown = with(own("licenses", &[], &[]), "Principal", json!([MEMBER]));
    refused(&World::new(), unknown, expect!["1 property is wrong: Principal: there is no such property: did you mean Principals? Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_type_is_refused() {
    let wrong = with(own("licenses", &[], &[]), "AllowExternalPrincipals", json!("yes"));
    refused(&World::new(), wrong, expect![[r#"1 property is wrong: AllowExternalPrincipals: expected true or false, found the string "yes". Nothing was changed while creating license configuration share (Share)"#]]).await;
    let list = with(own("licenses", &[], &[]), "Principals", json!(MEMBER));
    refused(&World::new(), list, expect![[r#"1 property is wrong: Principals: expected a list, found the string "222233334444"; wrap it in a list. Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_id_that_lost_its_leading_zeros_is_refused() {
    let number = with(own("licenses", &[], &[]), "Principals", json!([12_345_678_901_u64]));
    refused(&World::new(), number, expect![[r#"1 property is wrong: Principals[0]: this is no account id: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "12345678901"). Nothing was changed while creating license configuration share (Share)"#]]).await;
    let text = own("licenses", &[], &[MEMBER, "1234567"]);
    refused(&World::new(), text, expect![[r#"1 property is wrong: Principals[1]: this is no account id: an account id has 12 digits, this has 7: if it began with 0, quote it in the template ("0...") (found "1234567"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_id_of_twelve_digits_is_taken_as_a_number_too() {
    let world = World::new();
    let number: u64 = MEMBER.parse().unwrap();
    let created = world.create("Share", with(own("licenses", &[], &[]), "Principals", json!([number]))).await;
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(world.members(created.physical_id()), [MEMBER.to_owned()].into());
}

#[tokio::test(start_paused = true)]
async fn an_iam_role_is_no_principal() {
    let role = own("licenses", &[], &["arn:aws:iam::222233334444:role/Admin"]);
    refused(&World::new(), role, expect![[r#"1 property is wrong: Principals[0]: license configurations cannot be shared with IAM roles or users: give the 12-digit id of their account (found "arn:aws:iam::222233334444:role/Admin"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_bare_unit_or_organization_id_is_refused_with_the_arn_that_is_meant() {
    refused(&World::new(), own("licenses", &[], &["ou-ab12-34567890"]), expect![[r#"1 property is wrong: Principals[0]: RAM takes an organizational unit by its ARN, arn:aws:organizations::<management account>:ou/<organization id>/<this id> (found "ou-ab12-34567890"). Nothing was changed while creating license configuration share (Share)"#]]).await;
    refused(&World::new(), own("licenses", &[], &["o-abc123defg"]), expect![[r#"1 property is wrong: Principals[0]: RAM takes an organization by its ARN, arn:aws:organizations::<management account>:organization/<this id> (found "o-abc123defg"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn the_own_account_is_no_principal() {
    refused(&World::new(), own("licenses", &[], &[ACCOUNT]), expect![[r#"1 property is wrong: Principals[0]: this is the account that owns the share, it has its license configurations already: leave it out (found "111122223333"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn an_arn_of_another_region_is_refused() {
    let region = [LICENSE.replace("eu-west-1", "us-east-1")];
    refused(&World::new(), own("licenses", &region, &[]), expect!["1 property is wrong: LicenseConfigurationArns[0]: this ARN is of region us-east-1, the provider runs in eu-west-1: shares and license configurations are regional. Nothing was changed while creating license configuration share (Share)"]).await;
    let share = SHARE.replace("eu-west-1", "us-east-1");
    refused(&World::new(), attached(&share, &[LICENSE.to_owned()], &[]), expect!["1 property is wrong: ResourceShareArn: this ARN is of region us-east-1, the provider runs in eu-west-1: shares and license configurations are regional. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_arn_of_another_partition_is_refused() {
    let partition = [LICENSE.replace("arn:aws:", "arn:aws-cn:")];
    refused(&World::new(), own("licenses", &partition, &[]), expect![[r#"1 property is wrong: LicenseConfigurationArns[0]: this ARN is of partition aws-cn, the provider runs in aws (found "arn:aws-cn:license-manager:eu-west-1:111122223333:license-con…"). Nothing was changed while creating license configuration share (Share)"#]]).await;
    let unit = "arn:aws-cn:organizations::111122223333:ou/o-abc123defg/ou-ab12-34567890";
    refused(&World::new(), own("licenses", &[], &[unit]), expect![[r#"1 property is wrong: Principals[0]: this ARN is of partition aws-cn, the provider runs in aws (found "arn:aws-cn:organizations::111122223333:ou/o-abc123defg/ou-ab1…"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn a_license_configuration_of_another_account_is_refused() {
    let theirs = [LICENSE.replace(ACCOUNT, OUTSIDER)];
    refused(&World::new(), own("licenses", &theirs, &[]), expect!["1 property is wrong: LicenseConfigurationArns[0]: this license configuration belongs to account 999900001111, the provider acts for account 111122223333: only the owner can share it. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_license_configuration_that_does_not_exist_is_refused_after_fifteen_seconds() {
    let world = World::new();
    let there = world.license_configurations(1);
    let start = Instant::now();
    let licenses = [there[0].clone(), LICENSE.to_owned()];
    world.create("Timed", own("licenses", &licenses, &[MEMBER])).await;
    let took = start.elapsed();
    assert!((13..=17).contains(&took.as_secs()), "{took:?}");
    refused(&world, own("licenses", &licenses, &[MEMBER]), expect!["creating license configuration share (Share): License Manager has no such license configuration, or has deleted it: arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef. Nothing was changed. Check the ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_license_configuration_that_appears_after_eight_seconds_is_taken() {
    let arn = World::new().license_configurations(1).remove(0);
    let world = World::new();
    let appear = async {
        sleep(Duration::from_secs(8)).await;
        world.cloud().create_license_configuration(ACCOUNT, REGION, "license-0")
    };
    let create = world.create("Share", own("licenses", std::slice::from_ref(&arn), &[]));
    let (created, appeared) = tokio::join!(create, appear);
    assert_eq!(appeared, arn);
    assert!(created.is_success(), "{}", created.reason());
    assert_eq!(world.members(created.physical_id()), [arn].into());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_license_configuration_is_refused() {
    let world = World::new();
    let licenses = world.license_configurations(2);
    world.cloud().delete_license_configuration(&licenses[1]);
    refused(&world, own("licenses", &licenses, &[]), expect!["creating license configuration share (Share): License Manager has no such license configuration, or has deleted it: arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-d2e60bdd9ad255099baccea9d5e588da. Nothing was changed. Check the ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first"]).await;
    world.cloud().change_settings(|settings| settings.license_manager.deleted_shown = false);
    refused(&world, own("licenses", &licenses, &[]), expect!["creating license configuration share (Share): License Manager has no such license configuration, or has deleted it: arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-d2e60bdd9ad255099baccea9d5e588da. Nothing was changed. Check the ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first"]).await;
}

#[tokio::test(start_paused = true)]
async fn reserved_tags_are_refused() {
    let service = json!({"Key": "Service", "Value": "LicenseManager"});
    let own_tag = tag("license-manager-provider:stack-id");
    let tags = json!([tag("aws:cloudformation:stack-id"), service, own_tag]);
    refused(&World::new(), with(own("licenses", &[], &[]), "Tags", tags), expect![[r#"3 properties are wrong: Tags[0].Key: tag keys that begin with aws: are reserved by AWS: use another key (found "aws:cloudformation:stack-id"); Tags[1]: this tag marks License Manager's own share, which License Manager changes by itself: use another key or value; Tags[2].Key: tag keys that begin with license-manager-provider: are the provider's own: use another key (found "license-manager-provider:stack-id"). Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn forty_seven_tags_are_one_too_many() {
    let tags = |count: usize| (0..count).map(|n| tag(&format!("key-{n}"))).collect::<Vec<_>>();
    let world = World::new();
    let most = world.create("Most", with(own("most", &[], &[]), "Tags", json!(tags(46)))).await;
    assert!(most.is_success(), "{}", most.reason());
    refused(&world, with(own("licenses", &[], &[]), "Tags", json!(tags(47))), expect!["1 property is wrong: Tags: RAM allows 50 tags a share and the provider keeps 4: give at most 46, these are 47. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn all_mistakes_come_in_one_answer() {
    let wrong = json!({
        "Name": "licenses",
        "Principal": [MEMBER],
        "Principals": [MEMBER, "12345678901", "ou-ab12-34567890", ACCOUNT],
        "LicenseConfigurationArns": [LICENSE.replace(ACCOUNT, OUTSIDER), "lic-0123456789abcdef"],
        "Tags": [tag("aws:a")],
        "AdoptExisting": "maybe",
    });
    refused(&World::new(), wrong, expect![[r#"8 properties are wrong: Principal: there is no such property: did you mean Principals?; Tags[0].Key: tag keys that begin with aws: are reserved by AWS: use another key (found "aws:a"); LicenseConfigurationArns[1]: this is not the ARN of a license configuration, which looks like arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-<id>; LicenseConfigurationArns[0]: this license configuration belongs to account 999900001111, the provider acts for account 111122223333: only the owner can share it; Principals[1]: this is no account id: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "12345678901"); Principals[2]: RAM takes an organizational unit by its ARN, arn:aws:organizations::<management account>:ou/<organization id>/<this id> (found "ou-ab12-34567890"); Principals[3]: this is the account that owns the share, it has its license configurations already: leave it out (found "111122223333"); AdoptExisting: expected true or false, found the string "maybe". Nothing was changed while creating license configuration share (Share)"#]]).await;
}

/// Wrong properties do not hide that a license configuration does not exist.
#[tokio::test(start_paused = true)]
async fn what_does_not_exist_comes_in_the_same_answer_as_what_is_wrong() {
    let wrong = own("licenses", &[LICENSE.to_owned()], &["12345678901"]);
    refused(&World::new(), wrong, expect![[r#"1 property is wrong: Principals[0]: this is no account id: an account id has 12 digits, this has 11: if it began with 0, quote it in the template ("0...") (found "12345678901"). Nothing was changed while creating license configuration share (Share). Besides, License Manager has no such license configuration, or has deleted it: arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef. Nothing was changed. Check the ARNs; where the same template makes them, take them by !GetAtt or !Ref so that they are made first"#]]).await;
}

/// Whatever the logical id, and whatever is wrong.
#[tokio::test(start_paused = true)]
async fn the_first_mistake_stands_in_the_first_200_bytes() {
    let world = World::new();
    let partition = LICENSE.replace("arn:aws:", "arn:aws-us-gov:");
    let wrong = [
        json!({}),
        own("licenses", &["lic-0123456789abcdef".to_owned()], &[]),
        own("licenses", &[LICENSE.replace(ACCOUNT, OUTSIDER)], &[]),
        own("licenses", &[LICENSE.replace("eu-west-1", "ap-southeast-2")], &[]),
        own("licenses", &[partition], &[]),
        own("licenses", &[], &["ec2.amazonaws.com"]),
        own("licenses", &[], &["arn:aws:iam::222233334444:role/some/path/Administrator"]),
        own("licenses", &[], &["ou-ab12-34567890"]),
        own("licenses", &[], &["12345678901"]),
        with(own("licenses", &[], &[]), "Tags", json!([tag("license-manager-provider:stack-id")])),
    ];
    let logical_id = "L".repeat(255);
    for properties in wrong {
        let created = world.create(&logical_id, with(properties, "AdoptExisting", json!("second"))).await;
        let start: String = created.reason().bytes().take(200).map(char::from).collect();
        assert!(start.contains("; "), "{}", created.reason());
        assert!(created.reason().contains(&logical_id), "{}", created.reason());
        world.later().await;
    }
}

#[tokio::test(start_paused = true)]
async fn properties_that_are_no_object_are_refused() {
    let world = World::new();
    refused(&world, json!(["Name"]), expect!["1 property is wrong: Properties: expected an object, found a list. Nothing was changed while creating license configuration share (Share)"]).await;
    refused(&world, json!("Name"), expect![[r#"1 property is wrong: Properties: expected an object, found the string "Name". Nothing was changed while creating license configuration share (Share)"#]]).await;
}

#[tokio::test(start_paused = true)]
async fn no_properties_at_all_are_refused() {
    let world = World::new();
    let without = |mut event: Event| {
        event.json.as_object_mut().unwrap().remove("ResourceProperties");
        event
    };
    let create = without(world.event("Create", None, "Share", json!({})));
    let update = |id: &str| without(world.event("Update", Some(id), "Share", json!({})));
    refused_events(&world, create, update, expect!["1 property is wrong: Properties: expected an object, found null. Nothing was changed while creating license configuration share (Share)"]).await;
}

/// Too deep, or half of a character: serde_json holds both for JSON that cannot be read.
#[tokio::test(start_paused = true)]
async fn properties_that_cannot_be_read_are_refused_and_the_delete_succeeds() {
    let world = World::new();
    let deep = format!("{{\"Name\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for (properties, expected) in [
        (
            deep.as_str(),
            expect![
                "creating license configuration share (Share): ResourceProperties of the request cannot be read (recursion limit exceeded at line 1 column 135). They must be JSON of whole Unicode characters, nested at most 100 deep. Nothing was changed"
            ],
        ),
        (
            "{\"Name\":\"\\ud800\"}",
            expect![
                "creating license configuration share (Share): ResourceProperties of the request cannot be read (unexpected end of hex escape at line 1 column 16). They must be JSON of whole Unicode characters, nested at most 100 deep. Nothing was changed"
            ],
        ),
    ] {
        let create = world.event("Create", None, "Share", json!("@"));
        let bytes = create.json.to_string().replace("\"@\"", properties);
        let mark = world.mark();
        world.deliver_bytes(bytes.as_bytes()).await.unwrap();
        let created = world.s3.answer_to(&create.request_id).unwrap();
        assert!(!created.is_success(), "{}", created.bytes);
        expected.assert_eq(without_trailer(created.reason()));
        world.later().await;
        let delete = world.event("Delete", Some(created.physical_id()), "Share", json!("@"));
        world.deliver_bytes(delete.json.to_string().replace("\"@\"", properties).as_bytes()).await.unwrap();
        assert!(world.s3.answer_to(&delete.request_id).unwrap().is_success());
        assert_eq!(world.written_since(mark), Vec::<String>::new());
        world.later().await;
        unreadable_update(&world, properties).await;
    }
}

/// The share stays as it is, and its id is answered.
async fn unreadable_update(world: &World, properties: &str) {
    let good = world.create("Good", own("good", &[], &[MEMBER])).await;
    world.later().await;
    let mark = world.mark();
    let update = world.event("Update", Some(good.physical_id()), "Good", json!("@"));
    world.deliver_bytes(update.json.to_string().replace("\"@\"", properties).as_bytes()).await.unwrap();
    let updated = world.s3.answer_to(&update.request_id).unwrap();
    assert!(!updated.is_success() && updated.physical_id() == good.physical_id(), "{}", updated.bytes);
    assert_eq!(world.written_since(mark), Vec::<String>::new());
    assert!(world.delete(good.physical_id(), "Good").await.is_success());
    world.later().await;
}

#[tokio::test(start_paused = true)]
async fn properties_of_an_own_share_beside_a_share_that_exists_are_refused() {
    let beside = with(attached(SHARE, &[LICENSE.to_owned()], &[]), "AllowExternalPrincipals", json!("true"));
    refused(&World::new(), with(beside, "Tags", json!([tag("a")])), expect!["2 properties are wrong: AllowExternalPrincipals: this is for a share made by Name: leave it out beside ResourceShareArn; Tags: this is for a share made by Name: leave it out beside ResourceShareArn. Nothing was changed while creating license configuration share (Share)"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_share_that_does_not_exist_is_refused() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let mark = world.mark();
    let created = world.create("Share", attached(SHARE, &licenses, &[])).await;
    expect!["creating license configuration share (Share): resource share arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b2c3d-0000-4000-8000-000000000000 does not exist. ResourceShareArn must name an active share of this account and region"].assert_eq(without_trailer(created.reason()));
    assert!(world.delete(created.physical_id(), "Share").await.is_success());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_share_that_was_deleted_is_refused_on_create_and_update() {
    let world = World::new();
    let licenses = world.license_configurations(1);
    let gone = world.create("Gone", own("gone", &[], &[])).await;
    let good = world.create("Good", own("good", &licenses, &[])).await;
    assert!(world.cloud().remove_share_by_hand(gone.physical_id()));
    let mark = world.mark();
    let to_gone = attached(gone.physical_id(), &licenses, &[]);
    let created = world.create("Late", to_gone.clone()).await;
    expect!["creating license configuration share (Late): resource share arn:aws:ram:eu-west-1:111122223333:resource-share/20bafaec-04a2-5671-9e0f-fd5bbde0d687 was deleted. ResourceShareArn must name an active share of this account and region"].assert_eq(without_trailer(created.reason()));
    let updated = world.update(good.physical_id(), "Good", to_gone).await;
    expect!["updating license configuration share (Good): resource share arn:aws:ram:eu-west-1:111122223333:resource-share/20bafaec-04a2-5671-9e0f-fd5bbde0d687 was deleted. Name another share in ResourceShareArn, or remove this resource from the template"].assert_eq(without_trailer(updated.reason()));
    assert_eq!(updated.physical_id(), good.physical_id());
    assert!(world.delete(created.physical_id(), "Late").await.is_success());
    assert_eq!(world.written_since(mark), Vec::<String>::new());
}
