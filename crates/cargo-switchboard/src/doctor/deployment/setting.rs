//! A setting: absent, unknown or known.

/// The state of a setting. Rules report settings that are [`Absent`](Setting::Absent) or known, but never unknown
/// ones.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Setting<T> {
    #[default]
    Absent,
    Unknown,
    Known(T),
}

impl<T> Setting<T> {
    /// The value, or `default` if none is set; `None` if it is unknown.
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

    pub(crate) fn map_known<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        self.then(|value| Setting::Known(change(value)))
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
    /// A value in a service's answer, or none.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}
