//! A setting: not made, made but not known, or known.

/// What is known of a setting. Rules find fault with what is [`Absent`](Setting::Absent) or known, never with what they
/// cannot know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Setting<T> {
    #[default]
    Absent,
    Unknown,
    Known(T),
}

impl<T> Setting<T> {
    /// The value: `default` where none is set, nothing where it cannot be known.
    pub(crate) fn or(self, default: T) -> Option<T> {
        match self {
            Self::Absent => Some(default),
            Self::Unknown => None,
            Self::Known(value) => Some(value),
        }
    }

    pub(crate) fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn then<U>(self, read: impl FnOnce(T) -> Setting<U>) -> Setting<U> {
        match self {
            Self::Absent => Setting::Absent,
            Self::Unknown => Setting::Unknown,
            Self::Known(value) => read(value),
        }
    }
}

impl<T> From<Option<T>> for Setting<T> {
    /// What a service answers: a value or none.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}
