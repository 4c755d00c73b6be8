#!/usr/bin/env python3
"""Makes the benchmark inputs, the same ones from the same seed.

  data.py [--scale F] [--out DIR] [words] [ads] [sensors] [clicks] [tables]

  words/words-NN.txt       text, about ten Zipf-distributed words a line, 200 k of them   500 MB
  ads/ads-NN.ndjson        ad events, eight fields                                        1.4 GB, 5 M rows
  sensors/sensors-NN.csv   ts,device,device_type,signal                                   970 MB, 20 M rows
  clicks/impressions-NN.csv  imp_id,ad_id,imp_time,page                                   100 MB, 2 M rows
  clicks/clicks-NN.csv       click_id,ad_id,click_time,cost                               20 MB, 400 k rows
  tables/campaigns.csv     ad_id,campaign: of the ads of the ad events                    1000 rows
  tables/sites.csv         id,region,weight: integers from 1 on, in no order              25 MB, 1 M rows
  tables/devices.csv       device,region,weight                                           33 MB, 1 M rows
  tables/readings.csv      ts,id,device,value: of these sites and devices                 270 MB, 5 M rows
  tables/readings.ndjson   the same rows                                                  440 MB

The sizes are those of scale 1. A data set that is there already with the same scale is kept.
"""
import argparse
import json
import os

import numpy as np


def table(strings):
    """Strings as rows of bytes, padded with NUL on the right."""
    array = np.array([s.encode() for s in strings])
    return array.view(np.uint8).reshape(len(array), array.dtype.itemsize)


class Rows:
    """Columns of padded bytes that become one text."""

    def __init__(self, count):
        self.count, self.columns = count, []

    def text(self, constant):
        row = np.frombuffer(constant.encode(), np.uint8)
        self.columns.append(np.broadcast_to(row, (self.count, len(row))))
        return self

    def pick(self, choices, index):
        self.columns.append(choices[index])
        return self

    def time(self, milliseconds):
        """RFC 3339; milliseconds since the start of the day."""
        self.text("2026-01-01T").pick(SECONDS, milliseconds // 1000)
        return self.text(".").pick(THREE, milliseconds % 1000).text("Z")

    def bytes(self):
        flat = np.concatenate(self.columns, axis=1).ravel()
        return flat[flat != 0].tobytes()


SECONDS = table(["%02d:%02d:%02d" % (s // 3600, s // 60 % 60, s % 60) for s in range(86400)])
THREE = table(["%03d" % i for i in range(1000)])
FOUR = table(["%04d" % i for i in range(10000)])
SMALL = table([str(i) for i in range(256)])


def late(random, milliseconds, most):
    """Event times that lag behind the order of arrival by up to `most`."""
    lag = np.minimum(random.exponential(most / 6, len(milliseconds)), most).astype(np.int64)
    return np.maximum(milliseconds - lag, 0)


def part(directory, name, index, ending, pieces, header=None):
    with open(f"{directory}/{name}-{index:02d}.{ending}", "wb") as file:
        if header:
            file.write(header.encode() + b"\n")
        for piece in pieces:
            file.write(piece)


def vocabulary(random, size):
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    weights = 1.0 / np.arange(2, 28)
    seen = {}
    while len(seen) < size:
        length = int(np.clip(random.normal(7, 2.2), 1, 15))
        seen["".join(random.choice(letters, length, p=weights / weights.sum()))] = None
    words = list(seen)
    return sorted(words[:2000], key=len) + words[2000:]  # frequent words are short


def words(directory, scale):
    random = np.random.default_rng(1)
    choices = vocabulary(random, 200_000)
    spaced, ended = table([w + " " for w in choices]), table([w + "\n" for w in choices])
    cumulated = np.cumsum(1.0 / np.arange(1, len(choices) + 1))
    cumulated /= cumulated[-1]
    step = int(min(400_000, 8_000_000 * scale))
    for index in range(10):
        pieces, size = [], 0
        while size < 50e6 * scale:
            picked = np.searchsorted(cumulated, random.random(step))
            ends = random.random(len(picked)) < 0.1
            ends[-1] = True
            flat = np.where(ends[:, None], ended[picked], spaced[picked]).ravel()
            pieces.append(flat[flat != 0].tobytes())
            size += len(pieces[-1])
        part(directory, "words", index, "txt", pieces)


def identifiers(random, count):
    return ["%08x-%04x-%04x-%04x-%012x" % tuple(int(random.integers(0, 16**w)) for w in (8, 4, 4, 4, 12))
            for _ in range(count)]


def ad_identifiers(random):
    """Of users, pages and ads."""
    return [identifiers(random, n) for n in (10_000, 100, 1000)]


def ads(directory, scale):
    random = np.random.default_rng(2)
    users, pages, ids = map(table, ad_identifiers(random))
    kinds = table(["banner", "modal", "sponsored-search", "mail", "mobile"])
    events = table(["view", "click", "purchase"])
    step = 250_000
    total = int(5_000_000 * scale)
    for index in range(10):
        pieces = []
        for start in range(total * index // 10, total * (index + 1) // 10, step):
            stop = min(start + step, total * (index + 1) // 10)
            n = stop - start
            when = late(random, 25_000 + np.arange(start, stop) // 5, 20_000)
            rows = Rows(n).text('{"user_id":"').pick(users, random.integers(0, 10_000, n))
            rows.text('","page_id":"').pick(pages, random.integers(0, 100, n))
            rows.text('","ad_id":"').pick(ids, random.integers(0, 1000, n))
            rows.text('","ad_type":"').pick(kinds, random.integers(0, 5, n))
            rows.text('","event_type":"').pick(events, random.integers(0, 3, n))
            rows.text('","event_time":"').time(when)
            epoch = 1_767_225_600_000 + when
            rows.text('","event_time_ms":').pick(FOUR, epoch // 10**9).pick(THREE, epoch // 10**6 % 1000)
            rows.pick(THREE, epoch // 1000 % 1000).pick(THREE, epoch % 1000)
            rows.text(',"ip_address":"10')
            for _ in range(3):
                rows.text(".").pick(SMALL, random.integers(0, 256, n))
            pieces.append(rows.text('"}\n').bytes())
        part(directory, "ads", index, "ndjson", pieces)


def sensors(directory, scale):
    random = np.random.default_rng(3)
    devices = table(["dev-%05d" % i for i in range(10_000)])
    types = table(["thermo", "humid", "press", "lidar", "sonar", "volt", "amp", "gyro"])
    step = 500_000
    total = int(20_000_000 * scale)
    for index in range(20):
        pieces = []
        for start in range(total * index // 20, total * (index + 1) // 20, step):
            stop = min(start + step, total * (index + 1) // 20)
            n = stop - start
            when = late(random, 10_000 + np.arange(start, stop) * 9 // 50, 5_000)
            device = random.integers(0, 10_000, n)
            signal = np.clip(random.normal(40 + 3 * (device % 8), 10), 0, 99.9999)
            signal = (signal * 10_000).astype(np.int64)
            rows = Rows(n).time(when).text(",").pick(devices, device).text(",").pick(types, device % 8)
            rows.text(",").pick(SMALL, signal // 10_000).text(".").pick(FOUR, signal % 10_000)
            pieces.append(rows.text("\n").bytes())
        part(directory, "sensors", index, "csv", pieces, header="ts,device,device_type,signal")


def clicks(directory, scale):
    """Impressions, 1000 a second, a fifth of which are clicked on, half a minute later on average."""
    random = np.random.default_rng(4)
    total, clicked = int(2_000_000 * scale), int(400_000 * scale)
    keys = max(1000, int(100_000 * scale))
    ids, pages = table(["ad-%06d" % i for i in range(keys)]), table(["page-%d" % i for i in range(500)])
    shown, ad = 60_000 + np.arange(total), random.integers(0, keys, total)
    source = np.sort(random.choice(total, clicked, replace=False))
    when = shown[source] + random.exponential(30_000, clicked).astype(np.int64)
    order = np.argsort(when, kind="stable")
    when, clicked_ad = when[order], ad[source][order]
    count = table([str(i) for i in range(total)])
    shown_late, when_late = late(random, shown, 5_000), late(random, when, 5_000)
    for index in range(10):
        # Files of one number are of the same time.
        start, stop = total * index // 10, total * (index + 1) // 10
        rows = Rows(stop - start).pick(count, np.arange(start, stop)).text(",").pick(ids, ad[start:stop]).text(",")
        rows.time(shown_late[start:stop]).text(",").pick(pages, random.integers(0, 500, stop - start)).text("\n")
        part(directory, "impressions", index, "csv", [rows.bytes()], header="imp_id,ad_id,imp_time,page")
        low = 0 if index == 0 else int(np.searchsorted(when, shown[start]))
        high = clicked if index == 9 else int(np.searchsorted(when, shown[stop]))
        rows = Rows(high - low).pick(count, np.arange(low, high)).text(",").pick(ids, clicked_ad[low:high]).text(",")
        rows.time(when_late[low:high]).text(",0.").pick(THREE, random.integers(0, 1000, high - low)).text("\n")
        part(directory, "clicks", index, "csv", [rows.bytes()], header="click_id,ad_id,click_time,cost")


def tables(directory, scale):
    """Tables to join streams with, and readings each of which has a row in two of them."""
    def write(name, header, pieces):
        with open(f"{directory}/{name}", "wb") as file:
            file.write(header)
            file.writelines(pieces)

    ids = ad_identifiers(np.random.default_rng(2))[2]
    write("campaigns.csv", b"ad_id,campaign\n",
          [b"%s,campaign-%02d\n" % (ad.encode(), n // 10) for n, ad in enumerate(ids)])
    random = np.random.default_rng(5)
    size, total, step = int(1_000_000 * scale), int(5_000_000 * scale), 250_000
    numbers = table([str(i) for i in range(1, size + 1)])[random.permutation(size)]
    # Multiples of an odd number are all different modulo a power of two.
    names = table(["dev-%010x" % (i * 0x9E3779B97F4A7C15 % 2**40) for i in range(size)])
    regions, cents = table(["region-%03d" % i for i in range(1000)]), table([".%02d" % i for i in range(100)])
    region, weight = random.integers(0, 1000, size), random.integers(0, 25_600, size)
    for name, keys in (("sites", numbers), ("devices", names)):
        rows = Rows(size).pick(keys, slice(None)).text(",").pick(regions, region).text(",")
        rows.pick(SMALL, weight // 100).pick(cents, weight % 100).text("\n")
        write(name + ".csv", b"id,region,weight\n" if name == "sites" else b"device,region,weight\n", [rows.bytes()])
    plain, lines = [], []
    for start in range(0, total, step):
        n = min(step, total - start)
        when, place, value = (start + np.arange(n)) // 5 % 86_400_000, random.integers(0, size, n), random.integers(0, 25_600, n)
        parts = [lambda r: r.time(when), lambda r: r.pick(numbers, place), lambda r: r.pick(names, place),
                 lambda r: r.pick(SMALL, value // 100).pick(cents, value % 100)]
        rows, objects = Rows(n), Rows(n)
        for part, behind, name, end in zip(parts, ",,,\n", ('{"ts":"', ',"id":', ',"device":"', ',"value":'), ('"', "", '"', "}\n")):
            part(rows).text(behind)
            part(objects.text(name)).text(end)
        plain.append(rows.bytes())
        lines.append(objects.bytes())
    write("readings.csv", b"ts,id,device,value\n", plain)
    write("readings.ndjson", b"", lines)


SETS = {"words": words, "ads": ads, "sensors": sensors, "clicks": clicks, "tables": tables}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--out", default="/tmp/stream-bench")
    parser.add_argument("sets", nargs="*", metavar="SET")
    options = parser.parse_args()
    for name in options.sets or SETS:
        directory = os.path.join(options.out, name)
        stamp = directory + ".json"
        made = {"scale": options.scale, "version": 1}
        if os.path.exists(stamp) and json.load(open(stamp)) == made:
            continue
        os.makedirs(directory, exist_ok=True)
        for file in os.listdir(directory):
            os.unlink(os.path.join(directory, file))
        SETS[name](directory, options.scale)
        with open(stamp, "w") as file:
            json.dump(made, file)
        print("made", directory, flush=True)


if __name__ == "__main__":
    main()
