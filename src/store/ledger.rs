//! Writing the ledger: a row when a step falls due, what it carries while it is open, its one outcome.
use super::{
    SqliteStore, SqliteTurn,
    code::{self, sending, state, status, to_json},
    load::StoredSpec,
    record::flag,
    stat::Count,
};
use crate::{
    content::Message,
    engine::{Broken, Changes, Did, SendKind, Task, is_aside, is_pinned, keeps_no_links},
    id::{ChannelName, SendId, SequenceName},
    journey::{Outcome, Send, Sending, Spec},
};
use rusqlite::params;
use sha2::{Digest, Sha256};

/// Numbers of the names that a row needs.
struct Named {
    sequence: Option<i64>,
    step: i64,
    channel: Option<i64>,
}

/// The columns of `send` that say where it stands.
struct Standing {
    state: i64,
    due: Option<i64>,
    epoch: i64,
    hold: Option<i64>,
    flags: i64,
}

impl SqliteTurn<'_> {
    pub(super) fn write_sends(&mut self, changes: &Changes<'_>) -> Did<()> {
        let (person, kept) = (changes.person, changes.kept);
        for id in &kept.new_sends {
            if let Some(send) = person.send(*id) {
                self.begin_send(changes, send)?;
            }
        }
        for id in &kept.sends {
            if let Some(send) = person.send(*id) {
                self.move_send(changes, send)?;
            }
        }
        let named = |id: &SendId| kept.new_sends.contains(id) || kept.sends.contains(id);
        for (id, message) in kept.contents.iter().filter(|(id, _)| !named(id)) {
            self.keep_body(*id, message)?;
        }
        self.write_links(changes)?;
        self.write_attempts(changes)?;
        for task in &kept.tasks {
            self.put_task(changes, task)?;
        }
        Ok(())
    }

    /// A step fell due; it may have its outcome at once.
    fn begin_send(&mut self, changes: &Changes<'_>, send: &Send) -> Did<()> {
        let named = self.named(send)?;
        let SqliteStore { db, names, objects, .. } = &mut *self.store;
        let run = send.run.and_then(|run| changes.person.run(run)).filter(|run| is_pinned(self.plan, run));
        let object = match &send.sequence {
            Some(_) if run.is_some() => run.and_then(|run| run.object).map(|object| object.0),
            Some(sequence) => objects.of(db, names, self.plan, sequence)?.map(|object| object.0),
            None => None,
        };
        let because = send.because.as_ref().map(to_json).transpose()?;
        let (status, reason, detail) = match &send.state {
            Sending::Closed(outcome) => code::outcome(outcome),
            _ => (status::OPEN, 0, None),
        };
        let is_open = send.is_open();
        let aside = send.run.is_none();
        db.prepare_cached(sql!("outcome_put"))?.execute(params![
            send.id.0,
            send.run.map(|run| run.0),
            aside.then_some(changes.person.contact.id.0),
            named.sequence.filter(|_| aside),
            named.step,
            send.occurrence,
            object,
            code::kind(SendKind::of(send)),
            code::purpose(send.purpose),
            send.planned.0,
            status,
            reason,
            detail,
            send.at.0,
            named.channel,
            send.attempts,
            send.authorised_at.map(|at| at.0),
            provider(send),
            because.as_deref().filter(|_| !is_open),
        ])?;
        self.stats.add(changes.now, Count::Due.code(), named.sequence, named.step, None, 1);
        let content = changes.kept.contents.get(&send.id);
        if is_open {
            return self.put_send(changes, send, &named, because, content);
        }
        self.stats.add(changes.now, status, named.sequence, named.step, named.channel, 1);
        if changes.kept.mailbox.contains(&send.id)
            && let (Some(message), Some(channel)) = (content, named.channel)
        {
            let body = bytes(message)?;
            self.put_message(changes, send, channel, &body)?;
        }
        Ok(())
    }

    fn put_send(
        &mut self,
        changes: &Changes<'_>,
        send: &Send,
        named: &Named,
        because: Option<String>,
        content: Option<&Message>,
    ) -> Did<()> {
        let standing = standing(send);
        let body = content.map(bytes).transpose()?;
        let hash = body.as_ref().map(|body| <[u8; 32]>::from(Sha256::digest(body)));
        let spec = match &send.spec {
            Some(Spec::Task(spec)) if is_aside(send) => Some(to_json(&StoredSpec::Task(spec.clone()))?),
            Some(Spec::Notify(spec)) if is_aside(send) => Some(to_json(&StoredSpec::Notify(spec.clone()))?),
            _ => None,
        };
        self.store.db.prepare_cached(sql!("send_put"))?.execute(params![
            send.id.0,
            changes.person.contact.id.0,
            standing.state,
            named.channel,
            send.rank.0,
            send.priority,
            send.planned.0,
            standing.due,
            send.at.0,
            send.attempts,
            standing.epoch,
            send.authorised_at.map(|at| at.0),
            standing.flags,
            standing.hold,
            send.address.as_deref(),
            because,
            spec,
            hash,
            body,
        ])?;
        Ok(())
    }

    /// An open row moved on, or got its outcome.
    fn move_send(&mut self, changes: &Changes<'_>, send: &Send) -> Did<()> {
        if let Sending::Closed(outcome) = &send.state {
            return self.close_send(changes, send, outcome);
        }
        let channel = self.channel(send.channel.as_ref())?;
        let standing = standing(send);
        let because = send.because.as_ref().map(to_json).transpose()?;
        self.store.db.prepare_cached(sql!("send_set"))?.execute(params![
            send.id.0,
            standing.state,
            channel,
            standing.due,
            send.at.0,
            send.attempts,
            standing.epoch,
            send.authorised_at.map(|at| at.0),
            standing.flags,
            standing.hold,
            send.address.as_deref(),
            because,
            send.planned.0,
        ])?;
        if self.seen.purposes.insert(send.id, send.purpose).is_some_and(|known| known != send.purpose) {
            let rank = params![send.id.0, send.rank.0, send.priority];
            self.store.db.prepare_cached(sql!("send_repurpose"))?.execute(rank)?;
            let purpose = params![send.id.0, code::purpose(send.purpose)];
            self.store.db.prepare_cached(sql!("outcome_repurpose"))?.execute(purpose)?;
        }
        match changes.kept.contents.get(&send.id) {
            Some(message) => self.keep_body(send.id, message),
            None => Ok(()),
        }
    }

    fn keep_body(&mut self, send: SendId, message: &Message) -> Did<()> {
        let body = bytes(message)?;
        let hash = <[u8; 32]>::from(Sha256::digest(&body));
        self.store.db.prepare_cached(sql!("send_body"))?.execute(params![send.0, hash, body])?;
        Ok(())
    }

    fn close_send(&mut self, changes: &Changes<'_>, send: &Send, outcome: &Outcome) -> Did<()> {
        let named = self.named(send)?;
        let (status, reason, detail) = code::outcome(outcome);
        let because = send.because.as_ref().map(to_json).transpose()?;
        let closed = self.store.db.prepare_cached(sql!("outcome_close"))?.execute(params![
            send.id.0,
            status,
            reason,
            detail,
            send.at.0,
            named.channel,
            send.attempts,
            send.authorised_at.map(|at| at.0),
            provider(send),
            because,
            send.planned.0,
        ])?;
        if closed == 0 {
            // it has its outcome already, and keeps it
            return Ok(());
        }
        if let (true, Some(channel)) = (changes.kept.mailbox.contains(&send.id), named.channel) {
            let given = changes.kept.contents.get(&send.id);
            let body = match given {
                Some(message) => Some(bytes(message)?),
                None => self.body(send.id)?,
            };
            if let Some(body) = body {
                self.put_message(changes, send, channel, &body)?;
            }
        }
        let dropped = self.store.db.prepare_cached(sql!("send_drop"))?.execute(params![send.id.0])?;
        self.stats.add(changes.now, status, named.sequence, named.step, named.channel, 1);
        if dropped == 0 {
            // what was unknown is now known to have gone out
            self.stats.add(changes.now, status::UNKNOWN, named.sequence, named.step, named.channel, -1);
        }
        Ok(())
    }

    fn body(&self, send: SendId) -> Did<Option<Vec<u8>>> {
        let mut statement = self.store.db.prepare_cached(sql!("send_content"))?;
        let mut rows = statement.query(params![send.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(row.get_ref(0)?.as_bytes_or_null()?.map(<[u8]>::to_vec))
    }

    fn put_message(&self, changes: &Changes<'_>, send: &Send, channel: i64, body: &[u8]) -> Did<()> {
        let row = params![send.id.0, changes.person.contact.id.0, channel, send.at.0, body];
        self.store.db.prepare_cached(sql!("message_put"))?.execute(row)?;
        Ok(())
    }

    /// Those of texts that were written, but of none that is known not to have gone out.
    fn write_links(&mut self, changes: &Changes<'_>) -> Did<()> {
        let (person, kept, db) = (changes.person, changes.kept, &self.store.db);
        for (send, message) in kept.contents.iter().filter(|(_, message)| !message.links.is_empty()) {
            db.prepare_cached(sql!("link_drop"))?.execute(params![send.0])?;
            for (number, url) in (0_i64..).zip(&message.links) {
                let row = params![send.0, number, person.contact.id.0, url];
                db.prepare_cached(sql!("link_put"))?.execute(row)?;
            }
        }
        let closed = kept.new_sends.iter().chain(&kept.sends).filter_map(|id| person.send(*id));
        for send in closed.filter(|send| keeps_no_links(send)) {
            db.prepare_cached(sql!("link_drop"))?.execute(params![send.id.0])?;
        }
        Ok(())
    }

    fn write_attempts(&mut self, changes: &Changes<'_>) -> Did<()> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        for (send, number, result, detail) in &changes.kept.attempts {
            let result = names.id(db, result)?;
            db.prepare_cached(sql!("attempt_put"))?.execute(params![
                send.0,
                number,
                changes.now.0,
                result,
                &**detail
            ])?;
        }
        Ok(())
    }

    fn put_task(&self, changes: &Changes<'_>, task: &Task) -> Did<()> {
        self.store.db.prepare_cached(sql!("task_put"))?.execute(params![
            task.send.0,
            changes.person.contact.id.0,
            changes.now.0,
            task.due.map(|at| at.0),
            task.assign.as_deref(),
            task.title,
            task.notes,
        ])?;
        Ok(())
    }

    fn named(&mut self, send: &Send) -> Did<Named> {
        let channel = self.channel(send.channel.as_ref())?;
        let SqliteStore { db, names, .. } = &mut *self.store;
        let sequence = names.opt(db, send.sequence.as_ref().map(SequenceName::as_str))?;
        Ok(Named { sequence, step: names.id(db, send.step.as_str())?, channel })
    }

    fn channel(&mut self, channel: Option<&ChannelName>) -> Did<Option<i64>> {
        let SqliteStore { db, names, .. } = &mut *self.store;
        names.opt(db, channel.map(ChannelName::as_str))
    }
}

fn standing(send: &Send) -> Standing {
    let (state, due, epoch, hold) = match &send.state {
        Sending::Waiting(at) => (state::WAITING, Some(at.0), 0, None),
        Sending::Preparing => (state::PREPARING, None, 0, None),
        Sending::Ready => (state::READY, None, 0, None),
        Sending::InFlight(attempt) => (state::IN_FLIGHT, None, attempt.epoch.0, None),
        Sending::Held(why) => (state::HELD, None, 0, Some(code::hold(*why))),
        // not asked: a closed send has no row
        Sending::Closed(_) => (state::PREPARING, None, 0, None),
    };
    let flags = flag(send.approved_template, sending::APPROVED_TEMPLATE)
        | flag(send.prepared, sending::PREPARED)
        | flag(send.tainted, sending::TAINTED);
    Standing { state, due, epoch, hold, flags }
}

/// A message as it is stored. Room is made at once: growing by doubling would copy it several times.
fn bytes(message: &Message) -> Did<Vec<u8>> {
    let long = message.text.len() + message.html.as_ref().map_or(0, String::len);
    let mut body = Vec::with_capacity(long + long / 8 + 512);
    serde_json::to_writer(&mut body, message).map_err(Broken::new)?;
    Ok(body)
}

/// A narrow key for what the provider calls the message. Local channels have no other name for it than ours.
fn provider(send: &Send) -> Option<i64> {
    let own = |id: &str| id.strip_prefix("snd_").is_some_and(|number| *number == send.id.to_string());
    let id = send.provider_id.as_deref().filter(|id| !own(id))?;
    Some(code::short_hash(&[id]))
}
