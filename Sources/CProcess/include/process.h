// What the Swift overlay of the C library leaves out.
#pragma once
#include <malloc.h>

/// Keeps freed blocks up to `block` bytes for reuse, `total` bytes of them.
static inline void process_keep_freed_memory(int block, int total) {
  mallopt(M_MMAP_THRESHOLD, block);
  mallopt(M_TRIM_THRESHOLD, total);
}
