//! What is wrong with the routes of a router, and what is said of them at start.

use super::route::Route;
use super::table::RouteTable;
use crate::error::Error;
use crate::handler::Rest;
use crate::source::Source;

impl<S> RouteTable<S> {
    /// Fails if a route can never get an event: because earlier ones take them all, because none can meet its condition, or because
    /// its source cannot be asked for one.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (at, route) in self.routes.iter().enumerate() {
            check_own(route)?;
            #[cfg(feature = "durable")]
            route.durable.check(route.sources[0], &route.handler)?;
            self.check_beside(route)?;
            self.check_reached(at, route)?;
        }
        Ok(())
    }

    /// Fails if earlier routes take all that the route could take.
    fn check_reached(&self, at: usize, route: &Route<S>) -> Result<(), Error> {
        // A fallback is tried last, wherever it is registered.
        let place = (route.fallback, at);
        for source in route.sources {
            let mut earlier = self
                .routes
                .iter()
                .enumerate()
                .filter(|(at, earlier)| (earlier.fallback, *at) < place)
                .map(|(_, earlier)| earlier)
                .filter(|earlier| earlier.sources.contains(source) && earlier.enriches == route.enriches);
            if let Some(earlier) = earlier.find(|earlier| earlier.hides(route)) {
                return Err(hidden(*source, earlier, route));
            }
        }
        Ok(())
    }

    /// Fails if the route has a condition that cannot be asked, or is beside one that has.
    fn check_beside(&self, route: &Route<S>) -> Result<(), Error> {
        for source in route.sources {
            let mut beside = self.of(*source, route.enriches).filter(|other| other.batch);
            let Some(conditional) = beside.find(|other| other.when.is_some()) else {
                continue;
            };
            match (&route.record, &conditional.record) {
                (Some(record), Some(other)) => {
                    record.joins(other).or_else(|problem| refuse(route, problem))?
                }
                (None, _) => {
                    let what = match route.batch {
                        true => "gets all records of a batch at once, or a window's, or enriches them",
                        false => "gets the whole event, as its `Event` says (`Delivery::Whole`)",
                    };
                    return refuse(
                        route,
                        format!("{what}: no handler of its source can have a condition then"),
                    );
                }
                (Some(_), None) => {}
            }
        }
        Ok(())
    }

    /// Says once which handlers reject records although there is no sink. A caller that waits gets the failure itself.
    pub(super) fn warn_sinkless(&self) {
        if self.sink.is_some() {
            return;
        }
        let mut handlers = Vec::new();
        for route in self.routes.iter().filter(|route| route.rejects) {
            for source in route.sources.iter().filter(|source| !source.waits()) {
                self.sinkless.note(*source);
                handlers.push(format!("{} of {source}", route.handler));
            }
        }
        if !handlers.is_empty() {
            tracing::warn!(
                handlers = handlers.join(", "),
                "handlers reject records (`on_unreadable`, `on_panic`), but the router has no dead-letter sink, so that a rejected \
                 record counts as failed: register one with `Router::dead_letters`"
            );
        }
    }
}

/// Fails if what the route is said to take contradicts itself.
fn check_own<S>(route: &Route<S>) -> Result<(), Error> {
    if route.rest == Some(Rest::WithCondition) {
        let problem = "takes the rest (`otherwise`) and has a condition (`when`): it can do one of them";
        return refuse(route, problem);
    }
    let Some(when) = &route.when else {
        return Ok(());
    };
    // It may be for one of several sources.
    let misfits: Option<Vec<_>> = route.sources.iter().map(|source| when.misfit(*source)).collect();
    match misfits.as_deref() {
        Some([misfit, ..]) => refuse(route, misfit.to_string()),
        _ => Ok(()),
    }
}

fn refuse<S>(route: &Route<S>, problem: impl Into<String>) -> Result<(), Error> {
    Err(Error::invalid_route(route.sources[0], &route.handler, problem))
}

/// The error for a route that an earlier one hides.
fn hidden<S>(source: Source, earlier: &Route<S>, route: &Route<S>) -> Error {
    let name = &earlier.handler;
    let problem = match (earlier.rest, &earlier.when, &route.when) {
        (Some(_), ..) => {
            format!("never gets an event: {name} takes the rest (`otherwise`), so register that one last")
        }
        (None, None, None) if route.rest.is_none() && earlier.fallback == route.fallback => {
            return Error::duplicate_route(source);
        }
        _ => {
            format!("never gets an event: {name}, which is tried first, takes every event that it could take")
        }
    };
    Error::invalid_route(source, &route.handler, problem)
}

#[cfg(test)]
mod tests {
    use crate::when::{bucket, key_prefix};
    use crate::{Context, Failure, Handler, Router};
    use aws_lambda_events::s3::S3EventRecord;

    async fn on_object(_: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
        Ok(())
    }

    #[test]
    fn a_source_with_an_event_of_its_own_beside_its_records_may_have_several_handlers() {
        let router = Router::new(())
            .s3(on_object.when(key_prefix("photos/")))
            .s3(on_object.when(bucket("uploads")))
            .s3(on_object);
        assert!(router.check().is_ok(), "{:?}", router.check());
        assert_eq!(
            router.s3(on_object).check().unwrap_err().error_type(),
            "DuplicateRoute"
        );
    }
}
