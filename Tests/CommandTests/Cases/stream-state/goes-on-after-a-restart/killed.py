# Counts, but is killed behind its third answer.
import itertools, os, runpy, signal, sys

def first(lines, count):
    yield from itertools.islice(lines, count)
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

sys.stdin = first(sys.stdin, 3)
runpy.run_path("count.py")
