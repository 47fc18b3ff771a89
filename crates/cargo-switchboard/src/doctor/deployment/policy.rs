//! IAM policies: who may do what to which resource.

use crate::doctor::place::Place;
use crate::doctor::text::{Certainty, covers, is_known, same};

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
    /// The principals in a resource-based policy; `*` for everyone.
    pub(crate) principals: Vec<String>,
    /// Actions, with wildcards.
    pub(crate) actions: Vec<String>,
    /// Resources, with wildcards.
    pub(crate) resources: Vec<String>,
    /// Whether it is inverted (`NotAction`, `NotResource`) or has unknown parts.
    pub(crate) vague: bool,
    /// Whether a condition restricts it.
    pub(crate) conditional: bool,
}

impl Statement {
    /// Whether the statement covers `action` on `resource`.
    pub(crate) fn concerns(&self, action: &str, resource: &str) -> Certainty {
        if self.vague {
            return Certainty::Open;
        }
        // Actions are case-insensitive.
        let action = action.to_ascii_lowercase();
        let actions = self.actions.iter();
        let action = any(actions.map(|pattern| covers(&pattern.to_ascii_lowercase(), &action)));
        let resource = any(self.resources.iter().map(|pattern| covers(pattern, resource)));
        match (action, resource) {
            (Certainty::Yes, Certainty::Yes) => Certainty::Yes,
            (Certainty::No, _) | (_, Certainty::No) => Certainty::No,
            _ => Certainty::Open,
        }
    }

    /// Whether it allows `service` to perform `action` on `resource`.
    pub(crate) fn admits(&self, service: &str, action: &str, resource: &str) -> Certainty {
        if !self.allows {
            return Certainty::No;
        }
        let named = |principal: &String| principal == service || principal == "*" || !is_known(principal);
        match self.vague || self.principals.iter().any(named) {
            true => self.concerns(action, resource),
            false => Certainty::No,
        }
    }
}

impl Statement {
    /// Whether the statement of a key's policy allows this role the action directly: a statement for the account leaves it to
    /// the role's own policies.
    pub(crate) fn names(&self, role: &str, action: &str) -> Certainty {
        let is_role = |principal: &String| match principal.as_str() {
            "*" => Certainty::Yes,
            account if account.ends_with(":root") => Certainty::No,
            principal => same(principal, role),
        };
        match any(self.principals.iter().map(is_role)) {
            _ if !self.allows => Certainty::No,
            _ if self.vague => Certainty::Open,
            Certainty::No => Certainty::No,
            _ => self.concerns(action, "*"),
        }
    }
}

impl Role {
    /// Whether the role may perform `action` on `resource`. Open if another policy or a condition decides.
    pub(crate) fn grants(&self, action: &str, resource: &str) -> Certainty {
        let allowing = self.statements.iter().filter(|statement| statement.allows);
        let by_statement = any(allowing.map(|statement| statement.concerns(action, resource)));
        let by_managed = any(self.managed.iter().map(|(name, _)| managed(name, action)));
        match any([by_statement, by_managed]) {
            Certainty::No if !self.complete => Certainty::Open,
            answer => answer,
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

    fn role(action: &str, resource: &str, complete: bool) -> Role {
        let statement = Statement {
            allows: true,
            actions: vec![action.to_owned()],
            resources: vec![resource.to_owned()],
            ..Statement::default()
        };
        let statements = vec![statement];
        Role {
            statements,
            complete,
            ..Role::default()
        }
    }

    #[test]
    fn a_right_is_granted_by_action_and_resource() {
        let queue = "arn:aws:sqs:eu-west-1:123456789012:failures";
        assert_eq!(
            role("sqs:send*", queue, true).grants("sqs:SendMessage", queue),
            Certainty::Yes
        );
        assert_eq!(
            role("sqs:*", "arn:aws:sqs:*:*:other", true).grants("sqs:SendMessage", queue),
            Certainty::No
        );
        assert_eq!(
            role("sns:*", "*", true).grants("sqs:SendMessage", queue),
            Certainty::No
        );
        assert_eq!(
            role("sns:*", "*", false).grants("sqs:SendMessage", queue),
            Certainty::Open
        );
    }

    #[test]
    fn what_managed_policies_allow_is_known_or_open() {
        let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
        let with = |name: &str| Role {
            managed: vec![(name.to_owned(), None)],
            complete: true,
            ..Role::default()
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
