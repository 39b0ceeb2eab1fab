//! What the crate promises to those who read its pages.

use std::fs;
use std::path::Path;

use unspoof_model::schema;

/// `UNSPOOF_UPDATE_EXPECTED=1 cargo test -p unspoof-model` writes the page anew.
#[test]
fn the_column_reference_is_the_schema() {
    let page = Path::new("../../docs/reference/columns.md");
    let made = schema::reference_markdown();
    if std::env::var_os("UNSPOOF_UPDATE_EXPECTED").is_some() {
        fs::write(page, &made).expect("the page can be written");
    }
    let committed = fs::read_to_string(page).expect("the page is in the repository");
    assert!(
        committed == made,
        "docs/reference/columns.md is not what the schema gives; write it anew with \
         UNSPOOF_UPDATE_EXPECTED=1 cargo test -p unspoof-model"
    );
}

/// The page is read by people who never see the schema: nothing of it may be missing there.
#[test]
fn the_column_reference_tells_of_every_table_and_column() {
    let page = schema::reference_markdown();
    for table in schema::TABLES {
        let section = page
            .split("\n## ")
            .find(|section| section.lines().next() == Some(table.name))
            .unwrap_or_else(|| panic!("no section for `{}`", table.name));
        for column in table.columns {
            let starts = format!("| `{}` | ", column.name);
            let line = section.lines().find(|line| line.starts_with(&starts));
            let line = line.unwrap_or_else(|| panic!("`{}.{}`", table.name, column.name));
            assert!(
                line.ends_with(&format!(" | {} |", column.describes)),
                "{line}"
            );
        }
    }
    for column in schema::PROVENANCE {
        assert!(
            page.contains(&format!("| `{}` | ", column.name)),
            "{}",
            column.name
        );
    }
}
