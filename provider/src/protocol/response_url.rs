//! The signed URL that an answer is PUT to: a secret, and the one address that a request could misuse us to reach.
//!
//! Whoever reads it can decide the outcome of a deployment for two hours, so its Debug shows nothing, and it can be
//! neither displayed nor serialised; no error here has a part of its query. Accepted is CloudFormation's own bucket,
//! `cloudformation-custom-resource-response-<region without dashes>`, in its S3 host forms, with the StackId and the
//! RequestId in the path, and beside it the hosts in [`ExtraHosts`]. Source: CloudFormation user guide,
//! cfn-vpce-bucketnames; cfn-protocol facts 1.3; host forms of GovCloud, ISO and EUSC are those of S3's endpoint rules
//! (botocore 1.43.106), not observed.

use std::fmt;
use std::time::SystemTime;

use time::PrimitiveDateTime;
use time::macros::format_description;
use url::Url;

use super::extra_hosts::is_loopback;
pub use super::extra_hosts::{ExtraHosts, ExtraHostsError};
use super::partitions::dns_suffix;
use super::request::Acceptance;
use super::stack_id::StackId;

const BUCKET_PREFIX: &str = "cloudformation-custom-resource-response-";

/// An accepted response URL, byte for byte as received.
pub struct ResponseUrl(String);

/// Why a response URL is refused. Hosts are shown, they are no secret; paths and queries are not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseUrlError {
    /// No URL with a host.
    #[error("it is not a URL")]
    NotAUrl,
    /// Another scheme than https, or plain http to a host that is not a loopback one in the list of extra hosts.
    #[error("it is not https")]
    NotHttps,
    /// A user, a password, or an empty one: `https://user@host/`.
    #[error("it has a user in it")]
    UserInfo,
    /// A port at CloudFormation's bucket, also https's own.
    #[error("it has a port in it")]
    Port,
    /// A fragment, which would not be sent.
    #[error("it has a fragment in it")]
    Fragment,
    /// It would be sent in another spelling than it was received, and the signature would not hold.
    #[error("it is not in normal form")]
    NotNormal,
    /// The function's partition has no known DNS suffix.
    #[error("the DNS suffix of partition {partition} is not known")]
    UnknownPartition {
        /// The function's partition.
        partition: String,
    },
    /// The right bucket name under a suffix that is not S3's: a forgery, or a host form that is new. Counted by
    /// itself in the log.
    #[error("host {host} has the right bucket under an unknown suffix")]
    UnknownSuffix {
        /// The host.
        host: String,
    },
    /// CloudFormation's bucket of another region.
    #[error("host {host} is the bucket of another region than {region}")]
    OtherRegion {
        /// The host.
        host: String,
        /// The function's region.
        region: String,
    },
    /// Any other host.
    #[error("host {host} is not CloudFormation's")]
    OtherHost {
        /// The host.
        host: String,
    },
    /// The path has not this StackId and RequestId in it.
    #[error("its path does not hold this StackId and RequestId")]
    Path,
}

impl ResponseUrl {
    /// Checks a URL against the request it came in and what this function accepts.
    pub fn parse(
        raw: &str,
        stack_id: &StackId,
        request_id: &str,
        acceptance: &Acceptance,
    ) -> Result<Self, ResponseUrlError> {
        check_letters(raw)?;
        let url = Url::parse(raw).map_err(|_| ResponseUrlError::NotAUrl)?;
        let authority = Authority::of(raw, &url)?;
        if acceptance.extra_hosts.hold(&url) {
            if url.scheme() != "https" && !is_loopback(&url) {
                return Err(ResponseUrlError::NotHttps);
            }
            return authority.check_normal(&url).map(|()| Self(raw.to_owned()));
        }
        if url.scheme() != "https" {
            return Err(ResponseUrlError::NotHttps);
        }
        if authority.port.is_some() {
            return Err(ResponseUrlError::Port);
        }
        check_host(url.host_str().unwrap_or_default(), acceptance)?;
        authority.check_normal(&url)?;
        check_path(url.path(), stack_id, request_id)?;
        Ok(Self(raw.to_owned()))
    }

    /// The secret itself, for the upload alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is this URL, byte for byte, for whoever knows it already: a stand-in for the bucket finds by it what a
    /// PUT is for.
    pub fn is(&self, raw: &str) -> bool {
        self.0 == raw
    }

    /// When CloudFormation signed the URL: its `X-Amz-Date`, `None` where it has none (emulators, signature version 2).
    pub fn signed_at(&self) -> Option<SystemTime> {
        let url = Url::parse(&self.0).ok()?;
        let (_, date) = url.query_pairs().find(|(name, _)| name == "X-Amz-Date")?;
        let form = format_description!("[year][month][day]T[hour][minute][second]Z");
        PrimitiveDateTime::parse(&date, form).ok().map(|at| at.assume_utc().into())
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseUrl(<secret>)")
    }
}

/// The part of the received text between `//` and the path, and the rest from there, before any parser mended it.
struct Authority<'a> {
    host: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Authority<'a> {
    fn of(raw: &'a str, url: &Url) -> Result<Self, ResponseUrlError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ResponseUrlError::NotHttps);
        }
        let after = raw.strip_prefix(url.scheme()).and_then(|r| r.strip_prefix("://"));
        let after = after.ok_or(ResponseUrlError::NotNormal)?;
        let end = after.find(['/', '?', '#', '\\']).unwrap_or(after.len());
        let (text, rest) = after.split_at_checked(end).ok_or(ResponseUrlError::NotAUrl)?;
        if text.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(ResponseUrlError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(ResponseUrlError::Fragment);
        }
        Ok(match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => Self { host, port: Some(port), rest },
            _ => Self { host: text, port: None, rest },
        })
    }

    /// The parser must have left host, path and query as they were received: those bytes are signed.
    fn check_normal(&self, url: &Url) -> Result<(), ResponseUrlError> {
        let after_path = self.rest.strip_prefix(url.path());
        let same_target = match url.query() {
            Some(query) => after_path.and_then(|rest| rest.strip_prefix('?')) == Some(query),
            None => after_path == Some(""),
        };
        // Of a port, the parser drops zeros before it, one that is empty, and the scheme's own: only that is the same.
        let is_number = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
        let same = url.host_str() == Some(self.host) && self.port.is_none_or(is_number) && same_target;
        if same { Ok(()) } else { Err(ResponseUrlError::NotNormal) }
    }
}

/// Nothing gets to the parser that it would drop or encode, and no host that is not ASCII once decoded: no AWS host has
/// such a name, and idna_adapter 1.0.0, which knows ASCII alone, panics at some in a build with debug assertions.
fn check_letters(raw: &str) -> Result<(), ResponseUrlError> {
    if raw.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(ResponseUrlError::NotNormal);
    }
    let (_, after) = raw.split_once(':').ok_or(ResponseUrlError::NotAUrl)?;
    let authority = after.trim_start_matches(['/', '\\']).split(['/', '?', '#', '\\']).next();
    let host = authority.and_then(|text| text.rsplit('@').next()).unwrap_or_default();
    let encoded = |digits: &str| digits.starts_with(|c: char| c.is_ascii_hexdigit() && !c.is_digit(8));
    let is_ascii = host.is_ascii() && !host.split('%').skip(1).any(encoded);
    if is_ascii { Ok(()) } else { Err(ResponseUrlError::NotAUrl) }
}

/// Tells CloudFormation's bucket of this region from everything else.
fn check_host(host: &str, acceptance: &Acceptance) -> Result<(), ResponseUrlError> {
    let (partition, region) = (acceptance.partition.as_str(), acceptance.region.as_str());
    let suffix = dns_suffix(partition)
        .ok_or_else(|| ResponseUrlError::UnknownPartition { partition: partition.to_owned() })?;
    let host_of = || host.chars().take(255).collect::<String>();
    let (bucket, rest) = host.split_once('.').unwrap_or((host, ""));
    let Some(of_region) = bucket.strip_prefix(BUCKET_PREFIX) else {
        return Err(ResponseUrlError::OtherHost { host: host_of() });
    };
    if of_region == region.replace('-', "") {
        let known = is_s3(rest, region, suffix);
        return if known { Ok(()) } else { Err(ResponseUrlError::UnknownSuffix { host: host_of() }) };
    }
    if of_region.is_empty() || !of_region.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(ResponseUrlError::OtherHost { host: host_of() });
    }
    Err(ResponseUrlError::OtherRegion { host: host_of(), region: region.to_owned() })
}

/// The four forms of S3's host names, behind the bucket's.
fn is_s3(rest: &str, region: &str, suffix: &str) -> bool {
    let Some(service) = rest.strip_suffix(suffix).and_then(|r| r.strip_suffix('.')) else { return false };
    service == "s3"
        || service.strip_prefix("s3-") == Some(region)
        || service.strip_prefix("s3.") == Some(region)
        || service.strip_prefix("s3.dualstack.") == Some(region)
}

/// The path must name this stack and this request, so that no request can have another's answer overwritten.
fn check_path(path: &str, stack_id: &StackId, request_id: &str) -> Result<(), ResponseUrlError> {
    let decoded = percent_decode(path).ok_or(ResponseUrlError::Path)?;
    if holds_whole(&decoded, stack_id.as_str()) && holds_whole(&decoded, request_id) {
        Ok(())
    } else {
        Err(ResponseUrlError::Path)
    }
}

/// True where `part` is in `text` with no letter, digit or dash right before or after it: an id, not a piece of one.
fn holds_whole(text: &str, part: &str) -> bool {
    let of_id = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !part.is_empty()
        && text.match_indices(part).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + part.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(of_id) && !after.is_some_and(of_id)
        })
}

/// Decodes `%XX` once; `None` where it is malformed or gives no UTF-8.
fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const REQUEST_ID: &str = "b5e0a4c7-8a5b-4b8e-8d8c-3a2f7a1d9e10";
    const QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261124T101112Z&X-Amz-SignedHeaders=host\
                         &X-Amz-Expires=7199&X-Amz-Credential=AKIAEXAMPLE%2F20261124%2Fs3%2Faws4_request\
                         &X-Amz-Signature=5ec7e7";

    fn acceptance(partition: &str, region: &str, extra: &str) -> Acceptance {
        Acceptance {
            partition: partition.to_owned(),
            region: region.to_owned(),
            extra_hosts: extra.parse().unwrap(),
        }
    }

    fn stack(partition: &str, region: &str) -> StackId {
        format!("arn:{partition}:cloudformation:{region}:111122223333:stack/shares/1a2b3c4d-0000-11ef-9d3c-0a1b2c3d4e5f")
            .parse()
            .unwrap()
    }

    fn path(stack: &StackId) -> String {
        format!("{}%7CShare%7C{REQUEST_ID}", stack.as_str().replace(':', "%3A"))
    }

    fn parse(raw: &str, extra: &str) -> Result<ResponseUrl, ResponseUrlError> {
        let acceptance = acceptance("aws", "eu-west-1", extra);
        ResponseUrl::parse(raw, &stack("aws", "eu-west-1"), REQUEST_ID, &acceptance)
    }

    /// What is refused, and every region, is in the integration tests `response_url_table` and `response_url_regions`.
    #[test]
    fn all_four_forms_of_the_bucket_are_accepted_byte_for_byte() {
        for service in ["s3", "s3-eu-west-1", "s3.eu-west-1", "s3.dualstack.eu-west-1"] {
            let path = path(&stack("aws", "eu-west-1"));
            let raw = format!("https://{BUCKET_PREFIX}euwest1.{service}.amazonaws.com/{path}?{QUERY}");
            assert_eq!(parse(&raw, "").unwrap().expose(), raw);
        }
    }

    /// Found by fuzzing: the parser panicked at the first ones in a build with debug assertions.
    #[test]
    fn hosts_that_are_not_ascii_are_refused_before_they_are_parsed() {
        for raw in
            ["https:\u{e4}A", "https://%C3%A4A/x", "https:\\%ffA", "https://a@%e4A", "https://x.\u{e4}A:1/"]
        {
            assert_eq!(parse(raw, "").map(drop), Err(ResponseUrlError::NotAUrl), "{raw}");
        }
        for raw in ["https://%\tE4A/x", "https://a b/", " https://a/", "https://a/\n", "https://a/\u{7f}"] {
            assert_eq!(parse(raw, "").map(drop), Err(ResponseUrlError::NotNormal), "{raw}");
        }
    }

    #[test]
    fn extra_hosts_are_accepted_with_other_paths_and_plain_http_on_loopback_alone() {
        let extra = "127.0.0.1:4566,[::1]:4566,localhost:80,emulator.test,10.0.0.1:80";
        for raw in [
            "http://127.0.0.1:4566/_ministack/cfn-response/token",
            "http://[::1]:4566/cloudformation_us-east-1/cfnresponse?stack=x",
            "http://localhost:80/x",
            "http://localhost/x",
            "https://emulator.test/x?a=1",
            "https://emulator.test:443/x",
        ] {
            assert_eq!(parse(raw, extra).unwrap().expose(), raw);
        }
        let other = |host: &str| ResponseUrlError::OtherHost { host: host.to_owned() };
        for (raw, error) in [
            ("http://emulator.test/x", ResponseUrlError::NotHttps),
            ("http://10.0.0.1/x", ResponseUrlError::NotHttps),
            ("http://127.0.0.1:9001/x", ResponseUrlError::NotHttps),
            ("https://127.0.0.1/x", other("127.0.0.1")),
            ("https://127.0.0.2:4566/x", ResponseUrlError::Port),
            ("http://user@127.0.0.1:4566/x", ResponseUrlError::UserInfo),
            ("http://127.0.0.1:4566/x#y", ResponseUrlError::Fragment),
            ("http://127.1:4566/x", ResponseUrlError::NotNormal),
            ("http://2130706433:4566/x", ResponseUrlError::NotNormal),
            ("http://[0:0::1]:4566/x", ResponseUrlError::NotNormal),
            ("https://emulator.test", ResponseUrlError::NotNormal),
            ("https://emulator.test:/x", ResponseUrlError::NotNormal),
            ("https://emulator.test:0443/x", ResponseUrlError::NotNormal),
            ("http://127.0.0.1:04566/x", ResponseUrlError::NotNormal),
            ("https://emulator.test/a/../x", ResponseUrlError::NotNormal),
            ("https://sub.emulator.test/x", other("sub.emulator.test")),
        ] {
            assert_eq!(parse(raw, extra).map(drop), Err(error), "{raw}");
        }
    }

    #[test]
    fn a_partition_without_known_suffix_is_said() {
        let acceptance = acceptance("aws-moon", "moon-east-1", "");
        let found = ResponseUrl::parse(
            &format!("https://{BUCKET_PREFIX}mooneast1.s3.amazonaws.com/"),
            &stack("aws-moon", "moon-east-1"),
            REQUEST_ID,
            &acceptance,
        );
        let partition = "aws-moon".to_owned();
        assert_eq!(found.map(drop), Err(ResponseUrlError::UnknownPartition { partition }));
    }

    #[test]
    fn neither_debug_nor_errors_show_the_query() {
        let url = parse("http://localhost/x?X-Amz-Signature=5ec7e7", "localhost").unwrap();
        assert_eq!(format!("{url:?}"), "ResponseUrl(<secret>)");
        for raw in [
            "https://evil.test/5ec7e7?X-Amz-Signature=5ec7e7",
            "https://5ec7e7@evil.test/?X-Amz-Signature=5ec7e7",
            "http://evil.test/?X-Amz-Signature=5ec7e7",
            "X-Amz-Signature=5ec7e7",
        ] {
            let error = parse(raw, "").unwrap_err();
            assert!(!format!("{error} {error:?}").contains("5ec7e7"), "{error:?}");
        }
    }

    #[test]
    fn the_date_of_the_signature_is_read_where_there_is_one() {
        let signed =
            |query: &str| parse(&format!("http://localhost/x?{query}"), "localhost").unwrap().signed_at();
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_515_072);
        assert_eq!(signed(QUERY), Some(expected));
        assert_eq!(
            signed("X-Amz-Date=19700101T000001Z"),
            Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
        );
        for query in
            ["", "X-Amz-Date=", "X-Amz-Date=20261124", "X-Amz-Date=20261324T101112Z", "Expires=1479899999"]
        {
            assert_eq!(signed(query), None, "{query}");
        }
    }
}
