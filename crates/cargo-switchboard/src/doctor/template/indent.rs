//! Indents lines inside brackets and quotes further, where a template has them at the indentation of their parent.
//!
//! YAML demands more, but PyYAML and CloudFormation do not mind: `Policies: [` may end with `]` below its `P`. Here the
//! lines are found, and indented as far as the bracket or quote that they belong to.

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
    /// The column of the outermost bracket or quote.
    column: usize,
    quote: Option<char>,
    /// The indentation of the line with the `|` or `>` of a block of text.
    block: Option<usize>,
}

/// The text with every line inside brackets or quotes indented beyond their beginning; `None` if there is no such line.
pub(super) fn indented(text: &str) -> Option<Indented> {
    let mut whole = Indented {
        text: String::with_capacity(text.len() * 2),
        by: Vec::new(),
    };
    let mut inside = Inside::default();
    for line in text.split_inclusive('\n') {
        let within = inside.depth > 0 || inside.quote.is_some();
        let by = if within { inside.column + 1 } else { 0 };
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
        // Whether a value may begin here: at the start of the line, and after a dash, a colon or a tag.
        let (mut before, mut at_value, mut in_tag) = (None, true, false);
        let mut characters = line.chars().enumerate().peekable();
        while let Some((column, c)) = characters.next() {
            if let Some(quote) = self.quote {
                match c {
                    '\\' if quote == '"' => drop(characters.next()),
                    '\'' if quote == c => match characters.next_if(|(_, next)| *next == c) {
                        Some(_) => {}
                        None => self.quote = None,
                    },
                    _ if quote == c => self.quote = None,
                    _ => {}
                }
                (before, at_value) = (Some(c), false);
                continue;
            }
            match c {
                '#' if before.is_none_or(char::is_whitespace) => break,
                '"' | '\'' if at_value || self.depth > 0 && is_start(before) => {
                    self.begin(column + by, |inside| inside.quote = Some(c))
                }
                '[' | '{' if at_value || self.depth > 0 => {
                    self.begin(column + by, |inside| inside.depth += 1)
                }
                ']' | '}' if self.depth > 0 => self.depth -= 1,
                _ => {}
            }
            in_tag = !c.is_whitespace() && (in_tag || c == '!' && at_value);
            at_value = in_tag
                || match c {
                    c if c.is_whitespace() => at_value || before.is_some_and(|c| ":-?".contains(c)),
                    _ => c == '-' && at_value,
                };
            before = Some(c);
        }
        if self.depth == 0 && self.quote.is_none() && opens_block(line) {
            self.block = Some(indentation);
        }
    }

    /// Enters a bracket or a quote at this column.
    fn begin(&mut self, column: usize, enter: impl Fn(&mut Self)) {
        if self.depth == 0 {
            self.column = column;
        }
        enter(self);
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
