//! `run --watch`, with a package that cargo builds in a moment.

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::Value;
use switchboard_test_support::client::send;
use switchboard_test_support::files;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::cli::TINY;
use crate::shell::{Running, switchboard};

const MANIFEST: &str = "[package]\nname = \"tiny\"\nversion = \"0.0.0\"\nedition = \"2021\"\nbuild = \"build.rs\"\n[workspace]\n";

/// A build script that tells the test that a build is under way, and ends when the test hangs up.
const BUILD: &str = r#"
use std::io::Read;
fn main() {
    println!("cargo:rerun-if-changed=src");
    let gate = std::env::var("GATE").unwrap();
    let _ = std::net::TcpStream::connect(gate).unwrap().read(&mut [0]);
}
"#;

/// The function, which replies with this expression.
fn replying(expression: &str) -> String {
    let own = "std::env::args().next().unwrap().rsplit('/').next().unwrap()";
    assert!(TINY.contains(own));
    TINY.replace(own, expression)
}

/// The builds, each held until its connection is dropped. The first one is not.
fn gate() -> (String, UnboundedReceiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (builds, under_way) = unbounded_channel();
    thread::spawn(move || {
        drop(listener.accept().unwrap());
        for build in listener.incoming() {
            if builds.send(build.unwrap()).is_err() {
                return;
            }
        }
    });
    (address, under_way)
}

fn watched(package: &Path, gate: &str) -> Running {
    Running::serving(watching(package, gate))
}

fn watching(package: &Path, gate: &str) -> Command {
    let mut command = switchboard(&["run", "--port", "0", "--watch", "--", "--offline"]);
    command
        .current_dir(package)
        .env("GATE", gate)
        .env_remove("CARGO_TARGET_DIR");
    command
}

#[tokio::test]
async fn a_change_is_built_and_started_while_requests_wait() {
    let package = files(&[
        ("Cargo.toml", MANIFEST),
        ("build.rs", BUILD),
        ("src/main.rs", &replying("\"one\"")),
    ]);
    let write = |path: &str, text: &str| fs::write(package.path().join(path), text).unwrap();
    let (gate, mut builds) = gate();
    let mut run = watched(package.path(), &gate);
    assert_eq!(run.invoke("{}").await, "one");

    write("src/main.rs", &replying("\"two\""));
    let build = builds.recv().await.unwrap();
    let address = run.address;
    let line = "POST /2015-03-31/functions/f/invocations";
    let held = tokio::spawn(async move { send(address, line, &[], b"{}").await.json() });
    drop(build);
    assert_eq!(held.await.unwrap(), "two");
    run.wait_for_note("restarted", 1).await;

    // What does not compile replaces nothing.
    write("src/main.rs", &replying("nonsense"));
    drop(builds.recv().await.unwrap());
    run.wait_for_note("the earlier build keeps answering", 1).await;
    run.wait_for_note("cannot find value `nonsense`", 1).await;
    assert_eq!(run.invoke("{}").await, "two");

    // A module in a new directory.
    fs::create_dir(package.path().join("src/reply")).unwrap();
    write("src/reply/mod.rs", "pub const REPLY: &str = \"three\";");
    write(
        "src/main.rs",
        &format!("mod reply;\n{}", replying("reply::REPLY")),
    );
    while run.invoke_after(&mut builds).await != "three" {}
    write("src/reply/mod.rs", "pub const REPLY: &str = \"four\";");
    while run.invoke_after(&mut builds).await != "four" {}
    assert_eq!(run.interrupt(), Some(0));
}

#[tokio::test]
async fn a_build_that_is_under_way_ends_with_the_command() {
    let package = files(&[
        ("Cargo.toml", MANIFEST),
        ("build.rs", BUILD),
        ("src/main.rs", &replying("\"one\"")),
    ]);
    let (gate, mut builds) = gate();
    let mut run = watched(package.path(), &gate);
    fs::write(package.path().join("src/main.rs"), replying("\"two\"")).unwrap();
    let mut build = builds.recv().await.unwrap();
    assert_eq!(run.interrupt(), Some(0));
    // Whatever cargo had started, nobody starts the function again.
    drop(build.shutdown(std::net::Shutdown::Write));
    let _ = build.read(&mut [0]);
    assert!(!run.notes().contains("restarted"));
}

#[tokio::test]
async fn watching_survives_a_function_that_does_not_build_or_start_at_first() {
    let package = files(&[
        ("Cargo.toml", MANIFEST),
        ("build.rs", BUILD),
        ("src/main.rs", &replying("nonsense")),
    ]);
    let write = |text: &str| fs::write(package.path().join("src/main.rs"), text).unwrap();
    let (gate, mut builds) = gate();
    let mut run = Running::waiting(watching(package.path(), &gate)).await;
    let address = run.address;
    let line = "POST /2015-03-31/functions/f/invocations";
    let invoke = || send(address, line, &[], b"{}");
    run.wait_for_note("cannot find value `nonsense`", 1).await;
    let response = invoke().await;
    assert_eq!(response.status, 503);
    let text = response.json()["message"].to_string();
    assert!(text.contains("does not build"), "{text}");

    write("fn main() { panic!(\"no table\") }");
    drop(builds.recv().await.unwrap());
    run.wait_for_note("no table", 1).await;
    run.wait_for_note("answers with 503", 2).await;
    assert_eq!(invoke().await.status, 503);

    // During a build, requests wait.
    write(&replying("\"three\""));
    let build = builds.recv().await.unwrap();
    let held = tokio::spawn(invoke());
    drop(build);
    assert_eq!(held.await.unwrap().json(), "three");
    assert_eq!(run.interrupt(), Some(0));
}

impl Running {
    /// Lets a build go on, and asks the function behind it.
    async fn invoke_after(&self, builds: &mut UnboundedReceiver<TcpStream>) -> Value {
        drop(builds.recv().await.unwrap());
        self.invoke("{}").await
    }
}
