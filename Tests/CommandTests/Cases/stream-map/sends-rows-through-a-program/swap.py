import csv, sys

rows = csv.DictReader(sys.stdin)
out = csv.DictWriter(sys.stdout, ["name", "id"])
out.writeheader()
for row in rows:
    out.writerow(row)
