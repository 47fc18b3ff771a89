//! Tests of the state machine: a function is what these tests say it does.

mod executions;
mod operations;
mod properties;

use std::sync::Arc;

use serde_json::{Value, json};

use super::checkpoint::Checkpoint;
use super::execution::Beginning;
use super::machine::Machine;
use super::operation::ErrorObject;
use super::refusal::DurableRefusal;
use super::time::Time;

/// A machine with its clock, and the running invocation of one execution.
struct World {
    machine: Machine,
    now: Time,
    arn: Arc<str>,
    token: String,
    envelope: Value,
    calls: u32,
}

fn beginning(input: &str) -> Beginning {
    Beginning {
        function: "f".into(),
        function_arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".to_owned(),
        input: input.into(),
        timeout: None,
        tenant: None,
        trace_id: None,
    }
}

impl World {
    /// An execution in its first invocation.
    fn new() -> Self {
        Self::with(beginning("{}"))
    }

    fn with(beginning: Beginning) -> Self {
        let mut machine = Machine::new(1);
        let now = Time::from_micros(1_796_003_510_434_300);
        let arn = machine.start(Some("order-7"), beginning, now).unwrap();
        let mut world = Self {
            machine,
            now,
            arn,
            token: String::new(),
            envelope: Value::Null,
            calls: 0,
        };
        assert!(world.invoked());
        world
    }

    /// Takes the next invocation, if there is one.
    fn invoked(&mut self) -> bool {
        let Some(invocation) = self.machine.take_invocation(self.now) else {
            return false;
        };
        self.envelope = serde_json::from_slice(&invocation.envelope).unwrap();
        self.arn = invocation.arn;
        self.token = self.envelope["CheckpointToken"].as_str().unwrap().to_owned();
        true
    }

    fn pass(&mut self, seconds: i64) {
        self.now = self.now.after(seconds);
        self.machine.advance(self.now);
    }

    fn try_checkpoint(
        &mut self,
        token: &str,
        client_token: Option<&str>,
        updates: Value,
    ) -> Result<Value, DurableRefusal> {
        let checkpoint = Checkpoint {
            token: token.to_owned(),
            client_token: client_token.map(str::to_owned),
            updates: serde_json::from_value(updates).unwrap(),
        };
        let arn = Arc::clone(&self.arn);
        let answer = self.machine.checkpoint(&arn, checkpoint, self.now)?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// A checkpoint with the current token, and the operations in its answer.
    fn checkpoint(&mut self, updates: Value) -> Value {
        self.calls += 1;
        let (token, client_token) = (self.token.clone(), self.calls.to_string());
        let answer = self.try_checkpoint(&token, Some(&client_token), updates).unwrap();
        self.token = answer["CheckpointToken"].as_str().unwrap().to_owned();
        answer["NewExecutionState"]["Operations"].clone()
    }

    fn refused(&mut self, updates: Value) -> String {
        let token = self.token.clone();
        self.try_checkpoint(&token, None, updates)
            .unwrap_err()
            .to_string()
    }

    fn answer(&mut self, answer: Value) {
        let arn = Arc::clone(&self.arn);
        let answer = answer.to_string();
        self.machine.answered(&arn, Ok(answer.as_bytes()), "id", self.now);
    }

    fn pending(&mut self) {
        self.answer(json!({"Status": "PENDING"}));
    }

    fn crash(&mut self) {
        let arn = Arc::clone(&self.arn);
        let error = ErrorObject::new("Runtime.ExitError", "exit 3");
        self.machine.answered(&arn, Err(error), "id", self.now);
    }

    fn described(&self) -> Value {
        self.machine.describe(&self.arn, true).unwrap()
    }

    fn status(&self) -> String {
        self.described()["Status"].as_str().unwrap().to_owned()
    }

    /// An operation as the last envelope has it.
    fn operation(&self, id: &str) -> &Value {
        let operations = self.envelope["InitialExecutionState"]["Operations"]
            .as_array()
            .unwrap();
        operations.iter().find(|operation| operation["Id"] == id).unwrap()
    }
}

fn start(id: &str, kind: &str) -> Value {
    json!({"Id": id, "Type": kind, "Action": "START"})
}

/// A step that succeeds in its first attempt.
fn step(id: &str) -> Value {
    json!([
        start(id, "STEP"),
        {"Id": id, "Type": "STEP", "Action": "SUCCEED", "Payload": "1"},
    ])
}

fn retry(id: &str) -> Value {
    json!([
        start(id, "STEP"),
        {"Id": id, "Type": "STEP", "Action": "RETRY", "Error": {"ErrorType": "E"}, "StepOptions": {"NextAttemptDelaySeconds": 3}},
    ])
}

fn wait(id: &str, seconds: i64) -> Value {
    json!([{"Id": id, "Type": "WAIT", "Action": "START", "SubType": "Wait", "WaitOptions": {"WaitSeconds": seconds}}])
}

fn callback(id: &str, options: Value) -> Value {
    json!([{"Id": id, "Type": "CALLBACK", "Action": "START", "CallbackOptions": options}])
}
