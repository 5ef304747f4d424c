"""
Jobs: ids chosen by the caller and taken once, and failures that are told.
https://cloud.google.com/bigquery/docs/running-jobs, https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query
"""

from contextvars import ContextVar

from bqemulator.api.routes import jobs, upload
from bqemulator.domain.errors import DomainError, ResourceRef, resource_already_exists

_taken = set()
_inserting = ContextVar("inserting", default=False)


def adapt():
    _heed_job_id_of_uploads()
    _take_job_ids_once()
    _tell_failures_of_queries()


def _take(project_id, job_id):
    if (project_id, job_id) in _taken:
        raise resource_already_exists(ResourceRef("job", project_id, resource_id=job_id))
    _taken.add((project_id, job_id))


def _heed_job_id_of_uploads():
    """Missing: an upload's jobReference, in whose place an id is made up. Stand-in: the id asked for, once."""
    asked_for = ContextVar("asked_for")
    load_configuration = upload._load_configuration_from_envelope
    new_job_id = upload._new_job_id

    def load_configuration_and_id(envelope):
        asked_for.set(envelope.get("jobReference", {}))
        return load_configuration(envelope)

    def job_id_asked_for():
        reference = asked_for.get()
        if "jobId" not in reference:
            return new_job_id()
        _take(reference["projectId"], reference["jobId"])
        return reference["jobId"]

    upload._load_configuration_from_envelope = load_configuration_and_id
    upload._new_job_id = job_id_asked_for


def _take_job_ids_once():
    """
    Missing: 409 for an id that is taken (the job runs again), and the job's own configuration, labels among it, in
    jobs.get. Stand-in: both, for query jobs.
    """
    handle_query_job = jobs._handle_query_job

    async def handle_query_job_once(project_id, job_id, config, *, dry_run, **context):
        if not dry_run:
            _take(project_id, job_id)
        _inserting.set(True)
        result = await handle_query_job(project_id, job_id, config, dry_run=dry_run, **context)
        if isinstance(result, dict):
            return result
        query = {**config["query"], **result.configuration.get("query", {})}
        return result.model_copy(update={"configuration": {**config, "query": query}})

    jobs._handle_query_job = handle_query_job_once


def _tell_failures_of_queries():
    """Missing: an error for a failed jobs.query, which answers as if it found no rows. Stand-in: the HTTP error."""
    execute_query_job = jobs.execute_query_job

    async def execute_query_job_or_fail(*arguments, **context):
        try:
            return await execute_query_job(*arguments, **context)
        except DomainError as error:
            # A job that was inserted keeps its failure.
            raise error if _inserting.get() else QueryFailure(error)

    jobs.execute_query_job = execute_query_job_or_fail


class QueryFailure(DomainError):
    """An error that is none of those which jobs.query turns into rows."""

    def __init__(self, error):
        super().__init__(error.message, details=error.details, location=error.location)
        self.http_status = error.http_status
        self.bq_reason = error.bq_reason
        self.grpc_status_name = error.grpc_status_name
