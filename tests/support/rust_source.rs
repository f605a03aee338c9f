//! Reads which paths a Rust source names: in `use` declarations and in code, aliases followed.
//!
//! No compiler: comments, literals and the test module are taken out, and what is left is read as words. That is enough
//! for rules about who knows whom, and it sees what a look at `use` lines alone would miss.

use std::collections::BTreeMap;

/// One source file, read.
#[derive(Debug)]
pub struct Source {
    /// Every path, whole: `tokio::time::Instant::now`, `crate::domain::Share`. `self` and `super` are resolved.
    pub paths: Vec<String>,
    /// Every word.
    pub words: Vec<String>,
}

impl Source {
    /// Reads `text` of the file `path`, relative to the crate's `src`.
    pub fn read(path: &str, text: &str) -> Self {
        let tokens = tokens(&without_tests(text));
        let module = module_of(path);
        let mut reader =
            Reader { tokens: &tokens, at: 0, module: &module, aliases: BTreeMap::new(), paths: Vec::new() };
        reader.read_all();
        let words = tokens.iter().filter(|token| is_word(token)).cloned().collect();
        Self { paths: reader.paths, words }
    }
}

/// Tests stand at a file's end.
fn without_tests(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].to_owned()
}

/// `["crate", "resource", "plan"]` for `resource/plan.rs`.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let parts = path.split('/').filter(|part| !matches!(*part, "lib" | "main"));
    std::iter::once("crate").chain(parts).map(str::to_owned).collect()
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::`, and single other characters; no comments and no literals.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        let skipped = skip(rest);
        if skipped > 0 {
            at += skipped;
            continue;
        }
        let length = match rest {
            [':', ':', ..] => 2,
            [c, ..] if c.is_alphanumeric() || *c == '_' => {
                rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
            }
            _ => 1,
        };
        tokens.push(rest[..length].iter().collect());
        at += length;
    }
    tokens
}

/// How many characters at the start say nothing: white space, a comment, a literal.
fn skip(rest: &[char]) -> usize {
    match rest {
        ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
        ['/', '*', ..] => find(&rest[2..], &['*', '/']).map_or(rest.len(), |end| end + 4),
        ['r', '#', '"', ..] => find(&rest[3..], &['"', '#']).map_or(rest.len(), |end| end + 5),
        ['r' | 'b', '"', ..] => 1 + string_length(&rest[1..]),
        ['"', ..] => string_length(rest),
        ['\'', '\\', _, ..] => find(&rest[3..], &['\'']).map_or(rest.len(), |end| end + 4),
        ['\'', _, '\'', ..] => 3,
        [c, ..] if c.is_whitespace() => 1,
        _ => 0,
    }
}

fn find(text: &[char], wanted: &[char]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn string_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    module: &'a [String],
    aliases: BTreeMap<String, String>,
    paths: Vec<String>,
}

impl Reader<'_> {
    fn read_all(&mut self) {
        let mut in_code = Vec::new();
        while let Some(token) = self.peek() {
            if token == "use" {
                self.at += 1;
                self.use_tree(&[]);
            } else if is_word(token) && !self.follows("::") && !self.follows(".") {
                in_code.push(self.path());
            } else {
                self.at += 1;
            }
        }
        // A single word is a path only where it was taken into use.
        let is_path = |path: &&Vec<String>| path.len() > 1 || self.aliases.contains_key(&path[0]);
        let resolved: Vec<String> = in_code.iter().filter(is_path).map(|path| self.resolve(path)).collect();
        self.paths.extend(resolved);
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn follows(&self, token: &str) -> bool {
        self.at
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before))
            .is_some_and(|before| before == token)
    }

    /// `a::b::c`, to the last word.
    fn path(&mut self) -> Vec<String> {
        let mut path = Vec::new();
        while let Some(word) = self.peek().filter(|token| is_word(token)).map(str::to_owned) {
            path.push(word);
            self.at += 1;
            if self.peek() != Some("::") {
                break;
            }
            self.at += 1;
        }
        path
    }

    /// What follows `use`, groups and renames included.
    fn use_tree(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        path.extend(self.path());
        match self.peek() {
            Some("{") => {
                self.at += 1;
                while !matches!(self.peek(), Some("}") | None) {
                    self.use_tree(&path);
                    if self.peek() == Some(",") {
                        self.at += 1;
                    }
                }
                self.at += 1;
            }
            Some("*") => {
                self.at += 1;
                self.used(&path, None);
            }
            Some("as") => {
                self.at += 1;
                let name = self.path();
                self.used(&path, name.first());
            }
            _ => self.used(&path, None),
        }
    }

    fn used(&mut self, path: &[String], name: Option<&String>) {
        let path = match path.split_last() {
            Some((last, rest)) if last == "self" && !rest.is_empty() => rest,
            _ => path,
        };
        let whole = self.whole(path);
        if let Some(name) = name.or(path.last()) {
            self.aliases.insert(name.clone(), whole.clone());
        }
        self.paths.push(whole);
    }

    /// A path in code, its first word looked up among what is in use.
    fn resolve(&self, path: &[String]) -> String {
        match path.split_first() {
            Some((first, rest)) if self.aliases.contains_key(first) => {
                let alias = self.aliases[first].clone();
                std::iter::once(alias).chain(rest.iter().cloned()).collect::<Vec<_>>().join("::")
            }
            _ => self.whole(path),
        }
    }

    fn whole(&self, path: &[String]) -> String {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let own = usize::from(ups == 0 && path.first().is_some_and(|part| part == "self"));
        if ups + own == 0 {
            return path.join("::");
        }
        let base = &self.module[..self.module.len().saturating_sub(ups)];
        base.iter().chain(&path[ups + own..]).cloned().collect::<Vec<_>>().join("::")
    }
}
