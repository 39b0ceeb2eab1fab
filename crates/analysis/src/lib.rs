//! From rows to answers: which calls count, who was engaged, posing as whom, by which account, and
//! which numbers to warn. The only crate that holds the query engine.

mod account_sets;
mod accounts;
mod address_lists;
mod analyse;
mod brief;
mod call_facts;
mod call_sets;
mod call_tally;
mod calls;
mod calls_to_match;
mod contacts;
mod digest;
mod duplicates;
mod engine;
mod error;
mod explain;
mod explain_contact;
mod explain_money;
mod explain_person;
mod figures;
mod functions;
mod funnel;
mod held;
mod identified;
mod ids;
mod leads;
mod line_class;
mod loss_groups;
mod losses;
mod money;
mod money_brief;
mod money_figures;
mod money_page;
mod money_text;
mod ordered;
mod organisations;
mod page;
mod parts;
mod payments_read;
mod persons_out;
mod persons_table;
mod presented;
mod rank_lists;
mod ranks;
mod references;
mod report_matches;
mod report_rows;
mod rows_out;
mod shared_sources;
mod spend_out;
mod spoofed_calls;
mod suspects;
mod to_warn;
mod told;
mod victims;
mod whole_table;
mod write;
mod zones;

pub use address_lists::read_address_list;
pub use analyse::{Analysis, Inputs, analyse};
pub use brief::{Brief, Chart, render_text};
pub use engine::{Engine, EngineOptions, RowTaker};
pub use error::AnalysisError;
pub use explain::{FigureRow, explain_figure};
pub use explain_contact::{CallOfNumber, NumberExplained, ReportOfNumber, explain_number};
pub use explain_money::{
    LossExplained, LossReport, PaymentExplained, PaymentListed, SharedByPayment, explain_loss,
    explain_payment,
};
pub use explain_person::{
    AccountLink, LinkEvidence, PersonAccount, PersonExplained, SharedByAccounts, draw_person,
    explain_person, persons_of,
};
pub use figures::{Figure, grouped};
pub use funnel::{FunnelLists, FunnelResult, StepResult, compare_funnels};
pub use identified::IdentifiedAccounts;
pub use ids::{IdOf, unknown_ids};
pub use leads::Leads;
pub use money_brief::{
    EstimateBrief, EstimateRow, ListBrief, LossSums, LossesBrief, MoneyBrief, PersonBrief,
    SharedKind, Week,
};
pub use organisations::{OrganisationEntry, Organisations};
pub use page::render_html;
pub use parts::TablePart;
pub use rank_lists::{
    RankComparison, RankLine, RankList, RankMove, RankOf, RankRow, compare_ranks, rank_list,
    rank_of_subject,
};
pub use references::{
    iso_day, policy_of_case, read_block_list, read_blocks, read_countries, read_organisations,
    read_policy, read_rates, read_suppressions,
};
pub use rows_out::{RowWriter, RowsOut};
pub use to_warn::{
    NumberToWarn, OrganisationShown, ToWarn, account_holders, organisations_of_case, to_warn,
};
pub use unspoof_ranking::Policy;
pub use zones::one_clock;

/// Tables that analysis writes, by name; each is `derived/NAME.parquet`.
pub const DERIVED: [&str; 20] = [
    "account_spend",
    "already_reported",
    "contacts",
    "duplicates",
    "estimates",
    "held_statements",
    "loss_groups",
    "losses",
    "organisations",
    "payment_matches",
    "payments_read",
    "person_accounts",
    "person_links",
    "person_spend",
    "persons",
    "presented",
    "report_matches",
    "shared_sources",
    "spoofed_calls",
    "suspects",
];
