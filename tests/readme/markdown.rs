//! As much of Markdown as the checks need: code spans, link targets, fenced blocks.

/// What a document says, by kind.
#[derive(Debug, Default)]
pub struct Markdown {
    /// The texts in single backticks.
    pub spans: Vec<String>,
    /// The targets of links.
    pub links: Vec<String>,
    /// Fenced blocks: language and text.
    pub blocks: Vec<(String, String)>,
}

impl Markdown {
    /// Reads a document.
    pub fn parse(text: &str) -> Self {
        let (mut prose, mut blocks, mut open) = (String::new(), Vec::new(), None);
        for line in text.lines() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(language), None) => open = Some((language.to_owned(), String::new())),
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some((_, block))) => block.extend([line, "\n"]),
                (None, None) => prose.extend([line, "\n"]),
            }
        }
        assert!(open.is_none(), "a fenced block is not closed");
        let spans = prose.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let links =
            prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to.to_owned());
        Self { spans, links: links.collect(), blocks }
    }

    /// The blocks of one language.
    pub fn blocks_of(&self, language: &str) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter(move |(of, _)| of == language).map(|(_, text)| text.as_str())
    }

    /// The words of all `sh` blocks, comments included.
    pub fn words_of_commands(&self) -> impl Iterator<Item = &str> {
        self.blocks_of("sh").flat_map(str::split_whitespace)
    }
}

/// The part of a document from a heading to the next one of any level; empty where there is no such heading.
pub fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(&format!("\n{heading}\n")) else { return "" };
    rest.split("\n#").next().unwrap_or_default()
}

#[test]
fn spans_links_and_blocks_are_told_apart() {
    let found = Markdown::parse("a `b` [`c`](d.md) e\n```sh\nmake f `g`\n```\n`h`\n");
    assert_eq!(found.spans, ["b", "c", "h"]);
    assert_eq!(found.links, ["d.md"]);
    assert_eq!(found.blocks, [("sh".to_owned(), "make f `g`\n".to_owned())]);
    assert_eq!(found.words_of_commands().collect::<Vec<_>>(), ["make", "f", "`g`"]);
}

#[test]
fn a_section_ends_at_the_next_heading() {
    assert_eq!(section("# A\n\n## B\nb\n### C\nc\n", "## B"), "b");
    assert_eq!(section("# A\n", "## B"), "");
}
