//! Identifiers that look like AWS's and are the same in every run.

use uuid::Uuid;

/// A source of UUIDs: a counter, hashed, so that two runs of a test see the same ids.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    kind: &'static str,
    next: u64,
}

impl Ids {
    /// A source whose ids differ from those of other kinds.
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, next: 0 }
    }

    /// The next id.
    pub(crate) fn uuid(&mut self) -> String {
        self.next += 1;
        digest(&format!("{}/{}", self.kind, self.next))
    }
}

/// A UUIDv5 of a text: for ids and for tokens that a client cannot make up.
pub(crate) fn digest(text: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_from_each_other_and_repeat_between_sources() {
        let (mut one, mut two) = (Ids::new("share"), Ids::new("share"));
        let first = one.uuid();
        assert_eq!(first, two.uuid());
        assert_ne!(first, one.uuid());
        assert_ne!(first, Ids::new("invitation").uuid());
    }
}
