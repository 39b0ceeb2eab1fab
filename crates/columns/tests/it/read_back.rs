//! What is written as codes is read back by the `parquet` crate, whatever the values.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use proptest::prelude::*;
use unspoof_columns::{GroupColumn, TableFile};

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("before", DataType::Int64, false),
        Field::new("word", DataType::Utf8, true),
        Field::new("number", DataType::Int64, true),
        Field::new("always", DataType::Utf8, false),
        Field::new("after", DataType::Utf8, true),
    ]))
}

type Row = (Option<String>, Option<i64>);

fn written(groups: &[Vec<Row>], compression: Compression) -> Bytes {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    let coded = ["word", "number", "always"];
    let mut file = TableFile::create(Vec::new(), schema(), properties, &coded).unwrap();
    for rows in groups {
        let mut group = file.groups().start().unwrap();
        let before = Int64Array::from_iter_values(0..rows.len() as i64);
        group.write(0, &(Arc::new(before) as ArrayRef)).unwrap();
        let after: StringArray = rows.iter().map(|(word, _)| word.clone()).collect();
        group.write(4, &(Arc::new(after) as ArrayRef)).unwrap();
        for (word, number) in rows {
            let GroupColumn::Texts(words) = group.column(1) else {
                panic!("`word` is coded");
            };
            match word {
                Some(word) => {
                    words.push(word.as_bytes());
                }
                None => words.push_nulls(1),
            }
            let GroupColumn::Ints(numbers) = group.column(2) else {
                panic!("`number` is coded");
            };
            match number {
                Some(number) => numbers.push(*number),
                None => numbers.push_nulls(1),
            }
        }
        let GroupColumn::Texts(always) = group.column(3) else {
            panic!("`always` is coded");
        };
        always.push_repeated(b"lab", rows.len());
        file.append(group.finish().unwrap()).unwrap();
    }
    file.finish().unwrap();
    file.inner().clone().into()
}

/// All rows by the parquet crate's reader; with the page index, which must fit the pages.
fn read(file: &Bytes) -> Vec<Row> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    // A column index comes with statistics of pages alone: required is the offset index.
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file.clone(), options)
        .or_else(|_| ParquetRecordBatchReaderBuilder::try_new(file.clone()))
        .unwrap();
    let mut rows = Vec::new();
    for batch in builder.with_batch_size(997).build().unwrap() {
        let batch: RecordBatch = batch.unwrap();
        let text = |place: usize| -> StringArray {
            let column = batch.column(place).as_any();
            column.downcast_ref::<StringArray>().unwrap().clone()
        };
        let (words, always, after) = (text(1), text(3), text(4));
        let numbers = batch
            .column(2)
            .as_any()
            .downcast_ref::<Int64Array>()
            .unwrap();
        for row in 0..batch.num_rows() {
            let word = words.is_valid(row).then(|| words.value(row).to_owned());
            assert_eq!(
                word.as_deref(),
                after.is_valid(row).then(|| after.value(row))
            );
            assert_eq!(always.value(row), "lab");
            rows.push((word, numbers.is_valid(row).then(|| numbers.value(row))));
        }
    }
    rows
}

fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::try_new(1).unwrap())
}

fn rows() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let word = prop_oneof![
        3 => Just(None),
        6 => "[a-c]{0,2}".prop_map(Some),
        1 => any::<String>().prop_map(Some),
    ];
    let number = prop_oneof![
        Just(None),
        (0..5_i64).prop_map(Some),
        any::<i64>().prop_map(Some)
    ];
    let runs = proptest::collection::vec(((word, number), 1..30_usize), 1..60);
    let group = runs.prop_map(|runs| {
        let each = runs.into_iter();
        each.flat_map(|(row, times)| std::iter::repeat_n(row, times))
            .collect::<Vec<Row>>()
    });
    proptest::collection::vec(group, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn codes_read_back_as_values(groups in rows(), packs in any::<bool>()) {
        let compression = if packs { zstd() } else { Compression::UNCOMPRESSED };
        let read = read(&written(&groups, compression));
        prop_assert_eq!(read, groups.concat());
    }
}

#[test]
fn many_rows_span_pages_and_pack() {
    let rows: Vec<Row> = (0..300_000_i64)
        .map(|row| {
            let word = (row % 11 != 0).then(|| format!("account {}", row * row % 40_000));
            (word, (row % 7 != 0).then_some(row % 9_000))
        })
        .collect();
    for compression in [Compression::UNCOMPRESSED, zstd()] {
        let file = written(std::slice::from_ref(&rows), compression);
        assert_eq!(read(&file), rows);
    }
}

#[test]
fn too_many_texts_make_no_dictionary() {
    let rows: Vec<Row> = (0..140_000_i64)
        .map(|row| (Some(format!("a text of its own, {row}")), Some(row * 3)))
        .collect();
    let file = written(std::slice::from_ref(&rows), zstd());
    assert_eq!(read(&file), rows);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let column = |place: usize| builder.metadata().row_group(0).column(place).clone();
    assert!(column(3).dictionary_page_offset().is_some());
    assert_eq!(column(3).num_values(), 140_000);
}

#[test]
fn a_group_without_rows_is_one() {
    assert_eq!(read(&written(&[Vec::new()], zstd())), Vec::new());
}

#[test]
fn numbers_tell_their_bounds() {
    let rows = vec![(None, Some(7)), (None, None), (None, Some(-3))];
    let file = written(&[rows], zstd());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let chunk = builder.metadata().row_group(0).column(2).clone();
    let statistics = chunk.statistics().unwrap();
    assert_eq!(
        statistics.min_bytes_opt(),
        Some(&(-3_i64).to_le_bytes()[..])
    );
    assert_eq!(statistics.max_bytes_opt(), Some(&7_i64.to_le_bytes()[..]));
    assert_eq!(statistics.null_count_opt(), Some(1));
}

#[test]
fn gaps_where_there_may_be_none_are_refused() {
    let schema = Arc::new(Schema::new(vec![Field::new(
        "source",
        DataType::Utf8,
        false,
    )]));
    let properties = WriterProperties::builder().build();
    let file = TableFile::create(Vec::new(), schema, properties, &["source"]).unwrap();
    let mut group = file.groups().start().unwrap();
    if let GroupColumn::Texts(texts) = group.column(0) {
        texts.push_nulls(1);
    }
    assert!(group.finish().is_err());
}

#[test]
fn no_gaps_are_no_gaps() {
    let schema = Arc::new(Schema::new(vec![Field::new(
        "source",
        DataType::Utf8,
        false,
    )]));
    let properties = WriterProperties::builder().build();
    let file = TableFile::create(Vec::new(), schema, properties, &["source"]).unwrap();
    let mut group = file.groups().start().unwrap();
    if let GroupColumn::Texts(texts) = group.column(0) {
        texts.push_repeated(b"lab", 3);
        texts.push_nulls(0);
    }
    group.finish().unwrap();
}

#[test]
fn columns_of_different_lengths_are_refused() {
    let fields = ["source", "exhibit"].map(|name| Field::new(name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    for coded in [&["source", "exhibit"][..], &["source"]] {
        let properties = WriterProperties::builder().build();
        let file = TableFile::create(Vec::new(), schema.clone(), properties, coded).unwrap();
        let mut group = file.groups().start().unwrap();
        if let GroupColumn::Texts(texts) = group.column(0) {
            texts.push_repeated(b"lab", 3);
        }
        let error = group.finish().err().unwrap().to_string();
        assert!(
            error.contains("`exhibit` has 0 rows where the first column has 3"),
            "{error}"
        );
    }
}

#[test]
fn a_mark_is_gone_back_to() {
    let mut texts = unspoof_columns::TextCodes::default();
    texts.push(b"talk");
    texts.push_nulls(2);
    let mark = texts.mark();
    texts.push_nulls(1);
    texts.push(b"unknown");
    texts.back_to(mark);
    assert_eq!(texts.len(), 3);
    texts.push(b"talk");
    assert_eq!((texts.len(), texts.mark() == mark), (4, false));
}

#[test]
fn what_is_no_text_keeps_its_place() {
    let mut texts = unspoof_columns::TextCodes::default();
    let broken = texts.push(b"gw-\xff-2");
    assert_eq!(texts.push("gw-\u{fffd}-2".as_bytes()), broken);
    assert_eq!((texts.len(), texts.entries()), (2, 1));
    assert_eq!(format!("{texts:?}"), "TextCodes(2 rows of 1 texts)");
}

#[test]
fn a_column_of_another_kind_is_no_code() {
    let schema = Arc::new(Schema::new(vec![Field::new(
        "yes",
        DataType::Boolean,
        false,
    )]));
    for name in ["yes", "no"] {
        let properties = WriterProperties::builder().build();
        assert!(TableFile::create(Vec::new(), schema.clone(), properties, &[name]).is_err());
    }
}
