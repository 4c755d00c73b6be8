"""Writes Sources/Connectors/Targets/Console/WideRanges+Generated.swift from Python's Unicode data."""
import pathlib
import sys
import unicodedata


def is_wide(code):
    character = chr(code)
    if unicodedata.east_asian_width(character) not in "WF":
        return False
    return unicodedata.category(character) not in ("Mn", "Me", "Cf", "Cn")


def is_gap(code):
    return unicodedata.category(chr(code)) == "Cn"


ranges = []
for code in range(0x110000):
    if not is_wide(code):
        continue
    # Unassigned places between two wide ones count as wide: the table gets shorter.
    if ranges and all(is_gap(c) for c in range(ranges[-1][1] + 1, code)):
        ranges[-1][1] = code
    else:
        ranges.append([code, code])

lines = [
    "// Made by Tests/Tables/display_width.py from Unicode %s." % unicodedata.unidata_version,
    "",
    "/// Scalars that take two cells of a terminal: first and last, ascending.",
    "let wideRanges: [(first: UInt32, last: UInt32)] = [",
]
row = "  "
for first, last in ranges:
    entry = "(0x%X, 0x%X)," % (first, last)
    if len(row) + len(entry) > 98:
        lines.append(row.rstrip())
        row = "  "
    row += entry + " "
lines += [row.rstrip(), "]", ""]
root = pathlib.Path(__file__).resolve().parents[2]
target = root / "Sources/Connectors/Targets/Console/WideRanges+Generated.swift"
text = "\n".join(lines)
if "--check" in sys.argv:
    sys.exit(0 if target.read_text() == text else "stale: %s" % target)
target.write_text(text)
