//! Sources that wait for an answer with a contract of its own: what the handler gives back, and how it fails, becomes what the source
//! accepts.

use aws_lambda_events::cognito::{
    CognitoEventUserPoolsDefineAuthChallenge, CognitoEventUserPoolsDefineAuthChallengeResponse,
    CognitoEventUserPoolsPostConfirmation, CognitoEventUserPoolsPreSignup,
    CognitoEventUserPoolsPreSignupResponse,
};
use lambda_runtime::{LambdaEvent, Service};
use lambda_sandbox::{Function, InvokeEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use switchboard::event::{
    AgentReply, AppSyncAuthorization, Authorization, AuthorizerRequest, IotAuthorization, LexReply, Resolve,
    Resource, ResourceRequest, ResourceRequestType, RotationStep, S3BatchTask, SecretRotation,
    SimpleAuthorization,
};
use switchboard::testing::{
    AppSync, Authorizer, Cognito, CustomResource, DirectPayload, S3Batch, Sqs, context,
};
use switchboard::when::{intent, resolver, user_pool};
use switchboard::{Context, Failure, Handler, Payload, Router};
use switchboard_test_support::example;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

async fn authorize(request: AuthorizerRequest, _cx: Context<()>) -> Result<Authorization, Failure> {
    match request.bearer() {
        Some("jane") => Ok(Authorization::allow("jane").context("tenant", "north")),
        Some("broken") => Err(Failure::msg("the key server is down")),
        _ => Err(Failure::unauthorized()),
    }
}

async fn answer(router: &Router<()>, event: impl Into<Payload>) -> Result<Value, (String, String)> {
    let delivered = router.deliver(event).await;
    match delivered.error() {
        None => Ok(delivered.reply().clone()),
        Some(error) => Err((error.error_type().to_owned(), error.to_string())),
    }
}

fn failed(error_type: &str, message: &str) -> Result<Value, (String, String)> {
    Err((error_type.to_owned(), message.to_owned()))
}

#[tokio::test]
async fn every_kind_of_api_is_answered_with_a_policy_for_what_was_called() {
    let router = Router::new(()).authorizer(authorize);
    for event in [
        Authorizer::token("Bearer jane"),
        Authorizer::request().header("Authorization", "Bearer jane"),
        Authorizer::websocket().header("Authorization", "Bearer jane"),
        Authorizer::http().set("/identitySource", ["Bearer jane"]),
    ] {
        let asked: Value = serde_json::from_str(&event.to_json()).unwrap();
        let arn = asked.get("methodArn").or(asked.get("routeArn")).unwrap();
        let answer = answer(&router, event).await.unwrap();
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(
            (&statement["Effect"], &statement["Resource"][0]),
            (&json!("Allow"), arn),
            "{asked}"
        );
        assert_eq!(answer["principalId"], "jane");
        assert_eq!(answer["context"], json!({"tenant": "north"}));
    }
}

#[tokio::test]
async fn a_caller_who_is_not_known_is_the_error_that_is_401_or_else_denied() {
    let router = Router::new(()).authorizer(authorize);
    for event in [
        Authorizer::token("?"),
        Authorizer::request(),
        Authorizer::websocket(),
    ] {
        let event = event.header("Authorization", "none");
        assert_eq!(
            answer(&router, event).await,
            failed("Unauthorized", "Unauthorized")
        );
    }
    let denied = answer(&router, Authorizer::http()).await.unwrap();
    assert_eq!(denied["policyDocument"]["Statement"][0]["Effect"], "Deny");

    let broken = Authorizer::token("Bearer broken");
    assert_eq!(
        answer(&router, broken).await,
        failed("HandlerFailed", "the key server is down")
    );
}

async fn simple(request: AuthorizerRequest, _cx: Context<()>) -> Result<SimpleAuthorization, Failure> {
    match request.token() {
        Some("jane") => Ok(SimpleAuthorization::allow().context("roles", json!(["buyer"]))),
        _ => Err(Failure::unauthorized()),
    }
}

#[tokio::test]
async fn a_simple_answer_is_for_format_2_only() {
    let router = Router::new(()).simple_authorizer(simple);
    let asked = |token: &str| Authorizer::http().set("/identitySource", [token]);
    assert_eq!(
        answer(&router, asked("jane")).await.unwrap(),
        json!({"isAuthorized": true, "context": {"roles": ["buyer"]}})
    );
    assert_eq!(
        answer(&router, asked("joe")).await.unwrap(),
        json!({"isAuthorized": false})
    );

    let old = json!({
        "version": "1.0", "type": "REQUEST", "identitySource": "jane",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1/v1/GET/orders",
    });
    let (error_type, message) = answer(&router, Payload::new(old.to_string())).await.unwrap_err();
    assert_eq!(error_type, "InvalidReply");
    assert!(message.contains("AuthorizerPayloadFormatVersion"), "{message}");
}

async fn on_sign_up(
    event: CognitoEventUserPoolsPreSignup,
    _cx: Context<()>,
) -> Result<CognitoEventUserPoolsPreSignupResponse, Failure> {
    if event.request.user_attributes["email"].ends_with("@spam.example") {
        return Err(Failure::msg("use another address"));
    }
    let mut response = event.response;
    response.auto_confirm_user = true;
    Ok(response)
}

async fn on_confirmation(_: CognitoEventUserPoolsPostConfirmation, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

async fn on_challenge(
    event: CognitoEventUserPoolsDefineAuthChallenge,
    _cx: Context<()>,
) -> Result<CognitoEventUserPoolsDefineAuthChallengeResponse, Failure> {
    let mut response = event.response;
    response.issue_tokens = true;
    Ok(response)
}

#[tokio::test]
async fn a_trigger_goes_to_the_handler_of_its_type_and_comes_back_with_its_response() {
    let router = Router::new(())
        .cognito(on_sign_up.when(user_pool("eu-central-1_Ex4mpLe07")))
        .cognito(on_confirmation)
        .cognito(on_challenge);
    for (source, response) in [
        (
            "PreSignUp_SignUp",
            json!({"autoConfirmUser": true, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        ),
        ("PostConfirmation_ConfirmSignUp", json!({})),
        (
            "DefineAuthChallenge_Authentication",
            json!({"challengeName": null, "issueTokens": true, "failAuthentication": false}),
        ),
    ] {
        let event = Cognito::trigger(source);
        let mut expected: Value = serde_json::from_str(&event.to_json()).unwrap();
        expected["response"] = response;
        assert_eq!(answer(&router, event).await.unwrap(), expected);
    }

    let other_pool = Cognito::trigger("PreSignUp_SignUp").user_pool("eu-central-1_Other");
    assert_eq!(answer(&router, other_pool).await.unwrap_err().0, "UnroutedEvent");
}

#[tokio::test]
async fn what_a_user_is_told_is_the_failures_message_alone() {
    let router = Router::new(()).cognito(on_sign_up);
    let event = Cognito::trigger("PreSignUp_SignUp").attribute("email", "joe@spam.example");
    assert_eq!(
        answer(&router, event).await,
        failed("HandlerFailed", "use another address")
    );
}

#[derive(Deserialize)]
struct ById {
    id: u32,
}

async fn order(field: Resolve<ById>, _cx: Context<()>) -> Result<Value, Failure> {
    match field.arguments.id {
        0 => Err(Failure::named("NoSuchOrder").because("there is no order 0")),
        13 => panic!("13"),
        id => Ok(json!({"id": id})),
    }
}

async fn parcels(field: Resolve<Value, ById>, _cx: Context<()>) -> Result<Vec<u32>, Failure> {
    Ok(vec![field.source.map_or(0, |order| order.id)])
}

fn fields() -> Router<()> {
    Router::new(())
        .appsync(order.when(resolver("Query", "order")).concurrency(2))
        .appsync(parcels.when(resolver("Order", "parcels")))
}

#[tokio::test]
async fn a_field_is_resolved_and_its_failure_is_the_callers() {
    let field = |id: u32| AppSync::field("Query", "order").arguments(&json!({"id": id}));
    assert_eq!(answer(&fields(), field(7)).await.unwrap(), json!({"id": 7}));
    assert_eq!(
        answer(&fields(), field(0)).await,
        failed("NoSuchOrder", "there is no order 0")
    );
    let parcels = AppSync::field("Order", "parcels").source(&json!({"id": 8}));
    assert_eq!(answer(&fields(), parcels).await.unwrap(), json!([8]));
}

#[tokio::test]
async fn a_batch_is_answered_field_by_field_in_its_order() {
    let field = |id: Value| AppSync::field("Query", "order").arguments(&json!({"id": id}));
    let batch = AppSync::batch([json!(7), json!(0), json!("x"), json!(13), json!(8)].map(field));
    let answer = answer(&fields(), batch).await.unwrap();
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 5);
    assert_eq!((&answers[0], &answers[4]), (&json!({"id": 7}), &json!({"id": 8})));
    assert_eq!(
        answers[1],
        json!({"data": null, "errorMessage": "there is no order 0", "errorType": "NoSuchOrder"})
    );
    assert!(
        answers[2]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("arguments.id"),
        "{answer}"
    );
    assert_eq!(answers[3]["errorMessage"], "the handler panicked: 13");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphqlRequest {
    authorization_token: String,
}

async fn authorize_graphql(
    request: GraphqlRequest,
    _cx: Context<()>,
) -> Result<AppSyncAuthorization, Failure> {
    match &*request.authorization_token {
        "jane" => Ok(AppSyncAuthorization::allow().cached_for(60)),
        _ => Err(Failure::unauthorized()),
    }
}

#[tokio::test]
async fn appsync_is_told_who_may_and_who_may_not() {
    let router = Router::new(()).appsync_authorizer(authorize_graphql);
    let event = |token: &str| {
        let event =
            json!({"authorizationToken": token, "requestContext": {"apiId": "a1", "queryString": "{ id }"}});
        Payload::new(event.to_string())
    };
    assert_eq!(
        answer(&router, event("jane")).await.unwrap(),
        json!({"isAuthorized": true, "ttlOverride": 60})
    );
    assert_eq!(
        answer(&router, event("joe")).await.unwrap(),
        json!({"isAuthorized": false})
    );
}

async fn on_task(task: S3BatchTask, _cx: Context<()>) -> Result<String, Failure> {
    match &*task.key {
        "a b" => Ok("done".to_owned()),
        "no" => Err(Failure::reject("not a picture")),
        _ => panic!("told to panic"),
    }
}

#[tokio::test]
async fn a_task_of_a_job_has_a_result_whatever_becomes_of_it() {
    let router = Router::new(()).s3_batch(on_task);
    for (key, code, text) in [
        ("a b", "Succeeded", "done"),
        ("no", "PermanentFailure", "not a picture"),
        ("panic", "TemporaryFailure", "the handler panicked: told to panic"),
    ] {
        let event = S3Batch::task("photos", key);
        let asked: Value = serde_json::from_str(&event.to_json()).unwrap();
        let answer = answer(&router, event).await.unwrap();
        let result = json!({"taskId": asked["tasks"][0]["taskId"], "resultCode": code, "resultString": text});
        assert_eq!(answer["results"], json!([result]));
        assert_eq!(answer["invocationId"], asked["invocationId"]);
        assert_eq!(
            answer["invocationSchemaVersion"],
            asked["invocationSchemaVersion"]
        );
    }
}

async fn rotate(rotation: SecretRotation, _cx: Context<()>) -> Result<(), Failure> {
    match rotation.step {
        RotationStep::CreateSecret => Ok(()),
        RotationStep::SetSecret | RotationStep::TestSecret | RotationStep::FinishSecret => {
            Err(Failure::msg("the database is down"))
        }
    }
}

#[tokio::test]
async fn a_step_of_a_rotation_is_done_or_fails() {
    let router = Router::new(()).secret_rotation(rotate);
    let step = |step: &str| {
        let event = json!({"Step": step, "SecretId": "arn:aws:secretsmanager:s", "ClientRequestToken": "t"});
        Payload::new(event.to_string())
    };
    assert_eq!(answer(&router, step("createSecret")).await, Ok(Value::Null));
    assert_eq!(
        answer(&router, step("finishSecret")).await,
        failed("HandlerFailed", "the database is down")
    );
}

async fn act(action: Value, _cx: Context<()>) -> Result<AgentReply, Failure> {
    Ok(AgentReply::text(action["inputText"].as_str().unwrap_or_default()))
}

#[tokio::test]
async fn an_agent_is_answered_in_the_form_that_it_asked_in() {
    let router = Router::new(()).bedrock_agent(act);
    let event = json!({
        "messageVersion": "1.0", "agent": {"name": "shop", "id": "1", "alias": "a", "version": "1"},
        "inputText": "where is it?", "sessionId": "s", "actionGroup": "orders", "function": "state",
        "parameters": [], "sessionAttributes": {"a": "b"}, "promptSessionAttributes": {},
    });
    let answer = answer(&router, Payload::new(event.to_string())).await.unwrap();
    let body = &answer["response"]["functionResponse"]["responseBody"]["TEXT"]["body"];
    assert_eq!(
        (body, &answer["sessionAttributes"]),
        (&json!("where is it?"), &json!({"a": "b"}))
    );
}

async fn turn(_: Value, _cx: Context<()>) -> Result<LexReply, Failure> {
    Ok(LexReply::elicit_slot("Order").message("Which order?"))
}

async fn device(request: Value, _cx: Context<()>) -> Result<IotAuthorization, Failure> {
    match request["token"] == "t" {
        true => Ok(IotAuthorization::authenticated("sensor7")),
        false => Err(Failure::unauthorized()),
    }
}

#[tokio::test]
async fn a_conversation_goes_on_and_a_device_is_let_in() {
    let router = Router::new(())
        .lex(turn.when(intent("OrderState")))
        .iot_authorizer(device);
    let event = json!({
        "messageVersion": "1.0", "invocationSource": "DialogCodeHook", "inputTranscript": "?", "bot": {"name": "shop"},
        "sessionState": {"intent": {"name": "OrderState", "state": "InProgress", "slots": {}}},
    });
    let said = answer(&router, Payload::new(event.to_string())).await.unwrap();
    assert_eq!(
        said["sessionState"]["dialogAction"],
        json!({"type": "ElicitSlot", "slotToElicit": "Order"})
    );

    let event = |token: &str| {
        let event = json!({"token": token, "signatureVerified": true, "protocols": ["mqtt"], "protocolData": {"mqtt": {}}});
        Payload::new(event.to_string())
    };
    assert_eq!(
        answer(&router, event("t")).await.unwrap()["isAuthenticated"],
        true
    );
    assert_eq!(
        answer(&router, event("u")).await.unwrap()["isAuthenticated"],
        false
    );
}

#[tokio::test]
async fn an_event_of_another_source_does_not_come_here() {
    let router = Router::new(()).authorizer(authorize).cognito(on_confirmation);
    assert_eq!(
        answer(&router, Sqs::text("x")).await.unwrap_err().0,
        "UnroutedEvent"
    );
    assert_eq!(
        answer(&router, DirectPayload::of(&json!({})))
            .await
            .unwrap_err()
            .0,
        "UnroutedEvent"
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Database {
    name: String,
}

async fn database(request: ResourceRequest<Database>, _cx: Context<()>) -> Result<Resource, Failure> {
    let name = request.resource_properties.name;
    match (&*name, request.request_type) {
        ("full", _) => Err(Failure::msg("there is no room")),
        ("panics", _) => panic!("told to panic"),
        ("slow", _) => std::future::pending().await,
        (_, ResourceRequestType::Create) => {
            Ok(Resource::named(&name).data("Endpoint", format!("{name}.example.com")))
        }
        (_, ResourceRequestType::Update | ResourceRequestType::Delete) => Ok(Resource::unchanged()),
    }
}

const DATABASE: &str = "Custom::Database";

#[tokio::test]
async fn cloudformation_is_told_what_came_of_a_request_whatever_it_is() {
    let router = Router::new(()).custom_resource(database);
    let create = |name: &str| CustomResource::create(DATABASE, &json!({"Name": name}));
    let told = async |event: CustomResource| {
        let invocation = context().deadline(Duration::from_millis(600));
        invocation.deliver(&router, event).await.reply().clone()
    };
    let created = told(create("shop")).await;
    assert_eq!(
        (&created["Status"], &created["PhysicalResourceId"]),
        (&json!("SUCCESS"), &json!("shop"))
    );
    assert_eq!(created["Data"], json!({"Endpoint": "shop.example.com"}));

    let unreadable = CustomResource::create(DATABASE, &json!({"Nam": "x"}));
    for (event, reason) in [
        (create("full"), "there is no room"),
        (create("panics"), "the handler panicked: told to panic"),
        (create("slow"), "the function's time is nearly over"),
        (
            unreadable,
            "unreadable at `ResourceProperties`: missing field `Name`",
        ),
    ] {
        let failed = told(event).await;
        assert_eq!(failed["Status"], "FAILED");
        assert!(failed["Reason"].as_str().unwrap().contains(reason), "{failed}");
        // CloudFormation rolls back: there is nothing to delete, so the handler is not asked.
        let id = failed["PhysicalResourceId"].as_str().unwrap();
        let undone = told(CustomResource::delete(DATABASE, &json!({"Name": "full"})).physical_id(id)).await;
        assert_eq!(
            (&undone["Status"], &undone["PhysicalResourceId"]),
            (&json!("SUCCESS"), &json!(id))
        );
    }

    let names = |name: &str| json!({"Name": name});
    for event in [
        CustomResource::update(DATABASE, &names("shop"), &names("shop2")),
        CustomResource::delete(DATABASE, &names("shop")),
        CustomResource::update(DATABASE, &names("shop"), &names("full")),
    ] {
        assert_eq!(
            told(event.physical_id("db-7")).await["PhysicalResourceId"],
            "db-7"
        );
    }
}

/// Takes requests, answers them with these statuses, and returns what they were.
async fn listen(statuses: &'static [&'static str]) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!(
        "http://{}/answer?signature=secret",
        listener.local_addr().unwrap()
    );
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        for status in statuses {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !String::from_utf8_lossy(&request).ends_with('}') {
                assert_ne!(socket.read_buf(&mut request).await.unwrap(), 0);
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.unwrap();
            seen.push(String::from_utf8(request).unwrap());
        }
        seen
    });
    (address, seen)
}

async fn invoke(event: CustomResource) -> Result<Value, switchboard::Error> {
    let mut context = lambda_runtime::Context::default();
    let ends = SystemTime::now() + Duration::from_secs(60);
    context.deadline =
        u64::try_from(ends.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let mut router = Router::new(()).custom_resource(database);
    let reply = router
        .call(LambdaEvent::new(Payload::new(event.to_json()), context))
        .await?;
    Ok(serde_json::to_value(&reply).unwrap())
}

#[tokio::test]
async fn the_answer_is_put_to_the_address_in_the_event() {
    let (address, seen) = listen(&["503 Service Unavailable", "200 OK"]).await;
    let event = CustomResource::create(DATABASE, &json!({"Name": "full"})).response_url(&address);
    let answer = invoke(event).await.unwrap();
    for request in seen.await.unwrap() {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("PUT /answer?signature=secret HTTP/1.1"),
            "{head}"
        );
        // The address is signed for a request without one.
        assert!(!head.to_lowercase().contains("content-type"), "{head}");
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), answer);
    }
    assert_eq!(answer["Status"], "FAILED");
}

#[tokio::test]
async fn an_answer_that_is_not_accepted_fails_the_invocation_without_its_address() {
    let (address, seen) = listen(&["403 Forbidden"]).await;
    let event = CustomResource::create(DATABASE, &json!({"Name": "shop"})).response_url(&address);
    let error = invoke(event).await.unwrap_err().to_string();
    assert!(error.contains("403") && !error.contains("secret"), "{error}");
    assert_eq!(seen.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_process_answers_its_callers() {
    let function = Function::builder(example("callers")).start().await.unwrap();
    let invoke = async |event: String| {
        let result = function.invoke(InvokeEvent::from(event)).await.unwrap().result;
        result.map(|answer| serde_json::from_slice::<Value>(&answer).unwrap())
    };
    let sign_up = |email: &str| Cognito::trigger("PreSignUp_SignUp").attribute("email", email);
    let answer = invoke(sign_up("jo@shop.example").to_json()).await.unwrap();
    assert_eq!(answer["response"]["autoConfirmUser"], true);

    let refused = sign_up("?").without("/request/userAttributes/email");
    let error = invoke(refused.to_json()).await.unwrap_err();
    assert_eq!(
        (&*error.error_type, &*error.message),
        ("HandlerFailed", "an address is needed")
    );

    let parcels = AppSync::field("Order", "parcels").source(&json!({"id": "none"}));
    let error = invoke(parcels.clone().to_json()).await.unwrap_err();
    assert_eq!(
        (&*error.error_type, &*error.message),
        ("NoSuchOrder", "NoSuchOrder")
    );
    let answer = invoke(AppSync::batch([parcels]).to_json()).await.unwrap();
    assert_eq!(
        answer,
        json!([{"data": null, "errorMessage": "NoSuchOrder", "errorType": "NoSuchOrder"}])
    );
}
