//! `dripline opt-out`: writes down that somebody wants no more messages.
use super::{
    CliError, Exit, Session,
    desk::{self, Place},
    order::{self, Wish},
};
use crate::{diag::nearest, id::ChannelName};
use serde_json::json;

/// Write down that somebody wants no more messages
///
/// Closes marketing and service on every channel, at once and for everything pending; messages about their own appointments
/// still go out. With --channel it closes that channel for everything, appointments as well, and no other.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline opt-out ana@example.com
  dripline opt-out ana@example.com --channel sms

Formats: full (default), json.")]
pub(super) struct Args {
    /// Name, e-mail, phone or id
    contact: String,
    /// Only this channel
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    order::format(session)?;
    let mut desk = args.place.open(session)?;
    let channel = args.channel.as_deref().map(ChannelName::new);
    if let Some(name) = channel.as_ref().filter(|name| !desk.plan.channels.contains_key(*name)) {
        let near = nearest(name.as_str(), desk.plan.channels.keys().map(ChannelName::as_str));
        let error = CliError::usage(format!("there is no channel \"{name}\""));
        return Err(match near {
            Some(near) => error.help(format!("did you mean \"{near}\"?")),
            None => error,
        });
    }
    let card = desk.find(&args.contact)?;
    order::give(session, &desk, card.id, &Wish::OptOut(channel.clone()))?;
    let what = channel.as_ref().map_or_else(
        || "no more marketing and service messages on every channel".to_owned(),
        |channel| format!("no more messages by {channel}"),
    );
    let text = format!("{} gets {what}", desk::name(&card));
    let channel = channel.as_ref().map(ChannelName::as_str);
    order::tell(session, &text, &json!({ "contact": card.public, "closed": channel.unwrap_or("*") }))?;
    Ok(Exit::Fine)
}
