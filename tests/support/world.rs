//! A provider with everything around it: the local cloud, the records, the bucket, and CloudFormation's requests.

use super::abandoned;
use super::cloud_client::CloudClient;
use super::faulty_records::{FaultyRecords, RecordRule};
use super::place::Place;
use super::points::{PointedUpload, Points};
use super::s3::{Answer, S3};
use super::trouble::Trouble;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use local_cloud::organizations::RamSharing;
use local_cloud::{Call, LocalCloud, Settings};
use provider::aws::{ClientSettings, Clients, Endpoints};
use provider::clock::Clock;
use provider::config::{Config, RescueConfig, Trusted};
use provider::handler::{Handler, HandlerError, Invocation, Provider};
use provider::protocol::{Queue, Upload};
use provider::record::{MemoryRecords, Records};
use provider::rescue::Rescue;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-west-1";
pub const MEMBER: &str = "222233334444";
pub const MEMBER_2: &str = "333344445555";
pub const OUTSIDER: &str = "999900001111";
pub const STACK: &str =
    "arn:aws:cloudformation:eu-west-1:111122223333:stack/licenses/8a1b2c30-0000-11f1-8000-0a0b0c0d0e0f";
pub const OTHER_STACK: &str =
    "arn:aws:cloudformation:eu-west-1:111122223333:stack/others/9b1b2c30-0000-11f1-8000-0a0b0c0d0e0f";
pub const SIGNATURE: &str = "5ec4e7516na7u4e";
/// The secret access key of the function's role.
pub const SECRET_KEY: &str = "5ec4e7acce55key";

/// 2026-11-24T12:00:00Z.
pub const NOON: Duration = Duration::from_secs(1_795_521_600);

/// Everything, on tokio's time.
#[derive(Debug)]
pub struct World {
    pub client: CloudClient,
    pub records: Arc<MemoryRecords>,
    pub s3: Arc<S3>,
    pub clock: Clock,
    pub organization: String,
    place: Place,
    /// The requests that were handled, and the calls that each made.
    handled: Arc<Mutex<Vec<Handled>>>,
    requests: Arc<AtomicUsize>,
    invocations: Arc<AtomicUsize>,
    provider: Provider,
}

/// A request that was handled.
#[derive(Clone, Debug)]
pub struct Handled {
    pub resource_type: String,
    /// `Create`, `Update` or `Delete`.
    pub request_type: String,
    /// What it called, where no other request was handled at the same time.
    pub calls: Vec<Call>,
}

/// One request of CloudFormation, which can be delivered again.
#[derive(Clone, Debug)]
pub struct Event {
    pub request_id: String,
    pub json: Value,
}

impl World {
    /// An organization with two members, RAM sharing on; an outside account; the provider in the management account.
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    /// The provider draws its waits from the test's own thread: a test goes the same way each time.
    pub fn with(settings: Settings) -> Self {
        fastrand::seed(7);
        let mut cloud = LocalCloud::new(settings);
        let organization = cloud.create_organization(ACCOUNT);
        assert!(
            cloud.add_account(&organization, None, MEMBER)
                && cloud.add_account(&organization, None, MEMBER_2)
        );
        assert!(cloud.set_ram_sharing(&organization, RamSharing::On));
        Self::around(CloudClient::new(cloud), organization)
    }

    /// The world of a cloud with this organization.
    pub fn around(client: CloudClient, organization: String) -> Self {
        let clock = Clock::starting_at(UNIX_EPOCH + NOON);
        let (records, s3) = (Arc::new(MemoryRecords::new()), Arc::new(S3::new(clock)));
        let place = Place::default();
        let provider = provider(&place, client.clone(), records.clone(), s3.clone(), |_| {});
        Self {
            client,
            records,
            s3,
            clock,
            organization,
            place,
            handled: Arc::default(),
            requests: Arc::default(),
            invocations: Arc::default(),
            provider,
        }
    }

    /// A provider of its own in another account or Region of the same cloud.
    pub fn beside(&self, account: &str, region: &str) -> Self {
        let place = Place::new(account, region);
        let (client, s3, records) = (self.client.clone(), self.s3.clone(), Arc::new(MemoryRecords::new()));
        let provider = provider(&place, client.clone(), records.clone(), s3.clone(), |_| {});
        let (clock, organization) = (Clock::starting_at(self.clock.now()), self.organization.clone());
        let handled = Arc::default();
        Self {
            client,
            records,
            s3,
            clock,
            organization,
            place,
            handled,
            requests: self.requests.clone(),
            invocations: self.invocations.clone(),
            provider,
        }
    }

    /// The local cloud, between calls.
    pub fn cloud(&self) -> MutexGuard<'_, LocalCloud> {
        self.client.cloud.lock().unwrap()
    }

    pub fn organization_arn(&self) -> String {
        self.cloud().organization_arn(&self.organization).unwrap()
    }

    /// `count` license configurations of the provider's account.
    pub fn license_configurations(&self, count: usize) -> Vec<String> {
        self.cloud().change_settings(|settings| settings.license_manager.quota = 1_000);
        (0..count)
            .map(|n| self.cloud().create_license_configuration(ACCOUNT, REGION, &format!("license-{n}")))
            .collect()
    }

    /// Another process of the same function.
    pub fn new_process(&self) -> Provider {
        self.process_with(|_| {})
    }

    /// Another process, whose environment says something else.
    pub fn process_with(&self, change: impl FnOnce(&mut Config)) -> Provider {
        provider(&self.place, self.client.clone(), self.records.clone(), self.s3.clone(), change)
    }

    /// Another process, with other records.
    pub fn process_on(&self, records: Arc<dyn Records>) -> Provider {
        provider(&self.place, self.client.clone(), records, self.s3.clone(), |_| {})
    }

    /// Another process, which can be stopped at its `points`, and whose records meet `rules`.
    pub fn process(&self, points: &Points, rules: &[RecordRule]) -> Provider {
        self.process_over(self.records.clone(), points, rules)
    }

    /// The same, over other records.
    pub fn process_over(&self, records: Arc<dyn Records>, points: &Points, rules: &[RecordRule]) -> Provider {
        let records = FaultyRecords::new(records, points.clone(), rules.to_vec());
        let upload = PointedUpload { points: points.clone(), s3: self.s3.clone() };
        let client = self.client.with_points(points.clone());
        provider(&self.place, client, Arc::new(records), Arc::new(upload), |_| {})
    }

    /// Where the provider is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// AWS as the account of the provider reaches it, beside the provider.
    pub fn clients(&self) -> Clients {
        clients(&self.place, self.client.clone(), &endpoints())
    }

    pub fn event(
        &self,
        request_type: &str,
        physical_id: Option<&str>,
        logical_id: &str,
        properties: Value,
    ) -> Event {
        self.event_of(STACK, request_type, physical_id, logical_id, properties)
    }

    pub fn event_of(
        &self,
        stack: &str,
        request_type: &str,
        physical_id: Option<&str>,
        logical_id: &str,
        properties: Value,
    ) -> Event {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let request_id = format!("00000000-0000-4000-8000-{number:012}");
        let mut json = json!({
            "RequestType": request_type,
            "RequestId": request_id,
            "StackId": stack,
            "LogicalResourceId": logical_id,
            "ResourceType": "Custom::LicenseConfigShare",
            "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider",
            "ResponseURL": response_url(stack, logical_id, &request_id, self.clock.now()),
            "ResourceProperties": with_token(properties),
        });
        if let Some(id) = physical_id {
            json["PhysicalResourceId"] = id.into();
        }
        let json = self.place.json(&json);
        self.s3.signed(&json);
        Event { request_id, json }
    }

    /// Delivers an event to the first process.
    pub async fn deliver(&self, event: &Event) -> Result<(), HandlerError> {
        self.deliver_to(&self.provider, event).await
    }

    pub async fn deliver_to(&self, provider: &Provider, event: &Event) -> Result<(), HandlerError> {
        self.deliver_bytes_to(provider, event.json.to_string().as_bytes()).await
    }

    /// Delivers what may be no event at all.
    pub async fn deliver_bytes(&self, event: &[u8]) -> Result<(), HandlerError> {
        self.deliver_bytes_to(&self.provider, event).await
    }

    /// Every invocation has one of its own, as if it had a process of its own: so answers that are made anew differ.
    fn log_stream(&self) -> String {
        let number = self.invocations.fetch_add(1, Ordering::SeqCst);
        format!("2026/11/24/[$LATEST]{number:04}")
    }

    pub async fn deliver_bytes_to(&self, handler: &impl Handler, event: &[u8]) -> Result<(), HandlerError> {
        let invocation = Invocation {
            function_arn: self
                .place
                .text("arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider"),
            deadline: self.clock.now() + Duration::from_secs(120),
            log_stream: self.log_stream(),
        };
        let clock = Clock::starting_at(self.clock.now());
        // Boxed: a test that handles many events would be a future too large for its thread's stack.
        let mark = self.mark();
        let ended = Box::pin(handler.handle(event, &invocation, clock)).await;
        self.note(event, mark);
        ended
    }

    fn note(&self, event: &[u8], mark: usize) {
        let event: Value = serde_json::from_slice(event).unwrap_or_default();
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let handled = Handled {
            resource_type: text("ResourceType"),
            request_type: text("RequestType"),
            calls: self.calls_since(mark),
        };
        self.handled.lock().unwrap().push(handled);
    }

    /// The requests that were handled, in order.
    pub fn handled(&self) -> Vec<Handled> {
        self.handled.lock().unwrap().clone()
    }

    /// Another process, which goes through this trouble, and whose environment says something else.
    pub fn process_in_trouble(
        &self,
        trouble: &Trouble,
        queue: Option<Arc<dyn Queue>>,
        change: impl FnOnce(&mut Config),
    ) -> Provider {
        let cloud = trouble.before_cloud(&self.client);
        let records = trouble.before_records(&self.records);
        let provider = provider(&self.place, cloud, records, trouble.before_bucket(&self.s3), change);
        match queue {
            Some(queue) => provider.with_queue(trouble.before_queue(queue)),
            None => provider,
        }
    }

    /// A process of the rescue function, which goes through this trouble.
    pub fn rescue_in_trouble(&self, trouble: &Trouble, change: impl FnOnce(&mut Config)) -> Rescue {
        self.rescue_on(trouble.before_records(&self.records), change)
    }

    /// A process of the rescue function, whose records meet `rules` and whose environment says something else.
    pub fn rescue(&self, rules: &[RecordRule], change: impl FnOnce(&mut Config)) -> Rescue {
        let records = FaultyRecords::new(self.records.clone(), Points::default(), rules.to_vec());
        self.rescue_on(Arc::new(records), change)
    }

    fn rescue_on(&self, records: Arc<dyn Records>, change: impl FnOnce(&mut Config)) -> Rescue {
        let mut config = config(&self.place);
        change(&mut config);
        let (entrances, log_group) = (abandoned::entrances(), abandoned::LOG_GROUP.to_owned());
        let own = RescueConfig { entrances, log_group };
        Rescue::new(config, own, records, self.s3.clone())
    }

    /// Delivers an event to a process of its own.
    pub async fn deliver_anew(&self, event: &Event) -> Result<(), HandlerError> {
        self.deliver_to(&self.new_process(), event).await
    }

    /// Delivers an event and gives its answer.
    pub async fn answer(&self, event: &Event) -> Answer {
        self.deliver(event).await.unwrap();
        self.s3.answer_to(&event.request_id).expect("an answer")
    }

    pub async fn create(&self, logical_id: &str, properties: Value) -> Answer {
        let event = self.event("Create", None, logical_id, properties);
        self.answer(&event).await
    }

    pub async fn update(&self, id: &str, logical_id: &str, properties: Value) -> Answer {
        self.later().await;
        let event = self.event("Update", Some(id), logical_id, properties);
        self.answer(&event).await
    }

    pub async fn delete(&self, id: &str, logical_id: &str) -> Answer {
        self.later().await;
        let event = self.event("Delete", Some(id), logical_id, json!({}));
        self.answer(&event).await
    }

    /// CloudFormation sends no two requests of a resource in one second.
    pub async fn later(&self) {
        tokio::time::advance(Duration::from_secs(2)).await;
    }

    /// The calls since `mark` calls were made.
    pub fn calls_since(&self, mark: usize) -> Vec<Call> {
        self.cloud().log()[mark..].to_vec()
    }

    pub fn mark(&self) -> usize {
        self.cloud().log().len()
    }

    /// The operations since `mark`, in order.
    pub fn operations_since(&self, mark: usize) -> Vec<String> {
        self.calls_since(mark).into_iter().map(|call| call.operation).collect()
    }

    /// The live shares of the provider's account by name.
    pub fn live_shares(&self) -> Vec<String> {
        let cloud = self.cloud();
        let live = cloud.shares().iter().filter(|share| share.status.is_live());
        live.map(|share| share.name.clone()).collect()
    }

    /// The present members of a share.
    pub fn members(&self, arn: &str) -> BTreeSet<String> {
        let cloud = self.cloud();
        let present = cloud.associations(arn).iter().filter(|association| association.status.is_present());
        present.map(|association| association.entity.clone()).collect()
    }
}

fn clients(place: &Place, client: impl HttpClient + 'static, endpoints: &Endpoints) -> Clients {
    let credentials = Credentials::new(&place.account, SECRET_KEY, None, None, "test");
    Clients::new(ClientSettings {
        region: place.region.clone(),
        credentials: SharedCredentialsProvider::new(credentials),
        endpoints: endpoints.clone(),
        http_client: SharedHttpClient::new(client),
    })
}

fn endpoints() -> Endpoints {
    Endpoints::all_at("http://local-cloud.test")
}

fn provider(
    place: &Place,
    client: impl HttpClient + 'static,
    records: Arc<dyn Records>,
    upload: Arc<dyn Upload>,
    change: impl FnOnce(&mut Config),
) -> Provider {
    let mut config = config(place);
    let clients = clients(place, client, &config.endpoints);
    change(&mut config);
    Provider::new(config, clients, records, upload)
}

fn config(place: &Place) -> Config {
    Config {
        region: place.region.clone(),
        record_table: "records".to_owned(),
        wait_queue_url: None,
        trusted: Trusted::Accounts(BTreeSet::new()),
        extra_hosts: "127.0.0.1:4566".parse().unwrap(),
        endpoints: endpoints(),
        rescue: None,
        problems: Vec::new(),
    }
}

/// A signed URL as CloudFormation makes it.
pub fn response_url(stack: &str, logical_id: &str, request_id: &str, sent: SystemTime) -> String {
    let path = format!("{}%7C{logical_id}%7C{request_id}", stack.replace(':', "%3A").replace('/', "%2F"));
    format!(
        "https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/{path}\
         ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={}&X-Amz-SignedHeaders=host&X-Amz-Expires=7199\
         &X-Amz-Credential=AKIAEXAMPLE%2F20261124%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature={SIGNATURE}",
        amz_date(sent)
    )
}

pub fn amz_date(time: SystemTime) -> String {
    let date = time::OffsetDateTime::from(time);
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year}{month:02}{day:02}T{:02}{:02}{:02}Z", date.hour(), date.minute(), date.second())
}

pub fn with_token(properties: Value) -> Value {
    let mut members = match properties {
        Value::Object(members) => members,
        other => return other,
    };
    let token = "arn:aws:lambda:eu-west-1:111122223333:function:license-manager-provider";
    members.insert("ServiceToken".to_owned(), token.into());
    Value::Object(members)
}

/// The properties of an own share.
pub fn own(name: &str, resources: &[String], principals: &[&str]) -> Value {
    let mut properties = Map::new();
    properties.insert("Name".to_owned(), name.into());
    properties.insert("LicenseConfigurationArns".to_owned(), json!(resources));
    properties.insert("Principals".to_owned(), json!(principals));
    Value::Object(properties)
}

/// The properties of an attachment.
pub fn attached(share: &str, resources: &[String], principals: &[&str]) -> Value {
    json!({"ResourceShareArn": share, "LicenseConfigurationArns": resources, "Principals": principals})
}

/// `properties` with one more.
pub fn with(mut properties: Value, name: &str, value: Value) -> Value {
    properties[name] = value;
    properties
}
