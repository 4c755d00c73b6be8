"""Writes what Apache Spark makes of expressions over a table, in the form of the files here.

    python3 -m pip install pyspark==4.3.0        (needs a Java 17 runtime)
    python3 spark.py input.ndjson < expressions.txt > own-expressions.ndjson
    python3 spark.py aggregate-examples-input.ndjson 'x bigint, y bigint, s string' < examples.txt

Each line of standard input is an expression over the columns of the table, which may be named behind
it; an aggregate is over all rows. Spark's settings are its own but for the time zone, which is UTC. A row's error is that of
the row alone.
"""

import json
import math
import sys

from pyspark.sql import DataFrame, SparkSession, types

COLUMNS = (
    "i bigint, j bigint, x double, y double, s string, t string, b boolean, ts timestamp, d date, "
    "arr array<bigint>, tags array<string>, st struct<a:bigint,b:string>"
)

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.datetime.java8API.enabled", "true")
    .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")


def instant(text):
    """RFC 3339 with as many fraction digits as needed."""
    text = text[:-1]
    if text.count(":") == 1:
        text += ":00"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text + "Z"


def plain(value, kind):
    """A Java value as the files write it."""
    if value is None:
        return None
    if isinstance(kind, types.StructType):
        return {f.name: plain(value.get(k), f.dataType) for k, f in enumerate(kind.fields)}
    if isinstance(kind, types.ArrayType):
        return [plain(value.apply(k), kind.elementType) for k in range(value.length())]
    if isinstance(kind, types.MapType):
        entries, pairs = value.iterator(), []
        while entries.hasNext():
            entry = entries.next()
            pairs.append([plain(entry._1(), kind.keyType), plain(entry._2(), kind.valueType)])
        return sorted(pairs, key=lambda pair: str(pair[0]))
    if isinstance(kind, types.TimestampType):
        return instant(value.toString())
    if isinstance(kind, types.TimestampNTZType):
        return instant(value.toString() + "Z")[:-1]
    if isinstance(kind, types.DecimalType):
        return format(value, "f")
    if isinstance(kind, types.BinaryType):
        return bytes(value).hex().upper()
    if isinstance(kind, (types.DoubleType, types.FloatType)):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return value
    return value if isinstance(value, (bool, int, str)) else value.toString()


def error(exception):
    """Spark's class of an error."""
    if hasattr(exception, "getCondition") and exception.getCondition():
        return exception.getCondition()
    cause = getattr(exception, "java_exception", None)
    while cause is not None:
        try:
            return cause.getCondition()
        except Exception:
            cause = cause.getCause()
    return "?"


def values(frame, expression, kind):
    if "interval" in kind.simpleString():
        expression, kind = f"cast(({expression}) as string)", types.StringType()
    return [plain(row.get(0), kind) for row in frame.selectExpr(expression)._jdf.collect()]


def attempt(row, expression, kind):
    try:
        return values(row, expression, kind)[0]
    except Exception as exception:
        return {"error": error(exception)}


def entry(frame, rows, expression):
    result = {"expr": expression, "category": "own"}
    try:
        kind = frame.selectExpr(expression).schema.fields[0].dataType
    except Exception as exception:
        return result | {"error": error(exception), "phase": "analysis"}
    result["type"] = kind.simpleString()
    try:
        return result | {"values": values(frame, expression, kind)}
    except Exception:
        found = [attempt(row, expression, kind) for row in rows]
    errors = [value.get("error") if isinstance(value, dict) else None for value in found]
    if errors[0] and len(set(errors)) == 1:
        return result | {"error": errors[0], "phase": "evaluation"}
    return result | {"values": found}


def table(path, columns):
    """The whole table and each of its rows, as tables that the optimiser does not see through."""
    read = spark.read.schema(columns).json(path)
    lines = read._jdf.collectAsList()

    def frame(part):
        session = spark._jsparkSession
        local = session.createDataFrame(part, read._jdf.schema())
        return DataFrame(session.createDataFrame(local.javaRDD(), read._jdf.schema()), spark)

    return frame(lines), [frame(lines.subList(k, k + 1)) for k in range(lines.size())]


whole, single = table(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else COLUMNS)
for line in sys.stdin:
    if line.strip():
        found = entry(whole, single, line.rstrip("\n"))
        print(json.dumps(found, ensure_ascii=False, separators=(",", ":")), flush=True)
