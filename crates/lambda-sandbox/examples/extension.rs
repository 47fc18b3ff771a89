//! An external extension for tests, which says what it hears. `EXTENSIONS` has, by the name of the program's file, what it does.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

/// Set at SHUTDOWN: what has arrived is read, and no more.
static ENDING: AtomicBool = AtomicBool::new(false);
/// Held while the records of a TCP connection are read.
static READING: Mutex<()> = Mutex::new(());

fn main() {
    let name = std::env::args().next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let script = std::env::var("EXTENSIONS").unwrap_or_default();
    let script: Value = serde_json::from_str(&script).unwrap_or_default();
    Extension {
        id: String::new(),
        script: script[&name].clone(),
        name,
    }
    .run();
}

struct Extension {
    name: String,
    id: String,
    script: Value,
}

impl Extension {
    fn run(mut self) {
        self.say("starting");
        if self.script["register"] == false {
            return self.hang();
        }
        let events = match &self.script["events"] {
            Value::Null => json!(["INVOKE", "SHUTDOWN"]),
            events => events.clone(),
        };
        let body = json!({"events": events}).to_string();
        let (status, head, body) = self.request("POST", "/2020-01-01/extension/register", &body);
        self.id = header(&head, "lambda-extension-identifier");
        if status != 200 {
            self.say(&format!("registration refused: {body}"));
        }
        for subscription in self.script["subscribe"].as_array().into_iter().flatten() {
            self.subscribe(subscription);
        }
        match self.script["init"].as_str() {
            Some("exit") => std::process::exit(7),
            Some("error") => self.fail("init"),
            Some("hang") => self.hang(),
            _ => loop {
                let event = self.next();
                self.handle(&event);
            },
        }
    }

    fn next(&self) -> Value {
        let (status, _, body) = self.request("GET", "/2020-01-01/extension/event/next", "");
        if status != 200 {
            self.say(&format!("no event: {status} {body}"));
            self.hang();
        }
        self.say(&body);
        serde_json::from_str(&body).unwrap_or_default()
    }

    fn handle(&self, event: &Value) {
        if event["eventType"] == "INVOKE" && !self.script["late"].is_null() {
            self.subscribe(&self.script["late"]);
        }
        let what = match event["eventType"].as_str() {
            Some("INVOKE") => &self.script["invoke"],
            _ => &self.script["shutdown"],
        };
        match what.as_str() {
            Some("exit") => std::process::exit(7),
            Some("error") => self.fail("exit"),
            Some("hang") => self.hang(),
            // Goes on when the test hangs up.
            Some(address) if address.contains(':') => {
                let met = TcpStream::connect(address).and_then(|mut test| test.read(&mut [0]));
                self.say(&format!("has met: {}", met.is_ok()));
            }
            Some(pause) => {
                std::thread::sleep(Duration::from_millis(pause.parse().unwrap_or(0)));
                self.say("has paused");
            }
            None => {}
        }
        if event["eventType"] == "SHUTDOWN" {
            ENDING.store(true, Ordering::Release);
            drop(READING.lock());
            self.say("ending");
            std::process::exit(0);
        }
    }

    /// Reports an error of this phase, and exits.
    fn fail(&self, phase: &str) {
        let path = format!("/2020-01-01/extension/{phase}/error");
        let (status, _, body) = self.request(
            "POST",
            &path,
            r#"{"errorMessage":"no","errorType":"Mine.Broken"}"#,
        );
        self.say(&format!("reported: {status} {body}"));
        std::process::exit(1);
    }

    fn hang(&self) {
        loop {
            std::thread::park();
        }
    }

    /// Makes a subscription. In its body, `PORT` is the port of a listener, which refuses as many deliveries as the script says.
    fn subscribe(&self, subscription: &Value) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("the port").port().to_string();
        let refusals = subscription["refuse"].as_u64().unwrap_or(0);
        let body = subscription["body"].to_string();
        let body = body.replace("\"PORT\"", &port).replace("PORT", &port);
        let name = self.name.clone();
        let is_tcp = body.contains("TCP");
        std::thread::spawn(move || listen(&listener, &name, is_tcp, refusals));
        let path = subscription["path"].as_str().unwrap_or_default();
        let (status, _, body) = self.request("PUT", path, &body);
        self.say(&format!("subscription: {status} {body}"));
    }

    fn request(&self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\nlambda-extension-name: {}\r\n\
             lambda-extension-identifier: {}\r\nlambda-extension-function-error-type: Mine.Broken\r\n\
             content-length: {}\r\n\r\n{body}",
            self.name,
            self.id,
            body.len(),
        );
        let mut answer = String::new();
        let done = TcpStream::connect(api).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        match done {
            Ok(_) => (status.unwrap_or(0), head.to_owned(), body.to_owned()),
            Err(error) => (0, String::new(), error.to_string()),
        }
    }

    fn say(&self, line: &str) {
        say(&self.name, line);
    }
}

fn say(name: &str, line: &str) {
    // A failed write cannot be reported anywhere.
    let _ = writeln!(std::io::stdout(), "{name}: {line}");
}

fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map_or(String::new(), |(_, value)| value.to_owned())
}

/// Says what records come: for HTTP a line for each request, for TCP each line. Extensions' own are left out.
fn listen(listener: &TcpListener, name: &str, is_tcp: bool, mut refusals: u64) {
    for stream in listener.incoming().flatten() {
        if is_tcp {
            let _reading = READING.lock();
            say_lines(name, stream);
            continue;
        }
        let mut stream = BufReader::new(stream);
        while let Some((line, body)) = read(&mut stream) {
            let status = match refusals {
                0 => "200 OK",
                _ => "500 Internal Server Error",
            };
            if refusals > 0 {
                refusals -= 1;
                say(name, "refusing records");
            } else {
                say_records(name, &line, &body);
            }
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                break;
            }
        }
    }
}

/// Says each line of a connection, until it ends, or until the extension does and all that has arrived is read.
fn say_lines(name: &str, stream: TcpStream) {
    if stream.set_read_timeout(Some(Duration::from_millis(20))).is_err() {
        return;
    }
    let (mut stream, mut line) = (BufReader::new(stream), String::new());
    loop {
        match stream.read_line(&mut line) {
            Ok(0) => return,
            Ok(_) => {
                if !line.contains(r#""extension""#) {
                    say(name, &format!("record {}", line.trim_end()));
                }
                line.clear();
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if ENDING.load(Ordering::Acquire) {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

fn say_records(name: &str, line: &str, body: &str) {
    let records: Vec<Value> = serde_json::from_str(body).unwrap_or_default();
    let others = records.iter().filter(|record| record["type"] != "extension");
    for record in others {
        say(name, &format!("{line} {record}"));
    }
}

/// The first line and the body of a request.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut lines = stream.by_ref().lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut length = 0;
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((
        first.trim_end_matches(" HTTP/1.1").to_owned(),
        String::from_utf8_lossy(&body).into_owned(),
    ))
}
