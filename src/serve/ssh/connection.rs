//! Whoever is at the other end of a connection: whose key it is, what is asked for, and everything that is not to be had.

use super::channel::{self, Asked, Seat};
use super::{ConnectionHandle, Server};
use crate::command::logins::Barred;
use crate::domain::{Credential, OfficerId};
use crate::serve::caller::Caller;
use crate::serve::public_key;
use crate::serve::remote_commands::Understood;
use crate::serve::wanted::Wanted;
use crate::tui::Lang;
use crate::tui::linear::ShownAs;
use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// A command line is shorter.
const COMMAND_MAX: usize = 8 << 10;

pub struct Connection {
    server: Arc<Server>,
    line: Arc<ConnectionHandle>,
    address: IpAddr,
    id: u64,
    caller: Option<Caller>,
    admitted: Option<Result<OfficerId, Barred>>,
    /// A key that lets nobody in was offered, and why it does not. It is recorded when no other comes.
    stranger: Option<(Caller, Barred)>,
    channel: Option<Channel<Msg>>,
    /// Size, whether it shows colours, and whether it can be drawn on, once there is a terminal.
    terminal: Option<((u16, u16), bool, bool)>,
    lang: Option<Lang>,
    colour: bool,
}

impl Connection {
    pub fn new(server: Arc<Server>, line: Arc<ConnectionHandle>, address: IpAddr, id: u64) -> Connection {
        Connection {
            server,
            line,
            address,
            id,
            caller: None,
            admitted: None,
            stranger: None,
            channel: None,
            terminal: None,
            lang: None,
            colour: true,
        }
    }

    /// Whose key it is. Reads the store, so elsewhere than on the thread of all connections.
    async fn look(&self, user: &str, key: &PublicKey) -> Option<(Caller, Result<OfficerId, Barred>)> {
        let caller = Caller {
            afar: true,
            credential: Credential::Key(public_key::line_of(key)?),
            credential_text: public_key::of(key),
            address: Some(self.address),
            named: Some(user.to_owned()),
            login: String::new(),
            owns_folder: false,
        };
        let (server, asks) = (self.server.clone(), caller.clone());
        let look_up = move || {
            let lang = server.manager.lang();
            *server.lang_of_bureau.lock().unwrap_or_else(PoisonError::into_inner) = lang;
            server.manager.look_up(&asks)
        };
        let admitted = tokio::task::spawn_blocking(look_up).await.ok()?.ok()?;
        Some((caller, admitted))
    }

    fn lang(&self) -> Lang {
        let of_bureau = || *self.server.lang_of_bureau.lock().unwrap_or_else(PoisonError::into_inner);
        self.lang.or_else(of_bureau).unwrap_or(self.server.lang)
    }

    /// Somebody known asks for something on the one channel that there is.
    fn ask(&mut self, asked: Asked) -> bool {
        let (Some(channel), Some(caller), Some(admitted)) = (self.channel.take(), self.caller.clone(), self.admitted)
        else {
            return false;
        };
        self.line.asked.store(true, Ordering::SeqCst);
        let seat = Seat {
            manager: self.server.manager.clone(),
            remote_commands: self.server.remote_commands.clone(),
            line: self.line.clone(),
            caller,
            admitted,
            lang: self.lang(),
            colour: self.colour && self.terminal.is_none_or(|(_, colour, _)| colour),
            shown: match self.terminal {
                Some((_, _, true)) => ShownAs::Screens,
                terminal => ShownAs::Lines { echoes: terminal.is_some() },
            },
            size: self.terminal.map(|(size, ..)| size),
        };
        tokio::spawn(channel::serve(seat, channel, asked));
        true
    }

    fn answer(&self, yes: bool, id: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        if yes { session.channel_success(id) } else { session.channel_failure(id) }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let (None, Some((caller, barred))) = (&self.caller, self.stranger.take()) {
            let server = self.server.clone();
            // At the very end of the runtime there is nobody left to do it.
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn_blocking(move || server.manager.refuse(&caller, barred));
            }
        }
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        self.line.offered.store(true, Ordering::SeqCst);
        // Whether to go on and prove it. Whoever has a key that is no longer good is told so in words, later; a key that was
        // taken back may be in anybody's hands by now, and hears nothing.
        match self.look(user, offer.public_key).await {
            Some((caller, Err(barred @ (Barred::Unknown | Barred::Shut)))) => {
                self.stranger = Some((caller, barred));
                Ok(Auth::reject())
            }
            Some(_) => Ok(Auth::Accept),
            None => Ok(Auth::reject()),
        }
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let Some((caller, admitted)) = self.look(user, key.public_key).await else { return Ok(Auth::reject()) };
        if let Err(barred) = admitted {
            let (server, refused) = (self.server.clone(), caller.clone());
            let _ = tokio::task::spawn_blocking(move || server.manager.refuse(&refused, barred)).await;
            if matches!(barred, Barred::Unknown | Barred::Shut) {
                self.stranger = None;
                return Ok(Auth::reject());
            }
        }
        (self.caller, self.admitted) = (Some(caller), Some(admitted));
        Ok(Auth::Accept)
    }

    async fn auth_succeeded(&mut self, _: &mut Session) -> Result<(), russh::Error> {
        let credential = self.caller.as_ref().map(|caller| caller.credential_text.clone()).unwrap_or_default();
        // Whoever has so many lines open knows what they are; there is no room to tell them.
        if self.server.let_in(self.id, &self.line, &credential) { Ok(()) } else { Err(russh::Error::Disconnect) }
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        // One connection, one thing to do.
        if self.channel.is_some() || self.line.asked.load(Ordering::SeqCst) {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        } else {
            self.channel = Some(channel);
            reply.accept().await;
        }
        Ok(())
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let plain =
            ["dumb", "vt100", "vt102", "vt220"].contains(&term) || term.ends_with("-m") || term.ends_with("-mono");
        self.terminal = Some((channel::size(cols, rows), !plain, term != "dumb"));
        self.answer(true, id, session)
    }

    async fn env_request(
        &mut self,
        id: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let known = match name {
            "LANG" | "LC_ALL" | "LC_MESSAGES" => {
                self.lang = match value.get(..2) {
                    Some("zh") => Some(Lang::Zh),
                    Some("en") => Some(Lang::En),
                    _ => self.lang,
                };
                true
            }
            "NO_COLOR" => {
                self.colour &= value.is_empty();
                true
            }
            _ => false,
        };
        self.answer(known, id, session)
    }

    async fn shell_request(&mut self, id: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        let begun = self.ask(Asked::Screens(Wanted::Mine));
        self.answer(begun, id, session)
    }

    async fn exec_request(&mut self, id: ChannelId, data: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let typed = std::str::from_utf8(data).ok().filter(|typed| typed.len() <= COMMAND_MAX).unwrap_or("\"");
        let code = channel::code(self.lang());
        let asked = match self.server.manager.understand(typed, code) {
            Understood::Screens { wanted, lang } => {
                match lang.as_deref() {
                    Some("zh") => self.lang = Some(Lang::Zh),
                    Some("en") => self.lang = Some(Lang::En),
                    _ => {}
                }
                Asked::Screens(wanted)
            }
            Understood::RemoteCommand { args, reads_input } => Asked::RemoteCommand { args, reads_input },
            Understood::Said { error, text, code } => Asked::Said { error, text, code },
        };
        let begun = self.ask(asked);
        self.answer(begun, id, session)
    }

    async fn subsystem_request(&mut self, id: ChannelId, _: &str, session: &mut Session) -> Result<(), russh::Error> {
        self.answer(false, id, session)
    }

    async fn x11_request(
        &mut self,
        id: ChannelId,
        _: bool,
        _: &str,
        _: &str,
        _: u32,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.answer(false, id, session)
    }

    async fn agent_request(&mut self, _: ChannelId, _: &mut Session) -> Result<bool, russh::Error> {
        Ok(false)
    }
}
