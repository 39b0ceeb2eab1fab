//! Sorting ten million calls: one packed integer a call.

/// Calls in order of a number and their time.
pub(super) struct Sorted {
    /// The different numbers, in order.
    pub(super) keys: Vec<u64>,
    /// Where the calls of each number begin, and the end.
    pub(super) ranges: Vec<u32>,
    /// The calls, as they stood before.
    pub(super) order: Vec<u32>,
}

/// Sorts by number, then time, then position: a number has up to 60 bits, so all three fit.
pub(super) fn by_number_and_time(numbers: &[u64], started_s: &[u32]) -> Sorted {
    let mut packed: Vec<u128> = numbers
        .iter()
        .zip(started_s)
        .enumerate()
        .map(|(at, (&number, &time))| {
            (u128::from(number) << 64) | (u128::from(time) << 32) | at as u128
        })
        .collect();
    packed.sort_unstable();
    let mut sorted = Sorted {
        keys: Vec::new(),
        ranges: Vec::new(),
        order: Vec::with_capacity(packed.len()),
    };
    for (at, one) in packed.iter().enumerate() {
        let number = (one >> 64) as u64;
        if sorted.keys.last() != Some(&number) {
            sorted.keys.push(number);
            sorted.ranges.push(at as u32);
        }
        sorted.order.push(*one as u32);
    }
    sorted.ranges.push(packed.len() as u32);
    sorted.keys.shrink_to_fit();
    sorted.ranges.shrink_to_fit();
    sorted
}

/// Takes the values of a column in another order.
pub(super) fn gathered<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&from| column[from as usize]).collect()
}
