"""Writes csv.json: what Python's csv module, in its strict mode, makes of damaged lines of three texts.

    python make_csv.py > csv.json
"""
import csv, io, json, sys
from shared import damage, verdict


def write(row):
    out = io.StringIO(newline='')
    csv.writer(out).writerow(row)
    return out.getvalue().encode()


def read(data):
    rows = list(csv.reader(io.StringIO(data.decode(), newline=''), strict=True))
    if len(rows) != 1 or len(rows[0]) != 3: raise ValueError('not one line of three')
    return rows[0]


payloads = [write(row) for row in (['plain', 'with "quotes", and', 'line\nfeed'], ['', 'é ✓', '"'])]
verdicts = []
for at in range(10_000):
    data = damage(payloads[at % 2], at)
    try:
        row = read(data)
        verdicts.append(verdict(row, write(row) == data))
    except (ValueError, csv.Error):
        verdicts.append('-')
print(*[sum(v[0] == kind for v in verdicts) for kind in '=~-'], file=sys.stderr)
json.dump({'payloads': [p.hex() for p in payloads], 'verdicts': ''.join(verdicts)}, sys.stdout)
