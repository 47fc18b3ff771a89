//! Which requests a rule matches, and where it comes.

use super::*;
use aws_sdk_elasticloadbalancingv2::types::{ForwardActionConfig, TargetGroupTuple};

const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc/f2f7";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/orders/6d0e";

fn rule(paths: &[&str], hosts: &[&str]) -> ListenerRule {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    ListenerRule {
        listener: LISTENER.to_owned(),
        paths: owned(paths),
        hosts: owned(hosts),
        priority: None,
    }
}

#[test]
fn a_rule_without_paths_and_hosts_matches_every_path() {
    let of = |rule: &ListenerRule, field| values(&rule.conditions(), field);
    assert_eq!(of(&rule(&[], &[]), "path-pattern"), ["/*"]);
    let host = rule(&[], &["shop.example.com"]);
    assert_eq!(of(&host, "host-header"), ["shop.example.com"]);
    assert!(of(&host, "path-pattern").is_empty());
    assert_eq!(of(&rule(&["/b", "/a"], &[]), "path-pattern"), ["/a", "/b"]);
    assert_eq!(rule(&[], &[]).shown_listener(), "f2f7 of load balancer shop");
}

#[test]
fn values_are_found_where_older_rules_have_them() {
    let older = RuleCondition::builder()
        .field("path-pattern")
        .values("/orders")
        .build();
    assert_eq!(values(&[older], "path-pattern"), ["/orders"]);
}

#[test]
fn a_new_rule_comes_after_the_others() {
    let with = |priority: &str| Described::builder().priority(priority).build();
    assert_eq!(next_priority(&[with("default")]), 1);
    assert_eq!(next_priority(&[with("3"), with("10"), with("default")]), 11);
    assert_eq!(next_priority(&[with("50000")]), 50_000);
}

#[test]
fn a_rule_that_shares_its_requests_forwards_too() {
    let group = || TargetGroupTuple::builder().target_group_arn(GROUP).build();
    let forward = ForwardActionConfig::builder().target_groups(group()).build();
    let weighted = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .forward_config(forward)
        .build();
    let direct = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(GROUP)
        .build();
    for action in [weighted, direct] {
        let rule = Described::builder().actions(action).build();
        assert!(forwards_to(&rule, Some(GROUP)) && !forwards_to(&rule, Some("another")));
        assert!(!forwards_to(&rule, None));
    }
}
