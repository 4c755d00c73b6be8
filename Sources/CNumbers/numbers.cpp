#include "numbers.h"

#include <charconv>
#include <cstdlib>
#include <string>

namespace {

double from_terminated(const char *text, double) { return strtod(text, nullptr); }
float from_terminated(const char *text, float) { return strtof(text, nullptr); }

template <typename Number>
size_t parse(const uint8_t *text, size_t length, Number *value) {
  const char *first = reinterpret_cast<const char *>(text);
  const auto result = std::from_chars(first, first + length, *value);
  if (result.ec == std::errc::invalid_argument) return 0;
  if (result.ec == std::errc::result_out_of_range) {
    // from_chars does not say whether it was too large or too small: strtod does.
    *value = from_terminated(std::string(first, result.ptr).c_str(), Number{});
  }
  return static_cast<size_t>(result.ptr - first);
}

template <typename Number>
size_t shortest(Number value, int minimum, uint8_t *digits, int *exponent) {
  char text[48];
  const auto form = std::chars_format::scientific;
  char *end = std::to_chars(text, text + sizeof text, value, form).ptr;
  if (minimum > 1 && text[1] == 'e')
    end = std::to_chars(text, text + sizeof text, value, form, minimum - 1).ptr;

  size_t count = 0;
  const char *next = text;
  for (; *next != 'e'; next++)
    if (*next != '.') digits[count++] = static_cast<uint8_t>(*next);
  while (count > 1 && digits[count - 1] == '0') count--;
  const bool small = next[1] == '-';
  int power = 0;
  for (next += 2; next != end; next++) power = power * 10 + (*next - '0');
  *exponent = small ? -power : power;
  return count;
}

}  // namespace

extern "C" size_t numbers_parse_double(const uint8_t *text, size_t length, double *value) {
  return parse(text, length, value);
}

extern "C" size_t numbers_parse_float(const uint8_t *text, size_t length, float *value) {
  return parse(text, length, value);
}

extern "C" size_t numbers_shortest_double(double value, int minimum, uint8_t *digits,
                                          int *exponent) {
  return shortest(value, minimum, digits, exponent);
}

extern "C" size_t numbers_shortest_float(float value, int minimum, uint8_t *digits,
                                         int *exponent) {
  return shortest(value, minimum, digits, exponent);
}
