//! Opening what a spool holds.

use unspoof_handover::spool::SpoolRecord;
use zeroize::Zeroizing;

use crate::{Message, NotAMessage};

/// What came of a spool's records.
#[derive(Debug, Default)]
pub struct Opened {
    /// In the spool's order.
    pub messages: Vec<Message>,
    /// Records that are no messages to this program. They stay in the sealed spool.
    pub unopened: Vec<Unopened>,
}

/// A record that could not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unopened {
    /// Its id, in hexadecimal digits.
    pub id: String,
    /// Why.
    pub why: String,
}

/// Opens a sealed file, or says why not.
pub type Open<'a> = dyn Fn(&[u8]) -> Result<Zeroizing<Vec<u8>>, String> + 'a;

/// Opens records with `open`, which takes a sealed file and gives what is in it or says why not.
pub fn open_all(records: &[SpoolRecord], open: &Open<'_>) -> Opened {
    let mut opened = Opened::default();
    for record in records {
        let id = record.id.to_string();
        let told = |why: NotAMessage| why.to_string();
        let read = open(&record.sealed).and_then(|plain| {
            let mut message = Message::read(&plain, &id).map_err(told)?;
            // A browser with scripts sealed the answers before they were sent: a second layer.
            if let Message::Statement(statement) = &mut message
                && let Some(sealed) = statement.sealed_answers().map(<[u8]>::to_vec)
            {
                statement.take_in(&open(&sealed)?).map_err(told)?;
            }
            Ok(message)
        });
        match read {
            Ok(message) => opened.messages.push(message),
            Err(why) => opened.unopened.push(Unopened { id, why }),
        }
    }
    opened
}
