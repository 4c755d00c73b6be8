"""Values of any Arrow type as JSON, in the form that the tests compare.

Integers beyond 2^53, decimals (unscaled) and bytes (hexadecimal) are strings; floating-point
numbers are given in eighths; times are microseconds, dates days; structs are arrays.
"""

import decimal
import json
import math

import pyarrow as pa
import pyarrow.types as t

MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def integer(value):
    return str(value) if abs(value) > 2**53 else value


def ticks(value, unit):
    return integer(value // 1000 if unit == "ns" else value * MICROSECONDS[unit])


def number(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    assert (value * 8).is_integer()
    return int(value * 8)


def canonical(scalar):
    kind = scalar.type
    if t.is_dictionary(kind):
        return canonical(scalar.value) if scalar.is_valid else None
    if not scalar.is_valid or t.is_null(kind):
        return None
    if t.is_boolean(kind):
        return scalar.as_py()
    if t.is_uint64(kind):
        return str(scalar.as_py())
    if t.is_integer(kind):
        return integer(scalar.as_py())
    if t.is_floating(kind):
        return number(float(scalar.as_py()))
    if t.is_decimal(kind):
        with decimal.localcontext(prec=76):
            return str(int(scalar.as_py().scaleb(kind.scale)))
    if t.is_timestamp(kind) or t.is_duration(kind):
        return ticks(scalar.value, kind.unit)
    if t.is_date32(kind):
        return scalar.value
    if t.is_date64(kind):
        return scalar.value // 86_400_000
    if t.is_map(kind):
        return [[canonical(entry[0]), canonical(entry[1])] for entry in entries(scalar)]
    if t.is_struct(kind):
        return [canonical(scalar[index]) for index in range(kind.num_fields)]
    if t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind):
        return [canonical(element) for element in scalar.values]
    value = scalar.as_py()
    return value.hex() if isinstance(value, bytes) else value


def entries(scalar):
    return [(entry[0], entry[1]) for entry in scalar.values]


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lines(table):
    """A line for each row."""
    columns = [[canonical(value) for value in column] for column in table.columns]
    return [text([column[row] for column in columns]) for row in range(table.num_rows)]
