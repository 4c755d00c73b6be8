# Coverage-guided fuzzing of every decoder, FUZZ_SECONDS each; stops at the first finding.
set -eu

seconds=${FUZZ_SECONDS:-60}
scratch=.build/fuzz
targets=${FUZZ_TARGETS:-wire csv text json json-text expression schema state parquet write-ahead-log answers zone pattern json-query csv-record sketch}

STREAM_FUZZ=1 swift build -c debug --scratch-path "$scratch" --product stream-fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library

# A crash must end the fuzzer at once: the runtime's own backtrace printer would keep its pipe open.
export SWIFT_BACKTRACE=enable=no
# Swift's globals are made once and never freed, which the leak checker takes for leaks.
export ASAN_OPTIONS=detect_leaks=0
for target in $targets; do
  corpus="$scratch/corpus/$target"
  mkdir -p "$corpus" "$scratch/findings"
  echo "fuzz: $target for $seconds s"
  if ! FUZZ_TARGET=$target FUZZ_SEEDS=$corpus "$scratch/debug/stream-fuzz" "$corpus" -max_total_time="$seconds" \
    -max_len=4096 -detect_leaks=0 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$scratch/findings/$target-" \
    > "$scratch/$target.log" 2>&1; then
    tail -40 "$scratch/$target.log"
    echo "fuzz: $target failed; the input is in $scratch/findings"
    exit 1
  fi
  grep -E '^#[0-9]+.*DONE' "$scratch/$target.log" | tail -1
done
