"""Images over gRPC: a stream of requests, cancelled and refused in its middle."""

import io
import os
import tarfile

import grpc
from cmdctl.v1 import image_service_pb2 as images
from cmdctl.v1 import image_service_pb2_grpc
from cmdctl.v1 import job_pb2, job_service_pb2
from google.rpc import error_details_pb2, status_pb2
from harness import PATIENCE, ServerCase


def head(name, image_format=images.IMAGE_FORMAT_TAR):
    return images.ImportImageRequest(head=images.ImageHead(name=name, format=image_format))


def archive():
    """A root directory with busybox for a shell, and nothing else."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add("/usr/bin/busybox", "bin/sh")
    return buffer.getvalue()


def pieces(data, size=50_000):
    return [
        images.ImportImageRequest(data=data[start : start + size])
        for start in range(0, len(data), size)
    ]


def reason(error):
    status = status_pb2.Status()
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    return info.reason


class ImageTests(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images = image_service_pb2_grpc.ImageServiceStub(cls.channels["root"])

    def assert_refused(self, requests, expected):
        with self.assertRaises(grpc.RpcError) as caught:
            self.images.ImportImage(iter(requests), timeout=PATIENCE)
        self.assertEqual(reason(caught.exception), expected)

    def names(self):
        response = self.images.ListImages(images.ListImagesRequest(), timeout=PATIENCE)
        return [image.name for image in response.images]

    def test_an_image_is_imported_used_and_deleted(self):
        if os.geteuid() != 0:
            return self.assert_refused([head("box")], "IMAGES_UNAVAILABLE")
        data = archive()
        image = self.images.ImportImage(iter([head("box")] + pieces(data)), timeout=PATIENCE).image
        self.assertEqual((image.name, image.format), ("box", images.IMAGE_FORMAT_TAR))
        self.assertEqual(self.names(), ["box"])
        self.assert_refused([head("box")], "IMAGE_EXISTS")
        job = self.start(
            "/bin/sh", "-c", "echo hello", image="box", isolation=job_pb2.ISOLATION_IMAGE
        )
        output = self.alice.GetOutput(
            job_service_pb2.GetOutputRequest(job=job.id), timeout=PATIENCE
        )
        self.assertEqual(b"".join(message.data for message in output), b"hello\n")
        self.images.DeleteImage(images.DeleteImageRequest(name="box"), timeout=PATIENCE)
        self.assertEqual(list((self.server.state / "images").iterdir()), [])

    def test_what_makes_no_sense_is_refused(self):
        self.assert_refused([], "INVALID_REQUEST")
        self.assert_refused([images.ImportImageRequest(data=b"x")], "INVALID_REQUEST")
        self.assert_refused([head("x", images.IMAGE_FORMAT_UNSPECIFIED)], "INVALID_REQUEST")
        self.assert_refused([head("../x")], "INVALID_REQUEST")
        self.assertEqual(self.names(), [])

    def test_only_admins_import_and_delete(self):
        stub = image_service_pb2_grpc.ImageServiceStub(self.channels["alice"])
        for call in [
            lambda: stub.ImportImage(iter([head("x")]), timeout=PATIENCE),
            lambda: stub.DeleteImage(images.DeleteImageRequest(name="x"), timeout=PATIENCE),
        ]:
            with self.assertRaises(grpc.RpcError) as caught:
                call()
            self.assertEqual(reason(caught.exception), "ADMIN_REQUIRED")
        stub.ListImages(images.ListImagesRequest(), timeout=PATIENCE)
