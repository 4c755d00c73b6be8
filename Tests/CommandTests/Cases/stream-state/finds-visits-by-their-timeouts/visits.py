import json, sys

for line in sys.stdin:
    call = json.loads(line)
    visit = call["state"]
    if call["timeout"]:
        print(json.dumps({"rows": [visit | call["key"]]}))
        continue
    times = [row["ts"] for row in call["rows"]]
    if visit:
        times += [visit["began"], visit["ended"]]
    pages = len(call["rows"]) + (visit["pages"] if visit else 0)
    visit = {"began": min(times), "ended": max(times), "pages": pages}
    print(json.dumps({"state": visit}))
