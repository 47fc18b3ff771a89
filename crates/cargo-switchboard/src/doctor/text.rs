//! Texts with parts that are unknown before the deployment: names and ARNs, and how they compare.
//!
//! A generated name, an account, a parameter without a default: each unknown part is a *symbol*, a character of Unicode's
//! private use planes. So a text stays a [`String`], a symbol equals itself, and whether it equals anything else is
//! open.

use std::borrow::Cow;
use std::collections::HashMap;

/// The first characters of the private use planes: one for values that may be anything, one for generated names.
const ANYTHING: u32 = 0xF_0000;
const MADE_UP: u32 = 0x10_0000;
/// The number of characters in a plane. Further symbols share the last one.
const LAST: usize = 0xFFFD;

/// A part that is known only when the function is invoked. It has no name.
pub(crate) const UNKNOWN: char = '\u{FFFFD}';

/// Values of CloudFormation's own that contain no separator of an ARN. Their symbols are the first ones of [`ANYTHING`].
const PLAIN: [&str; 5] = [
    "AWS::AccountId",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The names of the symbols.
#[derive(Clone, Debug)]
pub(crate) struct Symbols {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Default for Symbols {
    fn default() -> Self {
        let mut symbols = Self {
            names: Vec::new(),
            places: HashMap::new(),
        };
        for name in PLAIN {
            symbols.of(name);
        }
        symbols
    }
}

impl Symbols {
    /// The symbol with this name.
    pub(crate) fn of(&mut self, name: &str) -> char {
        self.symbol(ANYTHING, name)
    }

    /// The symbol of the name that AWS generates for the resource `id`. No other resource has it.
    pub(crate) fn made_up(&mut self, id: &str) -> char {
        self.symbol(MADE_UP, id)
    }

    fn symbol(&mut self, plane: u32, name: &str) -> char {
        let index = self.places.get(name).copied().unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.places.insert(name.to_owned(), self.names.len() - 1);
            self.names.len() - 1
        });
        let index = u32::try_from(index.min(LAST)).unwrap_or_default();
        char::from_u32(plane + index).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The text for display: `arn:${AWS::Partition}:sqs:…`.
    pub(crate) fn show(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            let index = is_symbol(c).then_some(c as usize & 0xFFFF);
            match index.and_then(|index| self.names.get(index)) {
                Some(name) => shown.extend(["${", name, "}"]),
                None => shown.push(c),
            }
        }
        shown
    }
}

fn is_symbol(c: char) -> bool {
    c as u32 >= ANYTHING
}

fn is_made_up(c: char) -> bool {
    c as u32 >= MADE_UP
}

/// Whether the symbol stands for a text without the separators of ARNs.
fn is_plain(c: char) -> bool {
    is_made_up(c) || (is_symbol(c) && ((c as u32 - ANYTHING) as usize) < PLAIN.len())
}

fn is_separator(c: char) -> bool {
    matches!(c, ':' | '/')
}

/// Whether the separator of an ARN in `text` is known to be one: no unknown part may contain another.
pub(crate) fn splits_at(text: &str, separator: &str) -> bool {
    let of_arn = separator.contains(is_separator);
    text.chars().all(|c| !is_symbol(c) || (of_arn && is_plain(c)))
}

/// Whether part of the text is a name that AWS generates, which nothing else has.
pub(crate) fn has_made_up(text: &str) -> bool {
    text.chars().any(is_made_up)
}

/// Whether the whole text is known.
pub(crate) fn is_known(text: &str) -> bool {
    !text.chars().any(is_symbol)
}

/// The answer to a question that a template may leave open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Certainty {
    Yes,
    No,
    Open,
}

/// Whether `pattern`, with the wildcards `*` and `?` of IAM policies, matches `text`. If `text` is a pattern too, whether both
/// match a common text.
pub(crate) fn covers(pattern: &str, text: &str) -> Certainty {
    let plain = |text: &str| is_known(text) && !text.contains(['*', '?']);
    if pattern == text {
        return Certainty::Yes;
    }
    if plain(pattern) && plain(text) {
        return Certainty::No;
    }
    let (pattern, text) = (chars(pattern), chars(text));
    let itself = |_: char| false;
    // Two generated names are always different.
    let both = [&pattern, &text]
        .iter()
        .all(|text| text.iter().any(|c| is_made_up(*c)));
    let anything = |c: char| is_symbol(c) && !(both && is_made_up(c));
    if meet(&pattern, &text, itself) {
        Certainty::Yes
    } else if meet(&pattern, &text, anything) && !named_apart(&pattern, &text) {
        Certainty::Open
    } else {
        Certainty::No
    }
}

/// Whether both texts are the same.
pub(crate) fn same(a: &str, b: &str) -> Certainty {
    let literal = |text: &str| -> Cow<'_, str> { text.replace(['*', '?'], "\u{0}").into() };
    covers(&literal(a), &literal(b))
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// Whether one text ends with a generated name, and the other with a name that somebody wrote. The number of a version can be
/// guessed, and part of a name, too.
fn named_apart(a: &[char], b: &[char]) -> bool {
    let wide = |c: char| c == '*' || c == '?' || (is_symbol(c) && !is_made_up(c));
    let tail = |text: &[char]| -> Option<Vec<char>> {
        let tail = text.rsplit(|c| is_separator(*c)).next()?;
        (!tail.iter().any(|c| wide(*c))).then(|| tail.to_vec())
    };
    let (Some(a), Some(b)) = (tail(a), tail(b)) else {
        return false;
    };
    let generated = |text: &[char]| text.iter().any(|c| is_made_up(*c));
    let written = |text: &[char]| !generated(text) && text.iter().any(|c| c.is_ascii_alphabetic());
    (generated(&a) && written(&b)) || (generated(&b) && written(&a))
}

/// Whether the two patterns match a common text, by dynamic programming over their prefixes. Symbols match themselves, or
/// anything if `anything` says so: a plain one anything but separators.
fn meet(a: &[char], b: &[char], anything: impl Fn(char) -> bool) -> bool {
    let many = |c: char| c == '*' || anything(c);
    let takes = |many_of: bool, c: char, other: char| many_of && !(is_separator(other) && is_plain(c));
    let mut row: Vec<bool> = Vec::with_capacity(b.len() + 1);
    row.push(true);
    for (at, &c) in b.iter().enumerate() {
        row.push(row[at] && many(c));
    }
    for &left in a {
        let mut before = row[0];
        let of_left = many(left);
        row[0] = row[0] && of_left;
        for (at, &right) in b.iter().enumerate() {
            let of_right = many(right);
            let here = match (of_left, of_right) {
                (false, false) => before && (left == right || left == '?' || right == '?'),
                // `*` matches nothing, or one more character of the other side.
                _ => {
                    (row[at] && (of_right || takes(of_left, left, right)))
                        || (row[at + 1] && (of_left || takes(of_right, right, left)))
                }
            };
            before = row[at + 1];
            row[at + 1] = here;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_as_in_policies() {
        assert_eq!(covers("sqs:*", "sqs:SendMessage"), Certainty::Yes);
        assert_eq!(covers("sqs:Send*ge", "sqs:SendMessage"), Certainty::Yes);
        assert_eq!(covers("sqs:SendMessag?", "sqs:SendMessage"), Certainty::Yes);
        assert_eq!(covers("*", ""), Certainty::Yes);
        assert_eq!(covers("sqs:Receive*", "sqs:SendMessage"), Certainty::No);
        assert_eq!(covers("", "a"), Certainty::No);
    }

    #[test]
    fn a_symbol_equals_itself_and_perhaps_anything() {
        let mut symbols = Symbols::default();
        let (account, queue) = (symbols.of("AWS::AccountId"), symbols.of("Queue"));
        let arn = format!("arn:aws:sqs:eu-west-1:{account}:{queue}");
        assert_eq!(covers(&arn, &arn), Certainty::Yes);
        assert_eq!(covers("arn:aws:sqs:*:*:*", &arn), Certainty::Yes);
        assert_eq!(
            covers("arn:aws:sqs:eu-west-1:123456789012:orders", &arn),
            Certainty::Open
        );
        assert_eq!(
            covers("arn:aws:sns:eu-west-1:123456789012:orders", &arn),
            Certainty::No
        );
        assert_eq!(
            symbols.show(&arn),
            "arn:aws:sqs:eu-west-1:${AWS::AccountId}:${Queue}"
        );
        assert_eq!(same("a*", "ab"), Certainty::No);
    }

    #[test]
    fn parts_of_arns_have_no_separators() {
        let mut symbols = Symbols::default();
        let (region, account) = (symbols.of("AWS::Region"), symbols.of("AWS::AccountId"));
        let (table, label, name) = (symbols.made_up("T"), symbols.made_up("L"), symbols.of("Name"));
        let arn = |name: &str| format!("arn:aws:dynamodb:{region}:{account}:table/{name}");
        let stream = format!("{}/stream/{label}", arn(&table.to_string()));
        assert_eq!(covers(&arn(&table.to_string()), &stream), Certainty::No);
        assert_eq!(
            covers(&format!("{}/stream/*", arn(&table.to_string())), &stream),
            Certainty::Yes
        );
        assert_eq!(covers(&arn(&name.to_string()), &stream), Certainty::Open);
        assert_eq!(
            covers("arn:aws:dynamodb:*:*:table/orders/stream/*", &stream),
            Certainty::Open
        );
        assert_eq!(
            covers(&arn("orders"), &format!("arn:aws:dynamodb:{region}:table/orders")),
            Certainty::No
        );
        assert_eq!(
            covers("arn:aws:dynamodb:eu-west-1:1:table/*", &arn("a")),
            Certainty::Open
        );
    }

    #[test]
    fn a_generated_name_is_not_one_that_somebody_wrote() {
        let mut symbols = Symbols::default();
        let (stack, queue, name) = (
            symbols.of("AWS::StackName"),
            symbols.made_up("Q"),
            symbols.of("Name"),
        );
        let arn = |name: &str| format!("arn:aws:sqs:eu-west-1:1:{name}");
        let generated = arn(&queue.to_string());
        assert_eq!(covers(&arn("orders"), &generated), Certainty::No);
        assert_eq!(covers(&generated, "arn:aws:sqs:*:*:orders"), Certainty::No);
        for open in [
            "shop-*",
            "shop-Q-????",
            "7",
            &format!("{stack}-Q"),
            &name.to_string(),
        ] {
            assert_eq!(covers(&arn(open), &generated), Certainty::Open, "{open}");
        }
        let of_alias = |qualifier: &str| format!("arn:aws:lambda:eu-west-1:1:function:f:{qualifier}");
        let version = symbols.made_up("V.Version").to_string();
        assert_eq!(covers(&of_alias("7"), &of_alias(&version)), Certainty::Open);
        assert_eq!(covers(&of_alias("live"), &of_alias(&version)), Certainty::No);
    }

    #[test]
    fn names_that_aws_makes_up_differ() {
        let mut symbols = Symbols::default();
        let (a, b, parameter) = (symbols.made_up("A"), symbols.made_up("B"), symbols.of("Name"));
        assert_eq!(same(&a.to_string(), &a.to_string()), Certainty::Yes);
        assert_eq!(same(&a.to_string(), &b.to_string()), Certainty::No);
        assert_eq!(same(&a.to_string(), &parameter.to_string()), Certainty::Open);
        assert_eq!(same(&a.to_string(), "orders"), Certainty::No);
        assert_eq!(symbols.show(&format!("{a}-{b}-{parameter}")), "${A}-${B}-${Name}");
    }

    #[test]
    fn an_arn_is_split_where_no_unknown_part_has_a_separator() {
        let mut symbols = Symbols::default();
        let (region, made_up, parameter) = (symbols.of("AWS::Region"), symbols.made_up("F"), symbols.of("P"));
        let arn = format!("arn:aws:lambda:{region}:1:function:{made_up}");
        assert!(splits_at(&arn, ":") && splits_at("a-b", "-"));
        assert!(!splits_at(&arn, "-") && !splits_at(&format!("{arn}{parameter}"), ":"));
    }

    #[test]
    fn patterns_overlap_where_a_text_fits_both() {
        assert_eq!(covers("in/*", "*.jpg"), Certainty::Yes);
        assert_eq!(covers("*", "in/*"), Certainty::Yes);
        assert_eq!(covers("a*b*", "*bc"), Certainty::Yes);
        assert_eq!(covers("out/*", "in/*"), Certainty::No);
        assert_eq!(covers("in/*.png", "*.jpg"), Certainty::No);
    }

    proptest::proptest! {
        #[test]
        fn a_text_meets_a_pattern_made_of_it(text in "[ab]{0,8}", from in 0usize..9, to in 0usize..9) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let (from, to) = (from.min(to), from.max(to));
            let pattern = format!("{}*{}", &text[..from], &text[to..]);
            proptest::prop_assert_eq!(covers(&pattern, &text), Certainty::Yes);
            proptest::prop_assert_eq!(covers(&text, &pattern), Certainty::Yes);
        }

        #[test]
        fn two_patterns_cover_each_other_or_neither_does(a in "[ab*?]{0,6}", b in "[ab*?]{0,6}") {
            proptest::prop_assert_eq!(covers(&a, &b), covers(&b, &a));
        }

        #[test]
        fn literal_patterns_meet_only_themselves(a in "[ab]{0,4}", b in "[ab]{0,4}") {
            proptest::prop_assert_eq!(covers(&a, &b) == Certainty::Yes, a == b);
        }
    }
}
