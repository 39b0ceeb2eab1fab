//! A tiny writer of MaxMind DB files (format 2.0, IPv4, records of 24 bits), as the reader's peer.

/// A value of the data section.
pub(crate) enum Value {
    Text(&'static str),
    Short(u16),
    Long(u64),
    Number(u32),
    Map(Vec<(&'static str, Value)>),
    List(Vec<Value>),
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => {
            assert!(text.len() < 29);
            out.push(2 << 5 | text.len() as u8);
            out.extend(text.as_bytes());
        }
        Value::Long(number) => {
            // An extended type: 7 + 2 is a number of 64 bits.
            out.extend([8, 2]);
            out.extend(number.to_be_bytes());
        }
        Value::Short(number) => {
            out.push(5 << 5 | 2);
            out.extend(number.to_be_bytes());
        }
        Value::Number(number) => {
            out.push(6 << 5 | 4);
            out.extend(number.to_be_bytes());
        }
        Value::Map(entries) => {
            out.push(7 << 5 | entries.len() as u8);
            for (key, value) in entries {
                put(out, &Value::Text(key));
                put(out, value);
            }
        }
        Value::List(values) => {
            // An extended type: 7 + 4 is an array.
            out.extend([values.len() as u8, 4]);
            values.iter().for_each(|value| put(out, value));
        }
    }
}

/// Writes a file of networks (address, prefix length) with their values.
pub(crate) fn file(database_type: &'static str, networks: &[([u8; 4], u8, Value)]) -> Vec<u8> {
    // A record is a node, no data, or a place in the data section.
    #[derive(Clone, Copy)]
    enum Record {
        Nothing,
        Node(usize),
        Data(usize),
    }
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (address, length, value) in networks {
        let place = data.len();
        put(&mut data, value);
        let bits = u32::from_be_bytes(*address);
        let mut at = 0;
        for depth in 0..*length {
            let side = (bits >> (31 - depth) & 1) as usize;
            if depth + 1 == *length {
                nodes[at][side] = Record::Data(place);
            } else if let Record::Node(next) = nodes[at][side] {
                at = next;
            } else {
                nodes.push([Record::Nothing; 2]);
                nodes[at][side] = Record::Node(nodes.len() - 1);
                at = nodes.len() - 1;
            }
        }
    }
    let mut out = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match *record {
            Record::Nothing => nodes.len(),
            Record::Node(node) => node,
            Record::Data(place) => nodes.len() + 16 + place,
        };
        out.extend(&(number as u32).to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    put(
        &mut out,
        &Value::Map(vec![
            ("binary_format_major_version", Value::Short(2)),
            ("binary_format_minor_version", Value::Short(0)),
            ("build_epoch", Value::Long(1_667_865_600)),
            ("database_type", Value::Text(database_type)),
            (
                "description",
                Value::Map(vec![("en", Value::Text("made up"))]),
            ),
            ("ip_version", Value::Short(4)),
            ("languages", Value::List(vec![Value::Text("en")])),
            ("node_count", Value::Number(nodes.len() as u32)),
            ("record_size", Value::Short(24)),
        ]),
    );
    out
}
