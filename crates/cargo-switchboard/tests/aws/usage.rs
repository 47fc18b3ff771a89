//! What is missing is said, and what to do.

use std::process::Command;

use crate::account::{Account, variable};

#[test]
fn nobody_there_to_be_asked_is_wrong_usage() {
    let account = Account::with_function("wire-usage");
    let (code, said) = account.run(&["wire", "url"]);
    assert_eq!(code, 2);
    assert!(said.contains("--yes") && said.contains("--dry-run"), "{said}");
    assert_eq!(account.run(&["wire", "events", "--yes"]).0, 2);
    assert_eq!(
        account
            .run(&["wire", "s3", "--bucket", "b", "--events", "Nonsense", "--yes"])
            .0,
        2
    );
}

#[test]
fn a_region_and_credentials_are_asked_for_by_name() {
    let listing = |variables: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"))
            .args(["switchboard", "wire", "list", "--function", "none"])
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = listing(&[]);
    assert!(
        said.contains("no AWS region: pass --region, set AWS_REGION"),
        "{said}"
    );
    let region = ("AWS_REGION", "eu-west-1");
    let said = listing(&[region]);
    assert!(
        said.contains("no providers in chain provided credentials\n  pass --profile, set AWS_PROFILE"),
        "{said}"
    );
    let key = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let said = listing(&[
        region,
        key[0],
        key[1],
        ("AWS_ENDPOINT_URL", &variable("AWS_ENDPOINT_URL")),
    ]);
    assert!(
        said.contains("ResourceNotFoundException") && said.contains("no such function in eu-west-1"),
        "{said}"
    );
}
