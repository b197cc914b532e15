//! Plans that somebody asks the running daemon to publish. The runner passes them on to whoever owns the daemon: it knows
//! no files and compiles nothing.
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{mpsc, oneshot};

/// What is to be published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Publication {
    /// A saved plan, on this machine.
    Saved(PathBuf),
    /// One that was published before.
    Version(u32),
}

/// Somebody waits for the version under which it is published, or why it was not.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) what: Publication,
    /// The version that was published when it was decided.
    pub(crate) base: u32,
    pub(crate) actor: Arc<str>,
    pub(crate) reply: oneshot::Sender<Result<u32, String>>,
}

/// Where such wishes go; to nobody at first.
#[derive(Clone, Debug, Default)]
pub(super) struct Desk(Arc<Mutex<Option<mpsc::UnboundedSender<Wanted>>>>);

impl Desk {
    /// From now on they go to the receiver.
    pub(super) fn open(&self) -> mpsc::UnboundedReceiver<Wanted> {
        let (to, from) = mpsc::unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(to);
        from
    }

    pub(super) async fn ask(&self, what: Publication, base: u32, actor: Arc<str>) -> Result<u32, String> {
        let (reply, answer) = oneshot::channel();
        let to = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sent = to.is_some_and(|to| to.send(Wanted { what, base, actor, reply }).is_ok());
        if !sent {
            return Err("this daemon takes no plans".to_owned());
        }
        answer.await.unwrap_or_else(|_| Err("the daemon is ending".to_owned()))
    }
}
