//! `bootstrap`: the Lambda function.

use lambda_runtime::Error;
use provider::aws::{ClientSettings, Clients};
use provider::config::Config;
use provider::handler::Provider;
use provider::record::DynamoRecords;
use provider::upload::ReqwestUpload;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    provider::logging::init(Config::log_level().as_deref())?;
    provider::lambda::run(&provider()).await
}

fn provider() -> Provider {
    let config = Config::from_env();
    let clients = Clients::new(ClientSettings::new(config.region.clone(), config.endpoints.clone()));
    let records = Arc::new(DynamoRecords::new(clients.dynamodb(), config.record_table.clone()));
    Provider::new(config, clients, records, Arc::new(ReqwestUpload::new()))
}
