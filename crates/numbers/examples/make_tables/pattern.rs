//! Patterns as libphonenumber's metadata writes them, as automata with choices in order.
//!
//! The metadata needs little of what regular expressions can say: digits, `\d`, classes, groups,
//! alternatives, counted repeats and `$`. Anything else is refused.

use std::iter::Peekable;
use std::str::Chars;

/// A step of an automaton that still has choices.
#[derive(Clone, Copy)]
pub(crate) enum Node {
    /// Takes one digit of the set (bit n: digit n).
    Digit { set: u16, next: usize },
    /// Goes on both ways; the first is preferred.
    Split { first: usize, second: usize },
    /// Notes where a group starts (even slot) or ends (odd slot).
    Save { slot: usize, next: usize },
    /// Goes on at the end of the number only.
    End { next: usize },
    /// Has found a match.
    Match,
}

/// A compiled pattern.
pub(crate) struct Pattern {
    /// Steps; they refer to each other by place.
    pub(crate) nodes: Vec<Node>,
    /// Where matching starts.
    pub(crate) start: usize,
}

enum Tree {
    Empty,
    Digit(u16),
    End,
    Sequence(Vec<Tree>),
    Either(Vec<Tree>),
    Group(usize, Box<Tree>),
    Repeat {
        of: Box<Tree>,
        least: usize,
        most: Option<usize>,
    },
}

const ANY_DIGIT: u16 = 0x3ff;

impl Pattern {
    /// Compiles a pattern as the metadata holds it: `^(?:...)$`.
    pub(crate) fn compile(wrapped: &str) -> Result<Self, String> {
        let bare = wrapped
            .strip_prefix("^(?:")
            .and_then(|rest| rest.strip_suffix(")$"))
            .filter(|bare| !bare.is_empty())
            .ok_or_else(|| format!("pattern `{wrapped}` is not wrapped in `^(?:` and `)$`"))?;
        let mut parser = Parser {
            rest: bare.chars().peekable(),
            groups: 0,
        };
        let tree = parser.either()?;
        if let Some(c) = parser.rest.next() {
            return Err(format!("`{c}` too much in pattern `{wrapped}`"));
        }
        let mut nodes = vec![Node::Match];
        let start = link(&mut nodes, &tree, 0);
        Ok(Self { nodes, start })
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    groups: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Tree, String> {
        let mut ways = vec![self.sequence()?];
        while self.rest.next_if_eq(&'|').is_some() {
            ways.push(self.sequence()?);
        }
        Ok(Tree::Either(ways))
    }

    fn sequence(&mut self) -> Result<Tree, String> {
        let mut parts = Vec::new();
        while let Some(&c) = self.rest.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let part = self.part()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Tree::Sequence(parts))
    }

    fn part(&mut self) -> Result<Tree, String> {
        match self.rest.next() {
            Some('$') => Ok(Tree::End),
            Some('\\') => match self.rest.next() {
                Some('d') => Ok(Tree::Digit(ANY_DIGIT)),
                other => Err(format!("unknown escape `\\{other:?}`")),
            },
            Some('[') => self.class(),
            // Where a caller waits for a tone. Only digits are left when prefixes are looked for,
            // so what has it is never there.
            Some('~') => Ok(Tree::Digit(0)),
            Some('(') => {
                let group = if self.rest.next_if_eq(&'?').is_some() {
                    if self.rest.next() != Some(':') {
                        return Err("look-around is unknown".to_owned());
                    }
                    None
                } else {
                    self.groups += 1;
                    Some(self.groups)
                };
                let inner = self.either()?;
                if self.rest.next() != Some(')') {
                    return Err("a group is left open".to_owned());
                }
                Ok(match group {
                    Some(number) => Tree::Group(number, Box::new(inner)),
                    None => inner,
                })
            }
            Some(c) => digit(c).map(|d| Tree::Digit(1 << d)),
            None => Ok(Tree::Empty),
        }
    }

    fn class(&mut self) -> Result<Tree, String> {
        let mut set = 0_u16;
        loop {
            let c = self.rest.next().ok_or("a class is left open")?;
            if c == ']' {
                return Ok(Tree::Digit(set));
            }
            let from = digit(c)?;
            let to = if self.rest.next_if_eq(&'-').is_some() {
                digit(self.rest.next().ok_or("a class is left open")?)?
            } else {
                from
            };
            for d in from..=to {
                set |= 1 << d;
            }
        }
    }

    fn repeated(&mut self, part: Tree) -> Result<Tree, String> {
        let (least, most) = match self.rest.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                let text: String = self
                    .rest
                    .by_ref()
                    .skip(1)
                    .take_while(|c| *c != '}')
                    .collect();
                let count = |t: &str| t.parse::<usize>().map_err(|e| format!("`{{{text}}}`: {e}"));
                let bounds = match text.split_once(',') {
                    None => (count(&text)?, Some(count(&text)?)),
                    Some((least, "")) => (count(least)?, None),
                    Some((least, most)) => (count(least)?, Some(count(most)?)),
                };
                return self.after_repeat(part, bounds);
            }
            _ => return Ok(part),
        };
        self.rest.next();
        self.after_repeat(part, (least, most))
    }

    fn after_repeat(
        &mut self,
        part: Tree,
        (least, most): (usize, Option<usize>),
    ) -> Result<Tree, String> {
        if matches!(self.rest.peek(), Some('?' | '*' | '+' | '{')) {
            return Err("a repeat of a repeat is unknown".to_owned());
        }
        Ok(Tree::Repeat {
            of: Box::new(part),
            least,
            most,
        })
    }
}

fn digit(c: char) -> Result<u32, String> {
    c.to_digit(10).ok_or_else(|| format!("`{c}` is unknown"))
}

/// Adds the nodes of a tree in front of `next`; returns where they start.
fn link(nodes: &mut Vec<Node>, tree: &Tree, next: usize) -> usize {
    let add = |nodes: &mut Vec<Node>, node| {
        nodes.push(node);
        nodes.len() - 1
    };
    match tree {
        Tree::Empty => next,
        Tree::Digit(set) => add(nodes, Node::Digit { set: *set, next }),
        Tree::End => add(nodes, Node::End { next }),
        Tree::Sequence(parts) => parts
            .iter()
            .rev()
            .fold(next, |next, part| link(nodes, part, next)),
        Tree::Either(ways) => {
            let starts: Vec<usize> = ways.iter().map(|way| link(nodes, way, next)).collect();
            let (last, others) = starts.split_last().expect("there is at least one way");
            others.iter().rev().fold(*last, |second, &first| {
                add(nodes, Node::Split { first, second })
            })
        }
        Tree::Group(number, inner) => {
            let end = Node::Save {
                slot: 2 * number - 1,
                next,
            };
            let end = add(nodes, end);
            let next = link(nodes, inner, end);
            let slot = 2 * number - 2;
            add(nodes, Node::Save { slot, next })
        }
        Tree::Repeat { of, least, most } => {
            let mut start = match most {
                Some(most) => (*least..*most).fold(next, |start, _| {
                    let first = link(nodes, of, start);
                    add(
                        nodes,
                        Node::Split {
                            first,
                            second: next,
                        },
                    )
                }),
                None => {
                    let split = add(nodes, Node::Match);
                    let first = link(nodes, of, split);
                    nodes[split] = Node::Split {
                        first,
                        second: next,
                    };
                    split
                }
            };
            for _ in 0..*least {
                start = link(nodes, of, start);
            }
            start
        }
    }
}
