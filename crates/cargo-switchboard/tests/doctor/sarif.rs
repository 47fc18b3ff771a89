//! The report for code scanners.

use serde_json::Value;

use super::run::Case;

const TEMPLATE: &str = include_str!("sound.cfn.yaml");

#[test]
fn sarif_has_rules_results_and_places() {
    let case = Case::new(&TEMPLATE.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4"));
    let output = case.doctor(&["--no-routes", "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "SB0104");
    assert_eq!(
        rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"],
        "SB0104"
    );
    assert_eq!(result["level"], "error");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "template.yaml");
    let line = TEMPLATE.lines().position(|line| line == "  Jobs:").unwrap() + 1;
    assert_eq!(place["region"]["startLine"], line);
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert!(
        notes[0]["message"]["text"].as_str().unwrap().contains("SB0101"),
        "{notes}"
    );
}
