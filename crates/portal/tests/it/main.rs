//! The portal as visitors, thieves and operators meet it.

mod abuse;
mod binary;
mod check;
mod dependencies;
mod journey;
mod pages;
mod sealed;
mod support;
