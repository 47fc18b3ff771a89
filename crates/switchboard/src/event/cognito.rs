//! Triggers of Amazon Cognito user pools: the answer is the event, with its `response` filled.
//!
//! Amazon Cognito Developer Guide, “Customizing user pool workflows with Lambda triggers”.

use super::answered::Contract;
use super::{Object, answered};
use crate::source::Source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::marker::PhantomData;

/// The event of a trigger: [`Router::cognito`](crate::Router::cognito) passes a handler the events of the trigger whose type it asks
/// for.
///
/// Implemented for the events of `aws_lambda_events::cognito`, with the feature `cognito`. For another trigger, or with fields of your
/// own, it takes a few lines:
///
/// ```
/// use switchboard::event::CognitoTrigger;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct SignUp {
///     user_name: String,
/// }
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Confirm {
///     auto_confirm_user: bool,
///     auto_verify_email: bool,
///     auto_verify_phone: bool,
/// }
///
/// impl CognitoTrigger for SignUp {
///     const TRIGGER: &'static str = "PreSignUp";
///     type Response = Confirm;
/// }
/// ```
pub trait CognitoTrigger: DeserializeOwned + Send + 'static {
    /// The trigger: what stands before `_` in `triggerSource`.
    const TRIGGER: &'static str;

    /// The versions of the event that it is for; all, if there is none.
    const VERSIONS: &'static [&'static str] = &[];

    /// What a handler gives back: the whole `response` of the event. With `()` it is left as it came, for triggers that ask for nothing.
    type Response: Serialize + Send + 'static;
}

/// The contract of a trigger.
pub(crate) struct CognitoEcho<T>(PhantomData<fn() -> T>);

impl<T: CognitoTrigger> Contract for CognitoEcho<T> {
    const SOURCES: &'static [Source] = &[Source::Cognito];
    type Reply = T::Response;

    fn answer(reply: T::Response, event: &[u8]) -> Result<Box<RawValue>, String> {
        let response = answered::written(&reply)?;
        let mut event = Object::parse(event).ok_or("the event is not an object, which would be sent back")?;
        match response.get() {
            "null" => {}
            filled if filled.starts_with('{') => {
                event.put("response", response);
            }
            _ => return Err("the response of a trigger is an object".to_owned()),
        }
        answered::written(&event)
    }
}

#[cfg(feature = "cognito")]
mod events {
    use super::CognitoTrigger;
    use aws_lambda_events::cognito::*;

    macro_rules! triggers {
        ($($event:ty: $trigger:literal $($versions:expr)? => $response:ty;)*) => {$(
            impl CognitoTrigger for $event {
                const TRIGGER: &'static str = $trigger;
                $(const VERSIONS: &'static [&'static str] = $versions;)?
                type Response = $response;
            }
        )*};
    }

    triggers! {
        CognitoEventUserPoolsPreSignup: "PreSignUp" => CognitoEventUserPoolsPreSignupResponse;
        CognitoEventUserPoolsPreAuthentication: "PreAuthentication" => ();
        CognitoEventUserPoolsPostConfirmation: "PostConfirmation" => ();
        CognitoEventUserPoolsPostAuthentication: "PostAuthentication" => ();
        CognitoEventUserPoolsPreTokenGen: "TokenGeneration" &["1"] => CognitoEventUserPoolsPreTokenGenResponse;
        CognitoEventUserPoolsPreTokenGenV2: "TokenGeneration" &["2", "3"] => CognitoEventUserPoolsPreTokenGenResponseV2;
        CognitoEventUserPoolsMigrateUser: "UserMigration" => CognitoEventUserPoolsMigrateUserResponse;
        CognitoEventUserPoolsDefineAuthChallenge: "DefineAuthChallenge" => CognitoEventUserPoolsDefineAuthChallengeResponse;
        CognitoEventUserPoolsCreateAuthChallenge: "CreateAuthChallenge" => CognitoEventUserPoolsCreateAuthChallengeResponse;
        CognitoEventUserPoolsVerifyAuthChallenge: "VerifyAuthChallengeResponse" => CognitoEventUserPoolsVerifyAuthChallengeResponse;
        CognitoEventUserPoolsCustomMessage: "CustomMessage" => CognitoEventUserPoolsCustomMessageResponse;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[derive(serde::Deserialize)]
    struct Any<R>(
        #[expect(dead_code, reason = "it is not read")] Value,
        #[serde(skip)] PhantomData<R>,
    );

    impl<R: Serialize + Send + 'static> CognitoTrigger for Any<R> {
        const TRIGGER: &'static str = "PreSignUp";
        type Response = R;
    }

    fn echo<R: Serialize + Send + 'static>(event: &Value, response: R) -> Result<Value, String> {
        let answer = CognitoEcho::<Any<R>>::answer(response, event.to_string().as_bytes())?;
        Ok(serde_json::from_str(answer.get()).unwrap())
    }

    #[test]
    fn the_event_comes_back_with_its_response() {
        let event = json!({"version": "1", "region": "eu-west-1", "response": {"a": null}, "request": {}});
        let mut filled = event.clone();
        filled["response"] = json!({"a": true});
        assert_eq!(echo(&event, json!({"a": true})).unwrap(), filled);
        assert_eq!(echo(&event, ()).unwrap(), event);
        let none = json!({"version": "1"});
        assert_eq!(echo(&none, json!({})).unwrap()["response"], json!({}));
    }

    #[test]
    fn what_is_no_response_is_refused() {
        assert!(echo(&json!({}), json!("yes")).is_err());
        assert!(echo(&json!([]), ()).is_err());
    }
}
