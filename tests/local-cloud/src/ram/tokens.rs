//! clientToken: the same token with the same parameters repeats the first answer and does nothing (AWS RAM API
//! reference). How long a token is remembered, and whether one token serves two operations, is unconfirmed: it is
//! `token_life`, and another operation counts as other parameters.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::ctx::Ctx;
use crate::error::ServiceError;

/// Tokens that were used, by account, Region and token.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    used: BTreeMap<(String, String, String), Used>,
}

#[derive(Debug, Clone)]
struct Used {
    operation: String,
    input: Value,
    answer: Value,
    at: Duration,
}

/// Operations that take a clientToken.
const WITH_TOKEN: &[&str] = &[
    "AcceptResourceShareInvitation",
    "AssociateResourceShare",
    "CreateResourceShare",
    "DeleteResourceShare",
    "DisassociateResourceShare",
    "RejectResourceShareInvitation",
    "UpdateResourceShare",
];

/// The clientToken of an input, where the operation takes one.
///
/// # Errors
/// InvalidClientTokenException for one that is empty or no string.
pub(super) fn token_of<'a>(operation: &str, input: &'a Value) -> Result<Option<&'a str>, ServiceError> {
    if !WITH_TOKEN.contains(&operation) {
        return Ok(None);
    }
    match input.get("clientToken") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) if !token.is_empty() => Ok(Some(token)),
        Some(_) => {
            Err(ServiceError::bad_request("InvalidClientTokenException", "The client token is not valid."))
        }
    }
}

impl Tokens {
    /// The answer that a token was given before.
    ///
    /// # Errors
    /// IdempotentParameterMismatchException for a token that was used with other parameters.
    pub(super) fn recall(
        &self,
        ctx: &Ctx,
        token: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Option<Value>, ServiceError> {
        let Some(used) = self.used.get(&key(ctx, token)) else { return Ok(None) };
        if ctx.now >= used.at + ctx.settings.ram.times.token_life {
            return Ok(None);
        }
        if used.operation == operation && used.input == *input {
            return Ok(Some(used.answer.clone()));
        }
        Err(ServiceError::bad_request(
            "IdempotentParameterMismatchException",
            format!("The client token {token} was used before with other parameters."),
        ))
    }

    /// Remembers what a token was answered.
    pub(super) fn remember(
        &mut self,
        ctx: &Ctx,
        token: &str,
        operation: &str,
        input: &Value,
        answer: &Value,
    ) {
        let used = Used {
            operation: operation.to_owned(),
            input: input.clone(),
            answer: answer.clone(),
            at: ctx.now,
        };
        self.used.insert(key(ctx, token), used);
    }
}

fn key(ctx: &Ctx, token: &str) -> (String, String, String) {
    (ctx.account().to_owned(), ctx.region.clone(), token.to_owned())
}
