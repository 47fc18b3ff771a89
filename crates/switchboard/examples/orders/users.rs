//! Customers sign up at a user pool: the type of a handler's argument says which trigger it is for.

use crate::app::App;
use aws_lambda_events::cognito::{
    CognitoEventUserPoolsPostConfirmation, CognitoEventUserPoolsPreSignup,
    CognitoEventUserPoolsPreSignupResponse,
};
use switchboard::{Context, Failure};

/// Colleagues need no confirmation. What a failure says is shown to the customer.
pub(crate) async fn on_sign_up(
    event: CognitoEventUserPoolsPreSignup,
    _cx: Context<App>,
) -> Result<CognitoEventUserPoolsPreSignupResponse, Failure> {
    let email = event
        .request
        .user_attributes
        .get("email")
        .ok_or("an address is needed")?;
    let mut response = event.response;
    response.auto_confirm_user = email.ends_with("@shop.example");
    response.auto_verify_email = response.auto_confirm_user;
    Ok(response)
}

pub(crate) async fn on_confirmation(
    event: CognitoEventUserPoolsPostConfirmation,
    cx: Context<App>,
) -> Result<(), Failure> {
    let name = event
        .cognito_event_user_pools_header
        .user_name
        .unwrap_or_default();
    cx.state().note(format!("welcome, {name}"));
    Ok(())
}
