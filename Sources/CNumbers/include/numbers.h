#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads the decimal or scientific notation at `text`, correctly rounded, in the C locale.
/// Returns how many bytes were read, 0 if there is no number; overflow gives infinity.
size_t numbers_parse_double(const uint8_t *text, size_t length, double *value);

/// Writes the shortest text that reads back as `value`; returns its length (at most 32).
size_t numbers_format_double(double value, uint8_t *text);
size_t numbers_format_float(float value, uint8_t *text);

#ifdef __cplusplus
}
#endif
