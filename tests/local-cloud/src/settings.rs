//! What can be set: times, quotas, page sizes, and which answer is given where AWS's own is not known.
//!
//! All settings have a default, can be written as JSON and changed while the cloud runs. Times are seconds in JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::iam::IamSettings;
pub use crate::license_manager::LicenseManagerSettings;
pub use crate::organizations::OrganizationsSettings;
pub use crate::ram::RamSettings;
pub use crate::sts::StsSettings;

/// All settings of the cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The cloud's start, in time since 1970. Timestamps in answers are this plus the time since the start.
    #[serde(with = "seconds")]
    pub epoch: Duration,
    /// Pages of lists, in every service.
    pub pages: Pages,
    /// RAM.
    pub ram: RamSettings,
    /// License Manager.
    pub license_manager: LicenseManagerSettings,
    /// Organizations.
    pub organizations: OrganizationsSettings,
    /// STS.
    pub sts: StsSettings,
    /// IAM.
    pub iam: IamSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // 2026-01-01T00:00:00Z: any fixed date does; this one is after every service here existed.
            epoch: Duration::from_secs(1_767_225_600),
            pages: Pages::default(),
            ram: RamSettings::default(),
            license_manager: LicenseManagerSettings::default(),
            organizations: OrganizationsSettings::default(),
            sts: StsSettings::default(),
            iam: IamSettings::default(),
        }
    }
}

/// Pages of lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pages {
    /// Items of a page where the request names no size. AWS does not say what its own is.
    pub size: usize,
    /// The most items of a page, however many the request asks for: a service may always answer fewer. No bound where
    /// None.
    pub most: Option<usize>,
    /// Whether the first page of every list is empty and has a token, as RAM answers now and then (AWS RAM API
    /// reference, GetResourceShares: "can occasionally return an empty set of results").
    pub empty_first_page: bool,
}

impl Default for Pages {
    fn default() -> Self {
        Self { size: 100, most: None, empty_first_page: false }
    }
}

/// Durations as a JSON number of seconds.
pub mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// The longest time that is read, some 300 years: moments that are added up from such times can be told.
    const MOST: Duration = Duration::from_secs(10_000_000_000);

    /// Writes a duration as seconds.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    /// Reads a duration from seconds.
    ///
    /// # Errors
    /// A number that is negative, not finite or more than 10,000,000,000.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        let duration = Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)?;
        if duration > MOST {
            return Err(serde::de::Error::custom("a time of more than 10000000000 seconds"));
        }
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_json() {
        let settings = Settings::default();
        let json = serde_json::to_value(&settings).unwrap();
        assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
    }

    #[test]
    fn a_time_that_no_clock_could_reach_is_refused() {
        let read = |epoch: &str| serde_json::from_str::<Settings>(&format!(r#"{{"epoch": {epoch}}}"#));
        assert_eq!(read("10000000000").unwrap().epoch, Duration::from_secs(10_000_000_000));
        for epoch in ["10000000001", "18000000000000000000", "1e300", "-1"] {
            assert!(read(epoch).is_err(), "{epoch}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let error = serde_json::from_str::<Settings>(r#"{"ram": {"colour": 1}}"#).unwrap_err();
        assert!(error.to_string().contains("colour"), "{error}");
    }
}
