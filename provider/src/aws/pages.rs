//! Lists to their last page.

use super::error::{AwsError, Cause, ErrorKind, Operation};
use std::collections::BTreeSet;

/// A list that is being read page by page.
///
/// An empty page is not the end while it has a token (AWS RAM API reference, every list operation).
#[derive(Debug)]
pub(super) struct Pages<T> {
    operation: Operation,
    items: Vec<T>,
    tokens: BTreeSet<String>,
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    Token(String),
    End,
}

impl<T> Pages<T> {
    /// Nothing has been read.
    pub(super) fn of(operation: Operation) -> Self {
        Self { operation, items: Vec::new(), tokens: BTreeSet::new(), next: Next::First }
    }

    /// Whether there is a page to read.
    pub(super) fn has_more(&self) -> bool {
        !matches!(self.next, Next::End)
    }

    /// What to send for it.
    pub(super) fn token(&self) -> Option<String> {
        match &self.next {
            Next::Token(token) => Some(token.clone()),
            Next::First | Next::End => None,
        }
    }

    /// Takes in what was read: an absent list is an empty one, and an empty token is none.
    ///
    /// # Errors
    /// A token that came before: the list would never end.
    pub(super) fn add(&mut self, items: Option<Vec<T>>, next: Option<String>) -> Result<(), AwsError> {
        self.items.extend(items.unwrap_or_default());
        self.next = match next.filter(|token| !token.is_empty()) {
            None => Next::End,
            Some(token) if self.tokens.insert(token.clone()) => Next::Token(token),
            Some(_) => {
                return Err(AwsError::new(self.operation, ErrorKind::Other, Some(Cause::RepeatedToken)));
            }
        };
        Ok(())
    }

    /// Everything that was read.
    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Operation = Operation { service: "RAM", name: "GetResourceShares" };

    #[test]
    fn an_empty_page_with_a_token_is_not_the_end() {
        let mut pages = Pages::of(LIST);
        assert_eq!((pages.has_more(), pages.token()), (true, None));
        pages.add(Some(vec![]), Some("a".into())).unwrap();
        assert_eq!((pages.has_more(), pages.token()), (true, Some("a".into())));
        pages.add(Some(vec![1, 2]), Some("b".into())).unwrap();
        pages.add(None, Some(String::new())).unwrap();
        assert!(!pages.has_more());
        assert_eq!(pages.into_items(), [1, 2]);
    }

    #[test]
    fn tokens_that_go_round_in_a_circle_are_an_error() {
        let mut pages = Pages::of(LIST);
        pages.add(Some(vec![1]), Some("a".into())).unwrap();
        pages.add(Some(vec![1]), Some("b".into())).unwrap();
        let error = pages.add(Some(vec![1]), Some("a".into())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Other);
        assert!(matches!(error.cause, Some(Cause::RepeatedToken)));
    }
}
