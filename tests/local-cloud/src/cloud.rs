//! The core: takes a request, finds caller and operation, lets faults and throttle strike, runs the service, logs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::admin;
use crate::ctx::Ctx;
use crate::door::TurnedAway;
use crate::error::ServiceError;
use crate::fault::{FaultKind, Faults};
use crate::iam::Iam;
use crate::ids::Ids;
use crate::license_manager::LicenseManager;
use crate::log::Call;
use crate::organizations::Organizations;
use crate::policy::Policies;
use crate::ram::Ram;
use crate::settings::Settings;
use crate::sts::Sts;
use crate::throttle::Throttles;
use crate::wire::{self, Caller, Credential, Input, Service};

/// What happens to a request.
#[derive(Debug)]
pub enum Reply {
    /// It is answered.
    Answer {
        /// So much later.
        after: Duration,
        /// With this.
        response: Response<Bytes>,
    },
    /// The connection is reset; no answer comes.
    Reset,
    /// Nothing ever comes.
    Hang,
}

/// All state of all accounts and Regions.
#[derive(Debug)]
pub struct LocalCloud {
    pub(crate) settings: Arc<Settings>,
    /// The time of the last request, since the cloud's start, `advanced` included.
    pub(crate) now: Duration,
    /// How far the clock was moved forward by hand.
    pub(crate) advanced: Duration,
    pub(crate) organizations: Organizations,
    pub(crate) license_manager: LicenseManager,
    pub(crate) ram: Ram,
    pub(crate) sts: Sts,
    pub(crate) faults: Faults,
    pub(crate) throttles: Throttles,
    pub(crate) log: Vec<Call>,
    /// Organizations or License Manager changed since RAM last looked.
    pub(crate) changed: bool,
    /// License Manager's own shares that are still to appear: when, account, Region.
    pub(crate) due_shares: Vec<(Duration, String, String)>,
    pub(crate) iam: Iam,
    pub(crate) policies: Policies,
    request_ids: Ids,
}

/// An operation that is going to be run.
#[derive(Debug)]
struct Visit {
    service: Service,
    operation: &'static str,
    input: Input,
    ctx: Ctx,
}

impl Default for LocalCloud {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl LocalCloud {
    /// An empty cloud: no organization, no license configuration, no share.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            now: Duration::ZERO,
            advanced: Duration::ZERO,
            organizations: Organizations::default(),
            license_manager: LicenseManager::default(),
            ram: Ram::default(),
            sts: Sts::default(),
            faults: Faults::default(),
            throttles: Throttles::default(),
            log: Vec::new(),
            changed: false,
            due_shares: Vec::new(),
            iam: Iam::default(),
            policies: Policies::default(),
            request_ids: Ids::new("request"),
        }
    }

    /// Takes one request. `now` is the time since the cloud's start, virtual in tests and real in the binary; it may not
    /// go back (an earlier time counts as the last one).
    pub fn handle(&mut self, now: Duration, request: &Request<Bytes>) -> Reply {
        self.set_time(now);
        if request.uri().path().starts_with(admin::PREFIX) {
            return Reply::Answer { after: Duration::ZERO, response: admin::handle(self, request) };
        }
        let request_id = self.request_ids.uuid();
        match self.identify(request) {
            Ok(visit) => self.serve(visit, &request_id),
            Err(turned_away) => self.turn_away(*turned_away, &request_id),
        }
    }

    /// Every request in order, those of the admin API left out.
    pub fn log(&self) -> &[Call] {
        &self.log
    }

    /// Brings everything that takes time to where it is at the time of the last request.
    pub(crate) fn settle(&mut self) {
        let settings = Arc::clone(&self.settings);
        self.make_due_shares();
        self.ram.settle(self.now, &settings.ram);
        self.accept_as_member_role();
        if std::mem::take(&mut self.changed) {
            self.ram.follow(self.now, &settings.ram, &self.organizations, &self.license_manager);
        }
    }

    pub(crate) fn set_time(&mut self, now: Duration) {
        self.now = self.now.max(now + self.advanced);
        self.settle();
    }

    /// A request's surroundings, as if this account had made it now.
    pub(crate) fn ctx(&self, account: &str, region: &str) -> Ctx {
        let caller = Caller {
            account: account.to_owned(),
            access_key: account.to_owned(),
            region: region.to_owned(),
            service: String::new(),
        };
        self.ctx_of(caller)
    }

    fn ctx_of(&self, caller: Caller) -> Ctx {
        Ctx {
            now: self.now,
            region: caller.region.clone(),
            partition: wire::partition_of(&caller.region).to_owned(),
            epoch: self.settings.epoch,
            settings: Arc::clone(&self.settings),
            shared_with_caller: Vec::new(),
            core_role: true,
            caller,
        }
    }

    fn identify(&mut self, request: &Request<Bytes>) -> Result<Visit, Box<TurnedAway>> {
        let credential =
            Credential::of(request.headers()).map_err(|error| TurnedAway::unsigned(request, error))?;
        let service = Service::named(&credential.service)
            .ok_or_else(|| TurnedAway::unknown_service(request, &credential))?;
        let read = wire::read(service, request)
            .map_err(|refused| TurnedAway::refused(service, &credential, &refused))?;
        let account = credential.account_in_key().or_else(|| self.sts.account_of(&credential.access_key));
        let account = account.ok_or_else(|| TurnedAway::unknown_key(service, read.operation, &credential))?;
        if self.sts.is_expired(&credential.access_key, self.now) {
            return Err(TurnedAway::expired_key(service, read.operation, &credential));
        }
        let Credential { access_key, region, service: name } = credential;
        let ctx = self.ctx_of(Caller { account, access_key, region, service: name });
        Ok(Visit { service, operation: read.operation, input: read.input, ctx })
    }

    fn serve(&mut self, visit: Visit, request_id: &str) -> Reply {
        let Visit { service, operation, input, ctx } = visit;
        let strike = self.faults.strike(service.name(), operation, ctx.account());
        let mut call = call_of(service, operation, &input, &ctx);
        call.session = self.sts.session_arn(&ctx.caller.access_key).map(str::to_owned);
        let throttled = self.throttles.admit(service, operation, ctx.account(), &ctx.region, ctx.now);
        let reply = match (throttled, &strike.kind) {
            (Err(error), _) => refuse(service, request_id, &error, &mut call),
            (Ok(()), Some(FaultKind::Error { status, code, message })) => {
                fail(service, request_id, (*status, code, message), &mut call)
            }
            (Ok(()), Some(FaultKind::Reset)) => Reply::Reset,
            (Ok(()), Some(FaultKind::Hang)) => Reply::Hang,
            (Ok(()), Some(FaultKind::LostAnswer)) => {
                self.run(service, operation, &input, ctx, request_id, &mut call);
                call.status = None;
                Reply::Reset
            }
            (Ok(()), Some(FaultKind::Malformed)) => {
                let response = self.run(service, operation, &input, ctx, request_id, &mut call);
                let body = String::from_utf8_lossy(response.body()).into_owned();
                let response = wire::malformed(service, request_id, &body);
                call.status = Some(response.status().as_u16());
                Reply::Answer { after: Duration::ZERO, response }
            }
            (Ok(()), Some(FaultKind::Latency(_)) | None) => {
                let response = self.run(service, operation, &input, ctx, request_id, &mut call);
                Reply::Answer { after: Duration::ZERO, response }
            }
        };
        self.log.push(call);
        delayed(reply, strike.latency)
    }

    /// Runs the operation and notes in the call how it ended.
    fn run(
        &mut self,
        service: Service,
        operation: &str,
        input: &Input,
        ctx: Ctx,
        request_id: &str,
        call: &mut Call,
    ) -> Response<Bytes> {
        let outcome = self.dispatch(service, operation, input, ctx);
        call.applied = outcome.is_ok();
        call.replayed = service == Service::Ram && outcome.is_ok() && self.ram.replayed();
        match outcome {
            Ok(body) => {
                call.status = Some(200);
                wire::answer(service, request_id, body)
            }
            Err(error) => {
                call.status = Some(error.status);
                call.error_code = Some(error.code.to_owned());
                wire::error(service, request_id, &error)
            }
        }
    }

    fn turn_away(&mut self, turned_away: TurnedAway, request_id: &str) -> Reply {
        let TurnedAway { protocol, error, service, operation, account, region } = turned_away;
        self.log.push(Call {
            at: self.now,
            account,
            session: None,
            region,
            service,
            operation,
            status: Some(error.status),
            error_code: Some(error.code.to_owned()),
            applied: false,
            replayed: false,
            client_token: None,
            input: Value::Null,
        });
        Reply::Answer { after: Duration::ZERO, response: wire::error(protocol, request_id, &error) }
    }
}

fn call_of(service: Service, operation: &str, input: &Input, ctx: &Ctx) -> Call {
    let input = input.to_json();
    Call {
        at: ctx.now,
        account: ctx.account().to_owned(),
        session: None,
        region: ctx.region.clone(),
        service: service.name().to_owned(),
        operation: operation.to_owned(),
        status: None,
        error_code: None,
        applied: false,
        replayed: false,
        client_token: input.get("clientToken").and_then(Value::as_str).map(str::to_owned),
        input,
    }
}

fn refuse(service: Service, request_id: &str, error: &ServiceError, call: &mut Call) -> Reply {
    fail(service, request_id, (error.status, error.code, &error.message), call)
}

fn fail(
    service: Service,
    request_id: &str,
    (status, code, message): (u16, &str, &str),
    call: &mut Call,
) -> Reply {
    call.status = Some(status);
    call.error_code = Some(code.to_owned());
    let response = wire::failure(service, request_id, status, code, message);
    Reply::Answer { after: Duration::ZERO, response }
}

fn delayed(reply: Reply, latency: Duration) -> Reply {
    match reply {
        Reply::Answer { after, response } => Reply::Answer { after: after + latency, response },
        Reply::Reset => Reply::Reset,
        Reply::Hang => Reply::Hang,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fault::FaultRule;
    use crate::ram::testing::{MEMBER, OUTSIDER, OWNER, REGION, World, request};
    use crate::throttle::ThrottleRule;

    /// A request to a service that speaks awsJson.
    fn target(key: &str, service: &str, target: &str, body: &Value) -> Request<Bytes> {
        let scope = format!("AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/{service}/aws4_request");
        let builder = Request::post("/").header("authorization", scope).header("x-amz-target", target);
        builder.body(Bytes::from(body.to_string())).unwrap()
    }

    fn answer(reply: Reply) -> (u16, String) {
        let Reply::Answer { response, .. } = reply else { panic!("{reply:?}") };
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    fn create(world: &mut World) -> Reply {
        let input = json!({"name": "a", "clientToken": "t"});
        world.cloud.handle(world.now, &request(OWNER, REGION, "CreateResourceShare", &input))
    }

    fn struck(kind: FaultKind) -> (World, Reply) {
        let mut world = World::new();
        world.cloud.add_fault(FaultRule::once("ram", "CreateResourceShare", kind));
        let reply = create(&mut world);
        (world, reply)
    }

    #[test]
    fn an_error_by_rule_has_no_effect_and_strikes_once() {
        let error =
            FaultKind::Error { status: 503, code: "ServiceUnavailableException".into(), message: "x".into() };
        let (mut world, reply) = struck(error);
        assert_eq!(answer(reply), (503, r#"{"message":"x"}"#.to_owned()));
        let call = world.cloud.log().last().unwrap();
        assert_eq!(call.error_code.as_deref(), Some("ServiceUnavailableException"));
        assert!(!call.applied);
        assert_eq!(world.cloud.shares().len(), 0);
        assert_eq!(answer(create(&mut world)).0, 200);
    }

    #[test]
    fn a_late_answer_is_otherwise_as_usual() {
        let (world, reply) = struck(FaultKind::Latency(Duration::from_secs(7)));
        let Reply::Answer { after, response } = reply else { panic!("{reply:?}") };
        assert_eq!((after, response.status().as_u16()), (Duration::from_secs(7), 200));
        assert_eq!(world.cloud.shares().len(), 1);
    }

    #[test]
    fn a_reset_and_a_hang_have_no_effect() {
        let (world, reply) = struck(FaultKind::Reset);
        assert!(matches!(reply, Reply::Reset));
        assert_eq!(world.cloud.shares().len(), 0);
        let (world, reply) = struck(FaultKind::Hang);
        assert!(matches!(reply, Reply::Hang));
        assert_eq!(world.cloud.shares().len(), 0);
        let call = world.cloud.log().last().unwrap();
        assert_eq!((call.status, call.applied), (None, false));
    }

    #[test]
    fn a_malformed_error_is_logged_with_the_status_that_it_was_sent_with() {
        let mut world = World::new();
        world.cloud.add_fault(FaultRule::once("ram", "CreateResourceShare", FaultKind::Malformed));
        let nameless = request(OWNER, REGION, "CreateResourceShare", &json!({}));
        let (status, _) = answer(world.cloud.handle(world.now, &nameless));
        let call = world.cloud.log().last().unwrap();
        assert_eq!(
            (call.status, call.error_code.as_deref()),
            (Some(status), Some("InvalidParameterException"))
        );
    }

    #[test]
    fn a_lost_answer_has_its_effect_and_the_token_gives_it_again() {
        let (mut world, reply) = struck(FaultKind::LostAnswer);
        assert!(matches!(reply, Reply::Reset));
        let call = world.cloud.log().last().unwrap();
        assert_eq!((call.status, call.applied), (None, true));
        let (status, body) = answer(create(&mut world));
        assert_eq!(status, 200);
        assert!(body.contains(&world.cloud.shares()[0].arn));
        assert_eq!(world.cloud.shares().len(), 1);
    }

    #[test]
    fn a_malformed_answer_has_its_effect_and_cannot_be_read() {
        let (world, reply) = struck(FaultKind::Malformed);
        let (status, body) = answer(reply);
        assert_eq!(status, 200);
        assert!(serde_json::from_str::<Value>(&body).is_err());
        assert_eq!(world.cloud.shares().len(), 1);
    }

    #[test]
    fn a_throttled_call_is_refused_logged_and_without_effect() {
        let mut world = World::new();
        let (service, operation) = ("ram".to_owned(), "CreateResourceShare".to_owned());
        world.cloud.add_throttle(ThrottleRule { service, operation, per_second: 1.0, burst: 1.0 });
        assert_eq!(answer(create(&mut world)).0, 200);
        let (status, code, _) = world.send(OWNER, REGION, "CreateResourceShare", &json!({"name": "b"}));
        assert_eq!((status, code.as_deref()), (429, Some("ThrottlingException")));
        assert_eq!(world.cloud.shares().len(), 1);
        world.wait(1);
        world.create(json!({}));
        world.cloud.clear_faults();
        world.create(json!({}));
    }

    #[test]
    fn what_is_not_served_is_answered_and_logged_with_its_name() {
        let mut world = World::new();
        let (status, body) = answer(
            world.cloud.handle(Duration::ZERO, &request(OWNER, REGION, "CreatePermission", &json!({}))),
        );
        assert_eq!(status, 404);
        assert!(body.contains("/createpermission"), "{body}");
        let licenses = target(OWNER, "license-manager", "AWSLicenseManager.CheckInLicense", &json!({}));
        let (status, body) = answer(world.cloud.handle(Duration::ZERO, &licenses));
        assert_eq!(status, 400);
        assert!(body.contains("UnknownOperationException") && body.contains("CheckInLicense"), "{body}");
        let queue = target(OWNER, "sqs", "AmazonSQS.SendMessage", &json!({}));
        let (status, body) = answer(world.cloud.handle(Duration::ZERO, &queue));
        assert_eq!(status, 404);
        assert!(body.contains("sqs") && body.contains("SendMessage"), "{body}");
        let logged: Vec<&str> = world.cloud.log().iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(
            logged,
            ["POST /createpermission", "AWSLicenseManager.CheckInLicense", "AmazonSQS.SendMessage"]
        );
    }

    #[test]
    fn unsigned_requests_and_unknown_keys_are_refused() {
        let mut world = World::new();
        let mut unsigned = request(OWNER, REGION, "GetResourceShares", &json!({"resourceOwner": "SELF"}));
        unsigned.headers_mut().remove("authorization");
        assert_eq!(answer(world.cloud.handle(Duration::ZERO, &unsigned)).0, 403);
        let unknown = request("AKIAEXAMPLE", REGION, "GetResourceShares", &json!({"resourceOwner": "SELF"}));
        assert_eq!(answer(world.cloud.handle(Duration::ZERO, &unknown)).0, 403);
        let codes: Vec<_> = world.cloud.log().iter().map(|call| call.error_code.clone().unwrap()).collect();
        assert_eq!(codes, ["MissingAuthenticationToken", "UnrecognizedClientException"]);
    }

    #[test]
    fn the_key_of_a_session_acts_for_its_account_until_it_ends() {
        let mut world = World::new();
        let scope = format!("AWS4-HMAC-SHA256 Credential={OWNER}/20260101/{REGION}/sts/aws4_request");
        let form =
            format!("Action=AssumeRole&RoleArn=arn:aws:iam::{OUTSIDER}:role/accept&RoleSessionName=accept");
        let assume = Request::post("/").header("authorization", scope).body(Bytes::from(form)).unwrap();
        let (status, body) = answer(world.cloud.handle(Duration::ZERO, &assume));
        assert_eq!(status, 200, "{body}");
        let key = body.split("<AccessKeyId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        world.share_with(&[OUTSIDER]);
        assert_eq!(world.invitations(&key).len(), 1);
        assert_eq!(world.cloud.log().last().unwrap().account, OUTSIDER);
        world.wait(60 * 60);
        let (status, code, _) = world.send(&key, REGION, "GetResourceShareInvitations", &json!({}));
        assert_eq!((status, code.as_deref()), (400, Some("ExpiredTokenException")));
    }

    #[test]
    fn license_configurations_shared_through_ram_are_listed_by_license_manager() {
        let mut world = World::new();
        let whole = world.whole.clone();
        world.share_with(&[&whole]);
        let mut listed = |account: &str| {
            let list = "AWSLicenseManager.ListLicenseConfigurations";
            answer(world.cloud.handle(Duration::ZERO, &target(account, "license-manager", list, &json!({}))))
                .1
        };
        assert!(listed(MEMBER).contains(":license-configuration:lic-"));
        assert!(!listed(OUTSIDER).contains(":license-configuration:lic-"));
    }

    #[test]
    fn linking_license_manager_makes_its_share_and_trusts_its_services() {
        let mut world = World::new();
        let link = json!({"OrganizationConfiguration": {"EnableIntegration": true}});
        let update = target(OWNER, "license-manager", "AWSLicenseManager.UpdateServiceSettings", &link);
        let (status, body) = answer(world.cloud.handle(Duration::ZERO, &update));
        assert_eq!(status, 200, "{body}");
        world.wait(60 * 60);
        let arn = world.cloud.shares()[0].arn.clone();
        assert_eq!(world.cloud.shares()[0].name, "licenseManagerResourceShare-111111111111");
        let get = target(OWNER, "license-manager", "AWSLicenseManager.GetServiceSettings", &json!({}));
        assert!(answer(world.cloud.handle(world.now, &get)).1.contains(&arn));
        let organization = world.organization.clone();
        let organizations = world.cloud.organizations();
        assert!(organizations.organization(&organization).unwrap().trusts("license-manager.amazonaws.com"));
    }

    #[test]
    fn the_log_has_every_request_with_its_input_and_a_mark_tells_new_from_old() {
        let mut world = World::new();
        create(&mut world);
        let mark = world.cloud.mark();
        world.wait(3);
        world.ok(OWNER, "GetResourceShares", json!({"resourceOwner": "SELF"}));
        let [call] = world.cloud.calls_since(mark) else { panic!("one call") };
        assert_eq!(call.at, Duration::from_secs(3));
        assert_eq!((call.service.as_str(), call.operation.as_str()), ("ram", "GetResourceShares"));
        assert_eq!((call.region.as_str(), call.status), (REGION, Some(200)));
        assert_eq!(call.input, json!({"resourceOwner": "SELF"}));
    }

    #[test]
    fn a_clock_moved_forward_stays_ahead() {
        let mut world = World::new();
        world.cloud.advance(Duration::from_secs(100));
        let (.., body) = world.send(OWNER, REGION, "CreateResourceShare", &json!({"name": "a"}));
        assert_eq!(body["resourceShare"]["creationTime"], 1_767_225_700.0);
    }

    #[test]
    fn request_ids_differ_and_repeat_from_run_to_run() {
        let ids = || {
            let mut world = World::new();
            let mut id = || {
                let Reply::Answer { response, .. } = create(&mut world) else { panic!("no answer") };
                response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned()
            };
            (id(), id())
        };
        let (one, two) = ids();
        assert_ne!(one, two);
        assert_eq!(ids(), (one, two));
    }
}
