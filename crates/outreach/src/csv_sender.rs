//! Files for any other gateway: what is to be sent goes out as CSV, what became of it comes back so.
//!
//! A batch is a file `batch-N.csv` in a folder. It is written whole and waited for on the disk before any
//! of its messages is called accepted, and never changed. Whoever feeds it to a gateway puts what the
//! gateway says into `results-ANYTHING.csv` in the same folder: `reference,state,code`, with the states
//! `delivered`, `undelivered` and `expired`. Such a file may grow, and is read anew then; a line that cannot
//! be read is told and left out.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::OutreachError;
use crate::sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};

/// Messages of a batch, at most.
const WINDOW: usize = 1_000;

/// Writes batches and reads results.
#[derive(Debug)]
pub struct CsvSender {
    folder: PathBuf,
    /// The name that all texts come from, as the plan has it.
    sender_id: String,
    events: VecDeque<Event>,
    next_batch: u64,
    /// Result files that were read, with how long each was then.
    read: BTreeMap<PathBuf, u64>,
    /// Why the folder takes nothing more.
    broken: Option<String>,
    next_ticket: u64,
    is_stopped: bool,
}

impl CsvSender {
    /// Takes a folder; made-up records are refused, for what a file is fed to nobody knows.
    ///
    /// # Errors
    /// The plan is of made-up records, or the folder cannot be read or made.
    pub fn new(folder: &Path, sender_id: &str, is_made_up: bool) -> Result<Self, OutreachError> {
        if is_made_up {
            return Err(OutreachError::Sender {
                sender: "csv",
                detail: "made-up records go to rehearsals and senders on this machine alone"
                    .to_owned(),
            });
        }
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let mut next_batch = 1;
        for name in names(folder)? {
            let number = name
                .strip_prefix("batch-")
                .and_then(|rest| rest.strip_suffix(".csv"))
                .and_then(|number| number.parse::<u64>().ok());
            next_batch = next_batch.max(number.map_or(1, |number| number + 1));
        }
        Ok(Self {
            folder: folder.to_owned(),
            sender_id: sender_id.to_owned(),
            events: VecDeque::new(),
            next_batch,
            read: BTreeMap::new(),
            broken: None,
            next_ticket: 1,
            is_stopped: false,
        })
    }

    /// Writes a batch; the inner error says why it is certain that there is none.
    fn write(&mut self, messages: &[Message]) -> Result<Result<(), String>, OutreachError> {
        let path = self
            .folder
            .join(format!("batch-{:06}.csv", self.next_batch));
        self.next_batch += 1;
        let partial = path.with_extension("partial");
        let file = self.write_partial(messages, &partial);
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                let _ = fs::remove_file(&partial);
                return Ok(Err(error.to_string()));
            }
        };
        // From here on nobody can say whether the batch is there.
        fs::rename(&partial, &path)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|source| failed(&path, source))?;
        drop(file);
        Ok(Ok(()))
    }

    fn write_partial(&self, messages: &[Message], partial: &Path) -> std::io::Result<File> {
        let file = private(partial)?;
        let mut writer = csv::Writer::from_writer(&file);
        let written = (|| -> csv::Result<()> {
            writer.write_record(["to", "from", "text", "reference", "expires_utc"])?;
            for message in messages {
                let to = format!("+{}", message.to.as_str());
                let expires = jiff::Timestamp::from_microsecond(message.expires_us)
                    .map(|at| at.to_string())
                    .unwrap_or_default();
                writer.write_record([
                    to.as_str(),
                    &self.sender_id,
                    message.text.as_str(),
                    &message.reference,
                    &expires,
                ])?;
            }
            writer.flush()?;
            Ok(())
        })();
        written.map_err(std::io::Error::from)?;
        drop(writer);
        file.sync_all()?;
        Ok(file)
    }

    /// Reads result files that were not read before.
    fn results(&mut self) -> Result<(), OutreachError> {
        for name in names(&self.folder)? {
            let path = self.folder.join(&name);
            if !name.starts_with("results-") || !name.ends_with(".csv") {
                continue;
            }
            let file = File::open(&path).map_err(|source| failed(&path, source))?;
            let length = file
                .metadata()
                .map_err(|source| failed(&path, source))?
                .len();
            if self.read.get(&path) == Some(&length) {
                continue;
            }
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
            let mut unread = 0_u64;
            for row in reader.records() {
                let row = match row {
                    Ok(row) => row,
                    Err(error) if error.is_io_error() => return Err(failed(&path, error.into())),
                    Err(_) => {
                        unread += 1;
                        continue;
                    }
                };
                let cell = |at| row.get(at).unwrap_or_default().trim().to_owned();
                let state = match cell(1).as_str() {
                    "delivered" => ReceiptState::Delivered,
                    "undelivered" => ReceiptState::Undelivered,
                    "expired" => ReceiptState::Expired,
                    _ => ReceiptState::Underway,
                };
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                self.events.push_back(Event::Receipt {
                    ticket,
                    receipt: Receipt {
                        message_ids: vec![cell(0)],
                        to: None,
                        key: None,
                        state,
                        code: cell(2),
                    },
                });
            }
            if unread > 0 {
                self.events.push_back(Event::Notice(format!(
                    "{unread} lines of `{name}` cannot be read and were left out"
                )));
            }
            self.read.insert(path, length);
        }
        Ok(())
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

fn failed(path: &Path, source: std::io::Error) -> OutreachError {
    OutreachError::File {
        path: path.to_owned(),
        source,
    }
}

fn names(folder: &Path) -> Result<Vec<String>, OutreachError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let entry = entry.map_err(|source| failed(folder, source))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

impl Sender for CsvSender {
    fn window(&self) -> usize {
        WINDOW
    }

    fn free_slots(&self) -> usize {
        if self.is_stopped || self.broken.is_some() {
            0
        } else {
            WINDOW
        }
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        if !self.is_stopped
            && self.broken.is_none()
            && let Err(why) = self.write(&messages)?
        {
            self.broken = Some(why);
        }
        if self.is_stopped || self.broken.is_some() {
            let unsent = messages.iter().map(|message| Event::Answered {
                key: message.key,
                answer: Answer::Unsent,
            });
            self.events.extend(unsent);
            return Ok(());
        }
        let accepted = messages.into_iter().map(|message| Event::Answered {
            key: message.key,
            answer: Answer::Accepted {
                message_id: message.reference,
            },
        });
        self.events.extend(accepted);
        Ok(())
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        self.results()?;
        if self.events.is_empty()
            && !self.is_stopped
            && let Some(why) = &self.broken
        {
            return Err(OutreachError::Sender {
                sender: "csv",
                detail: format!("the folder takes nothing more: {why}"),
            });
        }
        if self.events.is_empty() && !wait.is_zero() {
            std::thread::sleep(wait);
        }
        Ok(self.events.drain(..).collect())
    }

    fn receipts_kept(&mut self, _tickets: &[u64]) {}

    fn stop(&mut self) {
        self.is_stopped = true;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use zeroize::Zeroizing;

    use super::CsvSender;
    use crate::sender::{Answer, Event, Message, ReceiptState, Sender as _};

    #[test]
    fn a_batch_is_whole_and_results_come_back_by_reference() {
        let folder = tempfile::tempdir().unwrap();
        let mut sender = CsvSender::new(folder.path(), "CrownfldPol", false).unwrap();
        let message = Message {
            key: 7,
            to: Zeroizing::new("447700900123".to_owned()),
            text: Zeroizing::new("a \"text\", of two, commas".to_owned()),
            reference: "abc".to_owned(),
            expires_us: 1_669_300_000_000_000,
        };
        sender.submit(vec![message]).unwrap();
        let told = sender.poll(Duration::ZERO).unwrap();
        let accepted = Answer::Accepted {
            message_id: "abc".to_owned(),
        };
        assert_eq!(
            told,
            [Event::Answered {
                key: 7,
                answer: accepted
            }]
        );
        let batch = std::fs::read_to_string(folder.path().join("batch-000001.csv")).unwrap();
        assert!(
            batch.contains("+447700900123,CrownfldPol,\"a \"\"text\"\", of two, commas\",abc,")
        );
        let results = "reference,state,code\nabc,delivered,\n";
        std::fs::write(folder.path().join("results-1.csv"), results).unwrap();
        let told = sender.poll(Duration::ZERO).unwrap();
        let [Event::Receipt { receipt, .. }] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(receipt.state, ReceiptState::Delivered);
        assert!(sender.poll(Duration::ZERO).unwrap().is_empty());
        // A file that grew is read anew, and a line that is none is left out.
        let results =
            b"reference,state,code\nabc,delivered,\n\xff\xfe,delivered,\nabd,expired,x,y\n";
        std::fs::write(folder.path().join("results-1.csv"), results).unwrap();
        let told = sender.poll(Duration::ZERO).unwrap();
        assert!(
            matches!(
                told.as_slice(),
                [
                    Event::Receipt { .. },
                    Event::Receipt { .. },
                    Event::Notice(_)
                ]
            ),
            "{told:?}"
        );
        // A new one goes on where the last one was, and made-up records never get here.
        let again = CsvSender::new(folder.path(), "CrownfldPol", false).unwrap();
        assert_eq!(again.next_batch, 2);
        assert!(CsvSender::new(folder.path(), "CrownfldPol", true).is_err());
    }

    #[test]
    fn a_batch_that_cannot_be_written_left_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut sender = CsvSender::new(folder.path(), "CrownfldPol", false).unwrap();
        // The file's place is taken, which nobody can write over: not root either.
        std::fs::create_dir(folder.path().join("batch-000001.partial")).unwrap();
        let message = Message {
            key: 7,
            to: Zeroizing::new("447700900123".to_owned()),
            text: Zeroizing::new("a text".to_owned()),
            reference: "abc".to_owned(),
            expires_us: 1_669_300_000_000_000,
        };
        sender.submit(vec![message]).unwrap();
        let told = sender.poll(Duration::ZERO).unwrap();
        let answer = Answer::Unsent;
        assert_eq!(told, [Event::Answered { key: 7, answer }]);
        assert_eq!(sender.free_slots(), 0);
        assert!(sender.poll(Duration::ZERO).is_err());
        assert!(!folder.path().join("batch-000001.csv").exists());
    }
}
