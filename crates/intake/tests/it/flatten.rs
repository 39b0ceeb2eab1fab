use std::path::Path;

use unspoof_intake::flatten::flatten;

#[expect(clippy::print_stderr, reason = "says what is left out")]
fn has_tools() -> bool {
    let all = ["bwrap", "prlimit", "convert", "pdftoppm"];
    let missing = all
        .iter()
        .find(|tool| !Path::new("/usr/bin").join(tool).is_file());
    if let Some(missing) = missing {
        assert!(std::env::var("CI").is_err(), "`{missing}` is missing");
        eprintln!("left out: there is no `/usr/bin/{missing}`");
    }
    missing.is_none()
}

/// A picture of one pixel with a remark that must not get through.
fn picture() -> Vec<u8> {
    let mut file = b"P6\n# TAKEN AT HOME\n2 2\n255\n".to_vec();
    file.extend([200_u8; 12]);
    file
}

/// The smallest document of one empty page, with a script that must not get through.
fn document() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(
        format!(
            "trailer<</Root 1 0 R/Size {}>>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    file
}

#[test]
fn pictures_and_documents_become_pixels_alone() {
    if !has_tools() {
        return;
    }
    for (kind, content) in [("picture", picture()), ("pdf", document())] {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original.bin");
        std::fs::write(&original, &content).unwrap();
        let pages = flatten(&original, kind, &folder.path().join("pages")).unwrap();
        assert_eq!(pages.len(), 1, "{kind}");
        let page = std::fs::read(&pages[0]).unwrap();
        assert!(page.starts_with(b"\x89PNG\r\n\x1a\n"), "{kind}");
        for word in [b"HOME".as_slice(), b"JavaScript"] {
            assert!(
                !page.windows(word.len()).any(|found| found == word),
                "{kind}"
            );
        }
        assert_eq!(std::fs::read(&original).unwrap(), content);
    }
}

#[test]
fn what_cannot_be_drawn_is_told_and_leaves_nothing() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original.bin");
    std::fs::write(&original, b"no picture at all").unwrap();
    for kind in ["picture", "pdf", "video"] {
        let error = flatten(&original, kind, &folder.path().join("pages")).unwrap_err();
        assert_eq!(error.code(), "intake/flatten");
        assert!(!error.to_string().contains("no picture"), "{error}");
    }
    let left = std::fs::read_dir(folder.path().join("pages")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}

#[test]
fn a_converter_sees_neither_the_case_nor_a_network() {
    if !has_tools() {
        return;
    }
    // A vector picture that asks for another file: were it drawn, the text of that file would show.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.txt"), "label of a case").unwrap();
    let original = folder.path().join("original.bin");
    let asks = format!(
        "push graphic-context\nimage over 0,0 0,0 '{}'\npop graphic-context\n",
        folder.path().join("secret.txt").display()
    );
    std::fs::write(&original, asks).unwrap();
    assert!(flatten(&original, "picture", &folder.path().join("pages")).is_err());
}
