//! `run` says whom it turned away, and takes whom an option names.

use crate::shell::{Running, err, with_echo};
use switchboard_test_support::client::send_to_host;

#[tokio::test]
async fn run_says_whom_it_turned_away_and_how_to_let_them_in() {
    let mut run = Running::start(&[
        "--allow-origin",
        "https://app.example",
        "--allow-host",
        "box.example",
    ]);
    for (host, origin, status) in [
        ("127.0.0.1", "https://evil.example", 403),
        ("127.0.0.1", "https://app.example", 200),
        ("box.example", "http://box.example:9000", 200),
        ("evil.example", "http://localhost", 403),
    ] {
        let reply = send_to_host(run.address, "POST /", host, &[("origin", origin)], b"").await;
        assert_eq!(reply.status, status, "{host} {origin}");
    }
    run.interrupt();
    let notes = run.notes();
    assert_eq!(notes.matches("POST /  403").count(), 2, "{notes}");
    assert!(
        notes.contains("`https://evil.example`") && notes.contains("--allow-origin"),
        "{notes}"
    );
    assert!(
        notes.contains("`evil.example`") && notes.contains("--allow-host"),
        "{notes}"
    );
}

#[test]
fn an_invalid_origin_is_reported_at_once() {
    for words in [
        ["--allow-origin", "app.example"],
        ["--allow-host", "http://app.example"],
    ] {
        let output = with_echo(&["run"]).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("expected a"), "{}", err(&output));
    }
}
