//! Functions that CDK and the Serverless Framework add for their own use: their users cannot change them.

/// How the paths of CDK's own constructs look, and the ids that they get.
const CDK: &[&str] = &[
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "AWS679f53fac002430cb0da5b7982bd2287",
    "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",
    "AWSCDKTriggerCustomResourceProviderCustomResourceProvider",
    "AWSCDKCfnUtilsProviderCustomResourceProvider",
];

/// The functions of the Serverless Framework's custom resources.
const SERVERLESS: &str = "CustomDashresource";

/// The functions that a `Provider` of CDK puts before its user's, with the ends of their ids.
const FRAMEWORK: [(&str, &str); 3] = [
    ("framework-onEvent", "frameworkonEvent"),
    ("framework-isComplete", "frameworkisComplete"),
    ("framework-onTimeout", "frameworkonTimeout"),
];
/// The length of the hash that CDK ends an id with.
const HASH: usize = 8;

/// Whether a tool added the function `id` for itself. CDK writes the construct's path into its metadata.
pub(super) fn is_tools(id: &str, construct: Option<&str>) -> bool {
    let parts = || construct.unwrap_or_default().split('/');
    // Custom resources that CDK's core makes have a construct named after their type.
    let provider = |part: &str| part.starts_with("Custom::") && part.ends_with("CustomResourceProvider");
    let framework = |part: &str| FRAMEWORK.iter().any(|(name, _)| part == *name);
    let own = |part: &str| CDK.iter().any(|name| part.starts_with(name));
    let by_id = CDK
        .iter()
        .any(|name| id.to_ascii_lowercase().starts_with(&name.to_ascii_lowercase()));
    // The paths may have been switched off.
    let unhashed = id.len().checked_sub(HASH).and_then(|end| id.get(..end));
    let by_framework = unhashed.is_some_and(|id| FRAMEWORK.iter().any(|(_, end)| id.ends_with(end)));
    let by_provider = id.starts_with("Custom") && id.contains("CustomResourceProviderHandler");
    by_id
        || by_framework
        || by_provider
        || (id.starts_with(SERVERLESS) && id.ends_with("LambdaFunction"))
        || parts().any(|part| provider(part) || framework(part) || own(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_tools_are_known_by_id_or_path() {
        assert!(is_tools(
            "BucketNotificationsHandler050a0587b7544547bf325f094a3db8347ECC3691",
            None
        ));
        assert!(is_tools(
            "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A",
            None
        ));
        assert!(is_tools(
            "CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F",
            None
        ));
        assert!(is_tools(
            "CustomDashresourceDashexistingDashs3LambdaFunction",
            None
        ));
        assert!(is_tools(
            "ProviderframeworkonEvent83C1D0A7",
            Some("App/Provider/framework-onEvent/Resource")
        ));
        assert!(is_tools("ProviderframeworkisComplete26D7B0CB", None));
        assert!(!is_tools("frameworkonEventHandler", None) && !is_tools("On", None));
        assert!(!is_tools("CustomerOrders", Some("App/CustomerOrders/Resource")));
        assert!(!is_tools("OrdersLambdaFunction", None));
    }
}
