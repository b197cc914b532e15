//! The texts behind a plan's secrets, from variables and files. They stay in memory and out of every message.
#![expect(clippy::disallowed_methods, reason = "secrets may lie in files")]
use super::{CliError, session::Env};
use crate::{
    channel::{Hidden, Reach, Settings},
    engine::name_of,
    id::{ChannelName, SourceName},
    inbound::{self, signature},
    journey::WEBHOOKS,
    plan::{Act, Address, ChannelProvider, Plan, Secret, SourceProvider},
};
use std::{collections::BTreeMap, fs, path::Path};

/// Secrets of sources, newest first, and channels ready to be connected.
pub(super) struct Secrets {
    pub(super) sources: BTreeMap<SourceName, Vec<String>>,
    pub(super) channels: BTreeMap<ChannelName, Settings>,
}

/// Looks every secret of the plan up. All that are missing are told at once.
pub(super) fn resolve(plan: &Plan, root: &Path, env: Env<'_>) -> Result<Secrets, CliError> {
    unserved(plan)?;
    let mut missing = Vec::new();
    let mut secrets = Secrets { sources: BTreeMap::new(), channels: BTreeMap::new() };
    for (name, source) in &plan.sources {
        match look_up(&source.secret, root, env).and_then(|text| fits(source.provider, text)) {
            Ok(texts) => {
                secrets.sources.insert(name.clone(), texts);
            }
            Err(why) => missing.push(format!("source {name}: {} {why}", place(&source.secret))),
        }
    }
    for (name, channel) in &plan.channels {
        let settings = match &channel.provider {
            ChannelProvider::Mailbox => Ok(Settings::Mailbox),
            ChannelProvider::Folder { folder } => Ok(Settings::Folder { path: root.join(&**folder) }),
            // refused above
            ChannelProvider::Chatwoot { .. } | ChannelProvider::Twilio { .. } | ChannelProvider::Http { .. } => {
                continue;
            }
            ChannelProvider::Smtp { url } => look_up(url, root, env)
                .map(|text| Settings::Smtp {
                    url: Hidden(text),
                    from: channel.from.as_ref().map(ToString::to_string),
                    slots: channel.slots,
                })
                .map_err(|why| format!("channel {name}: {} {why}", place(url))),
        };
        match settings {
            Ok(settings) => {
                secrets.channels.insert(name.clone(), settings);
            }
            Err(why) => missing.push(why),
        }
    }
    webhooks(plan, root, env, &mut secrets, &mut missing);
    if missing.is_empty() { Ok(secrets) } else { Err(told(&missing)) }
}

/// What a project may name and this version cannot talk to.
fn unserved(plan: &Plan) -> Result<(), CliError> {
    let mut unserved = Vec::new();
    for (name, source) in plan.sources.iter().filter(|(_, source)| !inbound::understands(source.provider)) {
        let word = source.provider.word();
        unserved.push(format!("source {name}: this version understands no requests of `provider: {word}`"));
    }
    for (name, channel) in &plan.channels {
        use ChannelProvider::{Chatwoot, Folder, Http, Mailbox, Smtp, Twilio};
        match &channel.provider {
            Mailbox | Smtp { .. } | Folder { .. } => {}
            provider @ (Chatwoot { .. } | Twilio { .. } | Http { .. }) => {
                let word = provider.word();
                unserved.push(format!("channel {name}: this version cannot send by `provider: {word}`"));
            }
        }
    }
    let bound = unserved.len();
    for sequence in plan.sequences.values() {
        for step in sequence.steps.iter().filter(|step| step.active && !step.with.is_empty()) {
            let (sequence, step) = (&sequence.name, &step.name);
            unserved.push(format!("step {sequence}/{step}: this version does not ask look-ups (`with`)"));
        }
    }
    if unserved.is_empty() {
        return Ok(());
    }
    let environment = "run with `--env` and an environment that binds channels to `provider: mailbox` and sources to `provider: events`";
    let step = "write `active: false` at a step that asks, or take its `with` away; `preview` supposes the answers";
    let help = match bound {
        0 => step.to_owned(),
        all if all == unserved.len() => environment.to_owned(),
        _ => format!("{environment}; {step}"),
    };
    Err(CliError::environment(unserved.join("\n  ")).help(help))
}

/// Secrets and addresses of the programs that steps call.
fn webhooks(plan: &Plan, root: &Path, env: Env<'_>, into: &mut Secrets, missing: &mut Vec<String>) {
    let (mut secrets, mut addresses) = (BTreeMap::new(), BTreeMap::new());
    if plan.keeps_webhooks {
        return;
    }
    for sequence in plan.sequences.values() {
        for step in &sequence.steps {
            let Act::Webhook(spec) = &step.act else { continue };
            let mut find = |secret: &Secret, found: &mut BTreeMap<String, Hidden>| match look_up(secret, root, env) {
                Ok(text) => drop(found.insert(name_of(secret), Hidden(text))),
                Err(why) => missing.push(format!("step {}/{}: {} {why}", sequence.name, step.name, place(secret))),
            };
            find(&spec.secret, &mut secrets);
            if let Address::Named(address) = &spec.url {
                find(address, &mut addresses);
            }
        }
    }
    if !secrets.is_empty() {
        let settings = Settings::Webhook { secrets, addresses, reach: reach(env) };
        into.channels.insert(ChannelName::new(WEBHOOKS), settings);
    }
}

/// Programs of this machine are called only where that is said.
fn reach(env: Env<'_>) -> Reach {
    if env("DRIPLINE_ALLOW_LOOPBACK").is_some_and(|said| said == "1") { Reach::Loopback } else { Reach::Public }
}

fn told(missing: &[String]) -> CliError {
    let message = match missing {
        [only] => only.clone(),
        several => format!("{} secrets are missing:\n  {}", several.len(), several.join("\n  ")),
    };
    CliError::environment(message)
        .help("set the variables, or run with `--env` and an environment that needs none of them")
}

fn place(secret: &Secret) -> String {
    match secret {
        Secret::Variable(name) => format!("the variable {name}"),
        Secret::File(path) => format!("the file {path}"),
    }
}

fn look_up(secret: &Secret, root: &Path, env: Env<'_>) -> Result<String, &'static str> {
    let text = match secret {
        Secret::Variable(name) => env(name).ok_or("is not set")?,
        Secret::File(path) => fs::read_to_string(root.join(&**path)).map_err(|_| "cannot be read")?,
    };
    let text = text.trim();
    if text.is_empty() { Err("is empty") } else { Ok(text.to_owned()) }
}

/// Several secrets, the newest first, are written with spaces between them: that is how one is exchanged without a gap.
fn fits(provider: SourceProvider, text: String) -> Result<Vec<String>, &'static str> {
    let texts: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let usable = provider != SourceProvider::Events || texts.iter().all(|text| signature::is_standard_secret(text));
    if usable { Ok(texts) } else { Err("must hold a Standard Webhooks secret: whsec_ and base64 of 24 bytes or more") }
}
