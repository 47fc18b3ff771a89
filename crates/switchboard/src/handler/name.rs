//! Names of handlers: the path of a function instead of its compiler-generated type.

use std::borrow::Cow;

/// The compiler's name for a closure, and for every function whose body is one, like an async function.
const CLOSURE: &str = "::{{closure}}";

/// A handler by its path, `shop::orders::on_order`.
///
/// A closure is named after the function around it. Type arguments are reduced to their last segments.
pub(crate) fn readable(name: &'static str) -> Cow<'static, str> {
    if name.starts_with("fn(") || name.starts_with("for<") {
        return Cow::Borrowed("a function pointer");
    }
    // A trait's method, `<shop::App as shop::Api>::on_order`, keeps both of its paths.
    if !name.contains(['<', '{']) || name.starts_with('<') {
        return Cow::Borrowed(name);
    }
    let path = name.replace(CLOSURE, "");
    let (path, arguments) = path.split_at(path.find('<').unwrap_or(path.len()));
    let what = if name.ends_with(CLOSURE) {
        "a closure in "
    } else {
        ""
    };
    Cow::Owned([what, path, &last_segments(arguments)].concat())
}

/// A service by its type, because it has no function. For nested services, the innermost one is the informative one.
#[cfg(feature = "http")]
pub(crate) fn service_name(name: &'static str) -> Cow<'static, str> {
    let bare = name.strip_suffix("<()>").unwrap_or(name);
    // The path by which users know it.
    if bare == "axum::routing::Router" {
        return Cow::Borrowed("axum::Router");
    }
    let Some((outer, inner)) = bare.split_once('<') else {
        return readable(bare);
    };
    let outer = outer.rsplit("::").next().unwrap_or(outer);
    Cow::Owned(format!("{outer}<{}>", service_name(first_argument(inner))))
}

/// The first of the type arguments that begin here.
#[cfg(feature = "http")]
fn first_argument(arguments: &str) -> &str {
    let mut depth = 0_usize;
    let end = arguments.find(|character| match character {
        ',' | '>' if depth == 0 => true,
        '<' | '(' | '[' => {
            depth += 1;
            false
        }
        '>' | ')' | ']' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => false,
    });
    &arguments[..end.unwrap_or(arguments.len())]
}

/// Each path in this text, reduced to its last segment.
fn last_segments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in
        text.split_inclusive(|character: char| !character.is_alphanumeric() && !"_:".contains(character))
    {
        // `::on_order` continues after the arguments.
        let last = part.rsplit("::").next().filter(|_| !part.starts_with("::"));
        out.push_str(last.unwrap_or(part));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Failure, Handler};

    #[test]
    fn a_function_is_its_path() {
        assert_eq!(readable("shop::orders::on_order"), "shop::orders::on_order");
        let local = "shop::main::{{closure}}::on_order";
        assert_eq!(readable(local), "shop::main::on_order");
        let generic = "shop::on_event<serde_json::value::Value, alloc::vec::Vec<(u8, shop::Order)>>";
        assert_eq!(readable(generic), "shop::on_event<Value, Vec<(u8, Order)>>");
        assert_eq!(
            readable("shop::App<shop::db::Pool>::on_order"),
            "shop::App<Pool>::on_order"
        );
    }

    async fn on_order(_order: u8, _cx: Context<()>) -> Result<(), Failure> {
        Ok(())
    }

    #[test]
    fn adapters_pass_on_the_name_of_what_they_wrap() {
        let path = "switchboard::handler::name::tests::on_order";
        assert_eq!(Handler::<u8, ()>::name(&on_order), path);
        assert_eq!(Handler::<u8, ()>::name(&on_order.concurrency(2)), path);
        #[cfg(feature = "idempotency")]
        {
            use crate::idempotency::{Idempotency, Memory};
            let idempotent = on_order.idempotent(Idempotency::new(Memory::new()));
            assert_eq!(Handler::<u8, ()>::name(&idempotent), path);
        }
    }

    #[cfg(feature = "envelopes")]
    #[test]
    fn a_handler_of_envelopes_names_that_of_other_records() {
        use crate::Unwrap;
        use aws_lambda_events::kinesis::KinesisEventRecord as Record;

        async fn on_record(_record: Record, _cx: Context<()>) -> Result<(), Failure> {
            Ok(())
        }
        assert_eq!(Handler::<Record, ()>::name(&Unwrap.concurrency(2)), "Unwrap");
        let place = "switchboard::handler::name::tests::a_handler_of_envelopes_names_that_of_other_records";
        let name = Handler::<Record, ()>::name(&Unwrap.or(on_record.concurrency(2)));
        assert_eq!(name, format!("Unwrap, else {place}::on_record"));
    }

    #[test]
    fn closures_and_pointers_are_said_to_be_such() {
        let closure = |order: u8, cx: Context<()>| on_order(order, cx);
        let place =
            "a closure in switchboard::handler::name::tests::closures_and_pointers_are_said_to_be_such";
        assert_eq!(Handler::<u8, ()>::name(&closure), place);
        assert_eq!(
            readable("shop::main::{{closure}}::{{closure}}"),
            "a closure in shop::main"
        );
        let pointer: fn(u8, Context<()>) -> std::future::Ready<Result<(), Failure>> =
            |_, _| std::future::ready(Ok(()));
        assert_eq!(Handler::<u8, ()>::name(&pointer), "a function pointer");
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_service_is_its_type() {
        fn name<S>(service: &S) -> Cow<'static, str> {
            service_name(std::any::type_name_of_val(service))
        }
        async fn answer(_request: ()) -> Result<(), Failure> {
            Ok(())
        }
        let api = axum::Router::<()>::new();
        assert_eq!(name(&api), "axum::Router");
        let path = "switchboard::handler::name::tests::a_service_is_its_type::answer";
        assert_eq!(name(&tower::service_fn(answer)), format!("ServiceFn<{path}>"));
        let mapped = tower::ServiceExt::<()>::map_response(tower::service_fn(answer), |()| ());
        assert!(
            name(&mapped).starts_with(&format!("MapResponse<ServiceFn<{path}>")),
            "{}",
            name(&mapped)
        );
    }
}
