//! `dripline mailbox`: messages of mailbox channels, as they would have gone out.
use super::{
    CliError, Exit, Format, Session,
    desk::{self, Place, broken},
};
use crate::{engine::MailboxRow, id::SendId};
use serde_json::json;

/// Show the messages of mailbox channels
///
/// A channel with `provider: mailbox` keeps its messages in the database. The newest stands at the bottom.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  dripline mailbox
  dripline mailbox snd_12                  one message, with its headers
  dripline mailbox snd_12 --html > mail.html
  dripline mailbox --contact ana@example.com

Formats: full (default), json.")]
pub(super) struct Args {
    /// One message
    #[arg(value_name = "ID", value_parser = desk::parse_send)]
    id: Option<SendId>,
    /// Print its HTML part, as it went out
    #[arg(long, requires = "id")]
    html: bool,
    /// Only messages to this person: name, e-mail, phone or id
    #[arg(long, value_name = "CONTACT", conflicts_with = "id")]
    contact: Option<String>,
    /// So many messages
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, session: &mut Session<'_>) -> Result<Exit, CliError> {
    let format = session.format(&[Format::Full, Format::Json])?;
    let mut desk = args.place.open(session)?;
    let zone = desk.plan.zone.clone();
    if let Some(id) = args.id {
        let row = desk.reader.message(id).map_err(broken)?;
        let row =
            row.ok_or_else(|| CliError::usage(format!("there is no message {} in the mailbox", desk::send(id))))?;
        let text = match format {
            _ if args.html => html(&row)?,
            Format::Json => format!("{:#}\n", json!({ "format_version": 1, "message": json(&row) })),
            _ => whole(&row, &zone),
        };
        session.out.write_all(text.as_bytes())?;
        return Ok(Exit::Fine);
    }
    let mut rows = match &args.contact {
        Some(text) => {
            let card = desk.find(text)?;
            desk.reader.mailbox_of(card.id).map_err(broken)?
        }
        None => desk.reader.mailbox(None, args.limit).map_err(broken)?,
    };
    rows.sort_by_key(|row| row.send);
    let skip = rows.len().saturating_sub(args.limit as usize);
    let rows = &rows[skip..];
    if format == Format::Json {
        let messages: Vec<serde_json::Value> = rows.iter().map(json).collect();
        writeln!(session.out, "{:#}", json!({ "format_version": 1, "messages": messages }))?;
        return Ok(Exit::Fine);
    }
    if rows.is_empty() {
        session.note("the mailbox is empty")?;
    }
    let wide = rows.iter().map(|row| row.message.to.chars().count()).max().unwrap_or(0).min(WIDEST);
    for row in rows {
        let (id, when, channel) = (desk::send(row.send), desk::moment(&zone, row.at), row.channel.as_str());
        let line = format!("{id:<8}  {when}  {channel:<9}  {:<wide$}  {}", row.message.to, opening(row));
        writeln!(session.out, "{}", line.trim_end())?;
    }
    Ok(Exit::Fine)
}

/// Longer addresses push their line aside; beyond 65,535 a width cannot even be asked for.
const WIDEST: usize = 60;

/// Characters of a text that a line shows.
const OPENING: usize = 50;

/// Subject, else the first words.
fn opening(row: &MailboxRow) -> String {
    let text = row.message.subject.as_ref().unwrap_or(&row.message.text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    if line.chars().count() <= OPENING { line } else { line.chars().take(OPENING - 2).collect::<String>() + " …" }
}

fn html(row: &MailboxRow) -> Result<String, CliError> {
    let none = || CliError::usage(format!("{} has no HTML: it went out by {}", desk::send(row.send), row.channel));
    row.message.html.as_ref().map(|html| format!("{}\n", html.trim_end())).ok_or_else(none)
}

fn whole(row: &MailboxRow, zone: &crate::calendar::Zone) -> String {
    let message = &row.message;
    let mut head = vec![
        ("Id", desk::send(row.send)),
        ("Date", desk::inline(zone, row.at)),
        ("Channel", row.channel.to_string()),
        ("To", message.to.clone()),
    ];
    let more = [("From", &message.from), ("Reply-To", &message.reply_to), ("Subject", &message.subject)];
    head.extend(more.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    if let Some(template) = &message.provider_template {
        let params = template.params.join(" | ");
        head.push(("Template", format!("{} ({}): {params}", template.name, template.language)));
    }
    head.extend(message.headers.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let head: Vec<String> = head.into_iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let attached: Vec<String> =
        message.attachments.iter().map(|file| format!("\n[{} {}]\n", file.name, file.media_type)).collect();
    format!("{}\n{}\n{}", head.concat(), message.text.trim_end(), attached.concat())
}

fn json(row: &MailboxRow) -> serde_json::Value {
    json!({
        "id": desk::send(row.send),
        "contact": row.contact.0,
        "channel": row.channel.as_str(),
        "at": row.at.to_string(),
        "message": row.message,
    })
}
