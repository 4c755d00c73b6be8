#include "numbers.h"

#include <charconv>
#include <limits>

extern "C" size_t numbers_parse_double(const uint8_t *text, size_t length, double *value) {
  const char *first = reinterpret_cast<const char *>(text);
  const auto result = std::from_chars(first, first + length, *value);
  if (result.ec == std::errc::invalid_argument) return 0;
  if (result.ec == std::errc::result_out_of_range) {
    // from_chars leaves the value alone; a second look tells overflow from underflow.
    bool negative = length > 0 && text[0] == '-';
    bool small = false;
    for (const char *p = first; p + 1 < result.ptr; p++)
      if ((*p == 'e' || *p == 'E') && p[1] == '-') small = true;
    const double magnitude = small ? 0.0 : std::numeric_limits<double>::infinity();
    *value = negative ? -magnitude : magnitude;
  }
  return static_cast<size_t>(result.ptr - first);
}

extern "C" size_t numbers_format_double(double value, uint8_t *text) {
  char *first = reinterpret_cast<char *>(text);
  return static_cast<size_t>(std::to_chars(first, first + 32, value).ptr - first);
}

extern "C" size_t numbers_format_float(float value, uint8_t *text) {
  char *first = reinterpret_cast<char *>(text);
  return static_cast<size_t>(std::to_chars(first, first + 32, value).ptr - first);
}
