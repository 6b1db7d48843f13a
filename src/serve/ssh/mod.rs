//! SSH in the program itself: public keys only, and behind them our own screens and commands; there is no shell to get to.
//!
//! ```text
//! listener ─► connection (whose key is it?) ─► channel ─► manager (which session?) ─► session ─► App
//! ```
//!
//! One thread holds every connection; whatever may wait for the disk is done on others.

mod channel;
mod connection;

use super::manager::SessionManager;
use super::public_key;
use crate::command::Office;
use crate::tui::Lang;
use connection::Connection;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::server::{Config, run_stream};
use russh::{MethodKind, MethodSet, Preferred, SshId, kex};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// How long somebody may take to show a key, and then to ask for something.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most connections that have shown no key yet. The next one takes the place of the oldest from the address that has
/// most: whoever floods loses places to themselves, and nobody behind the same address is kept out for a time.
const UNPROVEN_MAX: usize = 64;
/// The most connections of people who are known, and by one credential.
const LINES_MAX: usize = 300;
const LINES_OF_ONE_MAX: usize = 16;
/// How keys are agreed upon: by curve25519, alone or with a lattice beside it. The groups of classic Diffie-Hellman cost this
/// side a hundred times more a connection, whoever asks, and no client of the last ten years needs them.
const KEY_EXCHANGES: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::EXTENSION_SUPPORT_AS_SERVER,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_SERVER,
];
/// Threads that wait for the disk, and how many of them commands may have.
const THREADS_MAX: usize = 8;
const REMOTE_COMMANDS_MAX: usize = 4;
/// A line that takes nothing for so long is lost.
const LOST: Duration = Duration::from_secs(60);

/// The open listener. Closed when this is dropped.
pub struct Ssh {
    pub address: SocketAddr,
    /// `SHA256:…` of the host key.
    pub fingerprint: String,
    closing: Arc<Notify>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Ssh {
    fn drop(&mut self) {
        self.closing.notify_one();
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// What all connections share.
struct Server {
    manager: Arc<SessionManager>,
    /// Where a client does not say.
    /// Of the service, and the bureau's as of the last key that was looked up: for whoever says none.
    lang: Lang,
    lang_of_bureau: Mutex<Option<Lang>>,
    unproven: Mutex<BTreeMap<u64, (IpAddr, Arc<ConnectionHandle>)>>,
    /// Commands that are done at once: the others wait, and logins do not.
    remote_commands: Arc<Semaphore>,
    /// How many there are by each credential that is known.
    proven: Mutex<BTreeMap<String, usize>>,
}

/// One connection as those see it who may have to end it.
struct ConnectionHandle {
    socket: TcpStream,
    proven: AtomicBool,
    /// Some key was offered.
    offered: AtomicBool,
    /// By which credential; set when it is proven.
    credential: OnceLock<String>,
    /// Something was asked for: it is not idle before the screens.
    asked: AtomicBool,
    /// Woken when there is nothing more to do on it.
    done: Notify,
}

impl ConnectionHandle {
    /// Ends it, whatever the other side does or does not.
    fn cut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// Follows from the store's own keys.
fn host_key(office: &Office) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(office.host_seed().expose()))
}

/// `SHA256:…` of the host key: what a surveyor compares at the first login.
pub fn fingerprint(office: &Office) -> String {
    public_key::of(host_key(office).public_key())
}

/// Listens.
///
/// Errors: no thread or no runtime is to be had.
pub fn open(manager: Arc<SessionManager>, listener: TcpListener, lang: Lang) -> io::Result<Ssh> {
    let key = host_key(manager.office());
    let fingerprint = fingerprint(manager.office());
    let config = Arc::new(Config {
        server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-dossier")),
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        keys: vec![key],
        preferred: Preferred { kex: Cow::Borrowed(KEY_EXCHANGES), ..Preferred::default() },
        auth_rejection_time: Duration::from_millis(500),
        auth_rejection_time_initial: Some(Duration::ZERO),
        // Somebody's agent may hold many keys.
        max_auth_attempts: 10,
        window_size: 256 << 10,
        channel_buffer_size: 16,
        // A frame on its way, and none behind it: the next one is made when this one has gone.
        event_buffer_size: 1,
        // Counts traffic both ways, and says nothing of people. The session's own limit counts keys.
        inactivity_timeout: None,
        keepalive_interval: Some(Duration::from_secs(15)),
        keepalive_max: 3,
        nodelay: true,
        ..Config::default()
    });
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(THREADS_MAX).build()?;
    let closing = Arc::new(Notify::new());
    let reported = closing.clone();
    let server = Arc::new(Server {
        manager,
        lang,
        lang_of_bureau: Mutex::default(),
        unproven: Mutex::default(),
        proven: Mutex::default(),
        remote_commands: Arc::new(Semaphore::new(REMOTE_COMMANDS_MAX)),
    });
    let thread = thread::Builder::new().name("ssh".into()).spawn(move || {
        runtime.block_on(async {
            accept(&server, listener, config, &reported).await;
            server.part().await;
        });
        runtime.shutdown_timeout(Duration::from_secs(2));
    })?;
    Ok(Ssh { address, fingerprint, closing, thread: Some(thread) })
}

async fn accept(server: &Arc<Server>, listener: TcpListener, config: Arc<Config>, closing: &Notify) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        let came = tokio::select! {
            () = closing.notified() => return,
            came = listener.accept() => came,
        };
        match came {
            Ok((stream, address)) => {
                let (server, config) = (server.clone(), config.clone());
                let crowd = server.crowd();
                tokio::spawn(async move { receive(&server, stream, address.ip().to_canonical(), config).await });
                // Agreeing on keys costs the one thread that everybody's frames go through.
                if crowd >= UNPROVEN_MAX / 2 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            // Out of descriptors, most likely: a moment later one may be free.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A stream for russh, and a second hold on the same connection by which it can be ended.
fn two_holds(stream: tokio::net::TcpStream) -> io::Result<(tokio::net::TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let socket = socket2::SockRef::from(&stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(LOST))?;
    let second = stream.try_clone()?;
    Ok((tokio::net::TcpStream::from_std(stream)?, second))
}

async fn receive(server: &Arc<Server>, stream: tokio::net::TcpStream, address: IpAddr, config: Arc<Config>) {
    let Ok((stream, socket)) = two_holds(stream) else { return };
    let line = Arc::new(ConnectionHandle {
        socket,
        proven: AtomicBool::new(false),
        offered: AtomicBool::new(false),
        credential: OnceLock::new(),
        asked: AtomicBool::new(false),
        done: Notify::new(),
    });
    let id = server.manager.number();
    if let Some(crowded) = server.let_near(id, address, &line) {
        server.count_silent(crowded, true);
    }
    let connection = Connection::new(server.clone(), line.clone(), address, id);
    let greeted = tokio::time::timeout(PATIENCE, run_stream(config, stream, connection)).await;
    if let Ok(Ok(mut running)) = greeted {
        // A key has to be shown in good time, and something asked for.
        let in_time = async {
            for step in [&line.proven, &line.asked] {
                tokio::time::sleep(PATIENCE).await;
                if !step.load(Ordering::SeqCst) {
                    return;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            _ = &mut running => {}
            () = in_time => {}
            () = line.done.notified() => {
                // The last words are on their way: the client hangs up on hearing them.
                let _ = tokio::time::timeout(Duration::from_secs(5), &mut running).await;
            }
        }
    }
    line.cut();
    // One that offered a key that nobody has is counted as that.
    if server.gone(id, &line) && !line.offered.load(Ordering::SeqCst) {
        server.count_silent(address, false);
    }
}

impl Server {
    /// How many have shown no key yet.
    fn crowd(&self) -> usize {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// A connection that has shown no key yet. Answers where one came from that was cut to make room.
    fn let_near(&self, id: u64, address: IpAddr, line: &Arc<ConnectionHandle>) -> Option<IpAddr> {
        let mut unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        let mut crowded = None;
        if unproven.len() >= UNPROVEN_MAX {
            let mut of = BTreeMap::<IpAddr, Vec<u64>>::new();
            unproven.iter().for_each(|(id, (from, _))| of.entry(*from).or_default().push(*id));
            let oldest = of.values().max_by_key(|ids| ids.len()).and_then(|ids| ids.first().copied());
            if let Some((from, line)) = oldest.and_then(|oldest| unproven.remove(&oldest)) {
                line.cut();
                crowded = Some(from);
            }
        }
        unproven.insert(id, (address, line.clone()));
        crowded
    }

    /// Counts one that showed no key, where waiting for the disk harms nobody.
    fn count_silent(self: &Arc<Server>, address: IpAddr, crowded: bool) {
        let server = self.clone();
        tokio::task::spawn_blocking(move || server.manager.count_silent(address, crowded));
    }

    fn proven(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room for one more who is known.
    fn let_in(&self, id: u64, line: &ConnectionHandle, credential: &str) -> bool {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if line.credential.set(credential.to_owned()).is_err() {
            return false;
        }
        let mut proven = self.proven();
        let all: usize = proven.values().sum();
        let own = proven.entry(credential.to_owned()).or_default();
        *own += 1;
        line.proven.store(true, Ordering::SeqCst);
        all < LINES_MAX && *own <= LINES_OF_ONE_MAX
    }

    /// The sessions have ended: gives their lines time to hear the last word, and others none.
    async fn part(&self) {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(|(_, line)| line.cut());
        for _ in 0..150 {
            if self.proven().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Gives its place back. Whether it went by itself without having shown a key that is known.
    fn gone(&self, id: u64, line: &ConnectionHandle) -> bool {
        let was_unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner).remove(&id).is_some();
        let Some(credential) = line.credential.get() else { return was_unproven };
        let mut proven = self.proven();
        if let Some(own) = proven.get_mut(credential) {
            *own -= 1;
            if *own == 0 {
                proven.remove(credential);
            }
        }
        false
    }
}
