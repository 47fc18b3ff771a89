//! An account of the emulator with the stock function in it, the command as a shell runs it, and who may not do what.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an event may be under way.
const ARRIVES: Duration = Duration::from_secs(60);

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-aws`"))
}

/// A function of its own, and clients with all rights.
pub(crate) struct Account {
    python: RefCell<(Child, ChildStdin, BufReader<ChildStdout>)>,
    pub(crate) function: String,
    directory: TempDir,
    /// What the command finds in its environment.
    environment: Vec<(&'static str, String)>,
    /// The double of Lambda's event source mappings, if there is one.
    mappings: Option<Child>,
}

impl Account {
    /// Deploys the stock function under this name, with its journal in a file.
    pub(crate) fn with_function(name: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/account.py");
        let mut python = Command::new(variable("POWERTOOLS_PYTHON"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = python.stdin.take().unwrap();
        let stdout = BufReader::new(python.stdout.take().unwrap());
        let account = Self {
            python: RefCell::new((python, stdin, stdout)),
            function: name.to_owned(),
            directory: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
            mappings: None,
        };
        account.deploy();
        account
    }

    /// Answers the command's calls about event source mappings as Lambda's model and documents say. The emulator knows neither
    /// Kafka nor provisioned mode.
    pub(crate) fn with_modelled_mappings(mut self) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/mappings.py");
        let mut double = Command::new(variable("POWERTOOLS_PYTHON"))
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let stdout = double.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut port).unwrap();
        let url = format!("http://127.0.0.1:{}", port.trim());
        self.environment.push(("AWS_ENDPOINT_URL_LAMBDA", url));
        self.mappings = Some(double);
        self
    }

    fn deploy(&self) {
        let directory = self.directory.path();
        let bootstrap = directory.join("bootstrap");
        fs::write(&bootstrap, format!("#!/bin/sh\nexec {}\n", stock().display())).unwrap();
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
        let package = directory.join("function.zip");
        let zip = Command::new(variable("POWERTOOLS_PYTHON"))
            .args(["-m", "zipfile", "-c"])
            .args([&package, &bootstrap])
            .status();
        assert!(zip.unwrap().success());
        let trust = statement(
            "sts:AssumeRole",
            json!({"Principal": {"Service": "lambda.amazonaws.com"}}),
        );
        let role = json!({"RoleName": self.function, "AssumeRolePolicyDocument": trust});
        let role = self.call("iam", "create_role", role)["Role"]["Arn"].clone();
        let all = statement("*", json!({"Resource": "*"}));
        let rights = json!({"RoleName": self.function, "PolicyName": "all", "PolicyDocument": all});
        self.call("iam", "put_role_policy", rights);
        let store = format!("sqlite:{}", directory.join("journal.sqlite").display());
        let function = json!({"FunctionName": self.function, "Runtime": "provided.al2023", "Role": role, "Handler": "bootstrap",
            "Code": {"ZipFile": {"file": package}}, "Timeout": 10,
            "Environment": {"Variables": {"SWITCHBOARD_STORE": store}}});
        self.call("lambda", "create_function", function);
    }

    /// Calls AWS, by boto3's names.
    pub(crate) fn call(&self, service: &str, operation: &str, arguments: Value) -> Value {
        let said = self.try_call(service, operation, arguments);
        said.unwrap_or_else(|code| panic!("{service}.{operation}: {code}"))
    }

    /// The answer, or the error's code.
    pub(crate) fn try_call(&self, service: &str, operation: &str, arguments: Value) -> Result<Value, String> {
        let mut python = self.python.borrow_mut();
        writeln!(python.1, "{}", json!([service, operation, arguments])).unwrap();
        let mut line = String::new();
        python.2.read_line(&mut line).unwrap();
        let mut said: Value = serde_json::from_str(&line).unwrap();
        match said["error"].as_str() {
            Some(code) => Err(code.to_owned()),
            None => Ok(said["ok"].take()),
        }
    }

    /// Runs the command with all rights: its exit code and what it printed on the standard output and error.
    pub(crate) fn run(&self, words: &[&str]) -> (i32, String) {
        run(words, &self.function, &self.environment)
    }

    /// From here on the alias `live` gets the triggers.
    pub(crate) fn publish(&mut self) {
        let function = json!({"FunctionName": self.function});
        let version = self.call("lambda", "publish_version", function)["Version"].clone();
        let alias = json!({"FunctionName": self.function, "Name": "live", "FunctionVersion": version});
        self.call("lambda", "create_alias", alias);
        self.function.push_str(":live");
    }

    /// Runs the command, which is to succeed.
    pub(crate) fn succeed(&self, words: &[&str]) -> String {
        let (code, said) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {said}");
        said
    }

    /// Wires, and wires once more, which has nothing to do.
    pub(crate) fn wire(&self, words: &[&str]) -> String {
        let words = [&["wire"], words, &["--yes"]].concat();
        let first = self.succeed(&words);
        assert!(first.contains("created"), "{first}");
        let before = self.state();
        let second = self.succeed(&words);
        assert!(second.contains("nothing to do"), "{second}");
        assert_eq!(self.state(), before);
        first
    }

    /// Wires a trigger that exists with other settings.
    pub(crate) fn wire_again(&self, words: &[&str]) {
        let said = self.succeed(&[&["wire"], words, &["--yes"]].concat());
        assert!(said.contains("changed"), "{said}");
    }

    /// Unwires, and unwires once more, which has nothing to do.
    pub(crate) fn unwire(&self, words: &[&str]) {
        let words = [&["unwire"], words, &["--yes"]].concat();
        let first = self.succeed(&words);
        assert!(first.contains("removed"), "{first}");
        let second = self.succeed(&words);
        assert!(second.contains("nothing to do"), "{second}");
    }

    /// The function's triggers, as the command lists them.
    pub(crate) fn triggers(&self) -> Vec<Value> {
        let said = self.succeed(&["wire", "list", "--format", "json"]);
        said.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{said}")))
            .collect()
    }

    /// All that `wire` changes of what belongs to the function.
    pub(crate) fn state(&self) -> Value {
        let function = json!({"FunctionName": self.function});
        let asked =
            |service, operation, arguments| self.try_call(service, operation, arguments).unwrap_or_default();
        let mut mappings = asked("lambda", "list_event_source_mappings", function.clone());
        for mapping in mappings["EventSourceMappings"].as_array_mut().unwrap() {
            mapping["LastProcessingResult"].take();
        }
        let named = |list: Value, key: &str| {
            let all = list[key].as_array().cloned().unwrap_or_default();
            all.into_iter()
                .filter(|one| one.to_string().contains(&self.function))
                .collect::<Vec<_>>()
        };
        // The emulator leaves a policy without statements where AWS leaves none.
        let mut policy = asked("lambda", "get_policy", function.clone())["Policy"].take();
        if !policy.to_string().contains("Sid") {
            policy = Value::Null;
        }
        let configuration = asked("lambda", "get_function", function.clone());
        json!({
            "policy": policy,
            "tags": configuration["Tags"],
            "url": asked("lambda", "get_function_url_config", function),
            "mappings": mappings,
            "rules": named(asked("events", "list_rules", json!({})), "Rules"),
            "http": named(asked("apigatewayv2", "get_apis", json!({})), "Items"),
            "rest": named(asked("apigateway", "get_rest_apis", json!({})), "items"),
        })
    }

    /// Types of the journal's entries, asked of the function itself.
    fn entries(&self) -> String {
        let request = json!({"version": "2.0", "routeKey": "$default", "rawPath": "/events", "rawQueryString": "limit=100",
            "headers": {"host": "x.execute-api.eu-west-1.amazonaws.com"}, "isBase64Encoded": false,
            "requestContext": {"accountId": "1", "apiId": "x", "domainName": "x.execute-api.eu-west-1.amazonaws.com",
                "domainPrefix": "x", "requestId": "r", "routeKey": "$default", "stage": "$default", "timeEpoch": 0,
                "http": {"method": "GET", "path": "/events", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"}}});
        let invoke = json!({"FunctionName": self.function, "Payload": request.to_string()});
        let answer = self.call("lambda", "invoke", invoke)["Payload"].clone();
        answer.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the function has journalled an event of this type.
    pub(crate) fn journalled(&self, event: &str) {
        let started = Instant::now();
        let mut entries = self.entries();
        while !entries.contains(event) {
            assert!(started.elapsed() < ARRIVES, "{event} did not arrive: {entries}");
            std::thread::sleep(Duration::from_millis(100));
            entries = self.entries();
        }
    }

    /// Waits until the function has logged this.
    pub(crate) fn logged(&self, text: &str) {
        let started = Instant::now();
        let group = json!({"logGroupName": format!("/aws/lambda/{}", self.function)});
        let mut logs = String::new();
        while !logs.contains(text) {
            assert!(started.elapsed() < ARRIVES, "{text} was not logged: {logs}");
            std::thread::sleep(Duration::from_millis(100));
            logs = self
                .try_call("logs", "filter_log_events", group.clone())
                .unwrap_or_default()
                .to_string();
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let python = &mut self.python.get_mut().0;
        drop(python.kill());
        drop(python.wait());
        if let Some(double) = &mut self.mappings {
            drop(double.kill());
            drop(double.wait());
        }
    }
}

/// Somebody who may not do everything.
pub(crate) struct Limited<'a> {
    account: &'a Account,
    keys: [(&'static str, String); 2],
}

impl<'a> Limited<'a> {
    pub(crate) fn new(account: &'a Account) -> Self {
        let user = json!({"UserName": account.function});
        account.call("iam", "create_user", user.clone());
        let key = &account.call("iam", "create_access_key", user)["AccessKey"];
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let keys = [
            ("AWS_ACCESS_KEY_ID", text("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey")),
        ];
        Self { account, keys }
    }

    fn may(&self, statements: Value) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let policy = json!({"UserName": self.account.function, "PolicyName": "limited", "PolicyDocument": document.to_string()});
        self.account.call("iam", "put_user_policy", policy);
    }

    /// Runs the command with these rights only, which is to succeed.
    pub(crate) fn succeeds(&self, words: &[&str], rights: &[String]) -> String {
        self.may(json!([{"Effect": "Allow", "Action": rights, "Resource": "*"}]));
        let (code, said) = run(words, &self.account.function, &self.keys);
        assert_eq!(code, 0, "{words:?} with {rights:?}: {said}");
        said
    }

    /// Runs `wire` without this right, which is to fail, name the right, and leave everything as it was.
    pub(crate) fn fails(&self, words: &[&str], right: &str, resource: &str, state: impl Fn() -> Value) {
        self.may(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": right, "Resource": resource},
        ]));
        let before = state();
        let words = [&["wire"], words, &["--yes"]].concat();
        let (code, said) = run(&words, &self.account.function, &self.keys);
        assert_eq!(code, 1, "{words:?} without {right}: {said}");
        assert!(
            said.contains(right) && !said.contains("left"),
            "{words:?} without {right}: {said}"
        );
        assert_eq!(
            said.matches("\nundone").count(),
            said.matches("\ncreated").count(),
            "{said}"
        );
        assert_eq!(state(), before, "{words:?} without {right}: {said}");
    }
}

fn run(words: &[&str], function: &str, environment: &[(&'static str, String)]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"))
        .arg("switchboard")
        .args(words)
        .args(["--function", function])
        .stdin(Stdio::null())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// The stock function, which cargo has built.
fn stock() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let stock = test
        .parent()
        .and_then(|deps| deps.parent())
        .unwrap()
        .join("switchboard");
    assert!(
        stock.exists(),
        "cargo build --bin switchboard has to make {}",
        stock.display()
    );
    stock
}

/// A policy with one statement.
fn statement(action: &str, rest: Value) -> String {
    let mut statement = json!({"Effect": "Allow", "Action": action});
    for (key, value) in rest.as_object().unwrap() {
        statement[key] = value.clone();
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// `GET` of a URL whose host is this machine, whatever its name says: the status and the body.
pub(crate) fn get(url: &str) -> (u16, String) {
    let rest = url.split_once("://").unwrap().1;
    let (host, path) = rest.split_once('/').unwrap();
    let emulator = variable("AWS_ENDPOINT_URL");
    let mut stream = TcpStream::connect(emulator.split_once("://").unwrap().1).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
