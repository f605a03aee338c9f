//! The core: takes a request, finds caller and operation, lets faults and throttle strike, runs the service, logs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::admin;
use crate::ctx::{Ctx, Event};
use crate::error::ServiceError;
use crate::fault::{FaultKind, Faults};
use crate::ids::Ids;
use crate::license_manager::LicenseManager;
use crate::log::Call;
use crate::organizations::Organizations;
use crate::ram::{Around, Ram};
use crate::settings::Settings;
use crate::sts::Sts;
use crate::throttle::Throttles;
use crate::wire::{self, Caller, Credential, Input, Refused, Service};

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
    due_shares: Vec<(Duration, String, String)>,
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

/// A request that gets no further than the door.
#[derive(Debug)]
struct TurnedAway {
    /// Whose protocol the error is written in.
    protocol: Service,
    error: ServiceError,
    service: String,
    operation: String,
    account: String,
    region: String,
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
            Err(turned_away) => self.turn_away(turned_away, &request_id),
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
            caller,
        }
    }

    fn identify(&mut self, request: &Request<Bytes>) -> Result<Visit, TurnedAway> {
        let credential = Credential::of(request.headers()).map_err(|error| {
            TurnedAway::unsigned(request, ServiceError::new(403, error.code(), error.to_string()))
        })?;
        let service = Service::named(&credential.service)
            .ok_or_else(|| TurnedAway::unknown_service(request, &credential))?;
        let read = wire::read(service, request)
            .map_err(|refused| TurnedAway::refused(service, &credential, &refused))?;
        let account = credential.account_in_key().or_else(|| self.sts.account_of(&credential.access_key));
        let account = account.ok_or_else(|| TurnedAway::unknown_key(service, read.operation, &credential))?;
        let Credential { access_key, region, service: name } = credential;
        let ctx = self.ctx_of(Caller { account, access_key, region, service: name });
        Ok(Visit { service, operation: read.operation, input: read.input, ctx })
    }

    fn serve(&mut self, visit: Visit, request_id: &str) -> Reply {
        let Visit { service, operation, input, ctx } = visit;
        let strike = self.faults.strike(service.name(), operation, ctx.account());
        let mut call = call_of(service, operation, &input, &ctx);
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
                Reply::Answer { after: Duration::ZERO, response: wire::malformed(service, request_id, &body) }
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

    fn dispatch(
        &mut self,
        service: Service,
        operation: &str,
        input: &Input,
        mut ctx: Ctx,
    ) -> Result<String, ServiceError> {
        let mut around =
            Around { organizations: &mut self.organizations, license_manager: &self.license_manager };
        let empty = Value::Null;
        let (members, form): (&Value, &[(String, String)]) = match input {
            Input::Members(members) => (members, &[]),
            Input::Form(form) => (&empty, form),
        };
        match service {
            Service::Ram => {
                let answer = self.ram.handle(&ctx, operation, members, &mut around)?;
                Ok(answer.to_string())
            }
            Service::LicenseManager => {
                ctx.shared_with_caller = self.ram.license_configurations_shared_with(&ctx, &around);
                let answer = self.license_manager.handle(&ctx, operation, members, &self.organizations)?;
                self.changed |= is_write(operation);
                self.follow_events(&ctx);
                Ok(answer.to_string())
            }
            Service::Organizations => {
                let answer = self.organizations.handle(&ctx, operation, members)?;
                self.changed |= is_write(operation);
                Ok(answer.to_string())
            }
            Service::Sts => self.sts.handle(&ctx, operation, form),
        }
    }

    fn follow_events(&mut self, ctx: &Ctx) {
        for event in self.license_manager.take_events() {
            match event {
                Event::LicenseManagerLinked { account, region, at } => {
                    self.due_shares.push((at, account, region))
                }
                Event::TrustedAccess { account, principals } => {
                    let found = self.organizations.organization_of(&account);
                    let Some(id) = found.map(|organization| organization.id.clone()) else { continue };
                    let Some(organization) = self.organizations.get_mut(&id) else { continue };
                    for principal in &principals {
                        organization.trust(principal, ctx.now);
                    }
                }
            }
        }
    }

    fn make_due_shares(&mut self) {
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.due_shares).into_iter().partition(|(at, ..)| *at <= now);
        self.due_shares = later;
        let due: Vec<(Duration, String, String)> = due;
        for (_, account, region) in due {
            self.create_license_manager_share(&account, &region);
        }
    }

    fn turn_away(&mut self, turned_away: TurnedAway, request_id: &str) -> Reply {
        let TurnedAway { protocol, error, service, operation, account, region } = turned_away;
        self.log.push(Call {
            at: self.now,
            account,
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

fn is_write(operation: &str) -> bool {
    !["List", "Get", "Describe"].iter().any(|prefix| operation.starts_with(prefix))
}

fn call_of(service: Service, operation: &str, input: &Input, ctx: &Ctx) -> Call {
    let input = input.to_json();
    Call {
        at: ctx.now,
        account: ctx.account().to_owned(),
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

impl TurnedAway {
    fn unsigned(request: &Request<Bytes>, error: ServiceError) -> Self {
        let operation = format!("{} {}", request.method(), request.uri().path());
        let (service, account, region) = (String::new(), String::new(), String::new());
        Self { protocol: Service::Ram, error, service, operation, account, region }
    }

    fn unknown_service(request: &Request<Bytes>, credential: &Credential) -> Self {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation =
            target.map_or_else(|| format!("{} {}", request.method(), request.uri().path()), str::to_owned);
        let message = format!(
            "service {} (operation {operation}) is not served by the local cloud",
            credential.service
        );
        let error = ServiceError::new(404, "UnknownServiceException", message);
        Self { protocol: Service::Ram, error, operation, ..Self::signed(credential) }
    }

    fn refused(service: Service, credential: &Credential, refused: &Refused) -> Self {
        let message = refused.to_string();
        let (error, operation) = match refused {
            Refused::UnknownOperation { operation, .. } => {
                let status = if service == Service::Ram { 404 } else { 400 };
                (ServiceError::new(status, "UnknownOperationException", message), operation.clone())
            }
            Refused::Unreadable { operation, .. } => {
                (ServiceError::bad_request("SerializationException", message), (*operation).to_owned())
            }
        };
        Self { protocol: service, error, operation, ..Self::signed(credential) }
    }

    fn unknown_key(service: Service, operation: &str, credential: &Credential) -> Self {
        let code =
            if service == Service::Sts { "InvalidClientTokenId" } else { "UnrecognizedClientException" };
        let error = ServiceError::new(403, code, "The security token included in the request is invalid.");
        Self { protocol: service, error, operation: operation.to_owned(), ..Self::signed(credential) }
    }

    /// What the credential says about a request; the caller fills in the rest.
    fn signed(credential: &Credential) -> Self {
        Self {
            protocol: Service::Ram,
            error: ServiceError::bad_request("ValidationException", ""),
            service: credential.service.clone(),
            operation: String::new(),
            account: credential.account_in_key().unwrap_or_default(),
            region: credential.region.clone(),
        }
    }
}
