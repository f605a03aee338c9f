//! The records in a DynamoDB table.
//!
//! Partition key `Resource` (S); index `ByObject` with partition key `Object` (S) and all attributes projected; time to
//! live on `ExpiresAt` (N, seconds since 1970). [`attributes`] says what an item holds. A write is one UpdateItem whose
//! condition is the whole rule; a refused condition brings the item back, so no write needs a read before it. A call
//! that the SDK repeats after a lost reply comes to the same as the first one.

mod attributes;
mod change;
mod failure;

use super::order::{refused, repeated, resumed};
use super::{
    Begun, Ending, LookStamp, Record, RecordCall, RecordError, RecordFuture, RecordKey, Records, Stamp,
    Written,
};
use attributes::{Item, record_key, record_of};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use change::Change;
use failure::failure;
use futures_util::FutureExt;
use serde_json::Value;

const UPDATE: &str = "dynamodb:UpdateItem";
const GET: &str = "dynamodb:GetItem";
const QUERY: &str = "dynamodb:Query";

/// The index that finds records by their object.
const BY_OBJECT: &str = "ByObject";

/// Records in a DynamoDB table.
#[derive(Debug, Clone)]
pub struct DynamoRecords {
    client: Client,
    table: String,
}

/// What an UpdateItem came to.
enum Update {
    /// It was made; the item as it is now, where it was asked for.
    Made(Option<Item>),
    /// Its condition failed; the item as it is, if there is one.
    Refused(Option<Item>),
}

impl DynamoRecords {
    /// Records in this table, through this client.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    fn call(&self, action: &'static str, subject: &str) -> Box<RecordCall> {
        let (table, subject) = (self.table.clone(), subject.to_owned());
        Box::new(RecordCall { action, table, subject, aws_request_id: None })
    }

    async fn begin_now(
        &self,
        key: &RecordKey,
        stamp: &Stamp,
        proves_create_taken: bool,
    ) -> Result<Begun, RecordError> {
        let change = change::begin(stamp, proves_create_taken);
        match self.update(key, change, ReturnValue::AllNew).await? {
            Update::Made(item) => Ok(Begun::Run(self.whole(key, item)?)),
            Update::Refused(item) => Ok(repeated(self.whole(key, item)?, &stamp.request_id)),
        }
    }

    async fn resume_now(
        &self,
        key: &RecordKey,
        request_id: &str,
        look: &LookStamp,
    ) -> Result<Option<Begun>, RecordError> {
        match self.update(key, change::resume(request_id, look), ReturnValue::AllNew).await? {
            Update::Made(item) => Ok(Some(Begun::Run(self.whole(key, item)?))),
            Update::Refused(None) => Ok(None),
            Update::Refused(Some(item)) => {
                Ok(Some(resumed(self.read(UPDATE, key, &item)?, request_id, look)))
            }
        }
    }

    async fn end_now(
        &self,
        key: &RecordKey,
        request_id: &str,
        ending: &Ending,
    ) -> Result<Written, RecordError> {
        if let Some(properties) = &ending.succeeded {
            let change = change::end(request_id, ending).succeed(properties);
            if let Some(written) = self.write(key, request_id, Some(&ending.answer), change).await? {
                return Ok(written);
            }
            // The condition's last part failed: these properties are on record as the last ones already.
        }
        let change = change::end(request_id, ending);
        let written = self.write(key, request_id, Some(&ending.answer), change).await?;
        written.ok_or_else(|| self.unreadable(key))
    }

    async fn own(&self, key: &RecordKey, request_id: &str, change: Change) -> Result<Written, RecordError> {
        let written = self.write(key, request_id, None, change).await?;
        written.ok_or_else(|| self.unreadable(key))
    }

    /// Makes a change of a request that began. `None`: its condition failed although the request is the newest and
    /// has no answer.
    async fn write(
        &self,
        key: &RecordKey,
        request_id: &str,
        answer: Option<&str>,
        change: Change,
    ) -> Result<Option<Written>, RecordError> {
        let item = match self.update(key, change, ReturnValue::None).await? {
            Update::Made(_) => return Ok(Some(Written::Done)),
            Update::Refused(item) => item,
        };
        let record = item.map(|item| self.read(UPDATE, key, &item)).transpose()?;
        Ok(refused(record.as_ref(), request_id, answer))
    }

    async fn update(
        &self,
        key: &RecordKey,
        change: Change,
        returned: ReturnValue,
    ) -> Result<Update, RecordError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(attributes::RESOURCE, AttributeValue::S(key.as_str().to_owned()))
            .update_expression(change.update_expression())
            .condition_expression(change.condition)
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .return_values(returned)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(UpdateItemOutput { attributes, .. }) => Ok(Update::Made(attributes)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(check)) => {
                    Ok(Update::Refused(check.item.clone()))
                }
                _ => Err(failure(self.call(UPDATE, key.as_str()), error)),
            },
        }
    }

    async fn get_now(&self, key: &RecordKey) -> Result<Option<Record>, RecordError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(attributes::RESOURCE, AttributeValue::S(key.as_str().to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure(self.call(GET, key.as_str()), error))?;
        got.item.map(|item| self.read(GET, key, &item)).transpose()
    }

    async fn by_object_now(&self, object: &str) -> Result<Vec<(RecordKey, Record)>, RecordError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_OBJECT)
            .key_condition_expression("#Object = :Object")
            .expression_attribute_names("#Object", attributes::OBJECT)
            .expression_attribute_values(":Object", AttributeValue::S(object.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failure(self.call(QUERY, object), error))?;
            found.push(self.named(object, &item)?);
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }

    fn named(&self, object: &str, item: &Item) -> Result<(RecordKey, Record), RecordError> {
        let malformed = |attribute| RecordError::Unreadable { call: self.call(QUERY, object), attribute };
        let key = record_key(item).map_err(malformed)?;
        let record = self.read(QUERY, &key, item)?;
        Ok((key, record))
    }

    /// The record of an item that must be there.
    fn whole(&self, key: &RecordKey, item: Option<Item>) -> Result<Record, RecordError> {
        let item = item.ok_or_else(|| self.unreadable(key))?;
        self.read(UPDATE, key, &item)
    }

    fn read(&self, action: &'static str, key: &RecordKey, item: &Item) -> Result<Record, RecordError> {
        record_of(item)
            .map_err(|attribute| RecordError::Unreadable { call: self.call(action, key.as_str()), attribute })
    }

    fn unreadable(&self, key: &RecordKey) -> RecordError {
        RecordError::Unreadable { call: self.call(UPDATE, key.as_str()), attribute: "the returned item" }
    }
}

impl Records for DynamoRecords {
    fn begin<'a>(
        &'a self,
        key: &'a RecordKey,
        stamp: &'a Stamp,
        proves_create_taken: bool,
    ) -> RecordFuture<'a, Begun> {
        self.begin_now(key, stamp, proves_create_taken).boxed()
    }

    fn resume<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        look: &'a LookStamp,
    ) -> RecordFuture<'a, Option<Begun>> {
        self.resume_now(key, request_id, look).boxed()
    }

    fn save<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.own(key, request_id, change::save(request_id, ledger, object)).boxed()
    }

    fn end<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ending: &'a Ending,
    ) -> RecordFuture<'a, Written> {
        self.end_now(key, request_id, ending).boxed()
    }

    fn amend<'a>(
        &'a self,
        key: &'a RecordKey,
        request_id: &'a str,
        ledger: &'a Value,
        object: Option<&'a str>,
    ) -> RecordFuture<'a, Written> {
        self.own(key, request_id, change::amend(request_id, ledger, object)).boxed()
    }

    fn get<'a>(&'a self, key: &'a RecordKey) -> RecordFuture<'a, Option<Record>> {
        self.get_now(key).boxed()
    }

    fn by_object<'a>(&'a self, object: &'a str) -> RecordFuture<'a, Vec<(RecordKey, Record)>> {
        self.by_object_now(object).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RequestType;
    use crate::record::{RecordErrorKind, Sent};
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_smithy_http_client::test_util::{NeverClient, ReplayEvent, StaticReplayClient};
    use aws_smithy_types::body::SdkBody;
    use serde_json::json;
    use std::error::Error;

    const STACK: &str =
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/5b6a3f10-0000-11ee-be56-0242ac120002";

    fn replay(status: u16, body: &Value) -> ReplayEvent {
        let request = http::Request::builder().uri("http://unused/").body(SdkBody::empty());
        let response = http::Response::builder()
            .status(status)
            .header("x-amzn-requestid", "AWSREQ1")
            .body(SdkBody::from(body.to_string()));
        ReplayEvent::new(request.expect("a request"), response.expect("a response"))
    }

    fn fault(status: u16, code: &str, message: &str) -> ReplayEvent {
        let code = format!("com.amazonaws.dynamodb.v20120810#{code}");
        replay(status, &json!({"__type": code, "message": message}))
    }

    fn records(http: impl aws_smithy_runtime_api::client::http::HttpClient + 'static) -> DynamoRecords {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http)
            .build();
        DynamoRecords::new(Client::from_conf(config), "provider-records".to_owned())
    }

    fn answers(events: Vec<ReplayEvent>) -> (DynamoRecords, StaticReplayClient) {
        let http = StaticReplayClient::new(events);
        (records(http.clone()), http)
    }

    fn bodies(http: &StaticReplayClient) -> Vec<Value> {
        let parse = |bytes| serde_json::from_slice(bytes).expect("JSON");
        http.actual_requests().map(|request| parse(request.body().bytes().expect("bytes"))).collect()
    }

    fn create() -> Stamp {
        Stamp { request_id: "r1".to_owned(), request_type: RequestType::Create, sent: Sent::amz_date(7) }
    }

    fn item(id: &str) -> Value {
        let stamp = json!({"M": {
            "RequestId": {"S": id}, "RequestType": {"S": "Create"}, "Sent": {"N": "7000"}, "SentFrom": {"S": "X-Amz-Date"},
        }});
        json!({"Newest": stamp, "Seen": {"L": [{"S": id}]}, "Resource": {"S": format!("{STACK}#Share")}})
    }

    async fn begin_error(event: ReplayEvent) -> RecordError {
        let (records, _) = answers(vec![event]);
        let key = RecordKey::new(STACK, "Share");
        records.begin(&key, &create(), false).await.expect_err("a failure")
    }

    #[tokio::test]
    async fn a_begin_is_one_update_item_that_asks_for_the_item_either_way() -> Result<(), Box<dyn Error>> {
        let (records, http) = answers(vec![replay(200, &json!({"Attributes": item("r1")}))]);
        let begun = records.begin(&RecordKey::new(STACK, "Share"), &create(), false).await?;
        assert!(matches!(begun, Begun::Run(record) if record.newest == create()));
        let [body] = &bodies(&http)[..] else { return Err("not one request".into()) };
        assert_eq!(body["TableName"], "provider-records");
        assert_eq!(body["Key"], json!({"Resource": {"S": format!("{STACK}#Share")}}));
        assert_eq!(body["ReturnValues"], "ALL_NEW");
        assert_eq!(body["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
        Ok(())
    }

    #[tokio::test]
    async fn a_refused_begin_reads_the_item_out_of_the_refusal() -> Result<(), Box<dyn Error>> {
        let code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
        let refusal =
            json!({"__type": code, "message": "The conditional request failed", "Item": item("r2")});
        let (records, http) = answers(vec![replay(400, &refusal)]);
        let begun = records.begin(&RecordKey::new(STACK, "Share"), &create(), false).await?;
        assert!(matches!(begun, Begun::Superseded(record) if record.newest.request_id == "r2"));
        assert_eq!(bodies(&http).len(), 1);
        Ok(())
    }

    #[tokio::test]
    async fn a_get_is_strongly_consistent() -> Result<(), Box<dyn Error>> {
        let (records, http) = answers(vec![replay(200, &json!({}))]);
        assert_eq!(records.get(&RecordKey::new(STACK, "Share")).await?, None);
        assert_eq!(bodies(&http)[0]["ConsistentRead"], true);
        Ok(())
    }

    #[tokio::test]
    async fn an_empty_page_with_a_key_to_go_on_from_is_not_the_end() -> Result<(), Box<dyn Error>> {
        let last = json!({"Resource": {"S": "x#y"}, "Object": {"S": "arn"}});
        let (records, http) = answers(vec![
            replay(200, &json!({"Items": [], "Count": 0, "LastEvaluatedKey": last})),
            replay(200, &json!({"Items": [item("r1")], "Count": 1})),
        ]);
        let found = records.by_object("arn").await?;
        assert_eq!(
            found.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
            [RecordKey::new(STACK, "Share")]
        );
        assert_eq!(bodies(&http)[1]["ExclusiveStartKey"], last);
        assert_eq!(bodies(&http)[0]["IndexName"], "ByObject");
        Ok(())
    }

    #[tokio::test]
    async fn equal_properties_cost_a_second_write_that_leaves_them_alone() -> Result<(), Box<dyn Error>> {
        let code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
        let refusal = json!({"__type": code, "message": "", "Item": item("r1")});
        let (records, http) = answers(vec![replay(400, &refusal), replay(200, &json!({}))]);
        let ending = Ending {
            answer: "bytes".to_owned(),
            ledger: Value::Null,
            object: None,
            succeeded: Some(json!({"Name": "n"})),
            tombstone_until: None,
        };
        assert_eq!(records.end(&RecordKey::new(STACK, "Share"), "r1", &ending).await?, Written::Done);
        let sent = bodies(&http);
        let sets = |index: usize| sent[index]["UpdateExpression"].to_string().contains("#Succeeded");
        assert_eq!((sets(0), sets(1)), (true, false));
        Ok(())
    }

    #[tokio::test]
    async fn errors_have_their_kind_and_name_table_record_and_aws_request() {
        use RecordErrorKind::{Denied, NoTable, Refused, Throttled, TooLarge, Unavailable};
        let table = [
            (400, "ProvisionedThroughputExceededException", "slow down", Throttled),
            (400, "ThrottlingException", "slow down", Throttled),
            (400, "ResourceNotFoundException", "Requested resource not found", NoTable),
            (400, "AccessDeniedException", "no identity-based policy allows it", Denied),
            (
                400,
                "ValidationException",
                "Item size to update has exceeded the maximum allowed size",
                TooLarge,
            ),
            (400, "ValidationException", "The provided key element does not match the schema", Refused),
            (500, "InternalServerError", "try again", Unavailable),
            (400, "UnrecognizedClientException", "The security token is invalid", Refused),
        ];
        for (status, code, message, kind) in table {
            let error = begin_error(fault(status, code, message)).await;
            let text = error.to_string();
            assert_eq!(error.kind(), kind, "{code}: {text}");
            assert_eq!(error.call().aws_request_id.as_deref(), Some("AWSREQ1"));
            for part in ["provider-records", "stack/s/", "#Share", "dynamodb:UpdateItem"] {
                assert!(text.contains(part), "{part} in {text}");
            }
            for internal in ["Exception {", "Some(", "ServiceError"] {
                assert!(!text.contains(internal), "{internal} in {text}");
            }
        }
    }

    #[tokio::test]
    async fn a_refusal_keeps_what_aws_says() {
        let text = begin_error(fault(400, "ValidationException", "The key element is odd")).await.to_string();
        assert!(text.contains("ValidationException: The key element is odd"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_reply_is_worth_another_try_and_keeps_its_cause() {
        let mut records = records(NeverClient::new());
        let timeout = aws_sdk_dynamodb::config::timeout::TimeoutConfig::builder()
            .operation_timeout(std::time::Duration::from_secs(3))
            .build();
        let config = records.client.config().to_builder().timeout_config(timeout);
        let config = config.sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new()).build();
        records.client = Client::from_conf(config);
        let error = records.get(&RecordKey::new(STACK, "Share")).await.expect_err("a failure");
        assert_eq!(error.kind(), RecordErrorKind::Unavailable);
        assert!(error.source().is_some());
    }

    #[tokio::test]
    async fn an_item_that_is_not_a_record_is_unreadable() {
        let (records, _) = answers(vec![replay(200, &json!({"Item": {"Resource": {"S": "x#y"}}}))]);
        let error = records.get(&RecordKey::new(STACK, "Share")).await.expect_err("a failure");
        assert_eq!(error.kind(), RecordErrorKind::Unreadable);
        assert!(error.to_string().contains("Newest is missing"), "{error}");
    }
}
