//! Whether a role may do something with a resource: what its own policies, and the resource's, say together.

use super::policy::{Decision, Principal, ResourcePolicy, Role};
use super::{Deployment, Statement};
use crate::doctor::place::Place;
use crate::doctor::text::Certainty;

/// The answer to whether a role may perform an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// A policy allows it, or may allow it.
    Granted,
    /// No policy allows it, if `certain`: otherwise the policy of the resource, which is not known, may.
    Missing { certain: bool },
    /// The policy of the key lets neither the role use it, nor the account decide.
    Withheld,
    /// A statement denies it, at this place of the template.
    Denied(Option<Place>),
}

impl Deployment {
    /// Whether the role may perform `action` on `resource`, which may have wildcards for a part of its name.
    pub(crate) fn access(&self, role: &Role, action: &str, resource: &str) -> Access {
        let own = role.decision(action, resource);
        if let Some(statement) = own.denied {
            return Access::Denied(statement.at);
        }
        let is_key = service(resource) == "kms";
        let missing = |certain: bool| match own.allowed {
            Certainty::No => Access::Missing { certain },
            _ => Access::Granted,
        };
        match self.policy(resource).map(|policy| &policy.statements) {
            // A key of elsewhere always has a policy; other resources seldom have one that names a role.
            None => missing(!is_key),
            Some(None) => missing(false),
            Some(Some(statements)) => {
                let theirs = |caller| Decision::of(statements, caller, action, resource_in(resource));
                let direct = theirs(Principal::Role(&role.arn));
                match (direct.denied, direct.allowed) {
                    (Some(statement), _) => Access::Denied(statement.at),
                    (None, Certainty::Yes | Certainty::Open) => Access::Granted,
                    // The policies of roles count for a key only as far as the key's own policy lets them.
                    (None, Certainty::No)
                        if is_key && theirs(Principal::Account).allowed == Certainty::No =>
                    {
                        Access::Withheld
                    }
                    (None, Certainty::No) => missing(true),
                }
            }
        }
    }

    /// What the policy of this resource says of a service. `None` if the policy is not known.
    pub(crate) fn admits(&self, service: &str, action: &str, resource: &str) -> Option<Certainty> {
        let statements = self.policy(resource)?.statements.as_ref()?;
        let decision = Decision::of(statements, Principal::Service(service), action, resource);
        Some(match decision.denied {
            Some(_) => Certainty::No,
            None => decision.allowed,
        })
    }

    /// The statements of the resource's policy, if all of them are known.
    pub(crate) fn statements(&self, resource: &str) -> Option<&[Statement]> {
        self.policy(resource)?.statements.as_deref()
    }

    fn policy(&self, resource: &str) -> Option<&ResourcePolicy> {
        self.policies.get(owner(resource))
    }
}

fn service(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// A key's policy is for itself, which it calls `*`.
fn resource_in(resource: &str) -> &str {
    match service(resource) {
        "kms" => "*",
        _ => resource,
    }
}

/// The resource that has the policy: the bucket of an object, the function of a version or an alias.
fn owner(arn: &str) -> &str {
    let (separator, nth) = match service(arn) {
        "s3" => ('/', 0),
        "lambda" => (':', 6),
        _ => return arn,
    };
    let end = arn.match_indices(separator).nth(nth);
    end.map_or(arn, |(end, _)| &arn[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::deployment::{DeploymentKind, Patterns};

    const ROLE: &str = "arn:aws:iam::123456789012:role/r";
    const INVOKE: &str = "lambda:InvokeFunction";

    fn statement(allows: bool, principal: &str, action: &str, resource: &str) -> Statement {
        let of = |text: &str| Patterns::of(vec![text.to_owned()]);
        Statement {
            allows,
            principals: of(principal),
            actions: of(action),
            resources: of(resource),
            ..Statement::default()
        }
    }

    /// Whether a role with `own` statements may do it, where the resource `arn` has `theirs`.
    fn access(own: Vec<Statement>, arn: &str, theirs: Option<Vec<Statement>>, asked: (&str, &str)) -> Access {
        let mut deployment = Deployment::new(Vec::new(), Vec::new(), Vec::new(), DeploymentKind::default());
        deployment.set_policies(vec![ResourcePolicy {
            arn: arn.to_owned(),
            statements: theirs,
        }]);
        let role = Role {
            arn: ROLE.to_owned(),
            statements: own,
            complete: true,
            ..Role::default()
        };
        deployment.access(&role, asked.0, asked.1)
    }

    #[test]
    fn either_policy_is_enough_and_each_may_deny() {
        let queue = "arn:aws:sqs:eu-west-1:123456789012:q";
        let send = ("sqs:SendMessage", queue);
        let ours = || vec![statement(true, "", "sqs:*", queue)];
        let theirs = |allows: bool| vec![statement(allows, ROLE, "sqs:SendMessage", queue)];
        assert_eq!(access(ours(), queue, Some(Vec::new()), send), Access::Granted);
        assert_eq!(
            access(Vec::new(), queue, Some(theirs(true)), send),
            Access::Granted
        );
        let missing = |certain| Access::Missing { certain };
        assert_eq!(access(Vec::new(), queue, Some(Vec::new()), send), missing(true));
        assert_eq!(access(Vec::new(), queue, None, send), missing(false));
        assert_eq!(access(Vec::new(), "other", None, send), missing(true));
        assert_eq!(
            access(ours(), queue, Some(theirs(false)), send),
            Access::Denied(None)
        );
    }

    #[test]
    fn a_policy_is_that_of_the_bucket_or_the_function() {
        let bucket = "arn:aws:s3:::b";
        let put = ("s3:PutObject", "arn:aws:s3:::b/*");
        let objects = vec![statement(true, "*", "s3:PutObject", "arn:aws:s3:::b/*")];
        assert_eq!(access(Vec::new(), bucket, Some(objects), put), Access::Granted);
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:f";
        let live = format!("{function}:live");
        let invoke = statement(true, ROLE, INVOKE, &live);
        let granted = access(Vec::new(), function, Some(vec![invoke.clone()]), (INVOKE, &live));
        assert_eq!(granted, Access::Granted);
        let other = access(Vec::new(), function, Some(vec![invoke]), (INVOKE, function));
        assert_eq!(other, Access::Missing { certain: true });
    }

    #[test]
    fn a_key_counts_what_its_own_policy_lets_count() {
        let key = "arn:aws:kms:eu-west-1:123456789012:key/k";
        let decrypt = ("kms:Decrypt", key);
        let ours = || vec![statement(true, "", "kms:Decrypt", key)];
        let root = |action: &str| vec![statement(true, "arn:aws:iam::123456789012:root", action, "*")];
        assert_eq!(access(ours(), key, Some(root("kms:*")), decrypt), Access::Granted);
        assert_eq!(
            access(ours(), key, Some(root("kms:Put*")), decrypt),
            Access::Withheld
        );
        let missing = Access::Missing { certain: true };
        assert_eq!(access(Vec::new(), key, Some(root("kms:*")), decrypt), missing);
        let named = vec![statement(true, ROLE, "kms:*", "*")];
        assert_eq!(access(Vec::new(), key, Some(named), decrypt), Access::Granted);
        let elsewhere = access(Vec::new(), "other", None, decrypt);
        assert_eq!(elsewhere, Access::Missing { certain: false });
    }
}
