//! One request to an awsJson service, as its operations get it.

use serde_json::{Map, Value, json};

use crate::Ctx;
use crate::error::ServiceError;
use crate::members::{Members, Refusal};
use crate::page::{BadToken, List, page};

/// What is asked, by whom.
#[derive(Debug, Clone)]
pub(crate) struct Ask<'a> {
    /// The request around the operation.
    pub(crate) ctx: &'a Ctx,
    /// The operation, by AWS's name.
    pub(crate) operation: &'a str,
    /// The members of the input, to be read with their types checked.
    pub(crate) members: Members<'a>,
    input: &'a Value,
}

impl<'a> Ask<'a> {
    /// Takes an input; `refuse` makes the service's error for one that is no structure, and for bad members later.
    pub(crate) fn new(
        ctx: &'a Ctx,
        operation: &'a str,
        input: &'a Value,
        refuse: Refusal,
    ) -> Result<Self, ServiceError> {
        Ok(Self { ctx, operation, members: Members::top(input, refuse)?, input })
    }

    /// One page of a list as an answer: `member` holds the items, `NextToken` leads on.
    pub(crate) fn page(&self, member: &str, items: Vec<Value>, size: usize) -> Result<Value, PageError> {
        let list = List { operation: self.operation, input: self.input };
        let token = self.members.text("NextToken").map_err(PageError::Member)?;
        let cut = page(self.ctx, list, items, token, Some(size)).map_err(PageError::Token)?;
        let mut answer = Map::new();
        answer.insert(member.to_owned(), Value::Array(cut.items));
        answer.extend(cut.next.map(|next| ("NextToken".to_owned(), json!(next))));
        Ok(Value::Object(answer))
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum PageError {
    /// `NextToken` is no string.
    Member(ServiceError),
    /// `NextToken` was not given out for this list.
    Token(BadToken),
}

impl PageError {
    /// The service's error; `token` is its own for a bad token.
    pub(crate) fn or(self, token: ServiceError) -> ServiceError {
        match self {
            Self::Member(error) => error,
            Self::Token(BadToken) => token,
        }
    }
}
