use super::lex::Quoting;
use super::token::{Token, Tokens};

/// What an INSERT or REPLACE says before its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insert {
    pub(crate) database: Option<String>,
    pub(crate) table: String,
    /// The columns it lists, if it lists any.
    pub(crate) columns: Option<Vec<String>>,
}

/// What came of a statement's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Head {
    /// Rows begin at or after this place.
    Rows(Insert, usize),
    /// It has no rows of its own: `SELECT`, `SET`, or something unreadable.
    NoRows,
    /// The bytes end before it does.
    Cut,
}

/// Reads from `INSERT` up to and including `VALUES`.
pub(crate) fn read_head(bytes: &[u8], at: usize, quoting: Quoting, ended: bool) -> Head {
    let mut tokens = Tokens::new(bytes, at, quoting, ended);
    match head(&mut tokens) {
        Ok(Some(insert)) => Head::Rows(insert, tokens.at()),
        Ok(None) => Head::NoRows,
        Err(Cut) => Head::Cut,
    }
}

struct Cut;

fn head(tokens: &mut Tokens<'_>) -> Result<Option<Insert>, Cut> {
    next(tokens)?;
    let mut token = next(tokens)?;
    while ["low_priority", "delayed", "high_priority", "ignore", "into"]
        .iter()
        .any(|w| token.is(w))
    {
        token = next(tokens)?;
    }
    let Some((database, table)) = qualified(token, tokens)? else {
        return Ok(None);
    };
    if tokens.take("partition") && names(tokens)?.is_none() {
        return Ok(None);
    }
    let mut columns = None;
    if peek(tokens)? == Token::Mark(b'(') {
        let Some(listed) = names(tokens)? else {
            return Ok(None);
        };
        columns = Some(listed);
    }
    let token = next(tokens)?;
    if !token.is("values") && !token.is("value") {
        return Ok(None);
    }
    // `VALUES ()` and `INSERT INTO t () VALUES …` list no columns at all.
    let columns = columns.filter(|names| !names.is_empty());
    Ok(Some(Insert {
        database,
        table,
        columns,
    }))
}

/// Reads `table` or `database.table`, however the two are quoted; `first` is the first token.
fn qualified(
    first: Token<'_>,
    tokens: &mut Tokens<'_>,
) -> Result<Option<(Option<String>, String)>, Cut> {
    // A plain word holds its points; a quoted one is followed by one, alone or before a word.
    if let Token::Word(word) = first
        && let Some(point) = word.iter().position(|&b| b == b'.')
    {
        let (database, table) = (&word[..point], &word[point + 1..]);
        let database = String::from_utf8_lossy(database).into_owned();
        if !table.is_empty() {
            return Ok(Some((
                Some(database),
                String::from_utf8_lossy(table).into_owned(),
            )));
        }
        return Ok(next(tokens)?.name().map(|table| (Some(database), table)));
    }
    let Some(name) = first.name() else {
        return Ok(None);
    };
    let Token::Word([b'.', table @ ..]) = peek(tokens)? else {
        return Ok(Some((None, name)));
    };
    tokens.next();
    if table.is_empty() {
        return Ok(next(tokens)?.name().map(|table| (Some(name), table)));
    }
    Ok(Some((
        Some(name),
        String::from_utf8_lossy(table).into_owned(),
    )))
}

/// Reads `(name, name …)`; none where something else stands.
fn names(tokens: &mut Tokens<'_>) -> Result<Option<Vec<String>>, Cut> {
    if next(tokens)? != Token::Mark(b'(') {
        return Ok(None);
    }
    let mut names = Vec::new();
    loop {
        let token = next(tokens)?;
        if token == Token::Mark(b')') && names.is_empty() {
            return Ok(Some(names));
        }
        let Some((_, name)) = qualified(token, tokens)? else {
            return Ok(None);
        };
        names.push(name);
        let mark = next(tokens)?;
        if mark == Token::Mark(b')') {
            return Ok(Some(names));
        }
        if mark != Token::Mark(b',') {
            return Ok(None);
        }
    }
}

fn next<'a>(tokens: &mut Tokens<'a>) -> Result<Token<'a>, Cut> {
    let token = tokens.next();
    if token == Token::Cut {
        Err(Cut)
    } else {
        Ok(token)
    }
}

fn peek<'a>(tokens: &Tokens<'a>) -> Result<Token<'a>, Cut> {
    let token = tokens.peek().1;
    if token == Token::Cut {
        Err(Cut)
    } else {
        Ok(token)
    }
}

/// Reads the name in `table` or `database.table` of a whole statement.
pub(crate) fn read_name(tokens: &mut Tokens<'_>) -> Option<(Option<String>, String)> {
    let first = tokens.next();
    qualified(first, tokens).ok().flatten()
}

/// Reads `(name, name …)` of a whole statement; a length after a name, as in `(a(10))`, is passed.
pub(crate) fn read_names(tokens: &mut Tokens<'_>) -> Option<Vec<String>> {
    if !tokens.take_mark(b'(') {
        return None;
    }
    let mut names = vec![tokens.next().name()?];
    let mut depth = 1usize;
    while depth > 0 {
        match tokens.next() {
            Token::Mark(b'(') => depth += 1,
            Token::Mark(b')') => depth -= 1,
            Token::Mark(b',') if depth == 1 => names.push(tokens.next().name()?),
            Token::End | Token::Cut => return None,
            Token::Word(_) | Token::Quoted { .. } | Token::Mark(_) => {}
        }
    }
    Some(names)
}
