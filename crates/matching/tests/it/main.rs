//! Reports matched to made-up calls.

mod floors;
mod laws;
mod made_up;
mod one_by_one;
