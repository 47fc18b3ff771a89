//! Compares the wanted resources of a trigger with the account.

use std::fmt;
use std::pin::Pin;

use crate::Failure;

/// A call in progress.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + 'a>>;

/// A resource in AWS that a trigger needs. It remembers its earlier state, so that a change can be rolled back.
pub trait Resource {
    /// What the resource is and where: `statement switchboard-s3-0a1b2c3d4e of function orders`.
    fn name(&self) -> String;

    /// The wanted settings for display, one per line.
    fn wanted(&self) -> Vec<String>;

    /// Reads the resource from the account.
    fn find(&mut self) -> BoxFuture<'_, Found>;

    /// Creates the resource with the wanted settings.
    fn create(&mut self) -> BoxFuture<'_, ()>;

    /// Changes the resource to the wanted settings. Resources that cannot differ do nothing.
    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Restores the earlier settings after [`change`](Self::change).
    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Removes the resource. Succeeds if it no longer exists.
    fn remove(&mut self) -> BoxFuture<'_, ()>;

    /// The reason why `unwire` keeps the resource, if it does.
    fn stays(&self) -> Option<String> {
        None
    }
}

/// A property that differs from the wanted one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    pub what: &'static str,
    pub is: String,
    pub wanted: String,
}

impl Difference {
    /// Returns the difference, if there is one.
    pub fn between(what: &'static str, is: impl fmt::Display, wanted: impl fmt::Display) -> Option<Self> {
        let (is, wanted) = (is.to_string(), wanted.to_string());
        (is != wanted).then_some(Self { what, is, wanted })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} → {}",
            self.what,
            or_nothing(&self.is),
            or_nothing(&self.wanted)
        )
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}

/// The state of a resource in the account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Found {
    Absent,
    /// Created by this command, with its differences from the wanted settings.
    Ours(Vec<Difference>),
    /// Created by someone else, with its differences from the wanted settings.
    Foreign(Vec<Difference>),
}

/// A trigger: the resources it needs, in the order in which they must be created.
pub struct Wiring {
    /// A title such as `s3 bucket photos → function thumbnails`.
    pub title: String,
    /// The resources, in the order in which they must be created.
    pub resources: Vec<Box<dyn Resource>>,
    /// What an earlier trigger needed, and this one does not.
    pub obsolete: Vec<Box<dyn Resource>>,
    /// Notes for readers of the plan.
    pub notes: Vec<String>,
    /// The URL of the function, if the trigger has one.
    pub url: Option<super::Slot<String>>,
}

impl Wiring {
    /// A trigger without resources. The title is for display.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            resources: Vec::new(),
            obsolete: Vec::new(),
            notes: Vec::new(),
            url: None,
        }
    }

    /// Adds a resource after the existing ones.
    #[must_use]
    pub fn with(mut self, resource: impl Resource + 'static) -> Self {
        self.resources.push(Box::new(resource));
        self
    }

    /// Adds a resource to remove when the others are as they should be.
    #[must_use]
    pub fn without(mut self, resource: Option<impl Resource + 'static>) -> Self {
        self.obsolete
            .extend(resource.map(|resource| Box::new(resource) as Box<dyn Resource>));
        self
    }

    /// Adds a note for readers of the plan.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// What a plan does with a resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Create the resource, which does not exist.
    Create,
    /// Change the resource, which has these differences.
    Change(Vec<Difference>),
    /// Remove the resource.
    Remove,
    /// Keep the resource as it is, with the reason unless it is obvious.
    Keep(Option<String>),
}

/// A resource, and what the plan does with it.
pub struct Step {
    pub resource: Box<dyn Resource>,
    pub action: Action,
}

/// The steps from the current state to the wanted one.
pub struct Plan {
    /// What the plan does, for display.
    pub title: String,
    /// The steps, in the order in which they are applied.
    pub steps: Vec<Step>,
    /// Notes for display.
    pub notes: Vec<String>,
    /// The URL that clients call, once it is known.
    pub url: Option<super::Slot<String>>,
}

impl Plan {
    /// Plans the steps that create a trigger.
    ///
    /// # Errors
    /// If a resource cannot be read, or if someone else created it with other settings.
    pub async fn to_wire(wiring: Wiring) -> Result<Self, Failure> {
        let mut steps = Vec::new();
        for mut resource in wiring.resources {
            let action = match resource.find().await? {
                Found::Absent => Action::Create,
                Found::Ours(differences) if differences.is_empty() => Action::Keep(None),
                Found::Ours(differences) => Action::Change(differences),
                Found::Foreign(differences) if differences.is_empty() => {
                    Action::Keep(Some("created by someone else".to_owned()))
                }
                Found::Foreign(differences) => return Err(foreign(&*resource, &differences)),
            };
            steps.push(Step { resource, action });
        }
        for mut resource in wiring.obsolete {
            if let Found::Ours(_) = resource.find().await? {
                let action = Action::Remove;
                steps.push(Step { resource, action });
            }
        }
        Ok(Self {
            title: wiring.title,
            steps,
            notes: wiring.notes,
            url: wiring.url,
        })
    }

    /// Plans the steps that remove what this command created of a trigger, in reverse order.
    ///
    /// # Errors
    /// If a resource cannot be read.
    pub async fn to_unwire(wiring: Wiring) -> Result<Self, Failure> {
        let mut steps = Vec::new();
        // Read in the order of creation, because later resources need what earlier ones find.
        for mut resource in wiring.resources {
            let action = match (resource.find().await?, resource.stays()) {
                (Found::Absent, _) => continue,
                (_, Some(reason)) => Action::Keep(Some(reason)),
                (Found::Ours(_), None) => Action::Remove,
                (Found::Foreign(_), None) => Action::Keep(Some("created by someone else".to_owned())),
            };
            steps.push(Step { resource, action });
        }
        steps.reverse();
        Ok(Self {
            title: wiring.title,
            steps,
            notes: wiring.notes,
            url: None,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.action, Action::Keep(_)))
    }
}

fn foreign(resource: &dyn Resource, differences: &[Difference]) -> Failure {
    let name = resource.name();
    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Failure::new(format!(
        "{name} exists, but was not created by this command and differs: {}",
        differences.join("; ")
    ))
    .advise("remove it, change it where it was created, or pass its current settings")
}
