//! What a person does in the RAM console, and what a share looks like from there.

use super::world::{REGION, World};
use aws_credential_types::Credentials;
use aws_sdk_ram::config::{BehaviorVersion, Region};
use aws_sdk_ram::types::ResourceShareInvitationStatus;
use local_cloud::Call;
use provider::aws::{Deadline, NewShare, Ram};
use provider::domain::{Member, ShareArn};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// All that a person sees of a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub name: String,
    pub status: String,
    pub allow_external: bool,
    pub retain: bool,
    pub tags: BTreeMap<String, String>,
    /// Members and their statuses, but those that have left.
    pub members: BTreeMap<String, String>,
}

/// A share that somebody made by hand.
pub struct ByHand<'a> {
    pub name: &'a str,
    pub external: bool,
    pub retain: bool,
    pub resources: &'a [String],
    pub principals: &'a [&'a str],
    pub tags: &'a [(&'a str, &'a str)],
}

/// A bare share of this name.
pub const BARE: ByHand<'static> =
    ByHand { name: "by-hand", external: false, retain: false, resources: &[], principals: &[], tags: &[] };

impl World {
    fn ram(&self) -> Ram {
        self.clients().ram(Deadline::after(Duration::from_secs(30)))
    }

    /// Somebody makes a share; its ARN.
    pub async fn share_by_hand(&self, share: ByHand<'_>) -> String {
        let new = NewShare {
            name: share.name.to_owned(),
            allow_external_principals: share.external,
            retain_sharing: share.retain,
            resources: share.resources.to_vec(),
            principals: share.principals.iter().map(ToString::to_string).collect(),
            tags: share.tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            client_token: token(),
        };
        self.ram().create_share(&new).await.unwrap().arn.to_string()
    }

    /// Somebody adds members.
    pub async fn add_by_hand(&self, share: &str, members: &[&str]) {
        self.ram().associate(&arn(share), &named(members), &token()).await.unwrap();
    }

    /// Somebody removes members.
    pub async fn remove_by_hand(&self, share: &str, members: &[&str]) {
        self.ram().disassociate(&arn(share), &named(members), &token()).await.unwrap();
    }

    /// Somebody deletes a share.
    pub async fn delete_by_hand(&self, share: &str) {
        self.ram().delete_share(&arn(share), &token()).await.unwrap();
    }

    /// An account accepts all its invitations.
    pub async fn accept(&self, account: &str) {
        let config = aws_sdk_ram::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url("http://local-cloud.test")
            .credentials_provider(Credentials::new(account, "secret", None, None, "test"))
            .http_client(self.client.clone())
            .build();
        let ram = aws_sdk_ram::Client::from_conf(config);
        let invitations = ram.get_resource_share_invitations().send().await.unwrap();
        let received = invitations.resource_share_invitations().iter();
        for invitation in
            received.filter(|found| found.status() == Some(&ResourceShareInvitationStatus::Pending))
        {
            let arn = invitation.resource_share_invitation_arn().unwrap();
            ram.accept_resource_share_invitation().resource_share_invitation_arn(arn).send().await.unwrap();
        }
    }

    /// Somebody tags a share.
    pub async fn tag_by_hand(&self, share: &str, key: &str, value: &str) {
        self.ram().tag(&arn(share), &[(key.to_owned(), value.to_owned())].into()).await.unwrap();
    }

    /// How a share looks a while later, once all that was under way has settled.
    pub async fn settled(&self, share: &str) -> Look {
        tokio::time::advance(Duration::from_secs(300)).await;
        self.settled_now(share).await
    }

    /// How a share looks now, with what has settled by now.
    pub async fn settled_now(&self, share: &str) -> Look {
        let _ = self.ram().find_share(&arn(share)).await.unwrap();
        self.look(share)
    }

    /// How a share looks.
    pub fn look(&self, share: &str) -> Look {
        let cloud = self.cloud();
        let found = cloud.share(share).unwrap();
        let listed = found.associations.iter().filter(|member| member.status.as_str() != "DISASSOCIATED");
        Look {
            name: found.name.clone(),
            status: found.status.as_str().to_owned(),
            allow_external: found.allow_external,
            retain: found.retain,
            tags: found.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
            members: listed
                .map(|member| (member.entity.clone(), member.status.as_str().to_owned()))
                .collect(),
        }
    }

    /// The writes since `mark`, in order.
    pub fn writes_since(&self, mark: usize) -> Vec<Call> {
        let reads = ["Get", "List", "Describe"];
        let calls = self.calls_since(mark).into_iter();
        calls.filter(|call| !reads.iter().any(|read| call.operation.starts_with(read))).collect()
    }

    /// The operations of the writes since `mark` by name.
    pub fn written_since(&self, mark: usize) -> Vec<String> {
        self.writes_since(mark).into_iter().map(|call| call.operation).collect()
    }
}

/// These texts, in order.
pub fn set<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn arn(text: &str) -> ShareArn {
    text.parse().unwrap()
}

fn named(members: &[&str]) -> Vec<Member> {
    let kind = |id: &&str| {
        if id.contains(":license-manager:") { Member::resource(*id) } else { Member::principal(*id) }
    };
    members.iter().map(kind).collect()
}

fn token() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("by-hand-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}
