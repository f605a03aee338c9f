//! The DNS suffix of each AWS partition.
//!
//! Source: botocore 1.43.106, `botocore/data/partitions.json`, `partitions[].outputs.dnsSuffix`. S3's dual-stack hosts
//! have this suffix too, not `dualStackDnsSuffix` (botocore `endpoints.json`, service `s3`, variant `dualstack`). A test holds the list to `tests/url_check/regions.json`,
//! and another one that table to botocore.

/// Partition and DNS suffix.
const DNS_SUFFIXES: [(&str, &str); 8] = [
    ("aws", "amazonaws.com"),
    ("aws-cn", "amazonaws.com.cn"),
    ("aws-eusc", "amazonaws.eu"),
    ("aws-iso", "c2s.ic.gov"),
    ("aws-iso-b", "sc2s.sgov.gov"),
    ("aws-iso-e", "cloud.adc-e.uk"),
    ("aws-iso-f", "csp.hci.ic.gov"),
    ("aws-us-gov", "amazonaws.com"),
];

/// The DNS suffix of a partition, `None` for one that is not known.
pub fn dns_suffix(partition: &str) -> Option<&'static str> {
    DNS_SUFFIXES.iter().find(|(name, _)| *name == partition).map(|(_, suffix)| *suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_found_by_its_whole_name() {
        assert_eq!(dns_suffix("aws"), Some("amazonaws.com"));
        assert_eq!(dns_suffix("aws-iso-f"), Some("csp.hci.ic.gov"));
        assert_eq!(dns_suffix("aws-is"), None);
        assert_eq!(dns_suffix(""), None);
    }
}
