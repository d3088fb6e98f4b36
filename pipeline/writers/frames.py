"""Rows to pandas frames and Arrow tables with the schema's types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.tables import SCHEMA_VERSION, Row, Table

_ARROW: dict[str, Any] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}


def arrow_schema(table: Table) -> Any:
    """The Arrow schema of a table; its metadata carries the schema version."""
    return pa.schema(
        [pa.field(c.name, _ARROW[c.type], nullable=c.null) for c in table.columns],
        metadata={"zhnews_table": table.name, "zhnews_schema_version": str(SCHEMA_VERSION)},
    )


def to_arrow(table: Table, rows: Sequence[Row]) -> Any:
    """Rows as an Arrow table."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.columns)
    schema = arrow_schema(table)
    arrays = [pa.array(column, type=f.type) for column, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def to_frame(table: Table, rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as a pandas frame; integers that may be empty are ``Int64``, flags ``boolean``."""
    return arrow_to_frame(to_arrow(table, rows))


def arrow_to_frame(table: Any) -> pd.DataFrame:
    """An Arrow table as a pandas frame that keeps whole numbers whole where cells are empty."""
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    return frame
