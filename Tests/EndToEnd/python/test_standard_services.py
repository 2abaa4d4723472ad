"""Health and reflection, asked by the clients that come with gRPC."""

import unittest

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from harness import PATIENCE, Daemon, ServerCase
from streams import Stream


class HealthTests(ServerCase):
    def stub(self):
        return health_pb2_grpc.HealthStub(self.channels["alice"])

    def test_the_server_and_each_service_serve(self):
        for service in ["", "cmdctl.v1.JobService", "cmdctl.v1.AdminService"]:
            with self.subTest(service):
                answer = self.stub().Check(
                    health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE
                )
                self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)

    def test_an_unknown_service_is_not_found(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub().Check(
                health_pb2.HealthCheckRequest(service="nonsense"), timeout=PATIENCE
            )
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_a_watch_begins_with_what_is(self):
        watch = self.stub().Watch(health_pb2.HealthCheckRequest(service=""), timeout=PATIENCE)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        watch.cancel()
        unknown = self.stub().Watch(
            health_pb2.HealthCheckRequest(service="nonsense"), timeout=PATIENCE
        )
        self.assertEqual(
            next(unknown).status, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        )
        unknown.cancel()


class DrainingTests(unittest.TestCase):
    def test_a_watch_hears_that_the_server_is_ending(self):
        server = Daemon()
        self.addCleanup(server.close)
        with server.channel() as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            watch = Stream(stub.Watch(health_pb2.HealthCheckRequest(service="")))
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
            server.process.terminate()
            self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.NOT_SERVING)
        self.assertEqual(server.process.wait(PATIENCE), 0)


class ReflectionTests(ServerCase):
    """A client that has no proto file at hand."""

    def test_services_are_listed_in_both_versions(self):
        for version in ["v1alpha", "v1"]:
            # The messages are the same; only the name of the service differs.
            call = self.channels["alice"].stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
                response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
            )
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            answers = list(call(iter([request, request]), timeout=PATIENCE))
            self.assertEqual(len(answers), 2, "one answer for each request of the stream")
            names = {service.name for service in answers[0].list_services_response.service}
            self.assertLessEqual(
                {
                    "cmdctl.v1.JobService",
                    "cmdctl.v1.AdminService",
                    "grpc.health.v1.Health",
                    "grpc.reflection.v1.ServerReflection",
                    "grpc.reflection.v1alpha.ServerReflection",
                },
                names,
            )

    def test_an_unknown_symbol_is_an_answer_and_not_the_end(self):
        stub = reflection_pb2_grpc.ServerReflectionStub(self.channels["alice"])
        requests = [
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="no.such.Thing"),
            reflection_pb2.ServerReflectionRequest(list_services=""),
        ]
        answers = list(stub.ServerReflectionInfo(iter(requests), timeout=PATIENCE))
        self.assertEqual(
            answers[0].error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0]
        )
        self.assertTrue(answers[1].list_services_response.service)

    def test_with_reflection_only_a_job_is_started_and_its_output_streamed(self):
        # A pool of its own: nothing of what this process has generated is known to it.
        database = ProtoReflectionDescriptorDatabase(self.channels["alice"])
        pool = descriptor_pool.DescriptorPool(database)
        service = pool.FindServiceByName("cmdctl.v1.JobService")

        start = self.method(service, "StartJob")
        request = start.request()
        request.spec.command.shell = "echo one; sleep 0.1; echo two; exit 3"
        job = start.call(request).job
        self.assertEqual(job.owner, "alice")

        output = self.method(service, "GetOutput")
        request = output.request(job=job.id)
        data, last = b"", None
        for response in output.call(request):
            data += response.data
            last = response
        self.assertEqual(data, b"one\ntwo\n")
        self.assertEqual(last.end.job.exit_code, 3)

    def method(self, service, name):
        method = service.methods_by_name[name]
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)
        channel = self.channels["alice"]
        make = channel.unary_stream if method.server_streaming else channel.unary_unary
        path = f"/{service.full_name}/{name}"
        raw = make(
            path,
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )

        class Method:
            """A method known by its descriptor alone."""

        bound = Method()
        bound.request = request
        bound.call = lambda message: raw(message, timeout=PATIENCE)
        return bound
