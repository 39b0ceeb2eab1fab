//! One conversation with a server: log in, ask, read the answer.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{DataRowBody, ErrorResponseBody, Message};
use postgres_protocol::message::frontend;

use super::PostgresUrl;

/// How long a server may take to let somebody in.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(120);

/// What went wrong between us and the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the connection failed")]
    Io(#[from] io::Error),
    #[error("the server said: {message} ({code})")]
    Server {
        /// In the server's words.
        message: String,
        /// Its SQLSTATE.
        code: String,
    },
    #[error("the server wants a password: set PGPASSWORD")]
    Password,
    #[error("the server wants a login that this version does not know")]
    Login,
    #[error("the server answered what was not asked")]
    Unexpected,
}

/// A socket of either sort.
trait Stream: Read + Write + Send {}
impl Stream for TcpStream {}
impl Stream for UnixStream {}

pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    /// What was received and not read yet.
    received: BytesMut,
    /// Statements that the server has prepared, by their text, with their names.
    prepared: BTreeMap<String, String>,
    /// How many names were given.
    names: u64,
}

pub(crate) type Row = Vec<Option<String>>;

/// A statement with its values, as text.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) sql: &'a str,
    pub(crate) values: Vec<Option<String>>,
}

impl<'a> Ask<'a> {
    pub(crate) fn plain(sql: &'a str) -> Self {
        let values = Vec::new();
        Self { sql, values }
    }
}

impl Connection {
    pub(crate) fn open(url: &PostgresUrl) -> Result<Self, Fault> {
        let stream: Box<dyn Stream> = if url.host.starts_with('/') {
            let stream = UnixStream::connect(format!("{}/.s.PGSQL.{}", url.host, url.port))?;
            stream.set_read_timeout(Some(ANSWER))?;
            Box::new(stream)
        } else {
            let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
            let mut found = None;
            for address in (url.host.as_str(), url.port).to_socket_addrs()? {
                match TcpStream::connect_timeout(&address, CONNECT) {
                    Ok(stream) => {
                        found = Some(stream);
                        break;
                    }
                    Err(error) => last = error,
                }
            }
            let stream = found.ok_or(last)?;
            stream.set_read_timeout(Some(ANSWER))?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        };
        let mut made = Self {
            stream,
            received: BytesMut::new(),
            prepared: BTreeMap::new(),
            names: 0,
        };
        made.log_in(url)?;
        Ok(made)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the server's many messages these few are about logging in"
    )]
    fn log_in(&mut self, url: &PostgresUrl) -> Result<(), Fault> {
        let said = [
            ("user", url.user.as_str()),
            ("database", url.database.as_str()),
            ("application_name", "unspoof"),
            ("client_encoding", "UTF8"),
        ];
        self.send(|buffer| frontend::startup_message(said, buffer))?;
        let password = || url.password.as_deref().ok_or(Fault::Password);
        let mut scram: Option<ScramSha256> = None;
        loop {
            match self.receive()? {
                Message::AuthenticationOk => break,
                Message::AuthenticationCleartextPassword => {
                    let password = password()?;
                    self.send(|buffer| frontend::password_message(password.as_bytes(), buffer))?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let password = password()?.as_bytes();
                    let hash = md5_hash(url.user.as_bytes(), password, body.salt());
                    self.send(|buffer| frontend::password_message(hash.as_bytes(), buffer))?;
                }
                Message::AuthenticationSasl(body) => {
                    use fallible_iterator::FallibleIterator as _;
                    let mut mechanisms = body.mechanisms();
                    let mut is_known = false;
                    while let Some(mechanism) = mechanisms.next()? {
                        is_known |= mechanism == SCRAM_SHA_256;
                    }
                    if !is_known {
                        return Err(Fault::Login);
                    }
                    let begun =
                        ScramSha256::new(password()?.as_bytes(), ChannelBinding::unsupported());
                    self.send(|buffer| {
                        frontend::sasl_initial_response(SCRAM_SHA_256, begun.message(), buffer)
                    })?;
                    scram = Some(begun);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let scram = scram.as_mut().ok_or(Fault::Unexpected)?;
                    scram.update(body.data())?;
                    let message = scram.message().to_vec();
                    self.send(|buffer| frontend::sasl_response(&message, buffer))?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram
                        .as_mut()
                        .ok_or(Fault::Unexpected)?
                        .finish(body.data())?;
                }
                Message::ErrorResponse(body) => return Err(said_by(&body)),
                _ => return Err(Fault::Login),
            }
        }
        self.until_ready().map(drop)
    }

    /// Runs statements that answer with nothing that is needed.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), Fault> {
        self.send(|buffer| frontend::query(sql, buffer))?;
        self.until_ready().map(drop)
    }

    /// Asks one question; values go apart from it, as text.
    pub(crate) fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, Fault> {
        self.send(|buffer| {
            frontend::parse("", sql, [], buffer)?;
            let value = |value: &Option<&str>, buffer: &mut BytesMut| match value {
                Some(text) => {
                    buffer.extend_from_slice(text.as_bytes());
                    Ok(IsNull::No)
                }
                None => Ok(IsNull::Yes),
            };
            frontend::bind("", "", [0_i16], values, value, [0_i16], buffer)
                .map_err(|_| io::Error::other("a value is too long"))?;
            frontend::execute("", 0, buffer)?;
            frontend::sync(buffer);
            Ok(())
        })?;
        self.until_ready()
    }

    /// Asks several questions in one round trip, and gives the rows of each. Outside of a transaction they are
    /// one. After the first that fails none is done. The server keeps each statement prepared.
    pub(crate) fn batch(&mut self, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>, Fault> {
        let mut new: Vec<(String, String)> = Vec::new();
        let mut buffer = BytesMut::new();
        for ask in asks {
            let known = self.prepared.get(ask.sql);
            let known = known.or_else(|| Some(&new.iter().find(|(sql, _)| sql == ask.sql)?.1));
            let name = match known {
                Some(name) => name.clone(),
                None => {
                    // A name that failed is never used again, for the server may know it.
                    self.names += 1;
                    let name = format!("s{}", self.names);
                    frontend::parse(&name, ask.sql, [], &mut buffer)?;
                    new.push((ask.sql.to_owned(), name.clone()));
                    name
                }
            };
            let value = |value: &Option<String>, buffer: &mut BytesMut| match value {
                Some(text) => {
                    buffer.extend_from_slice(text.as_bytes());
                    Ok(IsNull::No)
                }
                None => Ok(IsNull::Yes),
            };
            frontend::bind("", &name, [0_i16], &ask.values, value, [0_i16], &mut buffer)
                .map_err(|_| io::Error::other("a value is too long"))?;
            frontend::execute("", 0, &mut buffer)?;
        }
        frontend::sync(&mut buffer);
        self.stream.write_all(&buffer)?;
        self.stream.flush()?;
        let answers = self.answers()?;
        self.prepared.extend(new);
        Ok(answers)
    }

    /// Reads until the server waits for the next question; gives the rows of each statement.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the server's many messages these few are asked for"
    )]
    fn answers(&mut self) -> Result<Vec<Vec<Row>>, Fault> {
        let (mut answers, mut rows) = (Vec::new(), Vec::new());
        let mut fault = None;
        loop {
            match self.receive()? {
                Message::ReadyForQuery(_) => break,
                Message::DataRow(body) => rows.push(cells(&body)?),
                Message::CommandComplete(_) => answers.push(std::mem::take(&mut rows)),
                Message::ErrorResponse(body) => {
                    fault.get_or_insert(said_by(&body));
                }
                // Progress, notices, descriptions: nothing that is asked for.
                _ => {}
            }
        }
        fault.map_or(Ok(answers), Err)
    }

    fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<(), Fault> {
        let mut buffer = BytesMut::new();
        write(&mut buffer)?;
        self.stream.write_all(&buffer)?;
        Ok(self.stream.flush()?)
    }

    fn receive(&mut self) -> Result<Message, Fault> {
        loop {
            if let Some(message) = Message::parse(&mut self.received)? {
                return Ok(message);
            }
            let mut block = [0_u8; 16 << 10];
            let read = self.stream.read(&mut block)?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.received.extend_from_slice(&block[..read]);
        }
    }

    /// Reads until the server waits for the next question; gives the rows, or its first error.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of the server's many messages these few are asked for"
    )]
    fn until_ready(&mut self) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        let mut fault = None;
        loop {
            match self.receive()? {
                Message::ReadyForQuery(_) => break,
                Message::DataRow(body) => rows.push(cells(&body)?),
                Message::ErrorResponse(body) => {
                    fault.get_or_insert(said_by(&body));
                }
                // Progress, notices, descriptions: nothing that is asked for.
                _ => {}
            }
        }
        fault.map_or(Ok(rows), Err)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // A courtesy: the server notices by itself as well.
        let _said = self.send(|buffer| {
            frontend::terminate(buffer);
            Ok(())
        });
    }
}

fn cells(body: &DataRowBody) -> Result<Row, Fault> {
    use fallible_iterator::FallibleIterator as _;
    let mut row = Vec::new();
    let mut ranges = body.ranges();
    while let Some(range) = ranges.next()? {
        let cell = match range {
            None => None,
            Some(range) => {
                let bytes = body.buffer().get(range).ok_or(Fault::Unexpected)?;
                Some(String::from_utf8(bytes.to_vec()).map_err(|_| Fault::Unexpected)?)
            }
        };
        row.push(cell);
    }
    Ok(row)
}

/// The server's message and its code, and nothing else: details can repeat a row.
fn said_by(body: &ErrorResponseBody) -> Fault {
    use fallible_iterator::FallibleIterator as _;
    let (mut code, mut message) = (String::new(), String::new());
    let mut fields = body.fields();
    while let Ok(Some(field)) = fields.next() {
        match field.type_() {
            b'C' => code = String::from_utf8_lossy(field.value_bytes()).into_owned(),
            b'M' => message = String::from_utf8_lossy(field.value_bytes()).into_owned(),
            _ => {}
        }
    }
    Fault::Server { message, code }
}
