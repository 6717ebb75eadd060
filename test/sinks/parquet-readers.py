"""Rows of Parquet files as DuckDB and Arrow read them, against lines of JSON."""
import json
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet

folder = Path(sys.argv[1])
expected = [tuple(json.loads(line).values()) for line in (folder / "expected.ndjson").read_text().splitlines()]
query = "SELECT key, epoch_ms(windowStart), flights, least FROM read_parquet(?) ORDER BY key"
by_duckdb = duckdb.execute(query, [str(folder / "*.parquet")]).fetchall()
table = pyarrow.parquet.read_table(sorted(folder.glob("*.parquet"))[0] if len(list(folder.glob("*.parquet"))) == 1 else folder)
by_arrow = [
    (row["key"], int(row["windowStart"].timestamp() * 1000), row["flights"], row["least"]) for row in table.to_pylist()
]
for name, version, rows in [("DuckDB", duckdb.__version__, by_duckdb), ("Arrow", pyarrow.__version__, by_arrow)]:
    print(f"{name} {version}: {'equal' if rows == expected else 'DIFFERENT'}, {len(rows)} rows")
sys.exit(0 if by_duckdb == expected and by_arrow == expected else 1)
