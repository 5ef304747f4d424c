"""
Runs bqemulator on free ports of 127.0.0.1, adapted where it stops short of the documented API (README.md). Writes one
line of JSON when it answers, `{"url": …}`, and ends when its standard input does, so that it never outlives its parent.
Its argument is how many milliseconds a transaction counts as running.
"""

import asyncio
import json
import sys
import tempfile

# The parent reads one line; whatever the emulator prints is for people.
answer, sys.stdout = sys.stdout, sys.stderr

from adaptations import concurrency, googlesql, jobs, partitions, storage
from bqemulator.config import LogLevel, Settings
from bqemulator.server import EmulatorServer


async def serve(directory):
    server = EmulatorServer(
        Settings(
            rest_port=0,
            grpc_port=0,
            log_level=LogLevel.WARNING,
            upload_staging_dir=directory,
            # Avro would be downloaded.
            enable_format_extensions=False,
        )
    )
    await server.start()
    print(json.dumps({"url": server.rest_url}), file=answer, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


storage.adapt()
jobs.adapt()
googlesql.adapt()
partitions.adapt()
concurrency.adapt(running_seconds=int(sys.argv[1]) / 1000)
with tempfile.TemporaryDirectory(prefix="bigquery-emulator-") as directory:
    asyncio.run(serve(directory))
