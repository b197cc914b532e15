//! The daemon is killed again and again while it works: nothing is lost, nothing is sent twice, what nobody can know is
//! listed. The real binary, a real file, a mail server that outlives the kills.
//!
//! `DRIPLINE_KILL_SEED` and `DRIPLINE_KILLS` choose another story or a longer one.
use crate::{
    books::{self, Books, Story},
    lives::{self, Daemon, Home, Request},
    sink::{self, Mail, Seen},
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, hint,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

const CONTACTS: usize = 200;
const STEPS: [&str; 3] = ["first", "second", "third"];
/// `slots` of a mail channel: so many answers can be lost by one kill.
const SLOTS: usize = 4;
const EVENTS_SECRET: &str = "whsec_ZHJpcGxpbmUta2lsbC10ZXN0LWtleS0x";
const CAL_SECRET: &str = "secret-of-the-calendar";
/// What a life waits for may not come; then it is killed all the same.
const LONGEST_LIFE: Duration = Duration::from_millis(600);
/// After the last request three steps, two waits and a repetition are all that can still come.
const LONGEST_REST: Duration = Duration::from_secs(30);

const PROJECT: &str = r#"project: kill
requires: ">=0.1, <0.2"
zone: Europe/Berlin
locales: [en]
public_url: "https://drip.example.com"
clinics:
  main: { name: Example Clinic, address: "Hauptstr. 1, 10115 Berlin", booking_url: "https://cal.example.com/intro" }
sources:
  own: { provider: events, secret: EVENTS_SECRET }
  cal: { provider: calcom, secret: CAL_SECRET }
channels:
  email: { provider: smtp, url: SMTP_URL, from: "Example Clinic <hello@example.org>" }
policies:
  preferred: [email]
"#;
const SEQUENCE: &str = "sequence: three\npurpose: transactional\nreentry: never\nretries: { max: 5, delay: 1s }\n\
                        goal: { event: booking.created }\nsteps:\n  \
                        - { id: first, send: first }\n  - { id: second, wait: 1s, send: second }\n  \
                        - { id: third, wait: 1s, send: third }\n";
const TRIGGER: &str = "trigger: three\nevent: lead.created\nenroll: three\n";

/// Random numbers that a seed repeats (splitmix64).
struct Dice(u64);

/// What everybody sees and waits for.
#[derive(Default)]
struct Scene {
    /// The daemon of now, as long as it serves.
    address: Option<SocketAddr>,
    mails: Vec<Mail>,
    counts: Counts,
    /// So many people may have come in by now.
    admitted: usize,
    entered: usize,
    /// The storm is over: nobody wants an appointment any more.
    calm: bool,
    /// Who has an appointment, and when that was acknowledged, in milliseconds since 1970.
    booked: BTreeMap<String, i64>,
}

/// What a kill may wait for.
#[derive(Clone, Copy, Default)]
struct Counts {
    begun: usize,
    arrived: usize,
    written: usize,
    acknowledged: usize,
}

#[derive(Default)]
struct Stage {
    scene: Mutex<Scene>,
    bell: Condvar,
}

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }
}

impl Stage {
    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Scene)) {
        change(&mut self.scene());
        self.bell.notify_all();
    }

    /// Waits until `ready` finds something, at most for `patience`.
    fn wait<T>(&self, patience: Duration, mut ready: impl FnMut(&Scene) -> Option<T>) -> Option<T> {
        let end = Instant::now() + patience;
        let mut scene = self.scene();
        loop {
            if let Some(found) = ready(&scene) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            scene = self.bell.wait_timeout(scene, left).unwrap().0;
        }
    }

    /// Repeats a request until it is acknowledged, over as many lives of the daemon as that takes.
    fn insist(&self, make: impl Fn() -> Request) {
        loop {
            let Some(address) = self.wait(Duration::from_mins(1), |scene| scene.address) else {
                panic!("no daemon serves");
            };
            match lives::post(address, &make(), || self.change(|scene| scene.counts.written += 1)) {
                Ok((200, _)) => return self.change(|scene| scene.counts.acknowledged += 1),
                Ok((status, body)) => panic!("{status}: {body}"),
                // killed before it answered: the next life is asked again
                Err(_) => {
                    self.wait(Duration::from_millis(20), |scene| (scene.address != Some(address)).then_some(()));
                }
            }
        }
    }
}

fn address_of(person: usize) -> String {
    format!("person{person:03}@example.org")
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn lead(person: usize) -> Request {
    let id = format!("lead-{person}");
    let body = json!({
        "specversion": "1.0", "id": id, "source": "https://www.example.com/", "type": "lead.created",
        "subject": address_of(person), "data": { "contact": { "email": address_of(person), "first_name": "Ana" } },
    });
    lives::event(EVENTS_SECRET, &id, &body)
}

/// An appointment in a week. The same moment gives the same bytes.
fn booking(email: &str, at: jiff::Timestamp) -> Request {
    let start = at + jiff::SignedDuration::from_hours(7 * 24);
    let person = json!({ "email": email, "name": "Ana Example", "timeZone": "Europe/Berlin" });
    let body = json!({
        "triggerEvent": "BOOKING_CREATED",
        "createdAt": at.to_string(),
        "payload": {
            "uid": format!("booking-of-{email}"), "bookingId": 1, "eventTypeId": 1, "title": "Consultation",
            "startTime": start.to_string(), "endTime": (start + jiff::SignedDuration::from_mins(30)).to_string(),
            "organizer": { "name": "Dr. Example", "email": "host@example.com", "timeZone": "Europe/Berlin" },
            "attendees": [person], "status": "ACCEPTED",
        },
    });
    lives::calcom(CAL_SECRET, &body)
}

fn home(folder: &Path, mails_to: SocketAddr) -> Home {
    let mut files = vec![
        ("dripline.yaml".to_owned(), PROJECT.to_owned()),
        ("sequences/three.yaml".to_owned(), SEQUENCE.to_owned()),
        ("triggers/three.yaml".to_owned(), TRIGGER.to_owned()),
    ];
    for step in STEPS {
        let text = format!("---\nsubject: {step}\n---\nHello,\n\nthis is the {step} mail.\n");
        files.push((format!("templates/{step}.md"), text));
    }
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Home {
        project: folder.to_owned(),
        database: folder.join("dripline.db"),
        env: vec![
            ("EVENTS_SECRET", EVENTS_SECRET.to_owned()),
            ("CAL_SECRET", CAL_SECRET.to_owned()),
            ("SMTP_URL", format!("smtp://{mails_to}")),
        ],
        args: Vec::new(),
    }
}

/// Everybody comes in, as fast as they are admitted.
fn enter(stage: &Stage) {
    for person in 0..CONTACTS {
        stage.wait(Duration::from_mins(2), |scene| (person < scene.admitted).then_some(())).unwrap();
        stage.insist(|| lead(person));
        stage.change(|scene| scene.entered += 1);
    }
}

/// Some make an appointment in the middle: after their first or second mail and some mails to others.
fn book(stage: &Stage, mut dice: Dice) {
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    let mut looked = 0;
    loop {
        let next = stage.wait(Duration::from_mins(2), |scene| {
            for mail in &scene.mails[looked..] {
                looked += 1;
                let person: usize = mail.to[6..9].parse().unwrap();
                let after = STEPS[(person / 4) % 2];
                if person % 4 == 1 && mail.subject == after && !scene.booked.contains_key(&mail.to) {
                    wanted.insert(mail.to.clone(), looked + dice.roll(12));
                }
            }
            let due = |at: usize| at <= looked || scene.calm;
            let next = wanted.iter().find(|(_, at)| due(**at)).map(|(who, _)| Some(who.clone()));
            next.or(scene.calm.then_some(None))
        });
        let Some(who) = next.unwrap() else { return };
        wanted.remove(&who);
        let at = jiff::Timestamp::now();
        stage.insist(|| booking(&who, at));
        stage.change(|scene| {
            scene.booked.insert(who, now_ms());
        });
    }
}

/// One life with its violent end, somewhere in the middle of its work.
fn life(home: &Home, stage: &Stage, dice: &mut Dice) -> &'static str {
    let mut daemon = home.start(&[]);
    let phase = dice.roll(6);
    let word = if phase == 0 {
        // before it serves, while it opens and puts right what it finds
        spin(dice.roll(120_000));
        "starting"
    } else {
        let address = daemon.address();
        let start = stage.scene().counts;
        stage.change(|scene| scene.address = Some(address));
        let some = 1 + dice.roll(12);
        let (word, count): (_, fn(&Counts) -> usize) = match phase {
            1 => ("begun", |counts| counts.begun),
            2 => ("written", |counts| counts.written),
            3 => ("acknowledged", |counts| counts.acknowledged),
            _ => ("arrived", |counts| counts.arrived),
        };
        let enough = |scene: &Scene| (count(&scene.counts) >= count(&start) + some).then_some(());
        stage.wait(LONGEST_LIFE, enough);
        spin(dice.roll(3_000));
        word
    };
    assert!(daemon.ended().is_none(), "it ended by itself: {}", daemon.log());
    daemon.kill();
    stage.change(|scene| scene.address = None);
    word
}

/// Passes some microseconds.
fn spin(micros: usize) {
    let end = Instant::now() + Duration::from_micros(micros as u64);
    while Instant::now() < end {
        hint::spin_loop();
    }
}

/// The storm, the calm after it, and the end of all work. Gives back in which phases the kills came, and whether all work ended.
fn play(home: &Home, stage: &Arc<Stage>, dice: &mut Dice, kills: usize) -> (BTreeMap<&'static str, usize>, bool) {
    let entering = thread::spawn({
        let stage = stage.clone();
        move || enter(&stage)
    });
    let booking = thread::spawn({
        let (stage, dice) = (stage.clone(), Dice(dice.0 ^ 0xB00C));
        move || book(&stage, dice)
    });
    let mut phases = BTreeMap::new();
    for kill in 0..kills {
        // the last fifth of the kills meets those who are in already
        stage.change(|scene| scene.admitted = (kill + 1) * CONTACTS * 5 / (kills * 4).max(1));
        *phases.entry(life(home, stage, dice)).or_insert(0) += 1;
    }
    let daemon: Daemon = home.start(&[]);
    let address = daemon.address();
    stage.change(|scene| (scene.address, scene.admitted) = (Some(address), CONTACTS));
    entering.join().unwrap();
    stage.change(|scene| scene.calm = true);
    booking.join().unwrap();
    daemon.stop();
    let idle = home.start(&["--until-idle"]).ends_within(LONGEST_REST);
    (phases, idle)
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_sent_twice() {
    let seed = number("DRIPLINE_KILL_SEED", 20_270_326);
    let kills = usize::try_from(number("DRIPLINE_KILLS", 50)).unwrap();
    let start = Instant::now();
    let stage = Arc::<Stage>::default();
    let hears = stage.clone();
    let mails_to = sink::open(
        |number| number % 3 == 0,
        move |seen| {
            hears.change(|scene| match seen {
                Seen::Begun => scene.counts.begun += 1,
                Seen::Arrived(mail) => {
                    scene.counts.arrived += 1;
                    scene.mails.push(mail);
                }
            });
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), mails_to);
    let (phases, idle) = play(&home, &stage, &mut Dice(seed), kills);
    let scene = stage.scene();
    let people = (0..CONTACTS).map(address_of).collect::<BTreeSet<_>>();
    let story = Story { people: &people, steps: &STEPS, mails: &scene.mails, booked: &scene.booked };
    let books = Books::read(&home, &people);
    let counts = books.counts();
    println!("seed {seed}, {kills} kills {phases:?}, {} mails, {counts:?}, {:?}", scene.mails.len(), start.elapsed());
    let mut breaches = books::breaches(&story, &books);
    let status = home.json(&["status"]);
    let listed = status["unknown"].as_u64().unwrap_or_default() as usize;
    if listed != counts.get("unknown").copied().unwrap_or(0) {
        breaches.push(format!("{listed} unknown are listed"));
    }
    if status["open_sends"].as_object().is_some_and(|open| open.values().any(|count| count != 0)) {
        breaches.push(format!("open: {}", status["open_sends"]));
    }
    breaches.extend((!idle).then(|| "something still waits".to_owned()));
    assert!(breaches.is_empty(), "seed {seed}:\n{}", breaches.join("\n"));
    assert!(counts.get("unknown").is_none_or(|unknown| *unknown <= kills * SLOTS), "more than the slots");
    assert!(scene.booked.len() >= 10 && phases.len() >= 4 || kills < 50, "the story did not reach all of it");
}
