//! A column chunk from codes: a dictionary page, then pages of codes.

use arrow_buffer::NullBuffer;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::{OffsetIndexMetaData, PageLocation};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use crate::hybrid;

/// Rows of one data page.
const PAGE_ROWS: usize = 1 << 17;

/// Pages below this are not worth a compressor's start.
const WORTH_COMPRESSING: usize = 1 << 12;

/// What a chunk is made of.
pub(crate) struct Coded {
    pub(crate) column: ColumnDescPtr,
    /// The dictionary's entries, `PLAIN`.
    pub(crate) dictionary: Vec<u8>,
    pub(crate) entries: usize,
    /// One a value that is there.
    pub(crate) codes: Vec<u32>,
    pub(crate) gaps: Option<NullBuffer>,
    pub(crate) rows: usize,
    pub(crate) statistics: Option<Statistics>,
    /// Whether pages may be compressed with Zstandard.
    pub(crate) may_compress: bool,
}

/// A chunk's bytes with what the file's footer says of it.
pub(crate) fn write(coded: Coded) -> Result<(Bytes, ColumnCloseResult)> {
    let width = hybrid::bits_for(coded.entries);
    let has_levels = coded.column.max_def_level() > 0;
    if !has_levels && coded.gaps.is_some() {
        let name = coded.column.name();
        return Err(ParquetError::General(format!(
            "`{name}` has gaps and may have none"
        )));
    }
    let codes_bytes = coded.codes.len() * width as usize / 8;
    let worth = coded.dictionary.len() + codes_bytes >= WORTH_COMPRESSING;
    let mut packer =
        Packer::new(coded.may_compress && worth && coded.dictionary.len() >= WORTH_COMPRESSING)?;

    let mut sink = TrackedWrite::new(Vec::new());
    let mut writer = SerializedPageWriter::new(&mut sink);
    let (packed, plain) = packer.pack(coded.dictionary)?;
    let dictionary = Page::DictionaryPage {
        buf: packed,
        num_values: coded.entries as u32,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    let spec = writer.write_page(CompressedPage::new(dictionary, plain))?;
    let dictionary_offset = spec.offset;
    let (mut packed_bytes, mut plain_bytes) = (spec.bytes_written, spec.uncompressed_size);
    let mut places = Vec::new();
    let mut value = 0;
    for first in (0..coded.rows.max(1)).step_by(PAGE_ROWS) {
        let rows = PAGE_ROWS.min(coded.rows - first);
        let gaps = coded.gaps.as_ref().map(|gaps| gaps.slice(first, rows));
        let values = rows - gaps.as_ref().map_or(0, NullBuffer::null_count);
        let mut page = Vec::with_capacity(values * width as usize / 8 + 64);
        if has_levels {
            let mut levels = Vec::new();
            match gaps {
                None => hybrid::encode_levels(&vec![0xff; rows.div_ceil(8)], rows, &mut levels),
                Some(gaps) => {
                    let bits = gaps.inner().sliced();
                    hybrid::encode_levels(bits.as_slice(), rows, &mut levels);
                }
            }
            page.extend_from_slice(&(levels.len() as u32).to_le_bytes());
            page.extend_from_slice(&levels);
        }
        page.push(width as u8);
        hybrid::encode(&coded.codes[value..value + values], width, &mut page);
        value += values;
        let (packed, plain) = packer.pack(page)?;
        let page = Page::DataPage {
            buf: packed,
            num_values: rows as u32,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let spec = writer.write_page(CompressedPage::new(page, plain))?;
        packed_bytes += spec.bytes_written;
        plain_bytes += spec.uncompressed_size;
        places.push(PageLocation {
            offset: spec.offset as i64,
            compressed_page_size: spec.bytes_written as i32,
            first_row_index: first as i64,
        });
    }
    writer.close()?;
    let data_offset = places.first().map_or(0, |place| place.offset);
    let mut metadata = ColumnChunkMetaData::builder(coded.column)
        .set_encodings(vec![
            Encoding::PLAIN,
            Encoding::RLE,
            Encoding::RLE_DICTIONARY,
        ])
        .set_compression(packer.compression())
        .set_num_values(coded.rows as i64)
        .set_total_compressed_size(packed_bytes as i64)
        .set_total_uncompressed_size(plain_bytes as i64)
        .set_dictionary_page_offset(Some(dictionary_offset as i64))
        .set_data_page_offset(data_offset);
    if let Some(statistics) = coded.statistics {
        metadata = metadata.set_statistics(statistics);
    }
    let close = ColumnCloseResult {
        bytes_written: packed_bytes,
        rows_written: coded.rows as u64,
        metadata: metadata.build()?,
        bloom_filter: None,
        column_index: None,
        offset_index: Some(OffsetIndexMetaData {
            page_locations: places,
            unencoded_byte_array_data_bytes: None,
        }),
    };
    Ok((sink.into_inner()?.into(), close))
}

/// Compresses a chunk's pages, or leaves all of them as they are.
struct Packer(Option<zstd::bulk::Compressor<'static>>);

impl Packer {
    fn new(compresses: bool) -> Result<Self> {
        let compressor = compresses.then(|| zstd::bulk::Compressor::new(1));
        Ok(Self(compressor.transpose()?))
    }

    fn compression(&self) -> Compression {
        match self.0 {
            None => Compression::UNCOMPRESSED,
            Some(_) => Compression::ZSTD(parquet::basic::ZstdLevel::default()),
        }
    }

    /// Gives the page as written and its size before.
    fn pack(&mut self, page: Vec<u8>) -> Result<(Bytes, usize)> {
        let plain = page.len();
        let packed = match &mut self.0 {
            None => page,
            Some(compressor) => compressor.compress(&page)?,
        };
        Ok((packed.into(), plain))
    }
}
