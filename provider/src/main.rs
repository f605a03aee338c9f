//! `bootstrap`: the Lambda function.

use lambda_runtime::Error;
use provider::aws::{ClientSettings, Clients};
use provider::config::Config;
use provider::handler::Provider;
use provider::queue::SqsQueue;
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
    let settings = ClientSettings::new(config.region.clone(), config.endpoints.clone());
    let clients = Clients::new(settings.clone());
    let records = Arc::new(DynamoRecords::new(clients.dynamodb(), config.record_table.clone()));
    let queue = config.wait_queue_url.clone().map(|url| SqsQueue::new(Clients::new(settings), url));
    let provider = Provider::new(config, clients, records, Arc::new(ReqwestUpload::new()));
    match queue {
        Some(queue) => provider.with_queue(Arc::new(queue)),
        None => provider,
    }
}
