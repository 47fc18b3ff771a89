//! Sources that wait for an answer: a user pool of Cognito and a field of AppSync. What a handler gives back becomes what its caller
//! accepts, and a failure becomes what its caller shows.
//!
//! To try it:
//!
//! ```text
//! cargo switchboard run -- --example callers
//! cargo switchboard event cognito | cargo switchboard invoke -
//! ```

use aws_lambda_events::cognito::{CognitoEventUserPoolsPreSignup, CognitoEventUserPoolsPreSignupResponse};
use serde::Deserialize;
use serde_json::Value;
use switchboard::event::Resolve;
use switchboard::when::resolver;
use switchboard::{Context, Error, Failure, Handler as _, Router};

/// Colleagues need no confirmation. What a failure says is shown to the person who signs up.
async fn on_sign_up(
    event: CognitoEventUserPoolsPreSignup,
    _cx: Context<()>,
) -> Result<CognitoEventUserPoolsPreSignupResponse, Failure> {
    let attributes = event.request.user_attributes;
    let email = attributes.get("email").ok_or("an address is needed")?;
    let mut response = event.response;
    response.auto_confirm_user = email.ends_with("@shop.example");
    Ok(response)
}

#[derive(Deserialize)]
struct Order {
    id: String,
}

/// The parcels of an order, whose fields AppSync may ask for in batches.
async fn parcels(field: Resolve<Value, Order>, _cx: Context<()>) -> Result<Vec<String>, Failure> {
    let order = field.source.ok_or("the field belongs to an order")?;
    match order.id.strip_prefix("order-") {
        Some(number) => Ok(vec![format!("{number}-1")]),
        None => Err(Failure::named("NoSuchOrder")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    switchboard::init(async { switchboard::telemetry::init() }).await?;
    let router = Router::new(())
        .cognito(on_sign_up)
        .appsync(parcels.when(resolver("Order", "parcels")));
    switchboard::run(router).await
}
