"""
What partitioning entails: expirations, and filters that queries must have.
https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets, https://cloud.google.com/bigquery/docs/reference/rest/v2/tables,
https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require_a_partition_filter
"""

from datetime import datetime, timedelta, timezone

import sqlglot
from bqemulator.api.routes import tables
from bqemulator.catalog.memory_repository import MemoryCatalogRepository
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.jobs import executor
from bqemulator.scripting import interpreter
from bqemulator.storage.sql_identifiers import quoted_table_ref
from sqlglot import exp

INGESTION_COLUMNS = ("_partitiontime", "_partitiondate")
COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def adapt():
    _keep_settings()
    _inherit_expirations()
    _expire()
    _require_filters()


def _keep_settings():
    """Missing: `expirationTime` and `requirePartitionFilter` of tables. Stand-in: they are kept, changed and told."""
    rest_to_table_meta, table_to_rest = tables._rest_to_table_meta, tables._table_to_rest

    def read_table(project_id, dataset_id, body, clock, existing=None):
        table = rest_to_table_meta(project_id, dataset_id, body, clock, existing)
        expiration = existing.expiration_time if existing else None
        if "expirationTime" in body:
            expiration = body["expirationTime"] and _instant(body["expirationTime"])
        partitioning = table.time_partitioning
        if partitioning:
            before = bool(existing and existing.time_partitioning and existing.time_partitioning.require_partition_filter)
            required = body.get("requirePartitionFilter", before)
            partitioning = partitioning.model_copy(update={"require_partition_filter": bool(required)})
        return table.model_copy(update={"expiration_time": expiration, "time_partitioning": partitioning})

    def tell_table(table):
        told = table_to_rest(table)
        if table.expiration_time:
            told["expirationTime"] = str(int(table.expiration_time.timestamp() * 1000))
        if told.get("timePartitioning", {}).pop("requirePartitionFilter", False):
            told["requirePartitionFilter"] = True
        return told

    tables._rest_to_table_meta, tables._table_to_rest = read_table, tell_table


def _instant(milliseconds):
    return datetime.fromtimestamp(int(milliseconds) / 1000, timezone.utc)


def _inherit_expirations():
    """
    Missing: a new table takes the dataset's default expirations. Stand-in: it does where it has none of its own, a
    partitioned table that of partitions before that of tables; none that is asked for as null counts as not asked for.
    """
    create_table = MemoryCatalogRepository.create_table

    def create_table_with_defaults(self, table):
        dataset = self.get_dataset(table.project_id, table.dataset_id)
        partitioning = table.time_partitioning
        if dataset and partitioning and dataset.default_partition_expiration_ms is not None:
            if partitioning.expiration_ms is None:
                expiration = int(dataset.default_partition_expiration_ms)
                partitioning = partitioning.model_copy(update={"expiration_ms": expiration})
                table = table.model_copy(update={"time_partitioning": partitioning})
        elif dataset and table.expiration_time is None and dataset.default_table_expiration_ms is not None:
            lifetime = timedelta(milliseconds=int(dataset.default_table_expiration_ms))
            table = table.model_copy(update={"expiration_time": datetime.now(timezone.utc) + lifetime})
        return create_table(self, table)

    MemoryCatalogRepository.create_table = create_table_with_defaults


def _expire():
    """Missing: partitions and tables that expire. Stand-in: they are gone before the next query or script begins."""
    run_query_body = executor._run_query_body

    async def run_without_expired(*, ctx, **context):
        now = datetime.now(timezone.utc)
        for dataset in ctx.catalog.list_datasets(context["project_id"]):
            for table in ctx.catalog.list_tables(dataset.project_id, dataset.dataset_id):
                _expire_table(ctx, table, now)
        return await run_query_body(ctx=ctx, **context)

    executor._run_query_body = run_without_expired


def _expire_table(ctx, table, now):
    reference = (table.project_id, table.dataset_id, table.table_id)
    partitioning = table.time_partitioning
    if table.expiration_time and table.expiration_time < now:
        kind = "VIEW" if table.view_query else "TABLE"
        ctx.engine.execute(f"DROP {kind} IF EXISTS {quoted_table_ref(*reference)}")
        ctx.catalog.delete_table(*reference)
    elif partitioning and partitioning.field and partitioning.expiration_ms is not None:
        # A partition expires so long after its own beginning in UTC.
        oldest = (now - timedelta(milliseconds=partitioning.expiration_ms)).date()
        ctx.engine.execute(f'DELETE FROM {quoted_table_ref(*reference)} WHERE "{partitioning.field}" <= DATE \'{oldest}\'')


def _require_filters():
    """Missing: the refusal of a query without a filter that a table requires. Stand-in: the documented one, for each statement."""
    for module in (executor, interpreter):
        module.rewrite_and_translate_statement = _after_check(module.rewrite_and_translate_statement)


def _after_check(translate):
    async def translate_checked(bq_sql, *, project_id, ctx, **context):
        _check_filters(bq_sql, project_id, ctx.catalog)
        return await translate(bq_sql, project_id=project_id, ctx=ctx, **context)

    return translate_checked


def _check_filters(bq_sql, project_id, catalog):
    if not any(
        table.time_partitioning and table.time_partitioning.require_partition_filter
        for dataset in catalog.list_datasets(project_id)
        for table in catalog.list_tables(dataset.project_id, dataset.dataset_id)
    ):
        return
    tree = sqlglot.parse_one(bq_sql, read="bigquery")
    for node in tree.find_all(exp.Table):
        table = _base_table(node, project_id, catalog)
        partitioning = table and table.time_partitioning
        if not partitioning or not partitioning.require_partition_filter or _is_filled(node, tree):
            continue
        columns = (partitioning.field.lower(),) if partitioning.field else INGESTION_COLUMNS
        asked = [node, *_asked_by_views(node, project_id, catalog)]
        if not any(_prunes(condition, columns, at.alias_or_name) for at in asked for condition in _conditions(at)):
            names = partitioning.field or "_PARTITION_LOAD_TIME', '_PARTITIONDATE', '_PARTITIONTIME"
            raise InvalidQueryError(
                f"Cannot query over table '{table.project_id}.{table.dataset_id}.{table.table_id}' without a filter over "
                f"column(s) '{names}' that can be used for partition elimination"
            )


def _asked_by_views(node, project_id, catalog):
    """The tables as views name them, whose own conditions count as well."""
    table = catalog.get_table(node.catalog or project_id, node.db, node.name)
    if table and table.view_query:
        inner = sqlglot.parse_one(table.view_query, read="bigquery").find(exp.Table)
        yield inner
        yield from _asked_by_views(inner, table.project_id, catalog)


def _base_table(node, project_id, catalog):
    """The table, or that which a view shows."""
    if not node.db:
        return None
    table = catalog.get_table(node.catalog or project_id, node.db, node.name)
    if table is None or not table.view_query:
        return table
    return _base_table(sqlglot.parse_one(table.view_query, read="bigquery").find(exp.Table), table.project_id, catalog)


def _is_filled(node, tree):
    """Whether the table is what an INSERT adds rows to."""
    return isinstance(tree, exp.Insert) and (tree.this is node or tree.this is node.parent)


def _conditions(node):
    """The conditions that every row of the table has to fulfil in its own part of the query."""
    scope = node.find_ancestor(exp.Select, exp.Delete, exp.Update, exp.Merge)
    where = scope.args.get("where")
    joined = [join.args.get("on") for join in scope.args.get("joins") or ()]
    for condition in (where and where.this, scope.args.get("on"), *joined):
        if condition:
            yield from _conjuncts(condition)


def _conjuncts(condition):
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [*_conjuncts(condition.left), *_conjuncts(condition.right)]
    return [condition]


def _prunes(condition, columns, alias):
    """Whether the condition holds the bare partition column against constants."""

    def is_column(node):
        return isinstance(node, exp.Column) and node.name.lower() in columns and node.table in ("", alias)

    def is_constant(node):
        return not node.find(exp.Column, exp.Select)

    condition = condition.unnest()
    if isinstance(condition, exp.Or):
        branches = [_conjuncts(branch) for branch in condition.flatten()]
        return not _is_always_true(condition) and all(any(_prunes(part, columns, alias) for part in branch) for branch in branches)
    if isinstance(condition, exp.Not):
        return isinstance(condition.this.unnest(), exp.Is) and is_column(condition.this.unnest().this)
    if isinstance(condition, exp.Is):
        return is_column(condition.this)
    if isinstance(condition, COMPARISONS):
        sides = (condition.left, condition.right)
        return any(is_column(one) and is_constant(other) for one, other in (sides, sides[::-1]))
    if isinstance(condition, exp.Between):
        return is_column(condition.this) and is_constant(condition.args["low"]) and is_constant(condition.args["high"])
    return isinstance(condition, exp.In) and is_column(condition.this) and not condition.args.get("query")


def _is_always_true(condition):
    kinds = {type(branch.unnest()) for branch in condition.flatten() if isinstance(branch.unnest(), (exp.Is, exp.Not))}
    return kinds == {exp.Is, exp.Not}
