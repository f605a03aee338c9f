//! License Manager's service-linked roles: asked about only to explain what does not come about (license-manager facts 1.6).

use super::run::{Run, Stop};
use crate::aws::ErrorKind;
use crate::resource::ApplyError;
use futures_util::future::join;
use std::time::Duration;

/// The one that every call needs.
const CORE: &str = "AWSServiceRoleForAWSLicenseManagerRole";
/// With this one License Manager makes its own resource share.
const MASTER: &str = "AWSServiceRoleForAWSLicenseManagerMasterAccountRole";
/// With this one it acts in the organization's accounts.
const MEMBER: &str = "AWSServiceRoleForAWSLicenseManagerMemberAccountRole";
/// What comes about within this time of the request needs no explanation.
const USUAL: Duration = Duration::from_secs(60);

/// A clause with the roles that linking should have made and that this account does not have; empty where there are
/// both, where IAM does not say, and as long as the wait is nothing unusual.
pub(super) async fn missing(run: &Run<'_>) -> String {
    let waited = run.reach.clock.now().duration_since(run.subject.now).unwrap_or_default();
    if waited < USUAL {
        return String::new();
    }
    let iam = run.reach.iam();
    let (master, member) = join(iam.has_role(MASTER), iam.has_role(MEMBER)).await;
    let each = [(MASTER, master), (MEMBER, member)];
    let names: Vec<&str> =
        each.into_iter().filter(|(_, has)| matches!(has, Ok(false))).map(|(name, _)| name).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("; this account has no service-linked role {}, which linking makes", names.join(" and "))
}

/// A core role that was made and that License Manager does not see: what IAM says of it.
pub(super) async fn explained(run: &Run<'_>, stop: Stop) -> Stop {
    let Stop::Failed(ApplyError::Call { doing, source, advice }) = stop else { return stop };
    if source.last().kind != ErrorKind::ServiceRoleMissing {
        return Stop::Failed(ApplyError::Call { doing, source, advice });
    }
    let says = match run.reach.iam().has_role(CORE).await {
        Ok(true) => format!("IAM has made {CORE}, and it has not spread"),
        Ok(false) => format!("IAM has no {CORE} any more"),
        Err(_) => format!("{CORE} was made"),
    };
    Stop::Failed(ApplyError::Call { doing: format!("{doing} ({says})"), source, advice })
}
