//! What another account shares with this one, as the consumer sees it.

use super::LicenseConfigurationArn;

/// RAM's `ResourceStatus` (AWS RAM API reference, Resource).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceStatus {
    /// Ready for use.
    Available,
    /// Not in this zone.
    ZonalResourceInaccessible,
    /// The consumer's quota stands in the way.
    LimitExceeded,
    /// Not usable.
    Unavailable,
    /// On its way.
    Pending,
    /// A status that this version does not know.
    Unknown(String),
}

impl ResourceStatus {
    /// RAM's own word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Available => "AVAILABLE",
            Self::ZonalResourceInaccessible => "ZONAL_RESOURCE_INACCESSIBLE",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Pending => "PENDING",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for ResourceStatus {
    fn from(word: &str) -> Self {
        match word {
            "AVAILABLE" => Self::Available,
            "ZONAL_RESOURCE_INACCESSIBLE" => Self::ZonalResourceInaccessible,
            "LIMIT_EXCEEDED" => Self::LimitExceeded,
            "UNAVAILABLE" => Self::Unavailable,
            "PENDING" => Self::Pending,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// A license configuration that another account shares with this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedResource {
    /// Its ARN, in its owner's account.
    pub arn: LicenseConfigurationArn,
    /// `None` where RAM says nothing, as in the samples of its own documents: then there is no hindrance.
    pub status: Option<ResourceStatus>,
}

impl SharedResource {
    /// Whether nothing stands in the way of its use.
    pub fn is_usable(&self) -> bool {
        matches!(self.status, None | Some(ResourceStatus::Available))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_ram_comes_back_as_it_was() {
        let words =
            ["AVAILABLE", "ZONAL_RESOURCE_INACCESSIBLE", "LIMIT_EXCEEDED", "UNAVAILABLE", "PENDING", "NEW"];
        for word in words {
            assert_eq!(ResourceStatus::from(word).as_str(), word);
        }
    }

    #[test]
    fn only_what_is_available_or_unspoken_of_is_usable() {
        let arn = "arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1";
        let usable = |status| SharedResource { arn: arn.parse().unwrap(), status }.is_usable();
        assert!(usable(None) && usable(Some("AVAILABLE".into())));
        assert!(!usable(Some("PENDING".into())) && !usable(Some("NEW".into())));
    }
}
