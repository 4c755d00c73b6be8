import sys

sys.stdin.readline()
print('{"state":1,"rows":[{"word":"a","n":1}]}', flush=True)
print("had enough", file=sys.stderr)
sys.exit(3)
