use crate::seen::csv;

#[test]
fn an_ordinary_file_is_read_whole() {
    let seen = csv("\u{feff}a,b,c\r\n1,\"x, y\",\r\n\r\n2,\"say \"\"hi\"\"\n\",z");
    let names: Vec<_> = seen.tables[0].columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(seen.texts(), [["1", "x, y", ""], ["2", "say \"hi\"\n", "z"]]);
    assert!(seen.rejects.is_empty());
}
