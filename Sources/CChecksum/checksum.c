#define XXH_INLINE_ALL
#include <xxhash.h>

#include "checksum.h"

uint64_t checksum_of(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }

void *checksum_begin(void) {
  XXH3_state_t *state = XXH3_createState();
  if (state != NULL) XXH3_64bits_reset(state);
  return state;
}

void checksum_add(void *state, const void *bytes, size_t count) {
  XXH3_64bits_update(state, bytes, count);
}

uint64_t checksum_value(const void *state) { return XXH3_64bits_digest(state); }

void checksum_reset(void *state) { XXH3_64bits_reset(state); }

void checksum_end(void *state) { XXH3_freeState(state); }
