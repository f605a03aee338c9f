//! Sharing within the organization, as RAM switches it on (AWS RAM user guide, getting started; ram facts 1.12).

use super::{Ram, operation, watched};
use crate::aws::error::{AwsError, Cause, ErrorKind, Operation};

const ENABLE: Operation = operation("EnableSharingWithAwsOrganization");

impl Ram {
    /// Switches sharing with the organization on, in all regions and for all resource types: makes RAM's
    /// service-linked role and gives RAM trusted access. Only the management account may ask. There is no call that
    /// takes it back, and none that tells whether it is on.
    ///
    /// # Errors
    /// As at [`Ram`], and an answer of false.
    pub async fn enable_sharing_with_organization(&self) -> Result<(), AwsError> {
        let watch = self.watch(ENABLE);
        let request = self.client.enable_sharing_with_aws_organization();
        let answer = watch.end(request.customize().config_override(watched(&watch)).send()).await?;
        match answer.return_value {
            Some(false) => Err(AwsError::new(ENABLE, ErrorKind::Other, Some(Cause::NotDone))),
            Some(true) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind::{AccessDenied, NotPermitted, Throttled, Unavailable};
    use super::*;
    use crate::aws::testing::{FakeAws, Reply, assert_kinds, words};
    use crate::aws::{Clients, Deadline};
    use serde_json::json;
    use std::time::Duration;

    async fn enable(clients: &Clients) -> Result<(), AwsError> {
        clients.ram(Deadline::after(Duration::from_secs(5))).enable_sharing_with_organization().await
    }

    #[tokio::test(start_paused = true)]
    async fn sharing_is_on_where_ram_says_so_or_says_nothing() {
        for answer in [json!({"returnValue": true}), json!({})] {
            let aws = FakeAws::in_turn([Reply::Json(answer)]);
            enable(&aws.clients()).await.unwrap();
            assert_eq!(aws.calls()[0].operation, "enablesharingwithawsorganization");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_false_is_an_error() {
        let aws = FakeAws::in_turn([Reply::Json(json!({"returnValue": false}))]);
        let error = enable(&aws.clients()).await.unwrap_err();
        assert_eq!(
            words(&error),
            "RAM was asked for EnableSharingWithAwsOrganization without success: the answer says that it was not done"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn every_code_has_its_kind() {
        let codes = [
            ("OperationNotPermittedException", 400, NotPermitted),
            ("ServerInternalException", 500, Unavailable),
            ("ServiceUnavailableException", 503, Unavailable),
            ("ThrottlingException", 429, Throttled),
            ("AccessDeniedException", 403, AccessDenied),
        ];
        assert_kinds("RAM", ENABLE.name, &codes, enable).await;
    }
}
