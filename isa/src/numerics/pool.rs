//! The 2×2 maximum, stride 2, forward and backward ("Layers").
//!
//! It works on requantised words, so the format passes through. Odd trailing rows and columns belong to no window: they
//! are dropped forward and get 0 backward.

/// The maximum of a window in raster order, and the 2-bit index of its first occurrence.
#[inline]
pub const fn max4(window: [i16; 4]) -> (i16, u8) {
    let mut best = window[0];
    let mut index = 0;
    let mut i = 1;
    while i < 4 {
        // Strictly greater: the first of equals stays.
        if window[i] > best {
            best = window[i];
            index = i as u8;
        }
        i += 1;
    }
    (best, index)
}

/// Backward: the window's error goes to the element the stored index names (its two low bits), 0 to the others.
#[inline]
pub const fn route4(g: i16, index: u8) -> [i16; 4] {
    let mut window = [0; 4];
    window[(index & 3) as usize] = g;
    window
}
