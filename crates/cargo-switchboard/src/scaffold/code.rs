//! The code of a new function.

use std::collections::BTreeSet;

use super::known::SourceTemplate;

/// The widest chain that rustfmt leaves on one line.
const CHAIN: usize = 60;

const STATE: &str = "\
/// What the handlers share, such as clients and settings. It is cloned for each invocation.
#[derive(Clone)]
struct App;
";

const MAIN: &str = "\
fn main() -> Result<(), switchboard::Error> {
    switchboard::block_on(async {
        let app = switchboard::init(async {
            switchboard::telemetry::init()?;
            Ok::<_, switchboard::Error>(App)
        })
        .await?;
        switchboard::run(router(app)).await
    })
}
";

/// How an import of several names from the library begins.
const LIBRARY: &str = "use switchboard::{";

/// Where the types of events come from: the version of their crate that the library uses.
const EVENTS: &str = "use switchboard::aws_lambda_events::";

/// The integration test, for the binary `NAME`.
const TEST: &str = include_str!("function_test.rs.txt");

/// `src/main.rs` and the modules.
pub(super) fn code(name: &str, sources: &[&SourceTemplate]) -> Vec<(String, String)> {
    let mut handlers: Vec<&SourceTemplate> = sources.to_vec();
    handlers.dedup_by_key(|known| known.module);
    match handlers[..] {
        [only] => vec![("src/main.rs".to_owned(), alone(name, only))],
        _ => {
            let modules = handlers.iter().map(|known| {
                let path = format!("src/{}.rs", known.module);
                (path, module(known))
            });
            let main = ("src/main.rs".to_owned(), together(name, &handlers));
            std::iter::once(main).chain(modules).collect()
        }
    }
}

pub(super) fn test(name: &str) -> String {
    TEST.replace("NAME", name)
}

/// The parts of a handler's file: imports, handler, tests.
fn parts(known: &SourceTemplate) -> (String, &'static str, &'static str) {
    let (imports, rest) = known.handler.split_once("\n\n").unwrap_or_default();
    let (handler, tests) = rest.split_once("#[cfg(test)]").unwrap_or((rest, ""));
    (format!("{imports}\n"), handler, tests)
}

/// A function with one handler: it comes first, before the rest of the program.
fn alone(name: &str, known: &SourceTemplate) -> String {
    let (imports, handler, tests) = parts(known);
    let mut imports: Vec<String> = imports.lines().map(str::to_owned).collect();
    let library = imports
        .iter()
        .position(|line| line.starts_with(LIBRARY))
        .map(|at| imports.remove(at));
    let names = library.as_deref().unwrap_or_default();
    let names = names.trim_start_matches(LIBRARY).trim_end_matches("};");
    imports.extend(of_the_library(&[known], names.split(", ")));
    if let Some((module, event)) = known.event {
        let own = format!("{EVENTS}{module}::");
        if let Some(line) = imports.iter_mut().find(|line| line.starts_with(&own)) {
            let mut types = [event, line[own.len()..].trim_end_matches(';')];
            types.sort_unstable();
            *line = format!("{own}{{{}}};", types.join(", "));
        }
    }
    format!(
        "//! {name}: a Lambda function for {}.\n\n{}\n\n{}\n{STATE}\n{}\n{MAIN}\n#[cfg(test)]{tests}",
        known.what,
        imports.join("\n"),
        handler.trim_end().replace("pub ", "") + "\n",
        router(&[known], false),
    )
}

/// The imports from the library of a file that has the router: what it needs, and these.
fn of_the_library<'n>(
    handlers: &[&SourceTemplate],
    names: impl IntoIterator<Item = &'n str>,
) -> impl Iterator<Item = String> {
    let conditions: BTreeSet<&str> = handlers
        .iter()
        .filter_map(|known| known.condition)
        .map(|(condition, _)| condition)
        .collect();
    let conditions: Vec<&str> = conditions.into_iter().collect();
    let mut names: BTreeSet<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.insert("Router");
    let when = match conditions[..] {
        [] => None,
        [only] => Some(format!("use switchboard::when::{only};")),
        _ => Some(format!("use switchboard::when::{{{}}};", conditions.join(", "))),
    };
    if when.is_some() {
        // Its method sets the condition.
        names.insert("Handler as _");
    }
    let names: Vec<&str> = names.into_iter().collect();
    let library = match names[..] {
        [only] => format!("use switchboard::{only};"),
        _ => format!("{LIBRARY}{}}};", names.join(", ")),
    };
    when.into_iter().chain([library])
}

fn together(name: &str, handlers: &[&SourceTemplate]) -> String {
    let mut modules: Vec<&str> = handlers.iter().map(|known| known.module).collect();
    modules.sort_unstable();
    let modules: String = modules.iter().map(|module| format!("mod {module};\n")).collect();
    let mut imports: Vec<String> = handlers
        .iter()
        .filter_map(|known| known.event)
        .map(|(module, event)| format!("{EVENTS}{module}::{event};\n"))
        .collect();
    imports.sort_unstable();
    imports.extend(of_the_library(handlers, []).map(|line| line + "\n"));
    format!(
        "//! {name}: one Lambda function for several event sources. Each has its handler in a module of its own.\n\n\
        {modules}\n{}\n{STATE}\n{}\n{MAIN}",
        imports.concat(),
        router(handlers, true),
    )
}

fn module(known: &SourceTemplate) -> String {
    let (mut imports, handler, tests) = parts(known);
    // An HTTP service does not get the state.
    if handler.contains("App") {
        imports.push_str("\nuse crate::App;\n");
    }
    format!(
        "//! {}.\n\n{imports}\n{handler}#[cfg(test)]{tests}",
        capitalised(known.what)
    )
}

/// Which handler gets what: `main` runs it, and the tests deliver events to it.
fn router(handlers: &[&SourceTemplate], by_module: bool) -> String {
    let calls: Vec<String> = handlers
        .iter()
        .map(|known| {
            let (method, handler) = known.register;
            let path = if by_module {
                format!("{}::", known.module)
            } else {
                String::new()
            };
            let event = known
                .event
                .map_or(String::new(), |(_, event)| format!("::<{event}>"));
            let condition = known.condition.map_or(String::new(), |(condition, text)| {
                format!(".when({condition}({text:?}))")
            });
            format!(".{method}{event}({path}{handler}{condition})")
        })
        .collect();
    let one_line = format!("Router::new(app){}", calls.concat());
    // One call is no chain.
    let router = match calls.len() == 1 || one_line.len() <= CHAIN {
        true => one_line,
        false => format!("Router::new(app)\n        {}", calls.join("\n        ")),
    };
    format!(
        "/// What goes to which handler.
fn router(app: App) -> Router<App> {{
    {router}
}}
"
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
