"""What lies below the API: extensions, column types, table changes and load files."""

import gzip
import shutil

import sqlglot
from bqemulator.api.routes import tables
from bqemulator.catalog.memory_repository import MemoryCatalogRepository
from bqemulator.jobs import executor
from bqemulator.storage import engine, type_map
from bqemulator.storage.sql_identifiers import quoted_table_ref

GZIP_MAGIC = b"\x1f\x8b"


def adapt():
    _start_without_spatial()
    _store_bignumeric()
    _require_columns()
    _add_columns_on_patch()
    _load_gzip()
    _store_views()


def _start_without_spatial():
    """Missing: a start without DuckDB's `spatial`, which is downloaded. Stand-in: none; GEOGRAPHY is not used."""
    engine.DuckDBEngine._load_spatial = lambda self: None


def _store_bignumeric():
    """Missing: BIGNUMERIC columns, mapped to a DECIMAL(76, 38) that DuckDB does not have. Stand-in: half of it."""
    type_map._BQ_TO_DUCKDB["BIGNUMERIC"] = "DECIMAL(38, 18)"


def _require_columns():
    """Missing: a REQUIRED column takes null. Stand-in: NOT NULL, when tables.insert creates the table."""

    def columns_and_modes(fields):
        columns = type_map.bq_schema_to_duckdb_columns(fields)
        required = {field["name"] for field in fields if field["mode"] == "REQUIRED"}
        return [(name, f"{kind} NOT NULL" if name in required else kind) for name, kind in columns]

    tables.bq_schema_to_duckdb_columns = columns_and_modes


def _add_columns_on_patch():
    """Missing: tables.patch changes the catalogue alone. Stand-in: new columns reach the stored table as well; arrays are empty."""
    update_table = MemoryCatalogRepository.update_table

    def update_table_and_columns(self, table):
        reference = (table.project_id, table.dataset_id, table.table_id)
        existing = self.get_table(*reference)
        known = {field.name for field in existing.schema_.fields} if existing else set()
        fields = [
            field.model_dump(by_alias=True)
            for field in table.schema_.fields
            if field.name not in known
        ]
        result = update_table(self, table)
        for name, duckdb_type in type_map.bq_schema_to_duckdb_columns(fields):
            default = " DEFAULT []" if duckdb_type.endswith("[]") else ""
            self._engine.execute(
                f'ALTER TABLE {quoted_table_ref(*reference)} ADD COLUMN "{name}" {duckdb_type}{default}'
            )
        return result

    MemoryCatalogRepository.update_table = update_table_and_columns


def _load_gzip():
    """Missing: gzip NDJSON, recognized by its first bytes. Stand-in: it is unpacked before the load."""
    load_json = executor._LOAD_FORMAT_HANDLERS["NEWLINE_DELIMITED_JSON"]

    def load_packed_json(path, target_ref, ctx):
        with open(path, "rb") as file:
            packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        if packed:
            with gzip.open(path) as source, open(f"{path}.json", "wb") as unpacked:
                shutil.copyfileobj(source, unpacked)
            shutil.move(f"{path}.json", path)
        load_json(path, target_ref, ctx)

    executor._LOAD_FORMAT_HANDLERS["NEWLINE_DELIMITED_JSON"] = load_packed_json


def _store_views():
    """Missing: tables.insert and tables.patch store a view as an empty table. Stand-in: a view, with its query and columns in tables.get."""
    create_table, update_table = MemoryCatalogRepository.create_table, MemoryCatalogRepository.update_table

    def store(self, view):
        query = sqlglot.parse_one(view.view_query, read="bigquery")
        source = query.find(sqlglot.exp.Table)
        read = (source.catalog or view.project_id, source.db or view.dataset_id, source.name)
        fields = {field.name: field for field in self.get_table(*read).schema_.fields}
        columns = tuple(fields[column.name] for column in query.expressions)
        target = quoted_table_ref(view.project_id, view.dataset_id, view.table_id)
        names = ", ".join(f'"{column.name}"' for column in columns)
        self._engine.execute(f"CREATE OR REPLACE VIEW {target} AS SELECT {names} FROM {quoted_table_ref(*read)}")
        stored = view.model_copy(update={"schema_": view.schema_.model_copy(update={"fields": columns})})
        self._tables[(view.project_id, view.dataset_id, view.table_id)] = stored
        return stored

    def create_table_or_view(self, table):
        if not table.view_query:
            return create_table(self, table)
        # tables.insert has stored an empty table for it.
        self._engine.execute(f"DROP TABLE {quoted_table_ref(table.project_id, table.dataset_id, table.table_id)}")
        return store(self, table)

    def update_table_or_view(self, table):
        return store(self, table) if table.view_query else update_table(self, table)

    table_to_rest = tables._table_to_rest

    def table_or_view_to_rest(table):
        view = {"view": {"query": table.view_query, "useLegacySql": False}} if table.view_query else {}
        return {**table_to_rest(table), **view}

    tables._table_to_rest = table_or_view_to_rest
    MemoryCatalogRepository.create_table = create_table_or_view
    MemoryCatalogRepository.update_table = update_table_or_view
