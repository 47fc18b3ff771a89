//! Events with which a source invokes the function directly.

use super::super::node::Node;
use super::event::SamEvent;
use super::expansion::Expansion;
use super::pull;
use super::role::RoleMaker;

/// Expands the event; `false` if SAM has none of this type.
pub(super) fn expand(event: &SamEvent<'_>, role: &mut RoleMaker, made: &mut Expansion) -> bool {
    match event.kind {
        "S3" => bucket(event, made),
        "SNS" => topic(event, role, made),
        "EventBridgeRule" | "CloudWatchEvent" | "Schedule" => rule(event, made),
        "ScheduleV2" => schedule(event, made),
        "CloudWatchLogs" => logs(event, made),
        "Cognito" => pool(event, made),
        "IoTRule" => device(event, made),
        "AlexaSkill" => {
            let token = event
                .get("SkillId")
                .cloned()
                .map(|token| ("EventSourceToken", token));
            permit(event, "alexa-appkit.amazon.com", token, made);
        }
        _ => return false,
    }
    true
}

fn permit(
    event: &SamEvent<'_>,
    principal: &str,
    conditions: impl IntoIterator<Item = (&'static str, Node)>,
    made: &mut Expansion,
) {
    let id = format!("{}Permission", event.id);
    made.permission(&id, event.target, (principal, event.at), conditions);
}

/// A user pool, whose configuration gets the function for each trigger.
fn pool(event: &SamEvent<'_>, made: &mut Expansion) {
    let pool = event.need("UserPool");
    let arn = match pool.get("Ref").and_then(Node::as_text) {
        Some(id) => Node::attribute(event.at, id, "Arn"),
        None => pool,
    };
    permit(event, "cognito-idp.amazonaws.com", [("SourceArn", arn)], made);
}

fn device(event: &SamEvent<'_>, made: &mut Expansion) {
    let at = event.at;
    let text = "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}";
    let own = Node::map(at, [("RuleName", Node::reference(at, &event.id))]);
    let arn = Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, text), own]))]);
    let account = Node::reference(at, "AWS::AccountId");
    permit(
        event,
        "iot.amazonaws.com",
        [("SourceArn", arn), ("SourceAccount", account)],
        made,
    );
    let action = Node::map(
        at,
        [("Lambda", Node::map(at, [("FunctionArn", event.function_arn())]))],
    );
    let payload = Node::map(at, [("Actions", Node::list(at, [action]))]);
    made.push(
        &*event.id,
        "AWS::IoT::TopicRule",
        at,
        Node::map(at, [("TopicRulePayload", payload)]),
    );
}

fn bucket(event: &SamEvent<'_>, made: &mut Expansion) {
    let bucket = event.need("Bucket");
    let id = bucket.get("Ref").and_then(Node::as_text).unwrap_or_default();
    for name in event.need("Events").items() {
        let mut configuration = Node::map(
            event.at,
            [("Event", name.clone()), ("Function", event.function_arn())],
        );
        if let Some(filter) = event.get("Filter") {
            configuration.set("Filter", filter.clone());
        }
        made.notification(id, configuration);
    }
    let account = Node::reference(event.at, "AWS::AccountId");
    permit(event, "s3.amazonaws.com", [("SourceAccount", account)], made);
}

fn topic(event: &SamEvent<'_>, role: &mut RoleMaker, made: &mut Expansion) {
    let at = event.at;
    let topic = event.need("Topic");
    let through = event
        .get("SqsSubscription")
        .filter(|node| node.as_text() != Some("false"));
    let (protocol, endpoint) = match through {
        None => ("lambda", event.function_arn()),
        Some(queue) => {
            let arn = queue.get("QueueArn").cloned().unwrap_or_else(|| {
                let id = format!("{}Queue", event.id);
                made.push(&*id, "AWS::SQS::Queue", at, Node::map(at, []));
                Node::attribute(at, &id, "Arn")
            });
            pull::queue(event, arn.clone(), queue.get("BatchSize"), role, made);
            ("sqs", arn)
        }
    };
    if through.is_none() {
        permit(event, "sns.amazonaws.com", [("SourceArn", topic.clone())], made);
    }
    let properties = [
        ("Protocol", Node::text(at, protocol)),
        ("Endpoint", endpoint),
        ("TopicArn", topic),
    ];
    made.push(
        format!("{}Subscription", event.id),
        "AWS::SNS::Subscription",
        at,
        Node::map(at, properties),
    );
}

/// A rule: by pattern or, in SAM's `Schedule`, by time.
fn rule(event: &SamEvent<'_>, made: &mut Expansion) {
    let at = event.at;
    let mut target = Node::map(
        at,
        [("Arn", event.function_arn()), ("Id", Node::text(at, &*event.id))],
    );
    for key in ["Input", "InputPath", "InputTransformer", "RetryPolicy"] {
        if let Some(node) = event.get(key) {
            target.set(key, node.clone());
        }
    }
    dead_letters(event, &mut target, made);
    let mut properties = Node::map(at, [("Targets", Node::list(at, [target]))]);
    let renamed = match event.kind {
        "Schedule" => [
            ("Name", "Name"),
            ("Schedule", "ScheduleExpression"),
            ("State", "State"),
        ],
        _ => [
            ("RuleName", "Name"),
            ("Pattern", "EventPattern"),
            ("State", "State"),
        ],
    };
    for (from, to) in renamed.into_iter().chain([("EventBusName", "EventBusName")]) {
        if let Some(node) = event.get(from) {
            properties.set(to, node.clone());
        }
    }
    made.push(&*event.id, "AWS::Events::Rule", at, properties);
    permit(
        event,
        "events.amazonaws.com",
        [("SourceArn", Node::attribute(at, &event.id, "Arn"))],
        made,
    );
}

/// The dead-letter queue of a target. SAM creates it with its policy if only the type is given.
fn dead_letters(event: &SamEvent<'_>, target: &mut Node, made: &mut Expansion) {
    let Some(config) = event.get("DeadLetterConfig") else {
        return;
    };
    let at = config.at;
    let arn = config.get("Arn").cloned().unwrap_or_else(|| {
        let named = config.get("QueueLogicalId").and_then(Node::as_text);
        let id = named.map_or_else(|| format!("{}Queue", event.id), str::to_owned);
        let arn = Node::attribute(at, &id, "Arn");
        made.push(&*id, "AWS::SQS::Queue", at, Node::map(at, []));
        let statement = [
            ("Effect", Node::text(at, "Allow")),
            (
                "Principal",
                Node::map(at, [("Service", Node::text(at, "events.amazonaws.com"))]),
            ),
            ("Action", Node::text(at, "sqs:SendMessage")),
            ("Resource", arn.clone()),
        ];
        let document = Node::map(at, [("Statement", Node::map(at, statement))]);
        let properties = [
            ("Queues", Node::list(at, [Node::reference(at, &id)])),
            ("PolicyDocument", document),
        ];
        made.push(
            format!("{id}Policy"),
            "AWS::SQS::QueuePolicy",
            at,
            Node::map(at, properties),
        );
        arn
    });
    target.set("DeadLetterConfig", Node::map(at, [("Arn", arn)]));
}

fn schedule(event: &SamEvent<'_>, made: &mut Expansion) {
    let at = event.at;
    let mut target = Node::map(at, [("Arn", event.function_arn())]);
    for key in ["Input", "RetryPolicy"] {
        if let Some(node) = event.get(key) {
            target.set(key, node.clone());
        }
    }
    dead_letters(event, &mut target, made);
    let properties = [
        ("ScheduleExpression", event.need("ScheduleExpression")),
        ("Target", target),
    ];
    made.push(
        &*event.id,
        "AWS::Scheduler::Schedule",
        at,
        Node::map(at, properties),
    );
}

fn logs(event: &SamEvent<'_>, made: &mut Expansion) {
    let at = event.at;
    let group = event.need("LogGroupName");
    let text = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}:*";
    let own = Node::map(at, [("Group", group.clone())]);
    let arn = Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, text), own]))]);
    permit(event, "logs.amazonaws.com", [("SourceArn", arn)], made);
    let properties = [("DestinationArn", event.function_arn()), ("LogGroupName", group)];
    made.push(
        &*event.id,
        "AWS::Logs::SubscriptionFilter",
        at,
        Node::map(at, properties),
    );
}
