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

/// How many of `count` bytes at `p` equal `c`.
static inline size_t kernel_count_equal(const uint8_t *p, size_t count, uint8_t c) {
  const __m128i v = _mm_set1_epi8((char)c), zero = _mm_setzero_si128();
  __m128i total = zero;
  size_t i = 0;
  while (i + 16 <= count) {
    // A byte holds 255 of them.
    const size_t end = count - i < 255 * 16 ? count : i + 255 * 16;
    __m128i sums = zero;
    for (; i + 16 <= end; i += 16)
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + i)), v));
    total = _mm_add_epi64(total, _mm_sad_epu8(sums, zero));
  }
  size_t found = (size_t)_mm_cvtsi128_si64(total)
    + (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(total, total));
  for (; i < count; i++) found += p[i] == c;
  return found;
}

/// A bit for each of the 64 bytes at `p` that is 0x80 or above.
static inline uint64_t kernel_mask_high_64(const uint8_t *p) {
  const uint64_t a = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)p));
  const uint64_t b = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 16)));
  const uint64_t d = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 32)));
  const uint64_t e = (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + 48)));
  return a | b << 16 | d << 32 | e << 48;
}

/// A bit for each of the 64 bytes at `p` that equals `c` or `d`.
static inline uint64_t kernel_mask_either_64(const uint8_t *p, uint8_t c, uint8_t d) {
  const __m128i v = _mm_set1_epi8((char)c), w = _mm_set1_epi8((char)d);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    const __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, v), _mm_cmpeq_epi8(bytes, w));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * i);
  }
  return mask;
}

/// Whether any of the 64 bytes at `p` is 0x80 or above.
static inline _Bool kernel_any_high_64(const uint8_t *p) {
  const __m128i a = _mm_loadu_si128((const __m128i *)p);
  const __m128i b = _mm_loadu_si128((const __m128i *)(p + 16));
  const __m128i d = _mm_loadu_si128((const __m128i *)(p + 32));
  const __m128i e = _mm_loadu_si128((const __m128i *)(p + 48));
  return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(d, e))) != 0;
}

/// Copies 16 bytes that do not overlap.
static inline void kernel_copy_16(uint8_t *to, const uint8_t *from) {
  _mm_storeu_si128((__m128i *)to, _mm_loadu_si128((const __m128i *)from));
}

/// Copies 64 bytes that do not overlap.
static inline void kernel_copy_64(uint8_t *to, const uint8_t *from) {
  for (int i = 0; i < 4; i++) kernel_copy_16(to + 16 * i, from + 16 * i);
}

/// Writes `base + i` for each bit `i` of `mask`, ascending, and returns how many there are.
///
/// 64 values behind `out` may be overwritten: groups of eight are written without asking how many
/// bits are left, which is faster than a loop that ends where nobody could foretell it.
static inline size_t kernel_bit_positions(uint64_t mask, int32_t base, int32_t *out) {
  const size_t count = (size_t)__builtin_popcountll(mask);
  const uint64_t guard = UINT64_C(1) << 63;  // keeps the count of trailing zeros defined
  for (size_t done = 0; done < count; done += 8) {
    for (int i = 0; i < 8; i++) {
      out[done + i] = base + (int32_t)__builtin_ctzll(mask | guard);
      mask &= mask - 1;
    }
  }
  return count;
}

/// The bitwise sum, from bit 0 up: bit `i` says whether bits 0 to `i` of `mask` hold an odd number.
static inline uint64_t kernel_prefix_xor(uint64_t mask) {
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

/// Asks for the cache line at `p` ahead of its use.
static inline void kernel_prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
