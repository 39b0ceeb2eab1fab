//! Which records are of one person: probabilistic linkage after Fellegi and Sunter (1969), over
//! columns of text in memory.
//!
//! [`Records`] hold the values. A [`Comparison`] puts two values of a column at a level; a [`Model`]
//! says what a level weighs in bits, learned from the records by [`Model::train`]. [`Rule`]s choose
//! the pairs that are looked at. [`Model::predict`] gives the pairs at or above a threshold,
//! [`Model::explain`] the terms of a pair's weight, and [`cluster`] what hangs together. Results are
//! the same for any number of threads; nothing here prints a value of a record.
//!
//! Two values can be weighed by themselves, with [`Model::evidence`].
//!
//! ```
//! use unspoof_linking::{Column, Comparison, LevelWeights, Model, Records, Rule, Test, bits, cluster};
//!
//! let names = ["ada byron", "ada byrom", "alan turing", "grace hopper"];
//! let towns = ["london", "london", "london", ""];
//! let records = Records::new(vec![
//!     Column::new("name", names.map(Some))?,
//!     Column::new("town", towns.map(Some))?,
//! ])?;
//! let weights = |m, u| LevelWeights { m, u };
//! let model = Model::new(
//!     vec![
//!         Comparison::of("name", [Test::Exact, Test::JaroWinkler(0.9)]),
//!         Comparison::of("town", [Test::Exact]).with_frequencies(),
//!     ],
//!     vec![
//!         vec![weights(0.8, 0.0001), weights(0.15, 0.001), weights(0.05, 0.9989)],
//!         vec![weights(0.9, 0.2), weights(0.1, 0.8)],
//!     ],
//!     0.01,
//! )?;
//! let found = model.predict(&records, &[Rule::on(["town"])], bits(0.5), 1_000, 1)?;
//! assert_eq!(found.compared, 3);
//! let pairs: Vec<_> = found.pairs.iter().map(|pair| (pair.left, pair.right)).collect();
//! assert_eq!(pairs, [(0, 1)]);
//! assert_eq!(cluster(4, pairs), [0, 0, 2, 3]);
//!
//! let why = model.explain(&records, 0, 1)?;
//! assert_eq!(why.bits, found.pairs[0].bits);
//! assert_eq!(why.evidence[0].label, "Jaro–Winkler ≥ 0.9");
//! // In this table everybody lives in London.
//! assert!(why.evidence[1].rarity_bits < -2.0);
//! # Ok::<(), unspoof_linking::LinkError>(())
//! ```

mod block;
mod cluster;
mod compare;
mod derive;
mod distance;
mod error;
mod model;
mod predict;
mod records;
mod train;

pub use block::{Rule, RuleReport};
pub use cluster::cluster;
pub use compare::{Comparison, Test};
pub use derive::Derive;
pub use error::LinkError;
pub use model::{Evidence, Explanation, LevelWeights, Model, bits, probability};
pub use predict::{Pair, Prediction};
pub use records::{Column, Records};
pub use train::{Prior, Training};
