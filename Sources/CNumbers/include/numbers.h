#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads the decimal or scientific notation at `text`, correctly rounded, in the C locale.
/// Returns how many bytes were read, 0 if there is no number. Overflow gives infinity, underflow 0.
size_t numbers_parse_double(const uint8_t *text, size_t length, double *value);
size_t numbers_parse_float(const uint8_t *text, size_t length, float *value);

/// Writes the digits (at most 17) of the shortest decimal that reads back as `value`, which is
/// positive and finite; the decimal point stands behind the first digit, times ten to `exponent`.
/// A decimal of fewer than `minimum` (1 or 2) digits is replaced by the nearest one of `minimum`
/// digits. Returns how many digits there are, not counting zeros at the end.
size_t numbers_shortest_double(double value, int minimum, uint8_t *digits, int *exponent);
size_t numbers_shortest_float(float value, int minimum, uint8_t *digits, int *exponent);

/// 10^exponent, exactly, for an exponent of 0 to 22.
static inline double numbers_double_power_of_ten(int exponent) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  return powers[exponent];
}

/// 10^exponent for an exponent of 0 to 19.
static inline uint64_t numbers_power_of_ten(int exponent) {
  static const uint64_t powers[] = {1ULL,
                                    10ULL,
                                    100ULL,
                                    1000ULL,
                                    10000ULL,
                                    100000ULL,
                                    1000000ULL,
                                    10000000ULL,
                                    100000000ULL,
                                    1000000000ULL,
                                    10000000000ULL,
                                    100000000000ULL,
                                    1000000000000ULL,
                                    10000000000000ULL,
                                    100000000000000ULL,
                                    1000000000000000ULL,
                                    10000000000000000ULL,
                                    100000000000000000ULL,
                                    1000000000000000000ULL,
                                    10000000000000000000ULL};
  return powers[exponent];
}

#ifdef __cplusplus
}
#endif
