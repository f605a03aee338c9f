//! AWS's regions and the names under which S3 is there.
//!
//! Source: botocore 1.43.106, `partitions.json` (partitions, regions, DNS suffixes; no pseudo regions) and
//! `endpoints.json`, service `s3` (forms of hosts). A list of its own: the provider's is what is tested.

/// Partition, DNS suffix and regions.
pub(crate) const PARTITIONS: [(&str, &str, &str); 8] = [
    (
        "aws",
        "amazonaws.com",
        "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 \
         ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 \
         ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 \
         eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 \
         us-east-2 us-west-1 us-west-2",
    ),
    ("aws-cn", "amazonaws.com.cn", "cn-north-1 cn-northwest-1"),
    ("aws-eusc", "amazonaws.eu", "eusc-de-east-1"),
    ("aws-iso", "c2s.ic.gov", "us-iso-east-1 us-iso-west-1"),
    ("aws-iso-b", "sc2s.sgov.gov", "us-isob-east-1 us-isob-west-1"),
    ("aws-iso-e", "cloud.adc-e.uk", "eu-isoe-west-1"),
    ("aws-iso-f", "csp.hci.ic.gov", "us-isof-east-1 us-isof-south-1"),
    ("aws-us-gov", "amazonaws.com", "us-gov-east-1 us-gov-west-1"),
];

/// The hosts of CloudFormation's bucket of a region.
pub(crate) fn hosts(region: &str, suffix: &str) -> [String; 4] {
    let bucket = format!("cloudformation-custom-resource-response-{}", region.replace('-', ""));
    ["s3", &format!("s3-{region}"), &format!("s3.{region}"), &format!("s3.dualstack.{region}")]
        .map(|service| format!("{bucket}.{service}.{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// `tests/url_check/regions.json` is held to botocore by a test beside it.
    #[test]
    fn the_list_is_that_of_botocore() {
        let table: Value = serde_json::from_str(include_str!("../../url_check/regions.json")).unwrap();
        let partitions = table["partitions"].as_object().unwrap();
        assert_eq!(partitions.len(), PARTITIONS.len());
        for (partition, suffix, regions) in PARTITIONS {
            assert_eq!(partitions[partition]["dnsSuffix"], suffix);
            let known: Vec<&String> = partitions[partition]["regions"].as_object().unwrap().keys().collect();
            assert_eq!(known, regions.split_whitespace().collect::<Vec<_>>(), "{partition}");
        }
    }
}
