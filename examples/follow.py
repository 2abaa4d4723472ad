"""Follows a job's output to its end, over restarts of the server and broken connections.

    python3 examples/follow.py HOST:PORT CA CERTIFICATE KEY JOB [OFFSET] >> job.log

Needs grpcio, grpcio-tools, and the modules that the latter makes of proto/, beside this file:

    python3 -m grpc_tools.protoc -Iproto --python_out=examples --grpc_python_out=examples \\
        proto/cmdctl/v1/job.proto proto/cmdctl/v1/job_service.proto
"""

import pathlib
import random
import sys
import time

import grpc
from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc

# Seconds: the first pause is short, since a server that is restarted is back at once; later ones
# double. Chance spreads those who have lost the same server.
PAUSE, PAUSE_MAX = 0.1, 5.0
# gRPC says UNAVAILABLE of a refused certificate, too: without an end it would be tried for ever.
PATIENCE = 600.0

OPTIONS = [
    # A dead server is noticed in 30 seconds, though a quiet job says nothing for days.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # Else a new channel would take over the pauses of the one before.
    ("grpc.use_local_subchannel_pool", 1),
]


def follow(open_channel, job, offset, write):
    """Writes the output of a job from an offset on; returns the job as it ended."""
    failures, last_good = 0, time.monotonic()
    while True:
        try:
            with open_channel() as channel:
                stub = job_service_pb2_grpc.JobServiceStub(channel)
                # A name may become another job's in the meantime; an id does not.
                job = stub.GetJob(job_service_pb2.GetJobRequest(job=job), timeout=10).job.id
                last_good = time.monotonic()
                request = job_service_pb2.GetOutputRequest(job=job, offset=offset)
                for response in stub.GetOutput(request):
                    if response.HasField("end"):
                        return response.end.job
                    write(response.data)
                    # What a gap stands for will not come any more: go on behind it.
                    offset = response.offset + len(response.data) + response.gap.length
                    failures, last_good = 0, time.monotonic()
        except grpc.RpcError as error:
            passing = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED]
            if error.code() not in passing or time.monotonic() - last_good > PATIENCE:
                raise
        time.sleep(random.uniform(0, min(PAUSE * 2**failures, PAUSE_MAX)))
        failures += 1


def write(data):
    """Shows what came at once: a quiet job may say nothing more for days."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def main():
    address, authority, certificate, key, job, *rest = sys.argv[1:]
    credentials = grpc.ssl_channel_credentials(
        root_certificates=pathlib.Path(authority).read_bytes(),
        private_key=pathlib.Path(key).read_bytes(),
        certificate_chain=pathlib.Path(certificate).read_bytes(),
    )
    ended = follow(
        lambda: grpc.secure_channel(address, credentials, options=OPTIONS),
        job,
        int(rest[0]) if rest else 0,
        write,
    )
    # 125: ended by a signal, or nobody knows how.
    sys.exit(ended.exit_code if ended.HasField("exit_code") else 125)


if __name__ == "__main__":
    main()
