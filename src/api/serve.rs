//! Connections: taken, limited in number and in patience, and let finish what they began when the daemon stops.
use super::Api;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

const CONNECTIONS: usize = 512;
/// A request's head that is not here by then is not coming; also the time that an idle connection is kept.
const HEAD: Duration = Duration::from_secs(15);
/// How long requests under way may still take when the daemon stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// After a failure to accept: the machine is out of something.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, then lets requests under way end.
pub(crate) async fn serve(api: Api, listener: TcpListener, stop: impl Future<Output = ()> + Send) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let (closing, closed) = watch::channel(false);
    let router = api.router();
    let mut stop = pin!(stop);
    loop {
        let guest = async {
            let seat = seats.clone().acquire_owned().await;
            (seat, listener.accept().await)
        };
        let guest = tokio::select! {
            biased;
            () = &mut stop => break,
            guest = guest => guest,
        };
        match guest {
            (Err(_), _) => break,
            (Ok(seat), Ok((socket, _))) => {
                let service = TowerToHyperService::new(router.clone());
                tokio::spawn(connection(socket, service, closed.clone(), seat));
            }
            (Ok(_), Err(error)) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    drop(closed);
    let _ = closing.send(true);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FAREWELL, seats.acquire_many(all)).await;
}

async fn connection(
    socket: tokio::net::TcpStream,
    service: TowerToHyperService<axum::Router>,
    mut closed: watch::Receiver<bool>,
    seat: OwnedSemaphorePermit,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut talk = pin!(builder.serve_connection(TokioIo::new(socket), service));
    let ended = tokio::select! {
        ended = talk.as_mut() => Some(ended),
        () = said(&mut closed) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            talk.as_mut().graceful_shutdown();
            talk.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended early");
    }
    drop(seat);
}

async fn said(closed: &mut watch::Receiver<bool>) {
    let _ = closed.wait_for(|closing| *closing).await;
}
