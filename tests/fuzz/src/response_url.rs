//! Any text as a response URL.

use crate::regions::{PARTITIONS, hosts};
use http::Uri;
use provider::protocol::{Acceptance, ResponseUrl, ResponseUrlError, StackId};
use std::net::IpAddr;
use url::Url;

const REQUEST_ID: &str = "b5e0a4c7-8a5b-4b8e-8d8c-3a2f7a1d9e10";
/// What emulators are reached at.
const EXTRA_HOSTS: &str = "localhost:4566,127.0.0.1:4566,[::1]:4566,emulator.test";

/// Whatever region the function is in, the one host that is taken is that of CloudFormation's bucket there, over https,
/// with this stack and this request in the path, and what would be sent is what was received. With extra hosts those
/// are taken too, and no others.
pub fn response_url(input: &[u8]) {
    let raw = String::from_utf8_lossy(input);
    let mut takers = 0;
    for (partition, suffix, regions) in PARTITIONS {
        for region in regions.split_whitespace() {
            if is_taken(&raw, partition, region, "") {
                takers += 1;
                assert_of_cloudformation(&raw, &hosts(region, suffix), &stack(partition, region));
            }
        }
    }
    assert!(takers <= 1, "{takers} regions take it");
    let (taken, plain) =
        (is_taken(&raw, "aws", "eu-west-1", EXTRA_HOSTS), is_taken(&raw, "aws", "eu-west-1", ""));
    assert!(taken || !plain, "more hosts take less");
    if taken && !plain {
        assert_extra(&raw);
    }
}

fn stack(partition: &str, region: &str) -> String {
    format!("arn:{partition}:cloudformation:{region}:111122223333:stack/shares/1a2b3c4d-0000-11ef")
}

fn is_taken(raw: &str, partition: &str, region: &str, extra_hosts: &str) -> bool {
    let acceptance = Acceptance {
        partition: partition.to_owned(),
        region: region.to_owned(),
        extra_hosts: extra_hosts.parse().expect("they are hosts and ports"),
    };
    let stack: StackId = stack(partition, region).parse().expect("it is a stack's ARN");
    match ResponseUrl::parse(raw, &stack, REQUEST_ID, &acceptance) {
        Ok(url) => {
            url.signed_at();
            assert_eq!(format!("{url:?}"), "ResponseUrl(<secret>)");
            true
        }
        Err(error) => {
            assert_silent(&error, raw);
            false
        }
    }
}

/// No word of the query is in the text of an error, but for the host, which is no secret: the signature is there.
fn assert_silent(error: &ResponseUrlError, raw: &str) {
    let host = match error {
        ResponseUrlError::UnknownSuffix { host }
        | ResponseUrlError::OtherRegion { host, .. }
        | ResponseUrlError::OtherHost { host } => host.as_str(),
        _ => "",
    };
    // `Debug` writes it with its quotes escaped.
    let escaped = format!("{host:?}");
    let error = format!("{error} {error:?}").replace(&escaped, "").replace(host, "");
    let words = raw.split_once('?').map(|(_, query)| query).unwrap_or_default().split(['&', '=']);
    for word in words.filter(|word| word.starts_with("5ec7e7") && word.len() > 16) {
        assert!(!error.contains(word), "{error}");
    }
}

/// By the text itself and by another parser than the provider's.
fn assert_of_cloudformation(raw: &str, hosts: &[String], stack: &str) {
    let rest = raw.strip_prefix("https://").expect("https is taken, and nothing else");
    let (host, target) = rest.split_once('/').expect("it has a path");
    assert!(hosts.iter().any(|known| known == host), "{host} is not CloudFormation's");
    assert!(!target.contains('#') && target.bytes().all(|byte| byte.is_ascii_graphic()), "{target}");
    assert_sent_as_received(raw, host);
    let path = target.split('?').next().unwrap_or_default();
    let path = decoded(path);
    assert!(path.contains(stack) && path.contains(REQUEST_ID), "{path} is of another request");
    let uri: Uri = raw.parse().expect("what is taken is a URI");
    assert_eq!(uri.authority().map(http::uri::Authority::as_str), Some(host));
    assert!(!uri.path().split('/').any(|segment| segment == ".."), "{target}");
}

/// An extra host, over https or to this machine.
fn assert_extra(raw: &str) {
    let url = Url::parse(raw).expect("what is taken is a URL");
    let host = url.host_str().unwrap_or_default();
    let known = [
        ("localhost", Some(4566)),
        ("127.0.0.1", Some(4566)),
        ("[::1]", Some(4566)),
        ("emulator.test", None),
    ];
    assert!(known.contains(&(host, url.port())), "{host} {:?} is no extra host", url.port());
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    assert!(url.scheme() == "https" || (url.scheme() == "http" && is_here), "{}", url.scheme());
    // The scheme's own port is not sent.
    let own_port = if url.scheme() == "https" { ":443/" } else { ":80/" };
    assert_sent_as_received(&raw.replacen(&format!("{host}{own_port}"), &format!("{host}/"), 1), host);
    let uri: Uri = raw.parse().expect("what is taken is a URI");
    assert_eq!(uri.host(), Some(host));
}

fn assert_sent_as_received(raw: &str, host: &str) {
    let url = Url::parse(raw).expect("what is taken is a URL");
    assert_eq!((url.as_str(), url.host_str()), (raw, Some(host)));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{raw}");
}

/// `%XX` decoded once; what is malformed stays.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(format!("%{}", after.get(..2).unwrap_or_default()).as_bytes()),
        }
        rest = after.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}
