//! Who calls: the credential scope of the request's Signature Version 4 header.

use http::HeaderMap;

/// Who calls, after the access key was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Account id, 12 digits.
    pub account: String,
    /// The access key that the request was signed with.
    pub access_key: String,
    /// The Region of the credential scope.
    pub region: String,
    /// The signing name in the credential scope, such as `ram`.
    pub service: String,
}

/// The credential scope of a request, before the access key is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The access key.
    pub access_key: String,
    /// The Region.
    pub region: String,
    /// The signing name.
    pub service: String,
}

/// Why no caller could be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCaller {
    /// No Authorization header.
    #[error("Missing Authentication Token")]
    NoSignature,
    /// An Authorization header that is not Signature Version 4's.
    #[error("Authorization header requires 'Credential' parameter with a scope of five parts")]
    Malformed,
}

impl NoCaller {
    /// The error's code on the wire (AWS's common errors).
    pub fn code(self) -> &'static str {
        match self {
            Self::NoSignature => "MissingAuthenticationToken",
            Self::Malformed => "IncompleteSignature",
        }
    }
}

impl Credential {
    /// Reads `Credential=KEY/DATE/REGION/SERVICE/aws4_request` (AWS Signature Version 4). The signature is not checked.
    ///
    /// # Errors
    /// [`NoCaller`].
    pub fn of(headers: &HeaderMap) -> Result<Self, NoCaller> {
        let header = headers.get(http::header::AUTHORIZATION).ok_or(NoCaller::NoSignature)?;
        let header = header.to_str().map_err(|_| NoCaller::Malformed)?;
        let (_, scope) = header.split_once("Credential=").ok_or(NoCaller::Malformed)?;
        let scope = scope.split([',', ' ']).next().ok_or(NoCaller::Malformed)?;
        let mut parts = scope.split('/');
        let (Some(key), Some(_), Some(region), Some(service), Some("aws4_request"), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoCaller::Malformed);
        };
        Ok(Self { access_key: key.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }

    /// The account that the access key itself is: one of 12 digits.
    pub fn account_in_key(&self) -> Option<String> {
        is_account(&self.access_key).then(|| self.access_key.clone())
    }
}

/// Whether a text is an account id.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The partition of a Region, by its prefix (botocore's partitions).
pub fn partition_of(region: &str) -> &'static str {
    let known = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    known.into_iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(authorization: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, http::HeaderValue::from_static(authorization));
        headers
    }

    #[test]
    fn the_scope_names_key_region_and_service() {
        let header = "AWS4-HMAC-SHA256 Credential=111111111111/20260101/eu-west-1/ram/aws4_request, SignedHeaders=host";
        let credential = Credential::of(&headers(header)).unwrap();
        assert_eq!(credential.account_in_key().unwrap(), "111111111111");
        assert_eq!((credential.region.as_str(), credential.service.as_str()), ("eu-west-1", "ram"));
    }

    #[test]
    fn requests_without_a_signature_have_no_caller() {
        assert_eq!(Credential::of(&HeaderMap::new()), Err(NoCaller::NoSignature));
        assert_eq!(Credential::of(&headers("Basic abc")), Err(NoCaller::Malformed));
        assert_eq!(Credential::of(&headers("Credential=a/b/c")), Err(NoCaller::Malformed));
    }

    #[test]
    fn a_region_tells_its_partition() {
        let partitions = ["eu-west-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"].map(partition_of);
        assert_eq!(partitions, ["aws", "aws-cn", "aws-us-gov", "aws-iso"]);
    }

    #[test]
    fn only_twelve_digits_are_an_account() {
        assert!(is_account("012345678901"));
        assert!(!is_account("ASIA12345678") && !is_account("1234567890123"));
    }
}
