//! IAM policies: what their statements allow and deny.

use crate::doctor::place::Place;
use crate::doctor::text::{Certainty, covers, same};

/// The execution role of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Role {
    pub(crate) label: String,
    pub(crate) arn: String,
    pub(crate) at: Option<Place>,
    pub(crate) statements: Vec<Statement>,
    /// AWS managed policies, by the end of their ARN.
    pub(crate) managed: Vec<(String, Option<Place>)>,
    /// Whether all of its permissions are known. A template knows all policies of its roles unless one is defined elsewhere.
    pub(crate) complete: bool,
}

/// A statement that allows or denies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    pub(crate) at: Option<Place>,
    pub(crate) allows: bool,
    /// Whom it is for, in the policy of a resource; `*` is everyone.
    pub(crate) principals: Patterns,
    pub(crate) actions: Patterns,
    pub(crate) resources: Patterns,
    /// Whether a condition restricts it.
    pub(crate) conditional: bool,
}

/// The actions, resources or principals of a statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// With wildcards.
    pub(crate) texts: Vec<String>,
    /// Whether it means everything but these: `NotAction`, `NotResource`.
    pub(crate) inverted: bool,
    /// Whether it has unknown parts.
    pub(crate) open: bool,
}

/// The policy of a queue, a topic, a key or another resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourcePolicy {
    /// The ARN of the resource.
    pub(crate) arn: String,
    /// Its statements; `None` if it is unknown whether there are others.
    pub(crate) statements: Option<Vec<Statement>>,
}

/// Who performs an action, as the policies of resources name them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Principal<'a> {
    /// A service, such as `events.amazonaws.com`.
    Service(&'a str),
    /// A role, by its ARN.
    Role(&'a str),
    /// Whoever the account lets do it: the policy leaves the decision to those of the account's roles.
    Account,
}

/// What the statements of one policy say of an action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision<'p> {
    pub(crate) allowed: Certainty,
    /// The statement that denies it, if that is certain. It decides, whatever else allows the action.
    pub(crate) denied: Option<&'p Statement>,
}

impl Patterns {
    pub(crate) fn of(texts: Vec<String>) -> Self {
        Self {
            texts,
            ..Self::default()
        }
    }

    /// Whether it means what `text` stands for, or, if that has wildcards, some of it.
    fn mean_some(&self, text: &str) -> Certainty {
        match self.inverted {
            false => self.any(|pattern| covers_arn(pattern, text)),
            true => not(self.any(|pattern| covers_arn(pattern, &literal(text)))),
        }
    }

    /// Whether it means all of what `text` stands for.
    fn mean_all(&self, text: &str) -> Certainty {
        match self.inverted {
            false => self.any(|pattern| covers_arn(pattern, &literal(text))),
            true => not(self.any(|pattern| covers_arn(pattern, text))),
        }
    }

    fn any(&self, covers: impl Fn(&str) -> Certainty) -> Certainty {
        match any(self.texts.iter().map(|pattern| covers(pattern))) {
            Certainty::No if self.open => Certainty::Open,
            answer => answer,
        }
    }

    /// Whether these actions, in any spelling, include `action`.
    fn include(&self, action: &str) -> Certainty {
        let action = action.to_ascii_lowercase();
        let included = self.any(|pattern| covers(&pattern.to_ascii_lowercase(), &action));
        if self.inverted { not(included) } else { included }
    }

    fn admit(&self, caller: Principal<'_>) -> Certainty {
        let admitted = self.any(|principal| match caller {
            _ if principal == "*" => Certainty::Yes,
            Principal::Account if is_account(principal) => Certainty::Yes,
            Principal::Account if principal.contains([':', '.']) => Certainty::No,
            Principal::Account => Certainty::Open,
            // A statement for the account leaves the decision to the policies of its roles.
            Principal::Role(_) if is_account(principal) => Certainty::No,
            Principal::Role(name) | Principal::Service(name) => same(principal, name),
        });
        if self.inverted { not(admitted) } else { admitted }
    }
}

/// Whether a principal is a whole account: its id, or the ARN of its root user.
fn is_account(principal: &str) -> bool {
    principal.ends_with(":root") || principal.bytes().all(|byte| byte.is_ascii_digit())
}

/// The same text, in which wildcards are characters of their own, which only another wildcard matches.
fn literal(text: &str) -> String {
    text.replace(['*', '?'], "\u{1}")
}

/// Whether the pattern matches the ARN. A deployment is in one partition, which either may spell out or not.
fn covers_arn(pattern: &str, arn: &str) -> Certainty {
    let bare = |text: &str| {
        let (start, rest) = text.split_once(':')?;
        let (_, rest) = rest.split_once(':')?;
        (start == "arn").then(|| rest.to_owned())
    };
    match (bare(pattern), bare(arn)) {
        (Some(pattern), Some(arn)) => covers(&pattern, &arn),
        _ => covers(pattern, arn),
    }
}

impl Statement {
    /// Whether it allows `action` on `resource`, or on some of what a resource with wildcards stands for.
    fn allows(&self, action: &str, resource: &str) -> Certainty {
        match self.allows {
            true => self.restricted(both(
                self.actions.include(action),
                self.resources.mean_some(resource),
            )),
            false => Certainty::No,
        }
    }

    /// Whether it denies `action` on the whole of `resource`.
    fn denies(&self, action: &str, resource: &str) -> Certainty {
        match self.allows {
            true => Certainty::No,
            false => self.restricted(both(
                self.actions.include(action),
                self.resources.mean_all(resource),
            )),
        }
    }

    /// What is certain of a statement with conditions stays open.
    fn restricted(&self, answer: Certainty) -> Certainty {
        match answer {
            Certainty::Yes if self.conditional => Certainty::Open,
            answer => answer,
        }
    }

    /// Whether all that it says is known, and it says what it means instead of what it does not mean.
    pub(crate) fn is_plain(&self) -> bool {
        let plain = |patterns: &Patterns| !patterns.inverted && !patterns.open;
        plain(&self.actions) && plain(&self.resources)
    }
}

impl<'p> Decision<'p> {
    /// What the policy of a resource says of an action of `caller`.
    pub(crate) fn of(
        statements: &'p [Statement],
        caller: Principal<'_>,
        action: &str,
        resource: &str,
    ) -> Self {
        let allowed = statements.iter().map(|statement| {
            both(
                statement.allows(action, resource),
                statement.principals.admit(caller),
            )
        });
        let denied = |statement: &&Statement| {
            statement.denies(action, resource) == Certainty::Yes
                && statement.principals.admit(caller) == Certainty::Yes
        };
        Self {
            allowed: any(allowed),
            denied: statements.iter().find(denied),
        }
    }
}

impl Role {
    /// What the role's own policies say of `action` on `resource`.
    pub(crate) fn decision(&self, action: &str, resource: &str) -> Decision<'_> {
        let by_statement = any(self
            .statements
            .iter()
            .map(|statement| statement.allows(action, resource)));
        let by_managed = any(self.managed.iter().map(|(name, _)| managed(name, action)));
        let mut statements = self.statements.iter();
        Decision {
            allowed: match any([by_statement, by_managed]) {
                Certainty::No if !self.complete => Certainty::Open,
                answer => answer,
            },
            denied: statements.find(|statement| statement.denies(action, resource) == Certainty::Yes),
        }
    }

    /// Whether policies whose content is known allow `action` on `resource`, or may do so.
    pub(crate) fn is_known_to_grant(&self, action: &str, resource: &str) -> bool {
        let mut names = self.managed.iter().map(|(name, _)| name);
        let by_managed = names.any(|name| managed(name, action) == Certainty::Yes);
        let mut statements = self.statements.iter();
        let by_statement = statements.any(|statement| statement.allows(action, resource) != Certainty::No);
        (by_managed || by_statement) && self.decision(action, resource).denied.is_none()
    }

    /// Whether its own policies let it perform `action` on `resource`. Open if another policy or a condition decides.
    pub(crate) fn grants(&self, action: &str, resource: &str) -> Certainty {
        let decision = self.decision(action, resource);
        match decision.denied {
            Some(_) => Certainty::No,
            None => decision.allowed,
        }
    }
}

/// Yes if any is yes, no if all are no.
pub(crate) fn any(answers: impl IntoIterator<Item = Certainty>) -> Certainty {
    let mut all = Certainty::No;
    for answer in answers {
        match answer {
            Certainty::Yes => return Certainty::Yes,
            Certainty::Open => all = Certainty::Open,
            Certainty::No => {}
        }
    }
    all
}

/// Yes if both are yes, no if one is no.
fn both(one: Certainty, other: Certainty) -> Certainty {
    match (one, other) {
        (Certainty::Yes, Certainty::Yes) => Certainty::Yes,
        (Certainty::No, _) | (_, Certainty::No) => Certainty::No,
        _ => Certainty::Open,
    }
}

fn not(answer: Certainty) -> Certainty {
    match answer {
        Certainty::Yes => Certainty::No,
        Certainty::No => Certainty::Yes,
        Certainty::Open => Certainty::Open,
    }
}

const LOGS: &[&str] = &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const KINESIS: &[&str] = &[
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
    "kinesis:SubscribeToShard",
];
const DYNAMODB: &[&str] = &[
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];
const SQS: &[&str] = &[
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];
/// What a durable function does with its own executions.
pub(crate) const DURABLE: &[&str] = &[
    "lambda:CheckpointDurableExecution",
    "lambda:GetDurableExecutionState",
];
const XRAY: &[&str] = &["xray:PutTraceSegments", "xray:PutTelemetryRecords"];

/// Whether AWS's managed policy `name` allows `action`, after "AWS managed policies for Lambda execution roles". What the
/// policies not listed here allow stays open.
fn managed(name: &str, action: &str) -> Certainty {
    let actions = match name.rsplit('/').next().unwrap_or(name) {
        "AWSLambdaBasicExecutionRole" => &[LOGS][..],
        "AWSLambdaBasicDurableExecutionRolePolicy" => &[LOGS, DURABLE],
        "AWSLambdaKinesisExecutionRole" => &[LOGS, KINESIS],
        "AWSLambdaDynamoDBExecutionRole" => &[LOGS, DYNAMODB],
        "AWSLambdaSQSQueueExecutionRole" => &[LOGS, SQS],
        "AWSXRayDaemonWriteAccess" | "AWSXrayWriteOnlyAccess" => &[XRAY],
        // These allow a function to run in a VPC, but nothing that an event source requires.
        "AWSLambdaVPCAccessExecutionRole" | "AWSLambdaENIManagementAccess" => &[LOGS],
        "CloudWatchLambdaInsightsExecutionRolePolicy" => &[LOGS],
        _ => return Certainty::Open,
    };
    match actions.iter().any(|actions| actions.contains(&action)) {
        true => Certainty::Yes,
        false => Certainty::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:failures";

    fn statement(allows: bool, action: &str, resource: &str) -> Statement {
        Statement {
            allows,
            actions: Patterns::of(vec![action.to_owned()]),
            resources: Patterns::of(vec![resource.to_owned()]),
            ..Statement::default()
        }
    }

    fn role(statements: Vec<Statement>) -> Role {
        Role {
            statements,
            complete: true,
            ..Role::default()
        }
    }

    fn inverted(mut statement: Statement, action: bool, resource: bool) -> Statement {
        statement.actions.inverted = action;
        statement.resources.inverted = resource;
        statement
    }

    #[test]
    fn a_right_is_granted_by_action_and_resource() {
        let sends = |action: &str, resource: &str| {
            role(vec![statement(true, action, resource)]).grants("sqs:SendMessage", QUEUE)
        };
        assert_eq!(sends("sqs:send*", QUEUE), Certainty::Yes);
        assert_eq!(sends("sqs:*", "arn:aws-cn:sqs:*:*:*"), Certainty::Yes);
        assert_eq!(sends("sqs:*", "arn:aws:sqs:*:*:other"), Certainty::No);
        assert_eq!(sends("sns:*", "*"), Certainty::No);
        let incomplete = Role {
            complete: false,
            ..role(Vec::new())
        };
        assert_eq!(incomplete.grants("sqs:SendMessage", QUEUE), Certainty::Open);
    }

    #[test]
    fn what_is_meant_by_everything_else_is_known() {
        let sends = |statement: Statement| role(vec![statement]).grants("sqs:SendMessage", QUEUE);
        let all_but = |action: &str| inverted(statement(true, action, "*"), true, false);
        assert_eq!(sends(all_but("sqs:*")), Certainty::No);
        assert_eq!(sends(all_but("iam:*")), Certainty::Yes);
        let elsewhere =
            |action: &str, resource: &str| inverted(statement(true, action, resource), false, true);
        assert_eq!(sends(elsewhere("sqs:*", QUEUE)), Certainty::No);
        assert_eq!(
            sends(elsewhere("sqs:*", "arn:aws:sqs:*:*:secret")),
            Certainty::Yes
        );
        assert_eq!(
            sends(elsewhere("sns:Publish", "arn:aws:sns:*:*:secret")),
            Certainty::No
        );
        let objects = elsewhere("s3:PutObject", "arn:aws:s3:::b/private/*");
        let writes = |resource: &str| role(vec![objects.clone()]).grants("s3:PutObject", resource);
        assert_eq!(writes("arn:aws:s3:::b/*"), Certainty::Yes);
        assert_eq!(writes("arn:aws:s3:::b/private/*"), Certainty::No);
        let mut unknown = statement(true, "sns:Publish", "");
        unknown.resources.open = true;
        assert_eq!(sends(unknown.clone()), Certainty::No);
        unknown.actions = Patterns::of(vec!["sqs:*".to_owned()]);
        assert_eq!(sends(unknown), Certainty::Open);
    }

    #[test]
    fn what_is_denied_is_not_granted() {
        let all = statement(true, "*", "*");
        let sends = |denial: Statement| role(vec![all.clone(), denial]).grants("sqs:SendMessage", QUEUE);
        assert_eq!(sends(statement(false, "sqs:SendMessage", QUEUE)), Certainty::No);
        assert_eq!(sends(statement(false, "sqs:*", "*")), Certainty::No);
        assert_eq!(
            sends(statement(false, "sqs:ReceiveMessage", QUEUE)),
            Certainty::Yes
        );
        let but = |action: &str| inverted(statement(false, action, "*"), true, false);
        assert_eq!(sends(but("sqs:*")), Certainty::Yes);
        assert_eq!(sends(but("sns:*")), Certainty::No);
        let conditional = Statement {
            conditional: true,
            ..statement(false, "*", "*")
        };
        assert_eq!(sends(conditional), Certainty::Yes);
        let part = statement(false, "s3:*", "arn:aws:s3:::b/private/*");
        let writes = role(vec![all, part]);
        assert_eq!(writes.grants("s3:PutObject", "arn:aws:s3:::b/*"), Certainty::Yes);
    }

    #[test]
    fn the_policy_of_a_resource_names_its_callers() {
        let of = |principals: &[&str], caller: Principal<'_>| {
            let principals = principals.iter().map(|&text| text.to_owned()).collect();
            let statement = Statement {
                principals: Patterns::of(principals),
                ..statement(true, "sqs:SendMessage", QUEUE)
            };
            Decision::of(&[statement], caller, "sqs:SendMessage", QUEUE).allowed
        };
        let (role, root) = (
            "arn:aws:iam::123456789012:role/r",
            "arn:aws:iam::123456789012:root",
        );
        let (us, events) = (Principal::Role(role), Principal::Service("events.amazonaws.com"));
        assert_eq!(of(&[role], us), Certainty::Yes);
        assert_eq!(of(&["*"], us), Certainty::Yes);
        assert_eq!(of(&[root, "123456789012"], us), Certainty::No);
        assert_eq!(of(&[root], Principal::Account), Certainty::Yes);
        assert_eq!(of(&["123456789012"], Principal::Account), Certainty::Yes);
        assert_eq!(of(&[role], Principal::Account), Certainty::No);
        assert_eq!(of(&["events.amazonaws.com"], events), Certainty::Yes);
        assert_eq!(of(&["sns.amazonaws.com", role], events), Certainty::No);
    }

    #[test]
    fn what_managed_policies_allow_is_known_or_open() {
        let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
        let with = |name: &str| Role {
            managed: vec![(name.to_owned(), None)],
            ..role(Vec::new())
        };
        let kinesis = with("service-role/AWSLambdaKinesisExecutionRole");
        assert_eq!(kinesis.grants("kinesis:GetRecords", stream), Certainty::Yes);
        let basic = with("service-role/AWSLambdaBasicExecutionRole");
        assert_eq!(basic.grants("kinesis:GetRecords", stream), Certainty::No);
        assert_eq!(
            with("AdministratorAccess").grants("kinesis:GetRecords", stream),
            Certainty::Open
        );
    }
}
