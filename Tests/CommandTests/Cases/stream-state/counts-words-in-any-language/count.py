import json, sys

for line in sys.stdin:
    call = json.loads(line)
    n = (call["state"] or 0) + len(call["rows"])
    rows = [{"word": call["key"]["value"], "n": n}]
    print(json.dumps({"state": n, "rows": rows}))
