// What JSON's parser and writer ask of sixty-four bytes at a time.
#pragma once
#include <emmintrin.h>
#include <stdint.h>

/// Bytes that end the plain part of a string in JSON text: a quote, a backslash, a control
/// character, or one beyond ASCII.
static inline uint32_t kernel_json_stops_16(const uint8_t *p) {
  const __m128i v = _mm_loadu_si128((const __m128i *)p);
  // Signed: what is beyond ASCII is negative, and so below the space as well.
  const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
  const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
  const __m128i escape = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, escape)));
}

/// Bytes that JSON text must escape in a string: a quote, a backslash or a control character.
static inline uint32_t kernel_json_escapes_16(const uint8_t *p) {
  const __m128i v = _mm_loadu_si128((const __m128i *)p);
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
  const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
  const __m128i escape = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, escape)));
}

/// A bit for each of the 64 bytes at `p` that ends the plain part of a string.
static inline uint64_t kernel_json_stops_64(const uint8_t *p) {
  return (uint64_t)kernel_json_stops_16(p) | (uint64_t)kernel_json_stops_16(p + 16) << 16 |
         (uint64_t)kernel_json_stops_16(p + 32) << 32 | (uint64_t)kernel_json_stops_16(p + 48) << 48;
}

/// A bit for each of the 64 bytes at `p` that must be escaped in a string.
static inline uint64_t kernel_json_escapes_64(const uint8_t *p) {
  return (uint64_t)kernel_json_escapes_16(p) | (uint64_t)kernel_json_escapes_16(p + 16) << 16 |
         (uint64_t)kernel_json_escapes_16(p + 32) << 32 |
         (uint64_t)kernel_json_escapes_16(p + 48) << 48;
}

/// How many of the 16 bytes at `p` are decimal digits, up to the first that is none.
static inline uint32_t kernel_digit_run_16(const uint8_t *p) {
  const __m128i v = _mm_loadu_si128((const __m128i *)p);
  const __m128i d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d);
  return (uint32_t)__builtin_ctz(~(uint32_t)_mm_movemask_epi8(is_digit));
}

/// The byte that stands for itself or another behind a backslash in JSON; 0 where none may stand.
static inline uint8_t kernel_json_escape(uint8_t c) {
  switch (c) {
    case '"': case '\\': case '/': return c;
    case 'b': return 0x08;
    case 'f': return 0x0c;
    case 'n': return 0x0a;
    case 'r': return 0x0d;
    case 't': return 0x09;
    default: return 0;
  }
}

/// The value of the four hexadecimal digits at `p`; 0x10000 or more if they are none.
static inline uint32_t kernel_hex_4(const uint8_t *p) {
  uint32_t value = 0, invalid = 0;
  for (int i = 0; i < 4; i++) {
    const uint32_t digit = (uint32_t)p[i] - '0', letter = ((uint32_t)p[i] | 0x20) - 'a';
    const uint32_t is_letter = letter < 6;
    invalid |= (digit >= 10) & !is_letter;
    value = value << 4 | (is_letter ? letter + 10 : digit & 15);
  }
  return value | invalid << 16;
}
