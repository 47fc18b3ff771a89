//! Plans applied to resources in memory, with a failure at each step.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::wire::plan::{BoxFuture, Difference, Found, Resource, Wiring};

/// The resources: values by name, and whether they are ours.
type State = BTreeMap<String, (String, bool)>;

/// An account in memory, and how many changing calls still succeed.
#[derive(Clone, Default)]
struct World {
    state: Rc<RefCell<State>>,
    calls: Rc<RefCell<Option<usize>>>,
}

impl World {
    fn holding(state: State) -> Self {
        Self {
            state: Rc::new(RefCell::new(state)),
            ..Self::default()
        }
    }

    fn call(&self, change: impl FnOnce(&mut State)) -> Result<(), Failure> {
        let mut calls = self.calls.borrow_mut();
        match *calls {
            Some(0) => {
                // One call fails; rolling back succeeds.
                *calls = None;
                return Err(Failure::new("refused"));
            }
            Some(left) => *calls = Some(left - 1),
            None => {}
        }
        change(&mut self.state.borrow_mut());
        Ok(())
    }

    fn wiring(&self, wanted: &BTreeMap<String, String>) -> Wiring {
        let thing = |(name, value): (&String, &String)| Thing {
            world: self.clone(),
            name: name.clone(),
            value: value.clone(),
            earlier: None,
        };
        wanted.iter().map(thing).fold(Wiring::new("a test"), Wiring::with)
    }
}

struct Thing {
    world: World,
    name: String,
    value: String,
    earlier: Option<(String, bool)>,
}

impl Thing {
    fn put(&self, value: &str) -> Result<(), Failure> {
        let entry = (value.to_owned(), true);
        self.world
            .call(|state| drop(state.insert(self.name.clone(), entry)))
    }
}

impl Resource for Thing {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn wanted(&self) -> Vec<String> {
        vec![self.value.clone()]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        self.earlier = self.world.state.borrow().get(&self.name).cloned();
        let found = match &self.earlier {
            None => Found::Absent,
            Some((value, ours)) => {
                let differences = Difference::between("value", value, &self.value)
                    .into_iter()
                    .collect();
                if *ours {
                    Found::Ours(differences)
                } else {
                    Found::Foreign(differences)
                }
            }
        };
        Box::pin(async { Ok(found) })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.put(&self.value) })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.put(&self.earlier.as_ref().unwrap().0) })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.world.call(|state| drop(state.remove(&self.name))) })
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "e"]).prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["1", "2"]).prop_map(str::to_owned)
}

fn wanted() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map(names(), values(), 1..6)
}

/// Resources of ours, and unrelated resources of others.
fn state() -> impl Strategy<Value = State> {
    let ours = prop::collection::btree_map(names(), (values(), Just(true)), 0..4);
    let others = prop::collection::btree_map("[x-z]", (values(), Just(false)), 0..3);
    (ours, others).prop_map(|(mut ours, others)| {
        ours.extend(others);
        ours
    })
}

proptest! {
    #[test]
    fn a_failure_at_any_step_rolls_back(before in state(), wanted in wanted(), at in 0_usize..6) {
        let world = World::holding(before.clone());
        let mut plan = now(Plan::to_wire(world.wiring(&wanted))).unwrap();
        *world.calls.borrow_mut() = Some(at);
        match now(plan.apply(&mut |_, _| ())) {
            Err(broken) => {
                prop_assert!(broken.left.is_empty());
                prop_assert_eq!(&*world.state.borrow(), &before);
            }
            Ok(()) => for (name, value) in &wanted {
                prop_assert_eq!(&world.state.borrow()[name].0, value);
            }
        }
    }

    #[test]
    fn a_second_run_does_nothing_and_unwire_removes_ours(before in state(), wanted in wanted()) {
        let world = World::holding(before.clone());
        now(now(Plan::to_wire(world.wiring(&wanted))).unwrap().apply(&mut |_, _| ())).unwrap();
        prop_assert!(now(Plan::to_wire(world.wiring(&wanted))).unwrap().is_empty());
        now(now(Plan::to_unwire(world.wiring(&wanted))).unwrap().apply(&mut |_, _| ())).unwrap();
        let mut left = before;
        left.retain(|name, _| !wanted.contains_key(name));
        prop_assert_eq!(&*world.state.borrow(), &left);
    }
}

#[test]
fn resources_of_others_stay_unchanged() {
    let world = World::holding(State::from([("a".to_owned(), ("1".to_owned(), false))]));
    let wanted = |value: &str| world.wiring(&BTreeMap::from([("a".to_owned(), value.to_owned())]));
    assert!(now(Plan::to_wire(wanted("1"))).unwrap().is_empty());
    let refused = now(Plan::to_wire(wanted("2"))).err().unwrap().to_string();
    assert!(
        refused.contains("was not created by this command and differs: value: 1 → 2"),
        "{refused}"
    );
    assert!(now(Plan::to_unwire(wanted("1"))).unwrap().is_empty());
}

#[test]
fn what_is_obsolete_is_removed_last_and_only_if_it_is_ours() {
    let ours = |name: &str, ours: bool| (name.to_owned(), ("1".to_owned(), ours));
    let world = World::holding(State::from([ours("b", true), ours("c", false)]));
    let thing = |name: &str| Thing {
        world: world.clone(),
        name: name.to_owned(),
        value: String::new(),
        earlier: None,
    };
    let wiring = world.wiring(&BTreeMap::from([("a".to_owned(), "1".to_owned())]));
    let wiring = wiring
        .without(Some(thing("b")))
        .without(Some(thing("c")))
        .without(Some(thing("d")))
        .without(None::<Thing>);
    let mut said = Vec::new();
    let mut plan = now(Plan::to_wire(wiring)).unwrap();
    now(plan.apply(&mut |done, name| said.push((done, name.to_owned())))).unwrap();
    let expected = [(StepResult::Created, "a"), (StepResult::Removed, "b")];
    assert_eq!(said, expected.map(|(done, name)| (done, name.to_owned())));
    assert!(world.state.borrow().contains_key("c"));
}

#[test]
fn failed_rollbacks_are_reported() {
    let world = World::default();
    *world.calls.borrow_mut() = Some(0);
    let mut wiring = world.wiring(&BTreeMap::from([("a".to_owned(), "1".to_owned())]));
    wiring.resources.insert(0, Box::new(Stubborn));
    let mut plan = now(Plan::to_wire(wiring)).unwrap();
    let broken = now(plan.apply(&mut |_, _| ())).unwrap_err();
    assert_eq!(broken.at, "a");
    assert_eq!(broken.left[0].0, "stubborn");
}

/// Can be created, but not removed.
struct Stubborn;

impl Resource for Stubborn {
    fn name(&self) -> String {
        "stubborn".to_owned()
    }

    fn wanted(&self) -> Vec<String> {
        Vec::new()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async { Ok(Found::Absent) })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { Err(Failure::new("refused")) })
    }
}
