"""DuckDB and SQLite: one database file that holds all tables, with keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.tables import SCHEMA_VERSION, Table

_DUCKDB = {
    "string": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
}
_SQLITE = {
    "string": "TEXT",
    "int": "INTEGER",
    "float": "REAL",
    "bool": "INTEGER",
    "date": "TEXT",
}


def columns_sql(table: Table, database: str, *, keys: bool = True) -> str:
    """Column definitions of a table in ``duckdb`` or ``sqlite``."""
    types = _DUCKDB if database == "duckdb" else _SQLITE
    parts = []
    for column in table.columns:
        key = " PRIMARY KEY" if keys and column.name == table.key else ""
        null = "" if column.null or key else " NOT NULL"
        parts.append(f'"{column.name}" {types[column.type]}{null}{key}')
    return ", ".join(parts)


def write_duckdb(path: Path, tables: Iterable[tuple[Table, Path]]) -> None:
    """Fill a new DuckDB file from one Parquet file a table, row order kept."""
    import duckdb

    with duckdb.connect(str(path), config={"threads": "1"}) as connection:
        for table, parquet in tables:
            connection.execute(f'CREATE TABLE "{table.name}" ({columns_sql(table, "duckdb")})')
            connection.execute(
                f'INSERT INTO "{table.name}" SELECT * FROM read_parquet(?)', [str(parquet)]
            )
        connection.execute(f"CREATE TABLE zhnews_schema AS SELECT {SCHEMA_VERSION} AS version")


def write_sqlite(path: Path, tables: Iterable[tuple[Table, Iterable[Any]]]) -> None:
    """Fill a new SQLite file; dates are ISO text, flags 0 and 1."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        for table, batches in tables:
            connection.execute(f'CREATE TABLE "{table.name}" ({columns_sql(table, "sqlite")})')
            insert_sqlite(connection, table, batches)
        connection.commit()
    finally:
        connection.close()


def insert_sqlite(connection: sqlite3.Connection, table: Table, batches: Iterable[Any]) -> None:
    """Insert Arrow tables; dates become ISO text."""
    dates = {column.name for column in table.columns if column.type == "date"}
    marks = ", ".join("?" * len(table.columns))
    for batch in batches:
        connection.executemany(
            f'INSERT INTO "{table.name}" VALUES ({marks})',
            [
                tuple(
                    cell.isoformat() if name in dates and cell is not None else cell
                    for name, cell in row.items()
                )
                for row in batch.to_pylist()
            ],
        )
