//! The signed URL that an answer is PUT to: a secret, and the one address that a request could misuse us to reach.
//!
//! Whoever reads it can decide the outcome of a deployment for two hours, so its Debug shows nothing, and it can be
//! neither displayed nor serialised; no error here has a part of its query. Accepted is CloudFormation's own bucket,
//! `cloudformation-custom-resource-response-<region without dashes>`, in its S3 host forms, with the StackId and the
//! RequestId in the path, and beside it the hosts in [`ExtraHosts`]. Source: CloudFormation user guide,
//! cfn-vpce-bucketnames; cfn-protocol facts 1.3; host forms of GovCloud, ISO and EUSC are derived, not observed.

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
        let same = url.host_str() == Some(self.host) && same_target;
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

    /// Partitions and regions of botocore 1.43.106, `partitions.json`, without the pseudo regions.
    const REGIONS: [(&str, &str, &str); 8] = [
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

    /// The error for a URL whose authority is `authority` and whose path is right.
    fn at(authority: &str) -> Result<(), ResponseUrlError> {
        parse(&format!("https://{authority}/{}?{QUERY}", path(&stack("aws", "eu-west-1"))), "").map(drop)
    }

    /// The error for a URL at the right bucket with this behind the slash.
    fn with_target(target: &str) -> Result<(), ResponseUrlError> {
        parse(&format!("https://{BUCKET_PREFIX}euwest1.s3-eu-west-1.amazonaws.com/{target}"), "").map(drop)
    }

    #[test]
    fn every_region_of_every_partition_is_accepted_in_all_four_forms_byte_for_byte() {
        let mut seen = 0;
        for (partition, suffix, regions) in REGIONS {
            for region in regions.split_whitespace() {
                let stack = stack(partition, region);
                let dashless = region.replace('-', "");
                for service in [
                    "s3".to_owned(),
                    format!("s3-{region}"),
                    format!("s3.{region}"),
                    format!("s3.dualstack.{region}"),
                ] {
                    let raw = format!(
                        "https://{BUCKET_PREFIX}{dashless}.{service}.{suffix}/{}?{QUERY}",
                        path(&stack)
                    );
                    let url =
                        ResponseUrl::parse(&raw, &stack, REQUEST_ID, &acceptance(partition, region, ""));
                    assert_eq!(url.unwrap().expose(), raw);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 46 * 4);
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
    fn look_alike_hosts_are_refused() {
        let ok = format!("{BUCKET_PREFIX}euwest1.s3-eu-west-1.amazonaws.com");
        assert_eq!(at(&ok), Ok(()));
        let unknown = |host: String| (host.clone(), ResponseUrlError::UnknownSuffix { host });
        let other = |host: String| (host.clone(), ResponseUrlError::OtherHost { host });
        let region = |host: String| {
            (host.clone(), ResponseUrlError::OtherRegion { host, region: "eu-west-1".to_owned() })
        };
        for (host, error) in [
            unknown(format!("{ok}.evil.test")),
            unknown(format!("{ok}.")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3.amazonaws.com.cn")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3.eu-west-2.amazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3-website-eu-west-1.amazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3.dualstack.amazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3xamazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3.evil.amazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.s3..amazonaws.com")),
            unknown(format!("{BUCKET_PREFIX}euwest1.evil.test")),
            unknown(format!("{BUCKET_PREFIX}euwest1")),
            other(format!("{BUCKET_PREFIX}eu-west-1.s3-eu-west-1.amazonaws.com")),
            other(format!("{BUCKET_PREFIX}.s3-eu-west-1.amazonaws.com")),
            other(format!("x{ok}")),
            other(format!("evil.{ok}")),
            other("evil.test".to_owned()),
            other("s3-eu-west-1.amazonaws.com".to_owned()),
            other("169.254.169.254".to_owned()),
            other("127.0.0.1".to_owned()),
            other("[::1]".to_owned()),
            other("localhost".to_owned()),
            region(format!("{BUCKET_PREFIX}euwest2.s3-eu-west-1.amazonaws.com")),
            region(format!("{BUCKET_PREFIX}useast1.s3.amazonaws.com")),
        ] {
            assert_eq!(at(&host), Err(error), "{host}");
        }
    }

    #[test]
    fn authorities_that_readers_take_differently_are_refused() {
        let ok = format!("{BUCKET_PREFIX}euwest1.s3-eu-west-1.amazonaws.com");
        for (authority, error) in [
            (format!("user@{ok}"), ResponseUrlError::UserInfo),
            (format!("user:secret@{ok}"), ResponseUrlError::UserInfo),
            (format!("@{ok}"), ResponseUrlError::UserInfo),
            (format!("{ok}@evil.test"), ResponseUrlError::UserInfo),
            (format!("{ok}:443"), ResponseUrlError::Port),
            (format!("{ok}:8443"), ResponseUrlError::Port),
            (format!("{ok}:"), ResponseUrlError::Port),
            (ok.to_uppercase(), ResponseUrlError::NotNormal),
            (ok.replace("amazonaws", "ａmazonaws"), ResponseUrlError::NotAUrl),
            (ok.replacen('.', "。", 1), ResponseUrlError::NotAUrl),
            (ok.replacen('.', "%2e", 1), ResponseUrlError::NotNormal),
            (ok.replacen('.', "\t.", 1), ResponseUrlError::NotNormal),
            (format!("/{ok}"), ResponseUrlError::NotNormal),
            (format!("{ok}\\"), ResponseUrlError::NotNormal),
            (format!("{ok}:99999"), ResponseUrlError::NotAUrl),
            (format!("{ok}%00"), ResponseUrlError::NotAUrl),
            (format!("{ok}<"), ResponseUrlError::NotAUrl),
        ] {
            assert_eq!(at(&authority), Err(error), "{authority}");
        }
        assert_eq!(at(&ok.replace("amazonaws", "аmazonaws")), Err(ResponseUrlError::NotAUrl));
        let hidden = format!("evil.test\\@{ok}");
        assert_eq!(at(&hidden), Err(ResponseUrlError::OtherHost { host: "evil.test".to_owned() }));
    }

    #[test]
    fn other_schemes_and_texts_are_refused() {
        let rest =
            format!("{BUCKET_PREFIX}euwest1.s3-eu-west-1.amazonaws.com/{}", path(&stack("aws", "eu-west-1")));
        for (raw, error) in [
            (format!("http://{rest}"), ResponseUrlError::NotHttps),
            (format!("file://{rest}"), ResponseUrlError::NotHttps),
            (format!("ftp://{rest}"), ResponseUrlError::NotHttps),
            (format!("data:{rest}"), ResponseUrlError::NotHttps),
            (format!("HTTPS://{rest}"), ResponseUrlError::NotNormal),
            (format!(" https://{rest}"), ResponseUrlError::NotNormal),
            (format!("https:{rest}"), ResponseUrlError::NotNormal),
            (format!("https:\\\\{rest}"), ResponseUrlError::NotNormal),
            (format!("//{rest}"), ResponseUrlError::NotAUrl),
            (rest.clone(), ResponseUrlError::NotAUrl),
            ("https://".to_owned(), ResponseUrlError::NotAUrl),
            (String::new(), ResponseUrlError::NotAUrl),
        ] {
            assert_eq!(parse(&raw, "").map(drop), Err(error), "{raw}");
        }
    }

    #[test]
    fn paths_must_hold_this_stack_and_request_in_normal_form() {
        let good = path(&stack("aws", "eu-west-1"));
        let plain = good.replace("%3A", ":").replace("%7C", "|");
        for target in
            [good.as_str(), &plain, &good.replace('/', "%2F"), &format!("{good}?"), &good.to_lowercase()]
        {
            assert_eq!(with_target(target), Ok(()), "{target}");
        }
        for target in [
            String::new(),
            "?".to_owned() + &good,
            good.replace(REQUEST_ID, "b5e0a4c7-8a5b-4b8e-8d8c-3a2f7a1d9e11"),
            good.replace("shares", "shares2"),
            format!("{good}0"),
            format!("{good}-0"),
            format!("x{good}"),
            good.replace("%7CShare", "0%7CShare"),
            good.replace('%', "%25"),
            good.replace("%7C", "%7"),
            good.replace("%7C", "%ZZ"),
            good.replace("%7C", "%FF"),
            REQUEST_ID.to_owned(),
        ] {
            assert_eq!(with_target(&target), Err(ResponseUrlError::Path), "{target}");
        }
        for target in [
            format!("a/../{good}"),
            format!("a/%2e%2e/{good}"),
            format!("./{good}"),
            good.replacen('/', "\\", 1),
            format!("{good} "),
            format!("{good}\n"),
            format!("{good}?a b"),
            format!("{good}?ä"),
        ] {
            assert_eq!(with_target(&target), Err(ResponseUrlError::NotNormal), "{target}");
        }
        assert_eq!(with_target(&format!("{good}#x")), Err(ResponseUrlError::Fragment));
        assert_eq!(with_target(&format!("{good}#")), Err(ResponseUrlError::Fragment));
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
