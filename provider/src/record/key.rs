//! Names a record.

use std::fmt;

/// `<StackId>#<LogicalResourceId>`: the partition key of a record.
///
/// The whole StackId, for its guid is known to nobody who forges a request (design 3.13). Neither part has a `#` in
/// what CloudFormation sends: stack ids are ARNs, logical ids are alphanumeric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(String);

impl RecordKey {
    /// The key of the resource with this logical id in this stack.
    pub fn new(stack_id: &str, logical_resource_id: &str) -> Self {
        Self(format!("{stack_id}#{logical_resource_id}"))
    }

    /// Reads a key as it is stored; `None` where it has no `#`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.contains('#').then(|| Self(text.to_owned()))
    }

    /// The key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The stack's ARN.
    pub fn stack_id(&self) -> &str {
        self.parts().0
    }

    /// The resource's name in the template.
    pub fn logical_resource_id(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('#').unwrap_or((&self.0, ""))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str =
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/licenses/5b6a3f10-0000-11ee-be56-0242ac120002";

    #[test]
    fn a_key_is_the_stack_id_and_the_logical_id() {
        assert_eq!(RecordKey::new(STACK, "Share").as_str(), format!("{STACK}#Share"));
    }

    #[test]
    fn the_parts_come_back_out_of_a_stored_key() {
        let stored = RecordKey::new(STACK, "Share").to_string();
        let key = RecordKey::parse(&stored).expect("a key");
        assert_eq!((key.stack_id(), key.logical_resource_id()), (STACK, "Share"));
    }

    #[test]
    fn a_text_without_a_logical_id_is_no_key() {
        assert_eq!(RecordKey::parse(STACK), None);
    }
}
