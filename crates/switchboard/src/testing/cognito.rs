//! Triggers of Amazon Cognito user pools. Amazon Cognito Developer Guide, “Customizing user pool workflows with Lambda
//! triggers”.

use super::event::{Compose, event};
use super::origin::{Number, REGION};
use serde::Serialize;
use serde_json::{Value, json};

/// A trigger of a user pool.
///
/// # Example
///
/// ```
/// use switchboard::testing::Cognito;
///
/// let event = Cognito::trigger("PreSignUp_SignUp").user("jane").attribute("email", "jane@example.com");
/// assert!(event.to_json().contains("autoConfirmUser"));
/// ```
#[derive(Clone, Debug)]
pub struct Cognito {
    event: Value,
}

impl Cognito {
    /// A trigger by its source, such as `PostConfirmation_ConfirmSignUp`.
    #[must_use]
    pub fn trigger(source: &str) -> Self {
        let number = Number::next();
        let (mut request, response) = contract(source);
        request["userAttributes"] = json!({
            "sub": number.uuid(),
            "cognito:user_status": "CONFIRMED",
            "email_verified": "true",
            "email": "jane@example.com",
        });
        Self {
            event: json!({
                "version": "1",
                "triggerSource": source,
                "region": REGION,
                "userPoolId": format!("{REGION}_Ex4mpLe07"),
                "userName": number.uuid(),
                "callerContext": {
                    "awsSdkVersion": "aws-sdk-unknown-unknown",
                    "clientId": "3n4b5urk1ft4fl3mg5e62dexample",
                },
                "request": request,
                "response": response,
            }),
        }
    }

    /// The user's name.
    #[must_use]
    pub fn user(self, name: &str) -> Self {
        self.set("/userName", name)
    }

    /// Sets an attribute of the user.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.event["request"]["userAttributes"][name] = value.into();
        self
    }

    /// What the client sent as `clientMetadata`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn metadata<T: Serialize + ?Sized>(self, metadata: &T) -> Self {
        self.set("/request/clientMetadata", metadata)
    }

    /// The user pool's id.
    #[must_use]
    pub fn user_pool(self, id: &str) -> Self {
        self.set("/userPoolId", id)
    }
}

/// What the trigger's request has besides attributes, and the response to fill in.
fn contract(source: &str) -> (Value, Value) {
    let trigger = source.split('_').next().unwrap_or_default();
    match trigger {
        "PreSignUp" => (
            json!({"validationData": null}),
            json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        ),
        "PreAuthentication" => (json!({"validationData": null, "userNotFound": false}), json!({})),
        "PostAuthentication" => (json!({"newDeviceUsed": false}), json!({})),
        "CustomMessage" => (
            json!({"codeParameter": "{####}", "usernameParameter": "{username}", "linkParameter": "{##Click Here##}"}),
            json!({"smsMessage": null, "emailMessage": null, "emailSubject": null}),
        ),
        "TokenGeneration" => (
            json!({"groupConfiguration": {
                "groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null,
            }}),
            json!({"claimsOverrideDetails": null}),
        ),
        "UserMigration" => (
            json!({"password": "a password", "validationData": null}),
            json!({
                "userAttributes": null, "finalUserStatus": null, "messageAction": null,
                "desiredDeliveryMediums": null, "forceAliasCreation": null,
            }),
        ),
        "DefineAuthChallenge" => (
            json!({"session": [], "userNotFound": false}),
            json!({"challengeName": null, "issueTokens": null, "failAuthentication": null}),
        ),
        "CreateAuthChallenge" => (
            json!({"challengeName": "CUSTOM_CHALLENGE", "session": [], "userNotFound": false}),
            json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null}),
        ),
        "VerifyAuthChallengeResponse" => (
            json!({"privateChallengeParameters": {}, "challengeAnswer": "123456", "userNotFound": false}),
            json!({"answerCorrect": null}),
        ),
        _ => (json!({}), json!({})),
    }
}

impl Compose for Cognito {
    fn compose(&self) -> Value {
        self.event.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.event)
    }
}

event!(Cognito);
