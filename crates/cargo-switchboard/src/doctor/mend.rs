//! Mends in a template what leaves no choice.

use std::collections::{HashMap, HashSet};

use super::rules::Finding;
use super::template::{PlacedFix, Refusal, is_circular};

/// The most rounds: a fix may need another one, as a batching window needs a longer visibility timeout.
const ROUNDS: usize = 4;

/// A template with fixes.
#[derive(Debug)]
pub(crate) struct Mended {
    pub(crate) text: String,
    /// The code and the resource of what is no longer found.
    pub(crate) fixed: Vec<(&'static str, String)>,
    /// The code and the resource of what could be fixed elsewhere, and why not here.
    pub(crate) left: Vec<(&'static str, String, &'static str)>,
}

/// What a finding is about.
type Key = (&'static str, String);

fn key(finding: &Finding) -> Key {
    (finding.rule.code, finding.resource.clone())
}

/// Mends the template as far as that needs no decision. `find` says what is found in a text; `None` if it cannot be read.
/// A fix is not applied if it makes a finding which cannot be fixed either, or if CloudFormation would refuse the template.
pub(crate) fn mend(text: &str, find: impl Fn(&str) -> Option<Vec<Finding>>) -> Option<Mended> {
    let before = find(text)?;
    let mut mended = text.to_owned();
    let mut refused: HashMap<Key, Refusal> = HashMap::new();
    let was_circular = is_circular(text);
    for _ in 0..ROUNDS {
        let found = find(&mended)?;
        let fixes: Vec<(Key, Vec<PlacedFix>)> = found
            .iter()
            .filter(|finding| !refused.contains_key(&key(finding)))
            .map(|finding| (key(finding), PlacedFix::all(&mended, &finding.fixes)))
            .filter(|(_, fixes)| !fixes.is_empty())
            .collect();
        if fixes.is_empty() {
            break;
        }
        let known: HashSet<Key> = found.iter().chain(&before).map(key).collect();
        let round = Round {
            fixes: &fixes,
            known: &known,
            was_circular,
        };
        mended = round.apply(mended, &find, &mut refused);
    }
    let after = find(&mended)?;
    let left: HashSet<Key> = after.iter().map(key).collect();
    let mut fixed: Vec<Key> = before.iter().map(key).filter(|key| !left.contains(key)).collect();
    fixed.dedup();
    let mut reasons: Vec<_> = left
        .into_iter()
        .filter_map(|(code, resource)| {
            let refusal = refused.get(&(code, resource.clone()))?;
            Some((code, resource, refusal.because()?))
        })
        .collect();
    reasons.sort_unstable();
    Some(Mended {
        text: mended,
        fixed,
        left: reasons,
    })
}

/// What is fixed at a time.
struct Round<'r> {
    fixes: &'r [(Key, Vec<PlacedFix>)],
    /// What was found before.
    known: &'r HashSet<Key>,
    was_circular: bool,
}

impl Round<'_> {
    /// Applies the fixes together, or one by one if that makes findings.
    fn apply(
        &self,
        text: String,
        find: &impl Fn(&str) -> Option<Vec<Finding>>,
        refused: &mut HashMap<Key, Refusal>,
    ) -> String {
        let is_sound = |text: &str| {
            find(text).is_some_and(|found| {
                let mut new = found.iter().filter(|finding| !self.known.contains(&key(finding)));
                new.all(|finding| !finding.fixes.is_empty())
            })
        };
        let mut all = text.clone();
        for (key, fixes) in self.fixes {
            match self.first(&all, fixes, |_| true) {
                Ok(changed) => all = changed,
                Err(refusal) => drop(refused.insert(key.clone(), refusal)),
            }
        }
        if is_sound(&all) {
            return all;
        }
        self.fixes.iter().fold(text, |text, (key, fixes)| {
            match self.first(&text, fixes, is_sound) {
                Ok(changed) => changed,
                Err(refusal) => {
                    refused.insert(key.clone(), refusal);
                    text
                }
            }
        })
    }

    /// The text with the first of the fixes after which it is sound.
    fn first(
        &self,
        text: &str,
        fixes: &[PlacedFix],
        is_sound: impl Fn(&str) -> bool,
    ) -> Result<String, Refusal> {
        let mut refusal = Refusal::Written;
        for fix in fixes {
            match fix.apply(text) {
                Ok(changed) if !self.was_circular && is_circular(&changed) => refusal = Refusal::Circular,
                Ok(changed) if is_sound(&changed) => return Ok(changed),
                Ok(_) => {}
                Err(Refusal::Written) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use similar::{ChangeTag, TextDiff};

    use super::*;
    use crate::describe::Description;
    use crate::doctor::{check, load};

    fn find(text: &str) -> Option<Vec<Finding>> {
        let deployment = load(text, &std::collections::HashMap::new(), false, &|_| {
            Err(String::new())
        })
        .ok()?;
        let routes = r#"{"routes": [{"source": "sqs", "handler": "a"}, {"source": "kinesis", "handler": "b"},
            {"source": "api_gateway_http", "handler": "c"}, {"source": "function_url", "handler": "d"}]}"#;
        let served = Description::read(routes.as_bytes());
        Some(check(&deployment, |_| served.as_ref()))
    }

    /// The templates of the project, of the tests, and the examples of the pages.
    fn templates() -> Vec<(String, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut all = Vec::new();
        for folder in [
            "",
            "crates/cargo-switchboard/tests/doctor",
            "crates/cargo-switchboard/tests/doctor/transform",
            "crates/cargo-switchboard/tests/doctor/fix",
        ] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "yaml") {
                    all.push((
                        path.display().to_string(),
                        std::fs::read_to_string(&path).unwrap(),
                    ));
                }
            }
        }
        for rule in crate::doctor::rules::RULES {
            let example = rule
                .page
                .split("```yaml\n")
                .nth(1)
                .and_then(|block| block.split("```").next());
            all.push((rule.code.to_owned(), example.unwrap().to_owned()));
        }
        all
    }

    /// The same template in other spellings.
    fn spellings(text: &str) -> Vec<String> {
        let commented: Vec<String> = text
            .lines()
            .map(
                |line| match line.ends_with(['|', '>']) || line.trim().is_empty() {
                    true => line.to_owned(),
                    false => format!("{line}   # {}", line.len()),
                },
            )
            .collect();
        let wide: Vec<String> = text
            .lines()
            .map(|line| {
                let indent = line.len() - line.trim_start().len();
                format!("{}{line}", " ".repeat(indent))
            })
            .collect();
        vec![
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.trim_end().to_owned(),
            commented.join("\n") + "\n",
            wide.join("\n") + "\n",
        ]
    }

    /// Lines may come; a line may only go if one with the same key comes for it, or if its property is removed.
    fn is_small(name: &str, old: &str, new: &str) {
        let changes = TextDiff::from_lines(old, new);
        let of = |tag: ChangeTag| {
            let lines = changes
                .iter_all_changes()
                .filter(move |change| change.tag() == tag);
            lines.map(|change| change.value().trim_end().to_owned())
        };
        let came: Vec<String> = of(ChangeTag::Insert).collect();
        for gone in of(ChangeTag::Delete) {
            let key = gone.split(": ").next().unwrap_or_default();
            let replaced = came.iter().any(|line| line.starts_with(key));
            let removed = [
                "SnapStart",
                "ResponseTransferMode",
                "MaximumBatchingWindow",
                "ScalingConfig",
            ];
            let removed = removed.iter().any(|key| gone.trim_start().starts_with(key));
            assert!(replaced || removed, "{name}: {gone}\n{came:?}");
        }
    }

    #[test]
    fn what_can_be_fixed_is_fixed_and_all_else_stays() {
        let mut fixed = HashSet::new();
        for (place, (name, text)) in templates().into_iter().enumerate() {
            // Each template as it is, and in one of the other spellings.
            let spellings = spellings(&text);
            let other = &spellings[place % spellings.len()];
            for text in [&text, other] {
                let Some(before) = find(text) else { continue };
                let mended = mend(text, find).unwrap();
                let after = find(&mended.text).unwrap();
                is_small(&name, text, &mended.text);
                assert!(is_circular(text) || !is_circular(&mended.text), "{name}");
                let keys: Vec<Key> = before.iter().map(key).collect();
                let new: Vec<_> = after.iter().map(key).filter(|key| !keys.contains(key)).collect();
                assert!(new.is_empty(), "{name}: {new:?}\n{}", mended.text);
                let fixable = before.iter().filter(|finding| !finding.fixes.is_empty());
                let gone = fixable.map(key).filter(|key| mended.fixed.contains(key));
                fixed.extend(gone.map(|(code, _)| code));
                // A rule's own example is fixed, however it is spelled.
                let left = after.iter().any(|finding| finding.rule.code == name);
                assert!(!left || !FIXED.contains(&&*name), "{name}:\n{}", mended.text);
            }
        }
        let mut fixed: Vec<_> = fixed.into_iter().collect();
        fixed.sort_unstable();
        assert_eq!(fixed, FIXED);
    }

    const FIXED: &[&str] = &[
        "SB0101", "SB0102", "SB0103", "SB0104", "SB0105", "SB0106", "SB0107", "SB0108", "SB0201", "SB0202",
        "SB0301", "SB0303", "SB0401", "SB0402", "SB0403", "SB0404", "SB0406", "SB0407", "SB0408", "SB0501",
        "SB0701", "SB0704",
    ];

    #[test]
    fn each_page_says_whether_its_code_is_fixed() {
        for rule in crate::doctor::rules::RULES {
            let said = rule.page.contains("`--fix`");
            assert_eq!(said, FIXED.contains(&rule.code), "{}", rule.code);
        }
    }
}
