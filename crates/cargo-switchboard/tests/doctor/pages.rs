//! The pages of the codes: their first template has the fault, and their second one has not.

use std::path::Path;

use super::run::{Case, doctor};

/// The blocks of YAML in a page, without their fences.
fn templates(page: &str) -> Vec<&str> {
    let blocks = page.split("```yaml\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

/// The sources that the page's example serves: "The code serves `sqs` and `sns`", or "`sqs` when queue is orders".
fn served(page: &str) -> Option<String> {
    let line = page.lines().find(|line| line.starts_with("The code serves `"))?;
    let line = line.split(';').next().unwrap_or(line);
    let routes: Vec<String> = line
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|source| {
            let (source, when) = source.split_once(" when ").unwrap_or((source, ""));
            let when = when.split_once(" is ").map_or_else(String::new, |(what, name)| {
                format!(r#", "when": [{{"what": "{what}", "is": ["{name}"]}}]"#)
            });
            format!(r#"{{"source": "{source}", "handler": "orders::{source}"{when}}}"#)
        })
        .collect();
    Some(format!(r#"{{"routes": [{}]}}"#, routes.join(",")))
}

fn found(template: &str, served: Option<&str>) -> Vec<String> {
    let case = Case::new(template);
    match served {
        Some(routes) => {
            case.file("routes.json", routes);
            case.codes(&["--routes", "Orders=routes.json"])
        }
        None => case.codes(&["--no-routes"]),
    }
}

#[test]
fn the_examples_of_each_page_have_the_fault_and_its_fix() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor");
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let page = std::fs::read_to_string(&path).unwrap();
        let served = served(&page);
        let [faulty, mended] = templates(&page)[..] else {
            panic!("{code} has not two examples");
        };
        let (before, after) = (found(faulty, served.as_deref()), found(mended, served.as_deref()));
        assert!(before.contains(&code), "{code} is not among {before:?}");
        // A new log group or queue has no findings of its own, and the fix of one fault makes no other.
        let left: Vec<_> = before.into_iter().filter(|found| *found != code).collect();
        let new: Vec<_> = after.iter().filter(|found| !left.contains(found)).collect();
        assert!(new.is_empty(), "{code}: the fix leaves or makes {new:?}");
        pages += 1;
    }
    assert!(pages > 30, "{pages} pages");
}

#[test]
fn explain_prints_the_page() {
    let here = tempfile::TempDir::new().unwrap();
    let output = doctor(here.path(), &["--explain", "sb0104"]);
    assert_eq!(output.status.code(), Some(0));
    let page = include_str!("../../../../docs/doctor/SB0104.md");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), page);
    let output = doctor(here.path(), &["--explain", "SB9999"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such code"));
}

#[test]
fn findings_name_their_page() {
    let case = Case::new("Resources: {F: {Type: AWS::Lambda::Function}}");
    let output = case.doctor(&["--no-routes"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("\nMore about a code: cargo switchboard doctor --explain CODE\n"),
        "{text}"
    );
    let page = case.report(&["--no-routes"])["findings"][0]["page"].clone();
    assert!(
        page.as_str().unwrap().ends_with("/docs/doctor/SB0501.md"),
        "{page}"
    );
    let output = case.doctor(&["--no-routes", "--format", "github"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("/docs/doctor/SB0501.md\n"));
}
