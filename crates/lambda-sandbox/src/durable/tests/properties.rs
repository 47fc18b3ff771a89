//! What holds whatever a function does, and whenever.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// Something that a function, an outsider or time does.
#[derive(Clone, Debug)]
enum Act {
    Update { id: u8, kind: u8, action: u8 },
    Poll,
    Pending,
    Crash,
    Pass(i64),
    Callback { nth: usize, fails: bool },
    Heartbeat { nth: usize },
}

const KINDS: [&str; 4] = ["STEP", "WAIT", "CALLBACK", "CONTEXT"];
const ACTIONS: [&str; 5] = ["START", "SUCCEED", "FAIL", "RETRY", "CANCEL"];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..12_u8, 0..4_u8, 0..5_u8).prop_map(|(id, kind, action)| Act::Update { id, kind, action }),
        1 => Just(Act::Poll),
        3 => Just(Act::Pending),
        1 => Just(Act::Crash),
        3 => (0..12_i64).prop_map(Act::Pass),
        2 => (0..4_usize, any::<bool>()).prop_map(|(nth, fails)| Act::Callback { nth, fails }),
        1 => (0..4_usize).prop_map(|nth| Act::Heartbeat { nth }),
    ]
}

fn update(id: u8, kind: u8, action: u8) -> Value {
    let (kind, action) = (KINDS[usize::from(kind)], ACTIONS[usize::from(action)]);
    json!([{
        "Id": id.to_string(),
        "Type": kind,
        "Action": action,
        "StepOptions": {"NextAttemptDelaySeconds": 2},
        "WaitOptions": {"WaitSeconds": 5},
        "CallbackOptions": {"TimeoutSeconds": 20, "HeartbeatTimeoutSeconds": 7},
    }])
}

/// What was seen of a run: every answer and every envelope.
struct Run {
    world: World,
    running: bool,
    callbacks: Vec<String>,
    seen: Vec<Value>,
}

impl Run {
    fn of(acts: &[Act]) -> Self {
        let mut run = Self {
            world: World::new(),
            running: true,
            callbacks: Vec::new(),
            seen: Vec::new(),
        };
        for act in acts {
            run.act(act);
            run.settle();
        }
        run
    }

    fn act(&mut self, act: &Act) {
        let now = self.world.now;
        let callback = |nth: &usize, of: &[String]| of.get(*nth).cloned().unwrap_or_default();
        match act {
            Act::Update { id, kind, action } if self.running => self.checkpoint(update(*id, *kind, *action)),
            Act::Poll if self.running => self.checkpoint(json!([])),
            Act::Pending if self.running => {
                self.world.pending();
                self.running = false;
            }
            Act::Crash if self.running => {
                self.world.crash();
                self.running = false;
            }
            Act::Pass(seconds) => self.world.pass(*seconds),
            Act::Callback { nth, fails } => {
                let id = callback(nth, &self.callbacks);
                let result = match fails {
                    true => Err(ErrorObject::default()),
                    false => Ok("1".into()),
                };
                let _ = self.world.machine.end_callback(&id, result, now);
            }
            Act::Heartbeat { nth } => {
                let id = callback(nth, &self.callbacks);
                let _ = self.world.machine.heartbeat(&id, now);
            }
            _ => {}
        }
    }

    /// The same call twice has the same answer, and one with a used token none.
    fn checkpoint(&mut self, updates: Value) {
        let token = self.world.token.clone();
        let answer = self.world.try_checkpoint(&token, Some("c"), updates.clone());
        let again = self.world.try_checkpoint(&token, Some("c"), updates.clone());
        assert_eq!(answer, again);
        if let Ok(answer) = answer {
            let other = self.world.try_checkpoint(&token, Some("d"), updates);
            assert!(matches!(other, Err(DurableRefusal::StaleToken(_))));
            self.world.token = answer["CheckpointToken"].as_str().unwrap().to_owned();
            for operation in answer["NewExecutionState"]["Operations"].as_array().unwrap() {
                let id = operation["CallbackDetails"]["CallbackId"]
                    .as_str()
                    .map(str::to_owned);
                self.callbacks
                    .extend(id.filter(|id| !self.callbacks.contains(id)));
            }
            self.seen.push(answer);
        }
    }

    /// Takes the next invocation, and checks what must hold.
    fn settle(&mut self) {
        if !self.running && self.world.invoked() {
            self.running = true;
            self.seen.push(self.world.envelope.clone());
        }
        let ended = self.world.status() != "RUNNING";
        let waits = self.world.machine.next_timer(true).is_some() || !self.callbacks.is_empty();
        assert!(ended || self.running || waits, "nothing will ever happen");
    }
}

fn has_ended(operation: &Value) -> bool {
    !["STARTED", "PENDING", "READY"].contains(&operation["Status"].as_str().unwrap())
}

proptest! {
    #[test]
    fn the_same_acts_have_the_same_results(acts in prop::collection::vec(act(), 0..80)) {
        let (one, two) = (Run::of(&acts), Run::of(&acts));
        prop_assert_eq!(&one.seen, &two.seen);
        let page = Default::default();
        let history = |run: &Run| run.world.machine.history(&run.world.arn, &page, true).unwrap();
        prop_assert_eq!(history(&one), history(&two));
    }

    #[test]
    fn an_ended_operation_stays_as_it_is(acts in prop::collection::vec(act(), 0..120)) {
        let run = Run::of(&acts);
        let mut ended: HashMap<String, (Value, Value)> = HashMap::new();
        for seen in &run.seen {
            let state = seen.get("InitialExecutionState").or(seen.get("NewExecutionState")).unwrap();
            for operation in state["Operations"].as_array().unwrap() {
                let id = operation["Id"].as_str().unwrap().to_owned();
                let now = (operation["Status"].clone(), operation["Type"].clone());
                if let Some(before) = ended.get(&id) {
                    prop_assert_eq!(before, &now);
                }
                if has_ended(operation) {
                    ended.insert(id, now);
                }
            }
        }
    }

    #[test]
    fn nothing_is_ever_null(acts in prop::collection::vec(act(), 0..80)) {
        for seen in Run::of(&acts).seen {
            prop_assert!(!seen.to_string().contains("null"), "{}", seen);
        }
    }
}
