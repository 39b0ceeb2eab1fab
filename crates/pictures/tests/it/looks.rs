//! What eyes need: contrast, room for every label, everything on the paper.

use unspoof_pictures::{Colour, Look, text_width_px};

use crate::samples::{SCHEMES, all};

/// Relative luminance by WCAG 2.2.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let byte = u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap();
        let share = f64::from(byte) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: Colour, other: Colour, dark: bool) -> f64 {
    let (a, b) = (luminance(one.hex(dark)), luminance(other.hex(dark)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_shapes_stand_out_from_the_paper() {
    for dark in [false, true] {
        for text in [Colour::Ink, Colour::Soft] {
            let found = contrast(text, Colour::Paper, dark);
            assert!(found >= 4.5, "{text:?}, dark {dark}: {found}");
        }
        for series in Colour::SERIES {
            let found = contrast(series, Colour::Paper, dark);
            assert!(found >= 4.5, "{series:?}, dark {dark}: {found}");
        }
    }
}

#[test]
fn labels_have_room() {
    for (name, draw) in all() {
        let svg = draw(&Look::default());
        let document = roxmltree::Document::parse(&svg).unwrap();
        let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> i32 {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let root = document.root_element();
        let (width, height) = (number(&root, "width"), number(&root, "height"));
        let texts = root
            .descendants()
            .filter(|node| node.tag_name().name() == "text");
        let boxes: Vec<(i32, i32, i32, i32, String)> = texts
            .map(|node| {
                let text = node.text().unwrap_or("").to_owned();
                let (x, y, size) = (
                    number(&node, "x"),
                    number(&node, "y"),
                    number(&node, "font-size"),
                );
                let wide = text_width_px(&text, size);
                let left = match node.attribute("text-anchor").unwrap() {
                    "start" => x,
                    "middle" => x - wide / 2,
                    "end" => x - wide,
                    other => panic!("{other}"),
                };
                (left, y - size, left + wide, y + size / 4, text)
            })
            .collect();
        assert!(boxes.len() > 3, "{name}");
        for (at, one) in boxes.iter().enumerate() {
            let inside = one.0 >= 0 && one.1 >= 0 && one.2 <= width && one.3 <= height;
            assert!(inside, "{name}: {one:?} leaves the paper");
            for other in &boxes[at + 1..] {
                let apart =
                    one.2 <= other.0 || other.2 <= one.0 || one.3 <= other.1 || other.3 <= one.1;
                assert!(apart, "{name}: {one:?} covers {other:?}");
            }
        }
    }
}

#[test]
fn pictures_of_one_page_do_not_share_ids() {
    let ids = |id: &str| -> Vec<String> {
        let look = Look {
            id: id.to_owned(),
            scheme: SCHEMES[2].1,
        };
        let svg = crate::samples::bars().svg(&look);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let ids = document
            .descendants()
            .filter_map(|node| node.attribute("id"));
        ids.map(str::to_owned).collect()
    };
    let (one, other) = (ids("losses"), ids("losses-2"));
    assert_eq!(one.len(), 3);
    assert!(one.iter().all(|id| !other.contains(id)));
}
