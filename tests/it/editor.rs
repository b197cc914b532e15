//! The schemas in programs that are not ours: what the yaml-language-server completes, explains and marks, and what ajv
//! refuses.
//!
//! `DRIPLINE_NODE_MODULES` names a folder `node_modules` with `yaml-language-server`, `yaml` and `ajv`; without it there is
//! nothing to ask, except where `CI` says that it must be there.
use crate::cases;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

pub(crate) fn modules() -> Option<PathBuf> {
    let modules = std::env::var("DRIPLINE_NODE_MODULES").ok().filter(|modules| !modules.is_empty());
    let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(modules.is_some() || !must, "DRIPLINE_NODE_MODULES is not set");
    modules.map(PathBuf::from)
}

/// One server, and a folder with the published schemas.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    asked: i64,
    opened: u32,
    notices: VecDeque<Value>,
}

impl Editor {
    fn start(modules: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        fs::create_dir(folder.path().join("schemas")).unwrap();
        for schema in fs::read_dir(schemas).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            fs::copy(schema.path(), folder.path().join("schemas").join(schema.file_name())).unwrap();
        }
        let mut server = Command::new("node")
            .arg(modules.join("yaml-language-server/bin/yaml-language-server"))
            .arg("--stdio")
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let mut editor = Self { server, to, from, folder, asked: 0, opened: 0, notices: VecDeque::new() };
        let root = editor.uri("");
        editor.ask(
            "initialize",
            &json!({ "processId": null, "rootUri": root, "workspaceFolders": [{ "uri": root, "name": "p" }],
                "capabilities": {
                    "workspace": { "configuration": true },
                    "textDocument": {
                        "completion": { "completionItem": { "snippetSupport": true, "documentationFormat": ["markdown"] } },
                        "hover": { "contentFormat": ["markdown"] } } } }),
        );
        editor.tell("initialized", &json!({}));
        editor
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}", self.folder.path().join(file).display())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.hear();
            if message["id"] == id && message["method"].is_null() {
                assert!(message["error"].is_null(), "{message}");
                return message["result"].clone();
            }
            self.notices.push_back(message);
        }
    }

    /// The next message that is not a question of the server; those are answered on the way.
    fn hear(&mut self) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert!(self.from.read_line(&mut line).unwrap() > 0, "the server went away");
                if let Some(bytes) = line.strip_prefix("Content-Length: ") {
                    length = bytes.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.from.read_exact(&mut body).unwrap();
            let message: Value = serde_json::from_slice(&body).unwrap();
            if message["id"].is_null() || message["method"].is_null() {
                return message;
            }
            let result = match message["method"].as_str() {
                Some("workspace/configuration") => {
                    let items = message["params"]["items"].as_array().unwrap().iter();
                    let settings = items.map(|item| match item["section"].as_str() {
                        Some("yaml") => json!({ "validate": true, "completion": true, "hover": true, "schemaStore": { "enable": false } }),
                        _ => Value::Null,
                    });
                    settings.collect()
                }
                _ => Value::Null,
            };
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
        }
    }

    /// Opens a document with the modeline that scaffolds write, and returns what is marked in it. `text` may hold `‸`,
    /// which is where the cursor stands.
    fn open(&mut self, file: &str, text: &str) -> Document {
        let kind = file.split('/').next().unwrap().trim_end_matches('s').replace("dripline.yaml", "project");
        let schema = self.uri(&format!("schemas/{kind}.schema.json"));
        let whole = format!("# yaml-language-server: $schema={schema}\n{text}");
        let cursor = whole.split_once('‸').map(|(before, _)| {
            let line = before.matches('\n').count();
            let column = before.rsplit('\n').next().unwrap_or("").encode_utf16().count();
            json!({ "line": line, "character": column })
        });
        let whole = whole.replace('‸', "");
        // the server remembers texts by their address: each has its own
        self.opened += 1;
        let uri = self.uri(&file.replace(".yaml", &format!("_{}.yaml", self.opened)));
        self.tell(
            "textDocument/didOpen",
            &json!({ "textDocument": { "uri": uri, "languageId": "yaml", "version": 1, "text": whole } }),
        );
        Document { uri, text: whole, cursor: cursor.unwrap_or(Value::Null) }
    }

    fn close(&mut self, document: &Document) {
        self.tell("textDocument/didClose", &json!({ "textDocument": { "uri": document.uri } }));
        self.notices.clear();
    }

    /// `line:column-column message` of everything that the server marks, sorted; lines from 1 without the modeline.
    fn marks(&mut self, document: &Document) -> Vec<String> {
        loop {
            let message = self.notices.pop_front().unwrap_or_else(|| self.hear());
            let is_ours =
                message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == *document.uri;
            if !is_ours {
                continue;
            }
            let mark = |mark: &Value| {
                let (start, end) = (&mark["range"]["start"], &mark["range"]["end"]);
                let text = mark["message"].as_str().unwrap().replace('\n', " ");
                let column = |at: &Value| at["character"].as_u64().unwrap() + 1;
                format!("{}:{}-{} {text}", start["line"], column(start), column(end))
            };
            let mut marks: Vec<String> =
                message["params"]["diagnostics"].as_array().unwrap().iter().map(mark).collect();
            marks.sort();
            return marks;
        }
    }

    fn completions(&mut self, file: &str, text: &str) -> BTreeMap<String, Value> {
        let document = self.open(file, text);
        let at = json!({ "textDocument": { "uri": document.uri }, "position": document.cursor });
        let answer = self.ask("textDocument/completion", &at);
        self.close(&document);
        let items = answer["items"].as_array().or(answer.as_array()).cloned().unwrap_or_default();
        items.into_iter().map(|item| (item["label"].as_str().unwrap().to_owned(), item)).collect()
    }

    fn hover(&mut self, file: &str, text: &str) -> String {
        let document = self.open(file, text);
        let at = json!({ "textDocument": { "uri": document.uri }, "position": document.cursor });
        let answer = self.ask("textDocument/hover", &at);
        self.close(&document);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

struct Document {
    uri: String,
    text: String,
    cursor: Value,
}

const HEAD: &str = "sequence: hello\npurpose: service\nreentry: never\n";

fn steps(rest: &str) -> String {
    format!("{HEAD}steps:\n{rest}")
}

#[test]
fn an_editor_completes_explains_and_marks() {
    let Some(modules) = modules() else {
        println!("skipped: DRIPLINE_NODE_MODULES names no folder");
        return;
    };
    let mut editor = Editor::start(&modules);
    completes(&mut editor);
    explains(&mut editor);
    marks(&mut editor);
    let good = editor.open("sequences/good.yaml", &steps("  - id: a\n    email: { subject: Hi, text: Hello }\n"));
    assert_eq!(editor.marks(&good), Vec::<String>::new(), "{}", good.text);
}

/// Keys of an object in a published schema.
fn published(kind: &str, definition: Option<&str>) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{kind}.schema.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let object = definition.map_or(&schema, |name| &schema["definitions"][name]);
    object["properties"].as_object().unwrap().keys().cloned().collect()
}

fn completes(editor: &mut Editor) {
    let offers = |editor: &mut Editor, text: &str, keys: &BTreeSet<String>| {
        let offered = editor.completions("sequences/a.yaml", text);
        for key in keys {
            let item = offered.get(key).unwrap_or_else(|| panic!("`{key}` is not offered: {:?}", offered.keys()));
            let about = item["documentation"]["value"].as_str().or(item["documentation"].as_str());
            assert!(about.is_some_and(|about| about.len() > 10), "`{key}` is offered without a word: {item}");
        }
    };
    let keys = published("sequence", Some("step"));
    assert!(keys.len() > 25, "{keys:?}");
    offers(editor, &steps("  - ‸\n"), &keys);
    let others = keys.iter().filter(|key| *key != "id").cloned().collect();
    offers(editor, &steps("  - id: a\n    ‸\n"), &others);
    offers(editor, "‸\n", &published("sequence", None));
    let whole = editor.completions("sequences/a.yaml", "‸\n");
    let skeleton = whole["dripline sequence"]["insertText"].as_str().unwrap();
    assert!(skeleton.starts_with("sequence: ") && skeleton.contains("steps:"), "{skeleton}");
    let purposes = ["transactional", "service", "marketing"].map(str::to_owned).into();
    offers(editor, "sequence: hello\npurpose: ‸\n", &purposes);
    let step = editor.completions("sequences/a.yaml", &steps("  - ‸\n"));
    assert!(step["step"]["insertText"].as_str().unwrap().starts_with("id: "), "{}", step["step"]);
}

fn explains(editor: &mut Editor) {
    let wait = editor.hover("sequences/a.yaml", &steps("  - id: a\n    wa‸it: 3d\n"));
    assert!(wait.contains("How long after the step above") && wait.contains("wait: 3d"), "{wait}");
    let purpose = editor.hover("sequences/a.yaml", "sequence: hello\npurpose: serv‸ice\n");
    assert!(purpose.contains("* `service`: Help with something the person started"), "{purpose}");
    let zone = editor.hover("dripline.yaml", "project: clinic\nzo‸ne: Europe/Berlin\n");
    assert!(zone.contains("zone"), "{zone}");
}

/// Mistakes, and what the editor says of each: the place and what to type.
fn marks(editor: &mut Editor) {
    let mistakes: &[(String, &[&str])] = &[
        (steps("  - id: a\n    subjcet: Hi\n"), &["6:5-12 A step has these keys: id, title, active, wait, "]),
        (steps("  - id: a\n    delay: 3d\n"), &["6:5-10 This key is called `wait` here."]),
        (steps("  - id: a\n    wait: 90\n"), &["6:11-13 This is not a duration such as 90s, 15m, 24h, 3d, "]),
        (
            steps("  - id: a\n    email: hello\n    sms: hello\n"),
            &["6:5-10 A step does one thing, and `sms` is one", "7:5-8 A step does one thing, and `email` is one"],
        ),
        (
            steps("  - id: a\n    wait: 1d\n    day: 3\n"),
            &["6:5-9 A step is due at one moment", "7:5-8 A step is due at one moment, and `wait` says which"],
        ),
        (steps("  - id: Hello World\n"), &["5:9-20 This is not an id of small letters, digits and underscores."]),
        (steps("  - email: hello\n"), &["5:5-6 Missing property \"id\"."]),
        (
            "sequence: hello\npurpose: advertising\nreentry: never\nsteps:\n  - id: a\n".to_owned(),
            &["2:10-21 Value is not accepted. Valid values: \"transactional\", \"service\", \"marketing\"."],
        ),
        (
            "sequence: hello\npurpose: service\nreentry: sometimes\nsteps:\n  - id: a\n".to_owned(),
            &["3:10-19 This is not never, always, or after and a duration such as `after 30d`."],
        ),
        (steps("  - id: a\n    day: 1\n    at: \"25:00\"\n"), &["7:9-16 This is not a time of day such as \"10:00\"."]),
        (steps("  - id: a\n    score: { add: lots }\n"), &["6:19-23 This is not a whole number from "]),
        (steps("  id: a\n"), &["5:3-1 This is a list: begin each entry with `- `"]),
        (steps("  - id: a\n    at: \"10:00\"\n"), &["6:5-7 `at` goes together with day or wait or before or after."]),
    ];
    for (text, wanted) in mistakes {
        let document = editor.open("sequences/m.yaml", text);
        let marks = editor.marks(&document);
        editor.close(&document);
        let fits =
            marks.len() == wanted.len() && marks.iter().zip(*wanted).all(|(mark, wanted)| mark.starts_with(wanted));
        assert!(fits, "{text}=> {marks:#?}");
    }
}

/// Findings about the structure that no schema can tell: they compare values with each other or with other files.
const BEYOND_SCHEMAS: &[&str] = &["DL114", "DL117"];
/// Values that only a look into them can tell: an address of a sender, a password inside an address.
const BEYOND_CASES: &[&str] = &["from_without_address", "secret_literal_in_smtp_url"];

#[test]
fn another_validator_refuses_the_same_files() {
    let Some(modules) = modules() else {
        println!("skipped: DRIPLINE_NODE_MODULES names no folder");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let newer = folder.path().join("2020-12");
    let written =
        crate::project::dripline(folder.path(), &["schema", "--draft", "2020-12", "--out", newer.to_str().unwrap()]);
    assert_eq!(written.code, 0, "{written:?}");
    let (mut asked, mut ours) = (Vec::new(), Vec::new());
    let beyond = |name: &str| BEYOND_CASES.iter().any(|case| name.ends_with(&format!("/{case}.yaml")));
    for (at, (name, case)) in cases::all().into_iter().filter(|(name, _)| !beyond(name)).enumerate() {
        let project = folder.path().join(format!("case-{at}"));
        cases::lay(&case, &project);
        let checked = crate::project::dripline(&project, &["check", "--format", "json"]);
        let checked: Value = serde_json::from_str(&checked.out).unwrap();
        for (file, structural) in judged(&checked, &project) {
            // another version of a project, which `check` does not look at
            if file.starts_with("tests/fixtures/") {
                continue;
            }
            let text = fs::read_to_string(project.join(&file)).unwrap();
            let Some(kind) = kind_of(&text).filter(|kind| schemas.join(format!("{kind}.schema.json")).exists()) else {
                continue;
            };
            for (draft, folder) in [("draft-07", &schemas), ("2020-12", &newer)] {
                let schema = folder.join(format!("{kind}.schema.json"));
                asked.push(json!({ "file": project.join(&file), "schema": schema, "draft": draft }));
                ours.push((format!("{name}: {file} ({draft})"), structural));
            }
        }
    }
    let theirs = ask_ajv(&modules, &Value::Array(asked));
    let mut wrong = Vec::new();
    let mut refused = 0;
    for ((name, structural), valid) in ours.iter().zip(theirs) {
        let Some(valid) = valid.as_bool() else { continue };
        refused += usize::from(!valid);
        if valid == *structural {
            wrong.push(format!("{name}: ajv says {valid}, check says structural = {structural}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 60, "{refused} refused of {}", ours.len());
}

/// The YAML files of a case whose structure `check` could judge, and whether it found something wrong with it.
fn judged(checked: &Value, project: &Path) -> Vec<(String, bool)> {
    let findings = checked["findings"].as_array().unwrap();
    let mut files = Vec::new();
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                files.push(path.strip_prefix(project).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let verdict = |file: String| {
        let of =
            || findings.iter().filter(|finding| finding["place"]["file"] == *file && finding["severity"] == "error");
        let codes: Vec<&str> = of().map(|finding| finding["code"].as_str().unwrap()).collect();
        let text = fs::read_to_string(project.join(&file)).ok()?;
        // a variable is filled in before the structure is looked at, and a broken file has none
        if text.contains("${") || codes.iter().any(|code| code.starts_with("DL0") || *code == "DL190") {
            return None;
        }
        let structural = |code: &&str| (code.starts_with("DL1") && !BEYOND_SCHEMAS.contains(code)) || *code == "DL501";
        let verdict = codes.iter().any(structural);
        Some((file, verdict))
    };
    files.into_iter().filter_map(verdict).collect()
}

/// The first key of a file, as far as it names a kind.
fn kind_of(text: &str) -> Option<&str> {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#') && *line != "---")?;
    first.split_once(':').map(|(key, _)| key).filter(|key| !key.contains(' '))
}

fn ask_ajv(modules: &Path, asked: &Value) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/validator.js");
    let mut node = Command::new("node")
        .arg(script)
        .env("NODE_PATH", modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success());
    serde_json::from_slice(&said.stdout).unwrap()
}
