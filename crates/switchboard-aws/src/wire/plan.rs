//! What a wire wants, compared with what is there.

use std::fmt;
use std::pin::Pin;

use crate::Failure;

/// A call under way.
pub(super) type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + 'a>>;

/// Something in AWS that a trigger needs. It keeps what it finds, so that a change can be taken back.
pub trait Resource {
    /// What it is and where: `statement switchboard-s3-0a1b2c3d4e of function orders`.
    fn name(&self) -> String;

    /// What is wanted of it, a line each.
    fn wanted(&self) -> Vec<String>;

    /// Looks whether it is there, and how.
    fn find(&mut self) -> Asked<'_, Found>;

    /// Makes it as it is wanted.
    fn create(&mut self) -> Asked<'_, ()>;

    /// Makes what was found be as it is wanted. What never differs has nothing to do.
    fn change(&mut self) -> Asked<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Makes it be as it was found, after [`change`](Self::change).
    fn restore(&mut self) -> Asked<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Removes it. That it is gone already is no failure.
    fn remove(&mut self) -> Asked<'_, ()>;

    /// Why taking off a trigger leaves it, if it does.
    fn stays(&self) -> Option<String> {
        None
    }
}

/// A property that is not as it is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    pub what: &'static str,
    pub is: String,
    pub wanted: String,
}

impl Difference {
    /// The difference, if there is one.
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

/// What is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Found {
    Absent,
    /// Made by this command; with what has changed since, or is wanted otherwise now.
    Ours(Vec<Difference>),
    /// Made by someone else.
    Foreign(Vec<Difference>),
}

/// A trigger: what it needs, in the order in which it has to be made.
pub struct Wiring {
    /// Such as `s3 bucket photos → function thumbnails`.
    pub title: String,
    /// In the order in which they have to be made.
    pub resources: Vec<Box<dyn Resource>>,
    /// What whoever reads the plan should know.
    pub notes: Vec<String>,
    /// Where the function can be reached afterwards.
    pub url: Option<super::Slot<String>>,
}

impl Wiring {
    /// A trigger without resources yet; `title` says what it is, for people to read.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            resources: Vec::new(),
            notes: Vec::new(),
            url: None,
        }
    }

    /// With a further resource, made behind those that are there.
    #[must_use]
    pub fn with(mut self, resource: impl Resource + 'static) -> Self {
        self.resources.push(Box::new(resource));
        self
    }

    /// With a remark for people to read.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// What becomes of a resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// It is not there, and is made.
    Create,
    /// It is there, and differs in this.
    Change(Vec<Difference>),
    /// It is there, and is taken away.
    Remove,
    /// Nothing: it is as it is wanted, or must stay; with the reason where that is not plain.
    Keep(Option<String>),
}

/// A resource and what becomes of it.
pub struct Step {
    pub resource: Box<dyn Resource>,
    pub action: Action,
}

/// The steps from what is there to what is wanted.
pub struct Plan {
    /// What is done, for people to read.
    pub title: String,
    /// In the order in which they are carried out.
    pub steps: Vec<Step>,
    /// Remarks for people to read.
    pub notes: Vec<String>,
    /// The address that clients use, once it is known.
    pub url: Option<super::Slot<String>>,
}

impl Plan {
    /// The steps that make a trigger.
    ///
    /// # Errors
    /// When something cannot be looked at, or is there but made by someone else, and not as it is wanted.
    pub async fn to_wire(wiring: Wiring) -> Result<Self, Failure> {
        let mut steps = Vec::new();
        for mut resource in wiring.resources {
            let action = match resource.find().await? {
                Found::Absent => Action::Create,
                Found::Ours(differences) if differences.is_empty() => Action::Keep(None),
                Found::Ours(differences) => Action::Change(differences),
                Found::Foreign(differences) if differences.is_empty() => {
                    Action::Keep(Some("made by someone else".to_owned()))
                }
                Found::Foreign(differences) => return Err(foreign(&*resource, &differences)),
            };
            steps.push(Step { resource, action });
        }
        Ok(Self {
            title: wiring.title,
            steps,
            notes: wiring.notes,
            url: wiring.url,
        })
    }

    /// The steps that take off what this command made of a trigger, last things first.
    ///
    /// # Errors
    /// When something cannot be looked at.
    pub async fn to_unwire(wiring: Wiring) -> Result<Self, Failure> {
        let mut steps = Vec::new();
        // Looked at in the order of making: what is behind may need to know what is before.
        for mut resource in wiring.resources {
            let action = match (resource.find().await?, resource.stays()) {
                (Found::Absent, _) => continue,
                (_, Some(reason)) => Action::Keep(Some(reason)),
                (Found::Ours(_), None) => Action::Remove,
                (Found::Foreign(_), None) => Action::Keep(Some("made by someone else".to_owned())),
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

    /// Whether all is as it is wanted.
    pub fn is_empty(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.action, Action::Keep(_)))
    }
}

fn foreign(resource: &dyn Resource, differences: &[Difference]) -> Failure {
    let name = resource.name();
    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Failure::own(format!(
        "{name} is there, but this command did not make it, and it differs: {}",
        differences.join("; ")
    ))
    .advise("remove it or change it where it was made, or ask for what is there")
}
