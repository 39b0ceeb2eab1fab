//! `TagPack`s: YAML files of attributed addresses, as `GraphSense` and INTERPOL publish them.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

use crate::address::read_address;
use crate::error::PaymentError;
use crate::lists::{AddressList, ListEntry, ListReject, ListRejectCode};

type Fields = BTreeMap<String, String>;

/// Reads a `TagPack`: a mapping whose `tags` is a sequence of mappings. What its head says of
/// `currency`, `label`, `category`, `abuse`, `actor`, `source`, `confidence` and `lastmod` holds for
/// each tag that does not say it itself.
///
/// Nested values are passed over, and aliases are not followed: a file cannot grow by being read.
///
/// # Errors
/// The text is not YAML, or has no `tags`.
pub fn read_tagpack(name: &str, text: &str) -> Result<AddressList, PaymentError> {
    let mut walk = Walk::default();
    let mut line = 1;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else {
            return Err(PaymentError::Yaml {
                list: name.to_owned(),
                line,
            });
        };
        line = span.start.line() as u64;
        walk.step(event, line);
    }
    if !walk.had_tags {
        return Err(PaymentError::NoTags {
            list: name.to_owned(),
        });
    }
    let head = walk.head;
    let entries = walk.tags.into_iter().map(|(line, mut tag, address)| {
        // The tag's own value, else the head's.
        let mut of = |field: &str| tag.remove(field).or_else(|| head.get(field).cloned());
        ListEntry {
            line,
            status: read_address(&address).status,
            currency: of("currency"),
            label: of("label"),
            category: of("category"),
            abuse: of("abuse"),
            actor: of("actor"),
            source: of("source"),
            confidence: of("confidence"),
            dated: of("lastmod"),
            address,
        }
    });
    Ok(AddressList {
        name: name.to_owned(),
        title: head.get("title").cloned(),
        creator: head.get("creator").cloned(),
        dated: head.get("lastmod").cloned(),
        entries: entries.collect(),
        rejects: walk.rejects,
    })
}

/// What the reader stands in.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Outside,
    Head,
    Tags,
    Tag,
}

#[derive(Default)]
struct Walk {
    place: Place,
    /// Depth below the place, of what is passed over.
    passed_over: u32,
    /// The key whose value comes next.
    key: Option<String>,
    head: Fields,
    tag: Fields,
    tag_line: u64,
    had_tags: bool,
    tags: Vec<(u64, Fields, String)>,
    rejects: Vec<ListReject>,
}

impl Walk {
    fn step(&mut self, event: Event<'_>, line: u64) {
        match event {
            Event::MappingStart(..) if self.passed_over == 0 && self.place == Place::Outside => {
                self.place = Place::Head;
            }
            Event::MappingStart(..) if self.passed_over == 0 && self.place == Place::Tags => {
                self.place = Place::Tag;
                self.tag_line = line;
                self.tag.clear();
            }
            Event::SequenceStart(..)
                if self.passed_over == 0
                    && self.place == Place::Head
                    && self.key.as_deref() == Some("tags") =>
            {
                self.place = Place::Tags;
                self.had_tags = true;
                self.key = None;
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if self.passed_over == 0 && self.place == Place::Tags {
                    self.reject(line, ListRejectCode::NotAnEntry);
                }
                self.passed_over += 1;
            }
            Event::MappingEnd | Event::SequenceEnd if self.passed_over > 0 => {
                self.passed_over -= 1;
                if self.passed_over == 0 {
                    self.value(None);
                }
            }
            Event::MappingEnd if self.place == Place::Tag => self.end_of_tag(),
            Event::SequenceEnd if self.place == Place::Tags => self.place = Place::Head,
            Event::MappingEnd | Event::SequenceEnd => self.place = Place::Outside,
            Event::Scalar(text, ..) if self.passed_over == 0 => match self.place {
                Place::Head | Place::Tag => self.value(Some(text.trim().to_owned())),
                Place::Tags => self.reject(line, ListRejectCode::NotAnEntry),
                Place::Outside => {}
            },
            Event::Alias(_) if self.passed_over == 0 => match self.place {
                Place::Head | Place::Tag => self.value(None),
                Place::Tags => self.reject(line, ListRejectCode::Alias),
                Place::Outside => {}
            },
            Event::Scalar(..)
            | Event::Alias(_)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }

    /// Takes a key, or the value of the key before it; none for one that is passed over.
    fn value(&mut self, text: Option<String>) {
        if self.place != Place::Head && self.place != Place::Tag {
            return;
        }
        let Some(key) = self.key.take() else {
            self.key = Some(text.unwrap_or_default());
            return;
        };
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            let fields = match self.place {
                Place::Tag => &mut self.tag,
                Place::Head | Place::Tags | Place::Outside => &mut self.head,
            };
            fields.insert(key, text);
        }
    }

    fn end_of_tag(&mut self) {
        self.place = Place::Tags;
        self.key = None;
        let tag = std::mem::take(&mut self.tag);
        match tag.get("address").cloned() {
            Some(address) => self.tags.push((self.tag_line, tag, address)),
            None => self.reject(self.tag_line, ListRejectCode::NoAddress),
        }
    }

    fn reject(&mut self, line: u64, code: ListRejectCode) {
        self.rejects.push(ListReject { line, code });
    }
}
