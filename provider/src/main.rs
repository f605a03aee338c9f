//! `bootstrap`: the Lambda function, and the rescue function beside it.

use lambda_runtime::Error;
use provider::aws::{self, ClientSettings, Clients};
use provider::config::Config;
use provider::handler::Provider;
use provider::lambda;
use provider::queue::SqsQueue;
use provider::record::DynamoRecords;
use provider::rescue::Rescue;
use provider::upload::ReqwestUpload;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    provider::logging::init(Config::log_level().as_deref())?;
    aws::scatter();
    let config = Config::from_env();
    match config.rescue.clone() {
        Some(own) => {
            let records = Arc::new(records(&config, &clients(&config)));
            lambda::run(&Rescue::new(config, own, records, Arc::new(ReqwestUpload::new()))).await
        }
        None => lambda::run(&provider(config)).await,
    }
}

fn provider(config: Config) -> Provider {
    let clients = clients(&config);
    let records = Arc::new(records(&config, &clients));
    let queue = config.wait_queue_url.clone().map(|url| SqsQueue::new(self::clients(&config), url));
    let provider = Provider::new(config, clients, records, Arc::new(ReqwestUpload::new()));
    match queue {
        Some(queue) => provider.with_queue(Arc::new(queue)),
        None => provider,
    }
}

/// Builds none of them yet.
fn clients(config: &Config) -> Clients {
    Clients::new(ClientSettings::new(config.region.clone(), config.endpoints.clone()))
}

fn records(config: &Config, clients: &Clients) -> DynamoRecords {
    DynamoRecords::new(clients.dynamodb(), config.record_table.clone())
}
