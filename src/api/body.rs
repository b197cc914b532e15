//! Bodies of requests: whole, limited in size and in time. Knows nothing of what they say.
use axum::body::{Body, Bytes, HttpBody};
use std::{future::poll_fn, pin::Pin, time::Duration};

/// A body that is not here by then is not coming.
const PATIENCE: Duration = Duration::from_secs(10);

/// Of a body that is too large, this much is read and thrown away, so that its sender sees the answer and not a broken
/// connection.
const DRAIN: usize = 8 * 1024 * 1024;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unread {
    TooLarge,
    TooSlow,
    /// The sender stopped in the middle.
    Broken,
}

/// The whole body, of at most `limit` bytes.
pub(super) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    tokio::time::timeout(PATIENCE, read_all(body, limit)).await.unwrap_or(Err(Unread::TooSlow))
}

async fn read_all(mut body: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(chunk) = next(&mut body).await? {
        total += chunk.len();
        if total <= limit {
            bytes.extend_from_slice(&chunk);
        } else if total > limit + DRAIN {
            break;
        }
    }
    if total > limit { Err(Unread::TooLarge) } else { Ok(bytes) }
}

async fn next(body: &mut Body) -> Result<Option<Bytes>, Unread> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(Unread::Broken),
            // trailers are of no use
            Some(Ok(frame)) => {
                if let Ok(chunk) = frame.into_data() {
                    return Ok(Some(chunk));
                }
            }
        }
    }
}
