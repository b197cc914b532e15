//! What was recorded, as a file or a database has it: a tape to be played, and what could not be put on it. Plays nothing.
use crate::{
    calendar::Instant,
    cli::{CliError, Session, daemon, desk::broken, files, simulate},
    diag::{FileId, Finding, Place, SourceMap, catalogue::backtest as codes},
    engine::CampaignOrder,
    id::ContactId,
    journey::Order,
    record::{ConsentEntry, ConsentState, Contact, Identity, Permits, Purpose, Touch},
    simulate::{
        audience::Known,
        backtest::{self, Named, Past, Recorded, Tape},
    },
    store::{Reader, RecordedDelivery, RecordedOrder},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

/// What was heard of the past.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) tape: Tape,
    /// The file and where its lines stand; a database has none.
    pub(super) file: Option<FileId>,
    pub(super) places: Vec<Range<usize>>,
    pub(super) sources: SourceMap,
    pub(super) findings: Vec<Finding>,
    /// What was recorded and is not on the tape.
    pub(super) lost: Vec<(u64, String)>,
    pub(super) notes: Vec<String>,
}

/// Numbers between what two requests of a database may tell of new people, where the database gave none.
const SEATS: i64 = 16;

pub(super) fn read(named: &Path, session: &Session<'_>) -> Result<Heard, CliError> {
    let path = session.path(named);
    if simulate::is_database(&path) {
        return of_database(&mut daemon::read(&path)?);
    }
    if path.is_dir() {
        return Err(CliError::usage(format!("{} is a folder, not a file", named.display())));
    }
    let missing = || {
        CliError::usage(format!("there is no file {}", named.display()))
            .help("--events takes a file with one event a line (.jsonl), or a database of dripline (.db)")
    };
    let text = files::read_file(&path)?.ok_or_else(missing)?;
    Ok(of_text(&named.to_string_lossy(), text))
}

fn of_text(name: &str, text: String) -> Heard {
    let lines = backtest::read(&text);
    let mut sources = SourceMap::default();
    let file = sources.insert(name, text);
    let finding =
        |fault: backtest::LineFault| Finding::new(&codes::UNREADABLE_EVENT, &Place::new(&file, fault.place), fault.why);
    let findings = lines.faults.into_iter().map(finding).collect();
    let notes = vec!["people come in by their events, and agreed to nothing that no event says".to_owned()];
    let tape = Tape { people: Vec::new(), recorded: lines.recorded };
    Heard { tape, file: Some(file), places: lines.places, sources, findings, lost: Vec::new(), notes }
}

// --- databases --------------------------------------------------------------------------------------------------------

/// One of the people of a database.
struct Member {
    contact: Contact,
    identities: Vec<Identity>,
    touch: Touch,
    ledger: Vec<ConsentEntry>,
}

fn of_database(reader: &mut Reader) -> Result<Heard, CliError> {
    let mut heard = Heard::default();
    let (deliveries, gone): (Vec<_>, Vec<_>) = reader
        .recorded_deliveries()
        .map_err(broken)?
        .into_iter()
        .filter(|delivery| !delivery.is_click())
        .partition(|delivery| delivery.body.as_ref().is_some_and(|body| !body.is_empty()));
    if !gone.is_empty() {
        let why = "whose bodies are gone: they told of somebody who was erased";
        heard.lost.push((gone.len() as u64, format!("{} {why}", if gone.len() == 1 { "request" } else { "requests" })));
    }
    let clicks = reader.recorded_clicks().map_err(broken)?;
    let moments = deliveries.iter().map(|delivery| delivery.received_at).chain(clicks.iter().map(|click| click.at));
    let Some(first) = moments.min() else { return Ok(heard) };
    let members = members(reader)?;
    let named = |id: ContactId| {
        let identities = members.get(&id).map(|member| member.identities.clone()).unwrap_or_default();
        Named { id, identities }
    };
    let (mut recorded, by_event) = requests(deliveries, &members);
    let seat = ContactId(1);
    recorded.extend(clicks.into_iter().map(|click| {
        let what = Past::Clicked { who: named(click.contact), data: click.data };
        Recorded { at: click.at, line: None, seat, what }
    }));
    for (id, member) in &members {
        let orders = opt_outs(&member.ledger, first).into_iter();
        recorded.extend(orders.map(|(at, order)| {
            let what = Past::Ordered(named(*id), order);
            Recorded { at, line: None, seat, what }
        }));
    }
    recorded.extend(campaigns(reader.recorded_orders().map_err(broken)?, first, &mut heard));
    recorded.sort_by_key(|recorded| recorded.at);
    let (people, blank) = seated(members, &by_event, first);
    heard.notes = notes(people.len(), blank);
    heard.tape = Tape { people, recorded };
    Ok(heard)
}

fn members(reader: &mut Reader) -> Result<BTreeMap<ContactId, Member>, CliError> {
    let mut members = BTreeMap::new();
    for (contact, identities, touch) in reader.everybody().map_err(broken)? {
        let ledger = reader.consents(contact.id).map_err(broken)?;
        members.insert(contact.id, Member { contact, identities, touch, ledger });
    }
    Ok(members)
}

/// Requests with the numbers that their people had, and the people whom requests tell of.
fn requests(
    deliveries: Vec<RecordedDelivery>,
    members: &BTreeMap<ContactId, Member>,
) -> (Vec<Recorded>, BTreeMap<ContactId, Instant>) {
    // beyond every number that was given, also to those who were erased
    let given = deliveries.iter().filter_map(|delivery| delivery.contact).chain(members.keys().copied());
    let far = given.max().map_or(1, |last| last.0 + 1);
    let mut told: BTreeMap<ContactId, Instant> = BTreeMap::new();
    let mut recorded = Vec::with_capacity(deliveries.len());
    for (place, delivery) in deliveries.into_iter().enumerate() {
        let Some(body) = delivery.body else { continue };
        let seat = delivery.contact.filter(|who| !told.contains_key(who));
        let seat = seat.unwrap_or(ContactId(far + place as i64 * SEATS));
        if let Some(who) = delivery.contact {
            told.entry(who).or_insert(delivery.received_at);
        }
        let what = Past::Request { source: Some(delivery.source), body };
        recorded.push(Recorded { at: delivery.received_at, line: None, seat, what });
    }
    (recorded, told)
}

/// Everybody who was there before the first request, or whom none tells of; and of how many it is not known what they had
/// agreed to then.
fn seated(
    members: BTreeMap<ContactId, Member>,
    by_event: &BTreeMap<ContactId, Instant>,
    first: Instant,
) -> (Vec<(ContactId, Known)>, usize) {
    let mut people = Vec::new();
    let mut blank = 0;
    for (id, member) in members {
        let Member { mut contact, identities, mut touch, ledger } = member;
        let created = contact.created_at;
        if created >= first && by_event.contains_key(&id) {
            continue;
        }
        let before = |at: &Instant| *at < first;
        touch.recent.retain(|sent| before(&sent.at));
        touch.windows.retain(|_, at| before(at));
        for at in [&mut touch.last_in, &mut touch.last_out, &mut touch.last_agent, &mut contact.last_visit_at] {
            *at = at.filter(before);
        }
        contact.next_booking_at = None;
        // who came in later brought with them what they had agreed to
        let known: Vec<ConsentEntry> =
            ledger.iter().filter(|entry| before(&entry.at) || entry.at <= created).cloned().collect();
        if ledger.is_empty() {
            blank += usize::from(touch.permits != Permits::default());
        } else {
            touch.permits = Permits::default();
        }
        people.push((id, Known { consents: known, ..Known::stored(contact, identities, touch) }));
    }
    (people, blank)
}

fn notes(people: usize, blank: usize) -> Vec<String> {
    let were = if people == 1 { "1 person was".to_owned() } else { format!("{people} people were") };
    let mut notes = vec![format!(
        "{were} there before: their fields and tags as they are now, consent as of the first event, outside of every \
         sequence and without their bookings"
    )];
    if blank > 0 {
        notes.push(format!("of {blank} of them it is not recorded when they agreed: consent as it is now"));
    }
    notes.push(
        "played again are requests, opened links, opt-outs and orders to campaigns; who was enrolled, advanced or stopped by \
         hand was not"
            .to_owned(),
    );
    notes
}

/// Opt-outs that no request told of: by a link, or by somebody of the practice. One order may have closed several things.
fn opt_outs(ledger: &[ConsentEntry], first: Instant) -> Vec<(Instant, Order)> {
    let by_order = |entry: &&ConsentEntry| {
        entry.state == ConsentState::OptedOut
            && entry.at >= first
            && matches!(&*entry.basis, "link" | "operator")
            && &*entry.actor != "event"
    };
    let everything = |entry: &ConsentEntry| {
        entry.channel.is_none() && matches!(entry.purpose, Some(Purpose::Marketing | Purpose::Service))
    };
    let (mut orders, mut whole) = (Vec::new(), BTreeSet::new());
    for entry in ledger.iter().filter(by_order) {
        let twin = |other: &&ConsentEntry| {
            everything(other) && other.at == entry.at && other.basis == entry.basis && other.purpose != entry.purpose
        };
        let both = everything(entry) && ledger.iter().filter(by_order).any(|other| twin(&other));
        if both && !whole.insert((entry.at, entry.basis.clone())) {
            continue;
        }
        let order = Order::OptOut {
            channel: entry.channel.clone(),
            purpose: entry.purpose.filter(|_| !both),
            basis: entry.basis.clone(),
            source: entry.source.clone(),
            actor: entry.actor.clone(),
        };
        orders.push((entry.at, order));
    }
    orders
}

/// Orders to campaigns since the first request; what was ordered before has had its effect.
fn campaigns(orders: Vec<RecordedOrder>, first: Instant, heard: &mut Heard) -> Vec<Recorded> {
    let (later, earlier): (Vec<_>, Vec<_>) = orders.into_iter().partition(|order| order.at >= first);
    if !earlier.is_empty() {
        let word = if earlier.len() == 1 { "order" } else { "orders" };
        heard.lost.push((earlier.len() as u64, format!("{word} to campaigns from before the first event")));
    }
    let all = [CampaignOrder::Launch, CampaignOrder::Pause, CampaignOrder::Resume, CampaignOrder::Cancel];
    let recorded = later.into_iter().filter_map(|told| {
        let order = all.into_iter().find(|order| order.word() == &*told.what)?;
        let what = Past::Campaign { name: told.campaign, order, actor: told.actor };
        Some(Recorded { at: told.at, line: None, seat: ContactId(1), what })
    });
    recorded.collect()
}
