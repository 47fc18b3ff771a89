//! Indents the lines of brackets further, where a template closes them at the indentation of their parent.
//!
//! YAML demands more, but PyYAML and CloudFormation do not mind: `Policies: [` may end with `]` below its `P`. Here the
//! lines are found, and indented as far as the bracket that they belong to.

/// A text with lines that were indented further.
pub(super) struct Indented {
    pub(super) text: String,
    by: Vec<usize>,
}

impl Indented {
    /// By how many columns the line was indented. Lines count from 1.
    pub(super) fn by(&self, line: usize) -> usize {
        self.by.get(line.wrapping_sub(1)).copied().unwrap_or_default()
    }
}

/// What a line begins in.
#[derive(Default)]
struct Inside {
    /// Open brackets.
    depth: usize,
    /// The column of the outermost bracket.
    column: usize,
    quote: Option<char>,
    /// The indentation of the line with the `|` or `>` of a block of text.
    block: Option<usize>,
}

/// The text with every line inside brackets indented beyond their beginning; `None` if no line is inside brackets.
pub(super) fn indented(text: &str) -> Option<Indented> {
    let mut whole = Indented {
        text: String::with_capacity(text.len() * 2),
        by: Vec::new(),
    };
    let mut inside = Inside::default();
    for line in text.split_inclusive('\n') {
        let by = if inside.depth > 0 { inside.column + 1 } else { 0 };
        whole.by.push(by);
        whole.text.extend(std::iter::repeat_n(' ', by));
        whole.text.push_str(line);
        inside.pass(line, by);
    }
    whole.by.iter().any(|by| *by > 0).then_some(whole)
}

impl Inside {
    fn pass(&mut self, line: &str, by: usize) {
        let indentation = line.chars().take_while(|c| *c == ' ').count();
        if self
            .block
            .is_some_and(|block| indentation > block || line.trim().is_empty())
        {
            return;
        }
        self.block = None;
        let is_key = |before: Option<char>| before.is_none_or(|c| c.is_whitespace());
        let (mut before, mut at_value) = (None, true);
        for (column, c) in line.chars().enumerate() {
            match (self.quote, c) {
                (Some(quote), c) if c == quote && before != Some('\\') => self.quote = None,
                (Some(_), _) => {}
                (None, '#') if is_key(before) => break,
                (None, '"' | '\'') if at_value || self.depth > 0 && is_start(before) => self.quote = Some(c),
                (None, '[' | '{') if at_value || self.depth > 0 => {
                    if self.depth == 0 {
                        self.column = column + by;
                    }
                    self.depth += 1;
                }
                (None, ']' | '}') if self.depth > 0 => self.depth -= 1,
                _ => {}
            }
            at_value = match c {
                c if c.is_whitespace() => at_value || before.is_some_and(|c| ":-?".contains(c)),
                // A tag such as `!Sub` comes before its value.
                '!' | '-' | ':' => at_value || c == ':',
                _ => at_value && self.is_tag(line, column),
            };
            before = Some(c);
        }
        if self.depth == 0 && self.quote.is_none() && opens_block(line) {
            self.block = Some(indentation);
        }
    }

    /// Whether the character is part of a tag.
    fn is_tag(&self, line: &str, column: usize) -> bool {
        let before: String = line.chars().take(column).collect();
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        self.depth == 0 && word.starts_with('!')
    }
}

/// Whether a quote after `before` begins a text.
fn is_start(before: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || "[{,:(".contains(c))
}

fn opens_block(line: &str) -> bool {
    let line = line.trim_end();
    let end = line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    let value = end.strip_suffix(['|', '>']);
    value.is_some_and(|before| before.ends_with(' ') || before.is_empty())
}
