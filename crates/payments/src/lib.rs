#![doc = include_str!("../README.md")]

mod address;
mod error;
mod lists;
mod plain;
mod rates;
mod spend;
mod tagpack;

pub use address::{
    AddressKind, AddressReading, AddressStatus, BitcoinAddress, FoundAddress, find_addresses,
    read_address,
};
pub use error::PaymentError;
pub use lists::{
    AddressList, AddressLists, ListEntry, ListMatch, ListReject, ListRejectCode, address_key,
    read_address_key,
};
pub use plain::read_plain_list;
pub use rates::{ValueCurrency, ValueStatus, value_minor};
pub use spend::{
    AccountKey, Payment, Shared, SharedBy, SharedSource, Spend, shared_sources, spend_by_account,
    spend_by_person,
};
pub use tagpack::read_tagpack;
