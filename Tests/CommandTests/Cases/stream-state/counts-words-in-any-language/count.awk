{
  match($0, /"state":[0-9]+/)
  n = RSTART ? substr($0, RSTART + 8, RLENGTH - 8) : 0
  word = $0
  sub(/^{"key":{"value":/, "", word)
  sub(/},"state":.*/, "", word)
  n += gsub(/{"value":/, "") - 1
  printf "{\"state\":%d,\"rows\":[{\"word\":%s,\"n\":%d}]}\n",
    n, word, n
  fflush()
}
