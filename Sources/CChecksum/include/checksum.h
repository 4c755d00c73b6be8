// XXH3 of 64 bits, by the xxHash library.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The checksum of some bytes.
uint64_t checksum_of(const void *bytes, size_t count);

/// A checksum of bytes that come one piece after the other; NULL when there is no memory.
void *checksum_begin(void);
void checksum_add(void *state, const void *bytes, size_t count);
uint64_t checksum_value(const void *state);
void checksum_reset(void *state);
void checksum_end(void *state);
