//! What somebody may try with a response URL, row by row: the verdict of a function in eu-west-1, and why.
//!
//! Beside the table one law: whatever is accepted begins, byte for byte, with `https://`, one of the four hosts of
//! CloudFormation's own bucket, and a slash. So no two readers of the URL can see different hosts in it.

mod hosts;
mod rows;
mod texts;

use hosts::{AUTHORITY, LOOK_ALIKE, METADATA};
use provider::protocol::{Acceptance, ExtraHosts, ResponseUrl, ResponseUrlError, StackId};
use rows::{Row, Verdict};
use std::collections::BTreeSet;
use texts::{PATH, SCHEME, SPELLING};

const BUCKET: &str = "cloudformation-custom-resource-response-euwest1";
const HOST: &str = "cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com";
/// Those that are accepted.
const SERVICES: [&str; 4] = ["s3", "s3-eu-west-1", "s3.eu-west-1", "s3.dualstack.eu-west-1"];
const STACK: &str =
    "arn:aws:cloudformation:eu-west-1:111122223333:stack/shares/1a2b3c4d-0000-11ef-9d3c-0a1b2c3d4e5f";
const REQUEST: &str = "b5e0a4c7-8a5b-4b8e-8d8c-3a2f7a1d9e10";
const QUERY: &str = "X-Amz-Date=20261124T101112Z&X-Amz-Expires=7199&X-Amz-Signature=5ec7e7";

/// The URL of a row, its words in braces replaced.
fn url(template: &str) -> String {
    let stack = STACK.replace(':', "%3A");
    let path = "{stack}%7CShare%7C{request}";
    let filled = template.replace("{path}", path).replace("{stack}", &stack).replace("{request}", REQUEST);
    filled.replace("{host}", HOST).replace("{bucket}", BUCKET).replace("{query}", QUERY)
}

fn judged(url: &str) -> Result<(), ResponseUrlError> {
    let acceptance = Acceptance {
        partition: "aws".to_owned(),
        region: "eu-west-1".to_owned(),
        extra_hosts: ExtraHosts::default(),
    };
    let stack: StackId = STACK.parse().unwrap();
    ResponseUrl::parse(url, &stack, REQUEST, &acceptance).map(drop)
}

fn verdict(judged: &Result<(), ResponseUrlError>) -> Verdict {
    match judged {
        Ok(()) => Verdict::Accepted,
        Err(ResponseUrlError::NotAUrl) => Verdict::NotAUrl,
        Err(ResponseUrlError::NotHttps) => Verdict::NotHttps,
        Err(ResponseUrlError::UserInfo) => Verdict::UserInfo,
        Err(ResponseUrlError::Port) => Verdict::Port,
        Err(ResponseUrlError::Fragment) => Verdict::Fragment,
        Err(ResponseUrlError::NotNormal) => Verdict::NotNormal,
        Err(ResponseUrlError::UnknownSuffix { .. }) => Verdict::UnknownSuffix,
        Err(ResponseUrlError::OtherRegion { .. }) => Verdict::OtherRegion,
        Err(ResponseUrlError::OtherHost { .. }) => Verdict::OtherHost,
        Err(ResponseUrlError::Path) => Verdict::Path,
        Err(error @ ResponseUrlError::UnknownPartition { .. }) => panic!("{error}"),
    }
}

/// True where every reader sees CloudFormation's bucket.
fn is_plainly_the_bucket(url: &str) -> bool {
    let hosts = SERVICES.map(|service| format!("https://{BUCKET}.{service}.amazonaws.com/"));
    hosts.iter().any(|host| url.starts_with(host))
}

fn tables() -> impl Iterator<Item = &'static Row> {
    [AUTHORITY, METADATA, LOOK_ALIKE, PATH, SCHEME, SPELLING].into_iter().flatten()
}

#[test]
fn every_row_has_its_verdict() {
    let found = |row: &Row| {
        let (url, Row(_, expected, why)) = (url(row.0), row);
        let verdict = verdict(&judged(&url));
        (verdict != *expected).then(|| format!("{verdict:?}, not {expected:?}: {url:?} ({why})"))
    };
    let wrong: Vec<String> = tables().filter_map(found).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_row_is_there_twice_and_none_without_a_reason() {
    let urls: BTreeSet<String> = tables().map(|row| url(row.0)).collect();
    assert_eq!(urls.len(), tables().count());
    assert!(tables().all(|row| !row.2.is_empty()));
    let verdicts: BTreeSet<Verdict> = tables().map(|row| row.1).collect();
    assert_eq!(verdicts.len(), 11, "every verdict but that of an unknown partition: {verdicts:?}");
}

#[test]
fn what_is_accepted_is_plainly_the_bucket_and_what_is_refused_says_nothing_of_path_and_query() {
    for row in tables() {
        let url = url(row.0);
        match judged(&url) {
            Ok(()) => assert!(is_plainly_the_bucket(&url), "{url}"),
            Err(error) => {
                let text = format!("{error} {error:?}");
                for secret in ["5ec7e7", "X-Amz", "%7C", REQUEST, "https://"] {
                    assert!(!text.contains(secret), "{secret} in {text}");
                }
            }
        }
    }
}

/// Every hostile piece at every place of scheme and host, put in, put over what is there, and in place of the rest.
#[test]
fn no_change_of_scheme_or_host_is_accepted_unless_it_is_plainly_the_bucket() {
    let (good, mut tried, mut accepted) = (url("https://{host}/{path}?{query}"), 0, 0);
    assert!(judged(&good).is_ok());
    let end = "https://".len() + HOST.len();
    for at in 0..=end {
        for piece in rows::HOSTILE {
            let over = (at + 1).min(good.len());
            for url in [
                format!("{}{piece}{}", &good[..at], &good[at..]),
                format!("{}{piece}{}", &good[..at], &good[over..]),
                format!("{}{piece}{}", &good[..at], &good[end..]),
            ] {
                tried += 1;
                if judged(&url).is_ok() {
                    accepted += 1;
                    assert!(is_plainly_the_bucket(&url), "{url:?}");
                }
            }
        }
    }
    assert!(tried > 10_000 && accepted > 0 && accepted < tried / 10, "{accepted} of {tried}");
}
