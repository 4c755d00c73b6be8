import json, os, sys

for line in sys.stdin:
    row = json.loads(line)
    name = row["name"]
    print(json.dumps({"name": name and name.upper(), "id": row["id"], "epoch": os.environ["STREAM_EPOCH"]}))
