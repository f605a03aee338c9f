//! The delegated administrator.

use super::run::{Run, Stop, stop};
use crate::aws::AwsError;
use crate::domain::AccountId;
use crate::resource::org_link::observed::LINK_PRINCIPALS;

/// Registers `to`; `from` goes first, and comes back where `to` is refused.
pub(super) async fn delegate(
    run: &mut Run<'_>,
    to: &AccountId,
    from: Option<&AccountId>,
) -> Result<(), Stop> {
    if let Some(from) = from {
        deregister(run, from).await?;
    }
    match register(run, to).await {
        Ok(()) => {
            run.seen.administrators = Some(vec![to.clone()]);
            Ok(())
        }
        Err(error) if run.tolerant => {
            run.warnings.push(format!("left out, delegated administrator {to}: {error}"));
            restore(run, from).await;
            Ok(())
        }
        Err(error) => {
            restore(run, from).await;
            Err(stop(format!("registering delegated administrator {to}"), error))
        }
    }
}

async fn register(run: &Run<'_>, account: &AccountId) -> Result<(), AwsError> {
    run.reach.organizations().register_delegated_administrator(account, LINK_PRINCIPALS[0]).await
}

async fn restore(run: &mut Run<'_>, from: Option<&AccountId>) {
    let Some(from) = from else { return };
    if let Err(error) = register(run, from).await {
        run.warnings.push(format!(
            "the former delegated administrator {from} could not be registered again: {error}"
        ));
        tracing::error!(%error, %from, "the former delegated administrator could not be registered again");
    }
}

/// Deregisters one that this resource registered.
pub(super) async fn deregister(run: &mut Run<'_>, account: &AccountId) -> Result<(), Stop> {
    let gone =
        run.reach.organizations().deregister_delegated_administrator(account, LINK_PRINCIPALS[0]).await;
    gone.map_err(|error| stop(format!("deregistering delegated administrator {account}"), error))
}
