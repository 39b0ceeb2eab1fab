use super::insert::{read_name, read_names};
use super::lex::Quoting;
use super::token::{Token, Tokens};
use crate::block::{Column, Key, KeyKind, TableDef};

/// Reads a whole CREATE TABLE statement; none for `LIKE`, `SELECT`, or what is not understood.
pub(crate) fn read_table(statement: &[u8], quoting: Quoting) -> Option<TableDef> {
    let mut tokens = Tokens::new(statement, 0, quoting, true);
    tokens.take("create");
    if tokens.take("or") && !tokens.take("replace") {
        return None;
    }
    tokens.take("temporary");
    if !tokens.take("table") {
        return None;
    }
    if tokens.take("if") && !(tokens.take("not") && tokens.take("exists")) {
        return None;
    }
    let (database, name) = read_name(&mut tokens)?;
    if !tokens.take_mark(b'(') {
        return None;
    }
    let mut table = TableDef {
        database,
        name,
        named: true,
        ..TableDef::default()
    };
    loop {
        if !read_key(&mut tokens, &mut table.keys)? {
            read_column(&mut tokens, &mut table)?;
        }
        let mark = tokens.next();
        if mark == Token::Mark(b')') {
            break;
        }
        if mark != Token::Mark(b',') {
            return None;
        }
    }
    if table.columns.is_empty() {
        return None;
    }
    table.charset = table_charset(&mut tokens);
    for column in &mut table.columns {
        if column.charset.is_none() && holds_text(&column.sql_type) {
            column.charset.clone_from(&table.charset);
        }
    }
    Some(table)
}

/// Reads a key or constraint and stops before the `,` or `)` after it; false where a column stands.
fn read_key(tokens: &mut Tokens<'_>, keys: &mut Vec<Key>) -> Option<bool> {
    let start = tokens.clone();
    let word = tokens.peek().1;
    let starts = [
        "primary",
        "unique",
        "key",
        "index",
        "fulltext",
        "spatial",
        "constraint",
        "foreign",
        "check",
        "period",
    ];
    if !starts.iter().any(|known| word.is(known)) {
        return Some(false);
    }
    tokens.next();
    // In a dump a column's name is quoted; elsewhere `key int` is still a column.
    let kind = if word.is("constraint") {
        if !["primary", "unique", "foreign", "check"]
            .iter()
            .any(|w| tokens.peek().1.is(w))
        {
            tokens.next();
        }
        let kind = tokens.peek().1;
        tokens.next();
        kind
    } else {
        word
    };
    if kind.is("primary") && tokens.take("key") {
        pass_type(tokens);
        keys.push(Key {
            kind: KeyKind::Primary,
            columns: read_names(tokens)?,
        });
    } else if kind.is("unique") {
        if !tokens.take("key") {
            tokens.take("index");
        }
        if !matches!(tokens.peek().1, Token::Mark(b'(')) {
            if !tokens.peek().1.is("using") {
                tokens.next();
            }
            pass_type(tokens);
        }
        match read_names(tokens) {
            Some(columns) => keys.push(Key {
                kind: KeyKind::Unique,
                columns,
            }),
            None => {
                *tokens = start;
                return Some(false);
            }
        }
    } else if word.is("key") || word.is("index") || word.is("period") || word.is("check") {
        let next = tokens.peek().1;
        let is_type = matches!(next, Token::Word(word) if looks_like_type(word));
        if is_type {
            *tokens = start;
            return Some(false);
        }
    }
    pass_item(tokens);
    Some(true)
}

fn pass_type(tokens: &mut Tokens<'_>) {
    if tokens.take("using") {
        tokens.next();
    }
}

fn looks_like_type(word: &[u8]) -> bool {
    let types = [
        "int", "integer", "bigint", "smallint", "tinyint", "varchar", "char", "text", "datetime",
    ];
    types
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// Passes over the rest of an item, up to the `,` or `)` after it.
fn pass_item(tokens: &mut Tokens<'_>) {
    let mut depth = 0usize;
    loop {
        match tokens.peek().1 {
            Token::Mark(b',' | b')') if depth == 0 => return,
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth -= 1,
            Token::End | Token::Cut => return,
            Token::Word(_) | Token::Quoted { .. } | Token::Mark(_) => {}
        }
        tokens.next();
    }
}

fn read_column(tokens: &mut Tokens<'_>, table: &mut TableDef) -> Option<()> {
    let name = tokens.next().name()?;
    let mut column = Column {
        name,
        ..Column::default()
    };
    let Token::Word(base) = tokens.peek().1 else {
        // SQLite's dumps have columns without a type; nothing more is known of them.
        pass_item(tokens);
        table.columns.push(column);
        return Some(());
    };
    tokens.next();
    column.sql_type = String::from_utf8_lossy(base).to_ascii_lowercase();
    if column.sql_type == "double" && tokens.take("precision") {
        column.sql_type.push_str(" precision");
    }
    if tokens.take_mark(b'(') {
        column.sql_type.push('(');
        loop {
            match tokens.next() {
                Token::Mark(b')') => break,
                Token::Mark(mark) => column.sql_type.push(char::from(mark)),
                Token::Word(word) => column.sql_type.push_str(&String::from_utf8_lossy(word)),
                Token::Quoted { raw, .. } => {
                    column.sql_type.push('\'');
                    column.sql_type.push_str(&String::from_utf8_lossy(raw));
                    column.sql_type.push('\'');
                }
                Token::End | Token::Cut => return None,
            }
        }
        column.sql_type.push(')');
    }
    read_attributes(tokens, &mut column, &mut table.keys);
    if column.sql_type.starts_with("json") {
        column.charset = Some("utf8mb4".to_owned());
    }
    table.columns.push(column);
    Some(())
}

/// Reads what stands after a column's type, up to the `,` or `)` after the column.
fn read_attributes(tokens: &mut Tokens<'_>, column: &mut Column, keys: &mut Vec<Key>) {
    let key = |kind, column: &Column| Key {
        kind,
        columns: vec![column.name.clone()],
    };
    let mut depth = 0usize;
    loop {
        let token = tokens.peek().1;
        match token {
            Token::Mark(b',' | b')') if depth == 0 => return,
            Token::End | Token::Cut => return,
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth -= 1,
            Token::Word(_) | Token::Quoted { .. } | Token::Mark(_) => {}
        }
        tokens.next();
        if depth > 0 {
            continue;
        }
        if token.is("unsigned") || token.is("zerofill") {
            column.sql_type.push(' ');
            column.sql_type.push_str(if token.is("unsigned") {
                "unsigned"
            } else {
                "zerofill"
            });
        } else if token.is("generated") || (token.is("as") && !column.generated) {
            column.generated = true;
        } else if (token.is("character") && tokens.take("set")) || token.is("charset") {
            tokens.take_mark(b'=');
            column.charset = tokens.next().name().map(|name| name.to_ascii_lowercase());
        } else if token.is("collate") && column.charset.is_none() {
            tokens.take_mark(b'=');
            column.charset = collation(tokens.next());
        } else if token.is("primary") && tokens.take("key") {
            keys.push(key(KeyKind::Primary, column));
        } else if token.is("unique") {
            tokens.take("key");
            keys.push(key(KeyKind::Unique, column));
        } else if token.is("comment") || token.is("default") {
            // The next token is a value and no attribute, whatever it says.
            if !matches!(tokens.peek().1, Token::Mark(_)) {
                tokens.next();
            }
        }
    }
}

/// Takes the character set from a collation's name: what stands before the first `_`.
fn collation(token: Token<'_>) -> Option<String> {
    let name = token_text(token)?.to_ascii_lowercase();
    name.split('_').next().map(str::to_owned)
}

fn token_text(token: Token<'_>) -> Option<String> {
    match token {
        Token::Word(text) | Token::Quoted { raw: text, .. } => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        Token::Mark(_) | Token::End | Token::Cut => None,
    }
}

fn table_charset(tokens: &mut Tokens<'_>) -> Option<String> {
    let mut from_collation = None;
    loop {
        let token = tokens.next();
        if token == Token::End || token == Token::Cut {
            return from_collation;
        }
        if token.is("charset") || (token.is("character") && tokens.take("set")) {
            tokens.take_mark(b'=');
            return token_text(tokens.next()).map(|name| name.to_ascii_lowercase());
        }
        if token.is("collate") {
            tokens.take_mark(b'=');
            from_collation = collation(tokens.next());
        }
        if token.is("comment") {
            tokens.take_mark(b'=');
            tokens.next();
        }
    }
}

fn holds_text(sql_type: &str) -> bool {
    let base = sql_type.split(['(', ' ']).next().unwrap_or_default();
    matches!(
        base,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
    )
}
