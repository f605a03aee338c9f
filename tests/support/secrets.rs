//! What no output may hold, and the search for it: in what a process wrote, in answers, in what Lambda was told.

use super::world::{SECRET_KEY, SIGNATURE};

/// Texts that are secret, whole or in the part that gives them away.
#[derive(Debug, Clone)]
pub struct Secrets(Vec<String>);

impl Secrets {
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let secrets: Vec<String> = secrets.into_iter().collect();
        assert!(secrets.iter().all(|secret| secret.len() > 4), "too short to search for: {secrets:?}");
        Self(secrets)
    }

    /// Those of the world in process: parts of every response URL, the key of the function's role, and what the local
    /// cloud's STS gives for a role that is assumed.
    pub fn of_world() -> Self {
        let url = [
            SIGNATURE,
            "AKIAEXAMPLE",
            "X-Amz-",
            "%3Astack%2F",
            "https://cloudformation-custom-resource-response",
        ];
        let credentials = [SECRET_KEY, "secret-of-", "token-of-"];
        Self::new(url.into_iter().chain(credentials).map(str::to_owned))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The secrets that a text holds.
    pub fn held(&self, text: &str) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|secret| text.contains(secret)).collect()
    }

    /// Fails with the text that holds a secret.
    pub fn assert_absent<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            assert_eq!(self.held(text), Vec::<&str>::new(), "{text}");
        }
    }
}
