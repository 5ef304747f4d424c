"""GoogleSQL: parameters of scripts, `@@row_count`, RAISE, TO_JSON_STRING of null, TRIM, casts to decimals."""

from contextvars import ContextVar
from itertools import takewhile

import sqlglot
from sqlglot import exp
from bqemulator.jobs import executor
from bqemulator.scripting.exceptions import ScriptRaise
from bqemulator.scripting.interpreter import ScriptInterpreter
from bqemulator.sql import translator
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokens import TokenType

DML = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
SCALES = {exp.DataType.Type.DECIMAL: 9, exp.DataType.Type.BIGDECIMAL: 18}


def adapt():
    _bind_parameters()
    _count_rows()
    _tell_raised_errors()
    _rewrite()
    _size_decimals()


def _replace(sql, replacements):
    """Replaces `@name` and `@@name` where they are tokens, not parts of texts or comments."""
    tokens = sqlglot.tokenize(sql, read="bigquery")
    pieces, end = [], 0
    for index, name in enumerate(tokens):
        signs = list(takewhile(lambda token: token.token_type == TokenType.PARAMETER, reversed(tokens[:index])))
        replacement = replacements.get("@" * len(signs) + name.text)
        if signs and replacement is not None:
            pieces += [sql[end : signs[-1].start], replacement]
            end = name.end + 1
    return "".join([*pieces, sql[end:]])


def _bind_parameters():
    """Missing: query parameters of scripts. Stand-in: STRING parameters, written into the script as literals."""
    run_query_body = executor._run_query_body

    async def run_bound_query_body(*, bq_sql, query_params, is_scripted, **context):
        if is_scripted and query_params:
            literals = {
                f"@{parameter['name']}": exp.Literal.string(parameter["parameterValue"]["value"]).sql("bigquery")
                for parameter in query_params
            }
            bq_sql = _replace(bq_sql, literals)
        return await run_query_body(bq_sql=bq_sql, query_params=query_params, is_scripted=is_scripted, **context)

    executor._run_query_body = run_bound_query_body


def _count_rows():
    """Missing: `@@row_count`. Stand-in: the count that DuckDB gave for the script's last DML statement."""
    run_query = ScriptInterpreter._run_query
    counts = ContextVar("counts", default=0)

    async def run_counted_query(self, bq_sql):
        bq_sql = _replace(bq_sql, {"@@row_count": str(counts.get())})
        result = await run_query(self, bq_sql)
        if isinstance(sqlglot.parse_one(bq_sql, read="bigquery"), DML):
            counts.set(result.column(0)[0].as_py())
        return result

    ScriptInterpreter._run_query = run_counted_query


def _tell_raised_errors():
    """Missing: an error that a script raises fails the request, not the job. Stand-in: the job fails with its message."""
    run = ScriptInterpreter.run

    async def run_and_unwrap(self, source):
        try:
            return await run(self, source)
        except ScriptRaise as raised:
            raise raised.error from raised

    ScriptInterpreter.run = run_and_unwrap


def _rewrite():
    """What is translated differently, rewritten before it is translated."""
    rewrite_json_helpers = translator.rewrite_json_helpers

    def rewrite_all(sql):
        sql = rewrite_json_helpers(sql)
        if not any(word in sql.upper() for word in ("TO_JSON_STRING", "NUMERIC", "DECIMAL", "TRIM")):
            return sql
        tree = sqlglot.parse_one(sql, read="bigquery")
        _print_null(tree)
        _trim_white_space(tree)
        _cast_by_way_of_text(tree)
        return tree.sql(dialect="bigquery")

    translator.rewrite_json_helpers = rewrite_all


def _print_null(tree):
    """Missing: TO_JSON_STRING(NULL) is the text `null`, not NULL. Stand-in: COALESCE around each call."""
    for call in list(tree.find_all(exp.JSONFormat)):
        if not call.args.get("to_json"):
            call.replace(exp.func("COALESCE", call.copy(), exp.Literal.string("null")))


def _trim_white_space(tree):
    """Missing: TRIM takes all white space, not spaces alone. Stand-in: a regular expression."""
    blank = r"[\s\x0b\x{85}\pZ]+"
    for call in list(tree.find_all(exp.Trim)):
        if not call.args.get("expression") and not call.args.get("position"):
            pattern = exp.Literal.string(f"^{blank}|{blank}$")
            call.replace(exp.func("REGEXP_REPLACE", call.this.copy(), pattern, exp.Literal.string("")))


def _cast_by_way_of_text(tree):
    """Missing: casts of a FLOAT64 to NUMERIC lose digits past 2^53 units of the last. Stand-in: a cast of its text."""
    for cast in tree.find_all(exp.Cast):
        if cast.to.this in SCALES:
            cast.set("this", exp.cast(cast.this, "STRING", dialect="bigquery"))


def _size_decimals():
    """Missing: NUMERIC is DECIMAL(18, 3) in casts, and BIGNUMERIC DECIMAL(38, 5). Stand-in: 9 and 18 fraction digits."""
    datatype_sql = DuckDB.Generator.datatype_sql

    def sized_datatype_sql(self, expression):
        scale = SCALES.get(expression.this)
        if scale is None or expression.expressions:
            return datatype_sql(self, expression)
        return f"DECIMAL(38, {scale})"

    DuckDB.Generator.datatype_sql = sized_datatype_sql
