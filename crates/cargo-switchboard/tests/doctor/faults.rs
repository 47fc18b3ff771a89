//! A template without a fault, in SAM and in CloudFormation, and every fault by itself.

use serde::Deserialize;

use super::run::Case;

const SAM: &str = include_str!("sound.sam.yaml");
const CLOUDFORMATION: &str = include_str!("sound.cfn.yaml");
const SMALL_SAM: &str = include_str!("small.sam.yaml");
const SMALL_CLOUDFORMATION: &str = include_str!("small.cfn.yaml");
const ROUTES: &str = include_str!("routes.json");

/// Texts and what stands in their place when the fault is there.
type Changes = Vec<(String, String)>;

#[derive(Deserialize)]
struct Fault {
    code: String,
    what: String,
    /// Which template it changes: `small` has a function and its log group only, and no code.
    base: Option<String>,
    /// `None` where the template cannot have the fault.
    sam: Option<Changes>,
    cfn: Option<Changes>,
    #[serde(default)]
    routes: Changes,
}

fn changed(text: &str, changes: &Changes) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}

fn codes(template: &str, routes: &str) -> Vec<String> {
    let case = Case::new(template);
    case.file("routes.json", routes);
    case.codes(&["--routes", "routes.json"])
}

#[test]
fn nothing_is_found_in_sound_templates() {
    for template in [SAM, CLOUDFORMATION] {
        assert!(
            codes(template, ROUTES).is_empty(),
            "{:?}",
            codes(template, ROUTES)
        );
    }
    for template in [SMALL_SAM, SMALL_CLOUDFORMATION] {
        let found = Case::new(template).codes(&["--no-routes"]);
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    let faults: Vec<Fault> = serde_json::from_str(include_str!("faults.json")).unwrap();
    for fault in &faults {
        let routes = changed(ROUTES, &fault.routes);
        let small = fault.base.is_some();
        let (sam, cfn) = match small {
            true => (SMALL_SAM, SMALL_CLOUDFORMATION),
            false => (SAM, CLOUDFORMATION),
        };
        for (kind, template, changes) in [("SAM", sam, &fault.sam), ("CloudFormation", cfn, &fault.cfn)] {
            let Some(changes) = changes else { continue };
            let template = changed(template, changes);
            let found = match small {
                true => Case::new(&template).codes(&["--no-routes"]),
                false => codes(&template, &routes),
            };
            assert_eq!(found, [&*fault.code], "{kind}: {}", fault.what);
        }
    }
}

#[test]
fn every_rule_has_its_fault() {
    let faults: Vec<Fault> = serde_json::from_str(include_str!("faults.json")).unwrap();
    let documentation = include_str!("../../../../docs/doctor.md");
    let rows = documentation.lines().filter_map(|line| line.strip_prefix("| [`"));
    let codes: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    let faults: Vec<&str> = faults.iter().map(|fault| &*fault.code).collect();
    assert_eq!(codes, faults);
}
