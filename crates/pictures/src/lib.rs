#![doc = include_str!("../README.md")]

mod bars;
mod colours;
mod person;
mod ranges;
mod svg;
mod timeline;
mod writing;

pub use bars::{BarGroup, Bars};
pub use colours::{Colour, Scheme};
pub use person::{MOST_ACCOUNTS, MOST_VALUES, PersonPicture, SharedBy};
pub use ranges::{Interval, Ranges};
pub use svg::Look;
pub use timeline::{Lane, Timeline};
pub use writing::{Unit, text_width_px};
