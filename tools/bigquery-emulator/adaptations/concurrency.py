"""
Transactions and DML statements that are in each other's way.
https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency, https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements
"""

import asyncio
from collections import Counter

import sqlglot
from bqemulator.domain.errors import DomainError, InvalidQueryError
from bqemulator.jobs import executor
from bqemulator.scripting.ast import SqlStmt
from bqemulator.scripting.interpreter import _classify_txn_statement
from sqlglot import exp

CHANGES = (exp.Update, exp.Delete, exp.Merge)
MOST_OUTSTANDING = 20

_changed_by_transactions = set()
_outstanding = Counter()


class TooManyStatements(DomainError):
    """The limit of statements that change one table, running and waiting."""

    http_status = 400
    bq_reason = "resourcesExceeded"
    grpc_status_name = "RESOURCE_EXHAUSTED"


def adapt(running_seconds):
    """
    Missing: conflicts of transactions, since a script runs alone, and the limit of statements that wait. Stand-in: of two
    transactions that change rows of one table at the same time, whatever partitions they touch, the later one is aborted;
    a statement outside of a transaction waits; past 20 statements that change one table the next is refused.

    :param running_seconds: How long a job counts as running before it runs, alone and in no time.
    """
    run_query_body = executor._run_query_body

    async def run_in_turn(*, project_id, bq_sql, is_scripted, **context):
        tables = _tables_changed(bq_sql, project_id)
        for table in tables:
            if _outstanding[table] >= MOST_OUTSTANDING:
                raise TooManyStatements(
                    "Resources exceeded during query execution: Too many DML statements outstanding against table "
                    f"{table}, limit is {MOST_OUTSTANDING}."
                )
        _outstanding.update(tables)
        opened = set()
        try:
            if tables and _has_transaction(bq_sql):
                contested = tables & _changed_by_transactions
                opened = tables - contested
                _changed_by_transactions.update(opened)
                await asyncio.sleep(running_seconds)
                if contested:
                    raise InvalidQueryError(
                        f"Transaction is aborted due to concurrent update against table {min(contested)}."
                    )
            else:
                while tables & _changed_by_transactions:
                    await asyncio.sleep(running_seconds)
            return await run_query_body(project_id=project_id, bq_sql=bq_sql, is_scripted=is_scripted, **context)
        finally:
            _changed_by_transactions.difference_update(opened)
            _outstanding.subtract(tables)

    executor._run_query_body = run_in_turn


def _statements(bq_sql):
    return [statement.sql for statement in executor._parse_script_or_raise(bq_sql).statements if isinstance(statement, SqlStmt)]


def _has_transaction(bq_sql):
    return any(_classify_txn_statement(sql.strip()) == "BEGIN" for sql in _statements(bq_sql))


def _tables_changed(bq_sql, project_id):
    """The tables whose rows the statements change; an INSERT is in nobody's way."""
    if not any(word in bq_sql.upper() for word in ("UPDATE", "DELETE", "MERGE")):
        return set()
    tables = set()
    for sql in _statements(bq_sql):
        if _classify_txn_statement(sql.strip()) is not None:
            continue
        tree = sqlglot.parse_one(sql, read="bigquery")
        if isinstance(tree, CHANGES) and isinstance(tree.this, exp.Table):
            tables.add(f"{tree.this.catalog or project_id}:{tree.this.db}.{tree.this.name}")
    return tables
