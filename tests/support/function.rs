//! The deployed function: the real binary with a table, a cloud and a bucket that it reaches over HTTP.

use super::abandoned::{FAILED_INVOCATIONS, LOG_GROUP, WAIT_DEAD_LETTERS};
use super::bucket::Bucket;
use super::cloud_client::CloudClient;
use super::process::Process;
use super::runtime_api::Reported;
use super::secrets::Secrets;
use super::world::{ACCOUNT, Event, MEMBER, MEMBER_2, REGION, STACK, World, amz_date, with_token};
use super::{ministack, table};
use aws_sdk_dynamodb::config::Credentials;
use http::Request;
use hyper::body::Bytes;
use local_cloud::organizations::RamSharing;
use local_cloud::server::Server;
use local_cloud::{LocalCloud, Reply};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use uuid::Uuid;

/// What no output may hold: parts of the response URL.
pub const URL_SECRETS: [&str; 4] = ["519na7u4ema4ke4", "pa7hma4ke4", "AKIAURLMA4KE4", "5e55i0nma4ke4"];

/// How long an invocation may take where a test does not say.
pub const TIME: Duration = Duration::from_secs(30);

/// The function and all that it reaches.
#[derive(Debug)]
pub struct Function {
    pub bucket: Bucket,
    pub environment: BTreeMap<String, String>,
    credentials: Credentials,
    cloud: Arc<Mutex<LocalCloud>>,
    requests: AtomicUsize,
    /// What other accounts do there, and how it looks.
    pub world: World,
}

impl Function {
    /// An organization with two members, RAM sharing on, the function in the management account, with the credentials
    /// of a role's session.
    pub async fn deployed() -> Self {
        let mut cloud = LocalCloud::default();
        let organization = cloud.create_organization(ACCOUNT);
        assert!(
            cloud.add_account(&organization, None, MEMBER)
                && cloud.add_account(&organization, None, MEMBER_2)
        );
        assert!(cloud.set_ram_sharing(&organization, RamSharing::On));
        let credentials = assume_role(&mut cloud);
        let server = Server::bind(0, cloud).await.unwrap();
        let (cloud, address) = (server.cloud(), server.address().unwrap());
        let world = World::around(CloudClient::of(Arc::clone(&cloud)), organization);
        tokio::spawn(server.serve());
        let bucket = Bucket::start().await;
        let environment = environment(&credentials, &format!("http://{address}"), &bucket).await;
        Self { bucket, environment, credentials, cloud, requests: AtomicUsize::new(0), world }
    }

    /// The local cloud, between calls.
    pub fn cloud(&self) -> MutexGuard<'_, LocalCloud> {
        self.cloud.lock().unwrap()
    }

    /// A cold start.
    pub async fn start(&self) -> Process {
        Process::bootstrap(&self.environment).await
    }

    /// A cold start with an environment that differs: a value, or `None` for a variable that is not set.
    pub async fn start_with(&self, changes: &[(&str, Option<&str>)]) -> Process {
        let mut environment = self.environment.clone();
        for (name, value) in changes {
            match value {
                Some(value) => environment.insert((*name).to_owned(), (*value).to_owned()),
                None => environment.remove(*name),
            };
        }
        Process::bootstrap(&environment).await
    }

    /// A cold start of the rescue function, which has nothing to do with AWS but for its table.
    pub async fn start_rescue(&self) -> Process {
        let elsewhere = Some("http://127.0.0.1:1");
        let changes = [
            ("PROVIDER_ROLE", Some("rescue")),
            ("FAILED_INVOCATIONS_ARN", Some(FAILED_INVOCATIONS)),
            ("WAIT_DEAD_LETTERS_ARN", Some(WAIT_DEAD_LETTERS)),
            ("LOG_GROUP_NAME", Some(LOG_GROUP)),
            ("AWS_ENDPOINT_URL_RAM", elsewhere),
            ("AWS_ENDPOINT_URL_LICENSE_MANAGER", elsewhere),
        ];
        self.start_with(&changes).await
    }

    /// What no output may hold.
    pub fn secrets(&self) -> Secrets {
        let own = [self.credentials.access_key_id(), self.credentials.secret_access_key()];
        let own = own.into_iter().chain(self.credentials.session_token());
        Secrets::new(own.chain(URL_SECRETS).map(str::to_owned))
    }

    /// The session token of the function's role.
    pub fn session_token(&self) -> &str {
        self.credentials.session_token().unwrap()
    }

    pub fn license_configurations(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|n| self.cloud().create_license_configuration(ACCOUNT, REGION, &format!("license-{n}")))
            .collect()
    }

    /// A request of CloudFormation for the resource `Share`, signed now.
    pub fn event(&self, request_type: &str, physical_id: Option<&str>, properties: Value) -> Event {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let request_id = format!("bbbbbbbb-0000-4000-8000-{number:012}");
        // CloudFormation sends no two requests of a resource in one second.
        let sent = now() + Duration::from_secs(2 * number as u64);
        let mut json = json!({
            "RequestType": request_type,
            "RequestId": request_id,
            "StackId": STACK,
            "LogicalResourceId": "Share",
            "ResourceType": "Custom::LicenseConfigShare",
            "ServiceToken": super::process::FUNCTION_ARN,
            "ResponseURL": Self::response_url(&format!("http://{}", self.bucket.server.address), &request_id, sent),
            "ResourceProperties": with_token(properties),
        });
        if let Some(id) = physical_id {
            json["PhysicalResourceId"] = id.into();
        }
        self.bucket.s3.signed(&json);
        Event { request_id, json }
    }

    /// A signed URL at another place than CloudFormation's.
    pub fn response_url(origin: &str, request_id: &str, sent: SystemTime) -> String {
        Self::response_url_of(origin, STACK, "Share", request_id, sent)
    }

    /// The same for any resource of any stack.
    pub fn response_url_of(
        origin: &str,
        stack: &str,
        logical_id: &str,
        request_id: &str,
        sent: SystemTime,
    ) -> String {
        let [signature, path, key, token] = URL_SECRETS;
        let stack = stack.replace(':', "%3A").replace('/', "%2F");
        format!(
            "{origin}/{path}/{stack}%7C{logical_id}%7C{request_id}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={}\
             &X-Amz-SignedHeaders=host&X-Amz-Expires=7199&X-Amz-Credential={key}%2F20261124%2Feu-west-1%2Fs3%2F\
             aws4_request&X-Amz-Security-Token={token}&X-Amz-Signature={signature}",
            amz_date(sent)
        )
    }

    /// Delivers an event and gives its answer, which Lambda must have been told to be the end of it.
    pub async fn answer(&self, process: &mut Process, event: &Event) -> super::s3::Answer {
        let reported = process.deliver(event.json.to_string(), TIME).await;
        assert_eq!(reported, Reported::Response("null".to_owned()), "{:?}", event.json["RequestType"]);
        self.bucket.s3.answer_to(&event.request_id).expect("an answer")
    }

    /// Waits until the cloud has seen an operation.
    pub async fn called(&self, operation: &str) {
        self.called_since(0, operation).await;
    }

    /// The same, after the first `mark` calls.
    pub async fn called_since(&self, mark: usize, operation: &str) {
        let seen = || self.cloud().calls_since(mark).iter().any(|call| call.operation == operation);
        let look = async {
            while !seen() {
                tokio::task::yield_now().await;
            }
        };
        timeout(TIME, look).await.unwrap();
    }

    pub fn live_shares(&self) -> Vec<String> {
        let cloud = self.cloud();
        let live = cloud.shares().iter().filter(|share| share.status.is_live());
        live.map(|share| share.arn.clone()).collect()
    }
}

/// The time of day: the processes outside of the test keep no other.
#[expect(clippy::disallowed_methods, reason = "signs URLs for a process with a clock of its own")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// The credentials of the function's role, as STS gives them.
pub fn assume_role(cloud: &mut LocalCloud) -> Credentials {
    let form = format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2Fprovider\
         &RoleSessionName=license-manager-provider&DurationSeconds=3600"
    );
    let scope =
        format!("AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261124/{REGION}/sts/aws4_request, Signature=0");
    let request = Request::post("/").header("authorization", scope);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(Bytes::from(form));
    let Reply::Answer { response, .. } = cloud.handle(Duration::ZERO, &request.unwrap()) else {
        panic!("STS gives no answer")
    };
    let xml = String::from_utf8(response.body().to_vec()).unwrap();
    let value = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {xml}"));
        rest.split('<').next().unwrap().to_owned()
    };
    Credentials::new(
        value("AccessKeyId"),
        value("SecretAccessKey"),
        Some(value("SessionToken")),
        None,
        "test",
    )
}

/// The function's environment as its template and Lambda make it, with every log level as low as it goes.
async fn environment(credentials: &Credentials, cloud: &str, bucket: &Bucket) -> BTreeMap<String, String> {
    // A port is given again to a later test.
    static TABLES: AtomicUsize = AtomicUsize::new(0);
    let seed = format!("{} {}", bucket.server.address, TABLES.fetch_add(1, Ordering::Relaxed));
    let name = format!("records-{}", Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes()));
    let ministack = ministack::shared().await;
    table::make(&table::client(&ministack.url(), credentials.clone()), &name).await.unwrap();
    [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key()),
        ("AWS_SESSION_TOKEN", credentials.session_token().unwrap()),
        ("AWS_ENDPOINT_URL_RAM", cloud),
        ("AWS_ENDPOINT_URL_LICENSE_MANAGER", cloud),
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", cloud),
        ("AWS_ENDPOINT_URL_IAM", cloud),
        ("AWS_ENDPOINT_URL_DYNAMODB", &ministack.url()),
        ("RECORD_TABLE", &name),
        ("RESPONSE_URL_EXTRA_HOSTS", &bucket.server.address.to_string()),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "1"),
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
