/// Numbers an exhibit within one run of the program: its place in the list of exhibits by name.
///
/// Never stored: tables name the exhibit itself, so that the order of sealing leaves no trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExhibitId(pub u32);

/// Where a row stands in the evidence: enough to find the same bytes again in ten years.
///
/// `byte_offset` counts from the start of the *decompressed* stream, so one position serves
/// the exhibit as seized and any working copy of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RowRef {
    /// The exhibit that holds the row.
    pub exhibit: ExhibitId,
    /// Archive member or inner database; 0 is the file itself.
    pub stream: u32,
    /// Bytes from the start of the decompressed stream to the row's first byte.
    pub byte_offset: u64,
    /// Length of the row as written, in bytes, delimiters excluded.
    pub byte_len: u32,
    /// Counts from 1 within its table, rejects included.
    pub row_no: u64,
}
