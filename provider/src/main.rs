//! `bootstrap`: the Lambda function.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use provider::aws::{ClientSettings, Clients};
use provider::clock::Clock;
use provider::config::Config;
use provider::handler::{Invocation, Provider};
use provider::record::DynamoRecords;
use provider::upload::ReqwestUpload;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    provider::logging::init(Config::log_level().as_deref())?;
    let provider = &provider();
    Runtime::new(service_fn(move |event: LambdaEvent<Box<RawValue>>| handle(provider, event))).run().await
}

fn provider() -> Provider {
    let config = Config::from_env();
    let clients = Clients::new(ClientSettings::new(config.region.clone(), config.endpoints.clone()));
    let records = Arc::new(DynamoRecords::new(clients.dynamodb(), config.record_table.clone()));
    Provider::new(config, clients, records, Arc::new(ReqwestUpload::new()))
}

async fn handle(provider: &Provider, event: LambdaEvent<Box<RawValue>>) -> Result<(), Error> {
    let context = event.context;
    let invocation = Invocation {
        function_arn: context.invoked_function_arn,
        deadline: UNIX_EPOCH + Duration::from_millis(context.deadline),
        log_stream: context.env_config.log_stream.clone(),
    };
    Ok(provider.handle(event.payload.get().as_bytes(), &invocation, Clock::system()).await?)
}
