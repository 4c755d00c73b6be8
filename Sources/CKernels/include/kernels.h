// What Swift cannot say and the processor can: byte masks and prefetch. Everything here is inline,
// so that it disappears into the Swift loop that calls it.
#pragma once
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

/// A bit for each of the 64 bytes at `p` that equals `c`, the first byte in bit 0.
static inline uint64_t kernel_mask_equal_64(const uint8_t *p, uint8_t c) {
  const __m128i v = _mm_set1_epi8((char)c);
  const uint64_t a = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), v));
  const uint64_t b = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 16)), v));
  const uint64_t d = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 32)), v));
  const uint64_t e = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + 48)), v));
  return a | b << 16 | d << 32 | e << 48;
}

/// A bit for each of the 64 bytes at `p` that is 0x80 or above.
static inline uint64_t kernel_mask_high_64(const uint8_t *p) {
  const uint64_t a = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)p));
  const uint64_t b = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 16)));
  const uint64_t d = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 32)));
  const uint64_t e = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 48)));
  return a | b << 16 | d << 32 | e << 48;
}

/// Asks for the cache line at `p` ahead of its use.
static inline void kernel_prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
