//! How many bytes a text takes inside a JSON string, and cutting it to fit.
//!
//! An answer may have 4,096 bytes in all, counted after JSON has escaped it, so every length here is in bytes of
//! serialised JSON without the quotation marks. Source: CloudFormation user guide, crpg-ref-responses ("the total
//! size of the response body can't exceed 4096 bytes").

/// Stands where text was left out.
pub const ELLIPSIS: &str = "…";

/// Bytes one character takes inside a JSON string, as `serde_json` writes it.
fn char_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

/// Bytes a text takes inside a JSON string, the quotation marks not counted.
pub fn json_bytes(text: &str) -> usize {
    text.chars().map(char_bytes).sum()
}

/// The longest start of a text that takes at most `budget` bytes; never splits a character.
pub fn start_within(text: &str, budget: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += char_bytes(*c);
        used > budget
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The longest end of a text that takes at most `budget` bytes; never splits a character.
pub fn end_within(text: &str, budget: usize) -> &str {
    let mut used = 0;
    let cut = text.char_indices().rev().find(|(_, c)| {
        used += char_bytes(*c);
        used > budget
    });
    cut.and_then(|(at, c)| text.get(at + c.len_utf8()..)).unwrap_or(text)
}

/// The text whole where it fits, else its start with an ellipsis, else what fits of the start alone.
pub fn cut_end(text: &str, budget: usize) -> String {
    if json_bytes(text) <= budget {
        return text.to_owned();
    }
    match budget.checked_sub(ELLIPSIS.len()) {
        Some(room) => format!("{}{ELLIPSIS}", start_within(text, room).trim_end()),
        None => start_within(text, budget).to_owned(),
    }
}

/// The text whole where it fits, else three quarters of the room for its start and the rest for its end, an ellipsis
/// between: the start says what was being done, the end of a chain of causes says why it failed.
pub fn cut_middle(text: &str, budget: usize) -> String {
    if json_bytes(text) <= budget {
        return text.to_owned();
    }
    let Some(room) = budget.checked_sub(ELLIPSIS.len()) else {
        return start_within(text, budget).to_owned();
    };
    let start = start_within(text, room - room / 4);
    let end = end_within(text, room - json_bytes(start));
    format!("{start}{ELLIPSIS}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_keeps_the_start_and_the_end() {
        assert_eq!(cut_middle("0123456789abcdefghij", 15), "012345678…hij");
        assert_eq!(cut_end("0123456789", 8), "01234…");
        assert_eq!(cut_end("0123456789", 10), "0123456789");
        assert_eq!(cut_end("0123456789", 2), "01");
        assert_eq!(cut_middle("0123456789", 0), "");
    }

    #[test]
    fn a_character_is_never_split() {
        assert_eq!(start_within("ää", 3), "ä");
        assert_eq!(end_within("ää", 3), "ä");
        assert_eq!(start_within("\"\"", 3), "\"");
        assert_eq!(end_within("\u{1}", 5), "");
    }

    proptest! {
        #![proptest_config(crate::laws::config(256))]

        #[test]
        fn bytes_are_counted_as_serde_json_writes_them(text in any::<String>()) {
            prop_assert_eq!(json_bytes(&text) + 2, serde_json::Value::from(text).to_string().len());
        }

        #[test]
        fn a_cut_text_fits(text in "[\\x00-\\x7fä\u{1F600}]{0,60}", budget in 0usize..80) {
            prop_assert!(json_bytes(&cut_end(&text, budget)) <= budget);
            prop_assert!(json_bytes(&cut_middle(&text, budget)) <= budget);
        }
    }
}
