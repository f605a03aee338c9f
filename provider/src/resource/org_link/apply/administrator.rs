//! The delegated administrator.

use super::run::{Run, Stop, failed, is_refusal, stop};
use crate::aws::{AwsError, ErrorKind, Registered};
use crate::domain::AccountId;
use crate::resource::org_link::observed::LINK_PRINCIPALS;

/// Registers `to`; `from` goes first, and comes back where `to` is refused.
pub(super) async fn delegate(
    run: &mut Run<'_>,
    to: &AccountId,
    from: Option<&AccountId>,
) -> Result<(), Stop> {
    let is_there = |from: &&AccountId| run.seen.administrators.as_ref().is_none_or(|all| all.contains(from));
    if let Some(from) = from.filter(is_there) {
        deregister(run, from).await?;
    }
    let Err(error) = register(run, to).await else {
        run.seen.administrators = Some(vec![to.clone()]);
        return Ok(());
    };
    let doing = format!("registering delegated administrator {to}");
    // What ended without an answer may have been done.
    run.seen.administrators = is_refusal(&error).then(Vec::new);
    let Some(from) = from else { return Err(stop(doing, error)) };
    match register(run, from).await {
        Ok(()) => {
            run.seen.administrators = Some(vec![from.clone()]);
            Err(stop(doing, error))
        }
        Err(again) => Err(failed(
            format!("{doing}: {error}, and the former one, {from}, could not be registered again: {again}"),
            format!("Register {from} in AWS Organizations"),
        )),
    }
}

/// One that somebody else registered meanwhile is as good, and not this resource's to take away.
async fn register(run: &mut Run<'_>, account: &AccountId) -> Result<(), AwsError> {
    let organizations = run.reach.organizations();
    match organizations.register_delegated_administrator(account, LINK_PRINCIPALS[0]).await? {
        Registered::Now => {}
        Registered::Already => run.seen.registered_by_others.push(account.clone()),
    }
    Ok(())
}

/// Deregisters one that this resource registered. An account that has left the organization is none any more.
pub(super) async fn deregister(run: &mut Run<'_>, account: &AccountId) -> Result<(), Stop> {
    let gone =
        run.reach.organizations().deregister_delegated_administrator(account, LINK_PRINCIPALS[0]).await;
    match gone {
        Err(error) if error.kind != ErrorKind::NotFound => {
            Err(stop(format!("deregistering delegated administrator {account}"), error))
        }
        _ => {
            run.seen.administrators = Some(Vec::new());
            Ok(())
        }
    }
}
