//! The check of the response URL, in every region and partition that botocore knows (`tests/url_check/regions.json`,
//! which `tests/url_check/test_regions.py` holds to botocore).

use provider::protocol::partitions::dns_suffix;
use provider::protocol::{Acceptance, ExtraHosts, ResponseUrl, ResponseUrlError, StackId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const REQUEST_ID: &str = "b5e0a4c7-8a5b-4b8e-8d8c-3a2f7a1d9e10";
const BUCKET: &str = "cloudformation-custom-resource-response-";

#[derive(Deserialize)]
struct Table {
    partitions: BTreeMap<String, Partition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partition {
    dns_suffix: String,
    dual_stack_dns_suffix: String,
    /// Region, and the bucket's hosts by S3's endpoint rules.
    regions: BTreeMap<String, Vec<String>>,
}

impl Table {
    fn read() -> Self {
        serde_json::from_str(include_str!("url_check/regions.json")).unwrap()
    }

    /// All regions, with the name of their partition.
    fn regions(&self) -> impl Iterator<Item = (&str, &str, &Partition)> {
        self.partitions.iter().flat_map(|(name, partition)| {
            partition.regions.keys().map(move |region| (name.as_str(), region.as_str(), partition))
        })
    }

    /// Every suffix of every partition, those of dual-stack endpoints of other services too.
    fn suffixes(&self) -> BTreeSet<&str> {
        let all = self.partitions.values();
        all.flat_map(|p| [p.dns_suffix.as_str(), p.dual_stack_dns_suffix.as_str()]).collect()
    }
}

/// The four host forms of S3, behind the bucket.
fn services(region: &str) -> [String; 4] {
    ["s3".to_owned(), format!("s3-{region}"), format!("s3.{region}"), format!("s3.dualstack.{region}")]
}

fn dashless(region: &str) -> String {
    region.replace('-', "")
}

/// The verdict of a function of this region on a URL at this host that is right otherwise.
fn verdict(partition: &str, region: &str, host: &str) -> Result<(), ResponseUrlError> {
    let acceptance = Acceptance {
        partition: partition.to_owned(),
        region: region.to_owned(),
        extra_hosts: ExtraHosts::default(),
    };
    let id = format!(
        "arn:{partition}:cloudformation:{region}:111122223333:stack/shares/1a2b3c4d-0000-11ef-9d3c-0a1b2c3d4e5f"
    );
    let stack: StackId = id.parse().unwrap();
    let path = format!("{}%7CShare%7C{REQUEST_ID}", id.replace(':', "%3A"));
    let url = format!("https://{host}/{path}?X-Amz-Signature=5ec7e7");
    ResponseUrl::parse(&url, &stack, REQUEST_ID, &acceptance).map(drop)
}

#[test]
fn every_partition_is_known_with_its_suffix() {
    let table = Table::read();
    assert!(table.partitions.len() >= 8);
    for (name, partition) in &table.partitions {
        assert_eq!(dns_suffix(name), Some(partition.dns_suffix.as_str()), "{name}");
    }
}

#[test]
fn every_region_takes_its_own_bucket_in_all_four_forms() {
    let table = Table::read();
    let mut seen = 0;
    for (name, region, partition) in table.regions() {
        for service in services(region) {
            let host = format!("{BUCKET}{}.{service}.{}", dashless(region), partition.dns_suffix);
            assert_eq!(verdict(name, region, &host), Ok(()), "{host}");
            seen += 1;
        }
    }
    assert!(seen >= 46 * 4, "{seen}");
}

#[test]
fn every_region_takes_the_hosts_that_s3s_own_endpoint_rules_give() {
    let table = Table::read();
    for (name, region, partition) in table.regions() {
        let hosts = &partition.regions[region];
        assert_eq!(hosts.len(), 2);
        for host in hosts {
            assert_eq!(verdict(name, region, host), Ok(()), "{host}");
        }
    }
}

#[test]
fn no_region_takes_its_bucket_under_another_partitions_suffix() {
    let table = Table::read();
    let mut refused = 0;
    for (name, region, partition) in table.regions() {
        for suffix in table.suffixes().into_iter().filter(|suffix| *suffix != partition.dns_suffix) {
            for service in services(region) {
                let host = format!("{BUCKET}{}.{service}.{suffix}", dashless(region));
                let expected = Err(ResponseUrlError::UnknownSuffix { host: host.clone() });
                assert_eq!(verdict(name, region, &host), expected, "{name}: {host}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 46 * 4 * 13, "{refused}");
}

#[test]
fn no_region_takes_another_regions_bucket_in_any_form() {
    let table = Table::read();
    let mut refused = 0;
    for (name, region, _) in table.regions() {
        for (_, other, partition) in table.regions().filter(|(_, other, _)| *other != region) {
            for service in services(other).into_iter().chain(services(region)) {
                let host = format!("{BUCKET}{}.{service}.{}", dashless(other), partition.dns_suffix);
                let expected =
                    ResponseUrlError::OtherRegion { host: host.clone(), region: region.to_owned() };
                assert_eq!(verdict(name, region, &host), Err(expected), "{name} {region}: {host}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 46 * 45 * 8, "{refused}");
}

#[test]
fn no_region_takes_its_bucket_at_another_regions_endpoint() {
    let table = Table::read();
    for (name, region, partition) in table.regions() {
        for (_, other, _) in table.regions().filter(|(_, other, _)| *other != region) {
            for service in services(other).into_iter().skip(1) {
                let host = format!("{BUCKET}{}.{service}.{}", dashless(region), partition.dns_suffix);
                let expected = Err(ResponseUrlError::UnknownSuffix { host: host.clone() });
                assert_eq!(verdict(name, region, &host), expected, "{name} {region}: {host}");
            }
        }
    }
}

/// Without its dashes a region's name is still its own: no bucket is the bucket of two regions.
#[test]
fn no_two_regions_have_one_bucket() {
    let table = Table::read();
    let buckets: BTreeSet<String> = table.regions().map(|(_, region, _)| dashless(region)).collect();
    assert_eq!(buckets.len(), table.regions().count());
}
