//! Fits the values of an answer's Data into the space that is left.
//!
//! Order of claims: all keys, the exact counts, texts, the notes of what was cut, then warnings and lists side by side:
//! warnings get at most a third before the lists have had theirs, and lists share alike. The same input always gives
//! the same output, since all answers to one request must be the same bytes.

use std::collections::VecDeque;

use super::answer::{Attribute, Attributes, member_bytes};
use super::budget::{cut_end, json_bytes};

/// The key of the warnings.
pub(super) const WARNINGS: &str = "Warnings";
/// Between two warnings.
const SEPARATOR: &str = "; ";

/// Keys and values in order, lists followed by their counts, `Warnings` last.
pub(super) type Data = Vec<(String, String)>;

/// All values cut to fit in `budget` bytes of JSON, keys and punctuation included. Where not even the keys fit, all
/// values but the counts are empty.
pub(super) fn fill(attributes: &Attributes, warnings: &[String], budget: usize) -> Data {
    let room = budget.saturating_sub(fixed_bytes(attributes));
    let warnings = warnings.join(SEPARATOR);
    let mut filling = Filling::default();
    filling.add_texts(attributes, room);
    filling.add_lists(attributes, room - filling.used, json_bytes(&warnings));
    filling.notes.extend((!warnings.is_empty()).then_some(warnings));
    let notes = cut_end(&filling.notes.join(SEPARATOR), room - filling.used);
    let mut data = filling.in_order(attributes);
    data.push((WARNINGS.to_owned(), notes));
    data
}

/// Values that have their place, the bytes they take, and what was cut.
#[derive(Default)]
struct Filling {
    texts: VecDeque<String>,
    lists: VecDeque<String>,
    used: usize,
    notes: Vec<String>,
}

impl Filling {
    /// The texts in order, each as long as there is room.
    fn add_texts(&mut self, attributes: &Attributes, room: usize) {
        let texts = || attributes.iter().filter_map(|(key, a)| a.text().map(|text| (key, text)));
        let whole: usize = texts().map(|(_, text)| json_bytes(text)).sum();
        let notes: usize = texts().map(|(key, _)| text_note(key).len() + SEPARATOR.len()).sum();
        let notes = notes + all_list_notes(attributes);
        let room = if whole <= room { room } else { room.saturating_sub(notes) };
        for (key, text) in texts() {
            let cut = cut_end(text, room - self.used);
            if cut != text {
                self.notes.push(text_note(key));
            }
            self.used += json_bytes(&cut);
            self.texts.push_back(cut);
        }
    }

    /// The lists' first elements, within equal shares of the room that notes and warnings leave.
    fn add_lists(&mut self, attributes: &Attributes, room: usize, warnings: usize) {
        let lists = || lists_of(attributes);
        let rest = room.saturating_sub(notes_reserve(attributes, room, warnings));
        let needs = lists().map(|(_, elements)| joined_bytes(elements)).collect();
        let share = equal_share(needs, rest - warnings.min(rest / 3));
        for (key, elements) in lists() {
            let shown = elements_within(elements, share);
            if shown.len() < elements.len() {
                self.notes.push(list_note(key, shown.len(), elements.len()));
            }
            self.used += joined_bytes(shown);
            self.lists.push_back(shown.join(","));
        }
    }

    fn in_order(mut self, attributes: &Attributes) -> Data {
        let mut data = Data::new();
        for (key, attribute) in attributes {
            match attribute {
                Attribute::Text(_) => {
                    data.push(((*key).to_owned(), self.texts.pop_front().unwrap_or_default()));
                }
                Attribute::List(elements) => {
                    data.push(((*key).to_owned(), self.lists.pop_front().unwrap_or_default()));
                    data.push((count_key(key), elements.len().to_string()));
                }
            }
        }
        data
    }
}

fn text_note(key: &str) -> String {
    format!("{key}: shortened")
}

fn list_note(key: &str, shown: usize, of: usize) -> String {
    format!("{key}: {shown} of {of} shown")
}

fn count_key(key: &str) -> String {
    format!("{key}Count")
}

/// What is always there: keys, punctuation, counts.
fn fixed_bytes(attributes: &Attributes) -> usize {
    let of_one = |(key, attribute): &(&'static str, Attribute)| {
        let count = match attribute {
            Attribute::Text(_) => 0,
            Attribute::List(elements) => member_bytes(&count_key(key)) + elements.len().to_string().len(),
        };
        member_bytes(key) + count
    };
    attributes.iter().map(of_one).sum::<usize>() + member_bytes(WARNINGS)
}

fn lists_of(attributes: &Attributes) -> impl Iterator<Item = (&'static str, &[String])> + Clone {
    attributes.iter().filter_map(|(key, attribute)| attribute.list().map(|list| (*key, list)))
}

/// Room for the notes on lists that are cut; none where nothing will be.
fn notes_reserve(attributes: &Attributes, room: usize, warnings: usize) -> usize {
    let whole: usize = lists_of(attributes).map(|(_, elements)| joined_bytes(elements)).sum();
    if whole + warnings <= room { 0 } else { all_list_notes(attributes) }
}

/// The notes if every list with an element in it were cut.
fn all_list_notes(attributes: &Attributes) -> usize {
    let filled = lists_of(attributes).filter(|(_, elements)| !elements.is_empty());
    filled.map(|(key, e)| list_note(key, e.len(), e.len()).len() + SEPARATOR.len()).sum()
}

fn joined_bytes(elements: &[String]) -> usize {
    elements.iter().map(|e| json_bytes(e)).sum::<usize>() + elements.len().saturating_sub(1)
}

/// The most that one of several may take of a room: those that need less than an equal part leave the rest of it to
/// the others.
fn equal_share(mut needs: Vec<usize>, room: usize) -> usize {
    needs.sort_unstable();
    let (mut left, mut lists) = (room, needs.len());
    for need in needs {
        if need > left / lists {
            return left / lists;
        }
        left -= need;
        lists -= 1;
    }
    room
}

/// The first elements whose join takes at most `share` bytes.
fn elements_within(elements: &[String], share: usize) -> &[String] {
    let mut used = 0;
    let fitting = elements.iter().enumerate().take_while(|(i, element)| {
        used += json_bytes(element) + usize::from(*i > 0);
        used <= share
    });
    elements.get(..fitting.count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(key: &'static str, count: usize, width: usize) -> (&'static str, Attribute) {
        (key, Attribute::List((0..count).map(|i| format!("{i:0width$}")).collect()))
    }

    fn value<'a>(data: &'a Data, key: &str) -> &'a str {
        &data.iter().find(|(k, _)| k == key).unwrap().1
    }

    #[test]
    fn everything_is_there_where_it_fits() {
        let attributes =
            vec![("Id", Attribute::Text("x".to_owned())), list("Pending", 3, 2), list("Other", 0, 1)];
        let data = fill(&attributes, &["one".to_owned(), "two".to_owned()], 1_000);
        let expected = [
            ("Id", "x"),
            ("Pending", "00,01,02"),
            ("PendingCount", "3"),
            ("Other", ""),
            ("OtherCount", "0"),
            ("Warnings", "one; two"),
        ];
        assert_eq!(data, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn a_list_is_cut_at_whole_elements_and_says_so_before_the_warnings() {
        let attributes = vec![list("Pending", 300, 12)];
        let data = fill(&attributes, &["the link is half".to_owned()], 400);
        let shown = value(&data, "Pending").split(',').collect::<Vec<_>>();
        assert!(shown.iter().all(|e| e.len() == 12), "{shown:?}");
        assert!(shown.len() > 15, "{shown:?}");
        assert_eq!(value(&data, "PendingCount"), "300");
        assert_eq!(
            value(&data, "Warnings"),
            format!("Pending: {} of 300 shown; the link is half", shown.len())
        );
    }

    #[test]
    fn a_short_list_is_whole_beside_long_ones_which_share_alike() {
        let attributes = vec![list("A", 100, 12), list("B", 2, 12), list("C", 100, 12)];
        let data = fill(&attributes, &[], 600);
        assert_eq!(value(&data, "B"), "000000000000,000000000001");
        assert_eq!(value(&data, "A"), value(&data, "C"));
        assert!(value(&data, "A").len() > 100);
    }

    #[test]
    fn long_warnings_take_what_lists_leave_and_at_least_a_third() {
        let warnings = vec!["w".repeat(5_000)];
        let data = fill(&vec![list("A", 300, 12)], &warnings, 1_000);
        assert!(value(&data, "Warnings").len() > 300);
        assert!(value(&data, "Warnings").ends_with('…'));
        assert!(value(&data, "A").len() > 500);
        let data = fill(&vec![list("A", 2, 12)], &warnings, 1_000);
        assert_eq!(value(&data, "A").len(), 25);
        assert!(value(&data, "Warnings").len() > 900);
    }

    #[test]
    fn a_text_that_has_no_room_is_shortened_and_named() {
        let attributes = vec![("Name", Attribute::Text("n".repeat(500))), list("A", 3, 12)];
        let data = fill(&attributes, &[], 300);
        assert!(value(&data, "Name").starts_with("nnn"));
        assert_eq!(value(&data, "ACount"), "3");
        assert!(value(&data, "Warnings").starts_with("Name: shortened"), "{data:?}");
    }

    #[test]
    fn without_room_only_keys_and_counts_are_left() {
        let attributes = vec![("Name", Attribute::Text("n".to_owned())), list("A", 3, 12)];
        let data = fill(&attributes, &["w".to_owned()], 0);
        let expected = [("Name", ""), ("A", ""), ("ACount", "3"), ("Warnings", "")];
        assert_eq!(data, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }
}
