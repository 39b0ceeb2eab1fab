//! The pages, one file for what belongs together.

pub(crate) mod attach;
pub(crate) mod begin;
pub(crate) mod by_browser;
pub(crate) mod check;
pub(crate) mod field;
pub(crate) mod home;
pub(crate) mod number;
pub(crate) mod report;
pub(crate) mod send;
