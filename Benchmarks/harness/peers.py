"""Builds the peers that speak gRPC, in Go and in C++, from what Debian packages alone."""

import concurrent.futures
import os
import pathlib
import re
import subprocess

from programs import HERE, is_stale

_PROTO = HERE.parent / "proto"
_MESSAGES = ["cmdctl/v1/job.proto", "cmdctl/v1/job_service.proto"]
_GO_SOURCES = pathlib.Path("/usr/share/gocode")
_GO_NEEDS = {
    pathlib.Path("/usr/bin/go"): "golang-go",
    pathlib.Path("/usr/bin/protoc"): "protobuf-compiler",
    pathlib.Path("/usr/bin/protoc-gen-go"): "golang-goprotobuf-dev",
    _GO_SOURCES / "src/google.golang.org/grpc/server.go": "golang-google-grpc-dev",
    _GO_SOURCES / "src/github.com/fsnotify/fsnotify": "golang-github-fsnotify-fsnotify-dev",
    _GO_SOURCES / "src/golang.org/x/sys/unix": "golang-golang-x-sys-dev",
}
_CPP_FLAGS = ["-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror"]
_CPP_NEEDS = {
    pathlib.Path("/usr/bin/g++"): "g++",
    pathlib.Path("/usr/bin/pkg-config"): "pkg-config",
    pathlib.Path("/usr/bin/protoc"): "protobuf-compiler",
    pathlib.Path("/usr/bin/grpc_cpp_plugin"): "protobuf-compiler-grpc",
    pathlib.Path("/usr/include/grpcpp/server.h"): "libgrpc++-dev",
}


def go_peer(directory):
    """The peer in Go; built below a directory if its sources are newer."""
    program = directory / "peer-go"
    sources = sorted((HERE / "peers/go").glob("*.go"))
    if _is_stale(program, sources):
        _demand(_GO_NEEDS)
        path = directory / "go"
        _generate_go(directory / "proto", path / "src")
        environment = {
            **os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": f"{path}:{_GO_SOURCES}",
            "GOCACHE": str(path / "cache"), "CGO_ENABLED": "0"}
        subprocess.run(
            ["/usr/bin/go", "build", "-o", program, "."], cwd=HERE / "peers/go", env=environment,
            check=True)
    return program


def _generate_go(plain, result):
    """Generates cmdctl/v1, from copies without `optional`, which Debian's generator does not know.

    A field of that kind is on the wire what a `oneof` of one field is.
    """
    for name in _MESSAGES:
        text = (_PROTO / name).read_text()
        text = re.sub(
            r"^  optional (\w+ (\w+) = \d+;)", r"  oneof _\2 { \1 }", text, flags=re.MULTILINE)
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_text(text)
    result.mkdir(parents=True, exist_ok=True)
    known = ",".join(
        f"Mgoogle/protobuf/{name}.proto=github.com/golang/protobuf/ptypes/{name}"
        for name in ["timestamp", "duration"])
    subprocess.run(
        ["/usr/bin/protoc", "--proto_path", plain,
         f"--go_out=plugins=grpc,import_path=cmdctl/v1,{known}:{result}", *_MESSAGES], check=True)


def cpp_peer(directory):
    """The peer in C++; built below a directory if its sources are newer."""
    program = directory / "peer-cpp"
    sources = sorted((HERE / "peers/cpp").glob("*.cpp"))
    if _is_stale(program, sources):
        _demand(_CPP_NEEDS)
        path = directory / "cpp"
        generated = _generate_cpp(path)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            objects = list(workers.map(
                lambda source: _compile(source, path), [*sources, *generated]))
        libraries = subprocess.run(
            ["/usr/bin/pkg-config", "--libs", "grpc++", "protobuf", "absl_synchronization"],
            check=True, capture_output=True, text=True).stdout.split()
        subprocess.run(["/usr/bin/g++", "-o", program, *objects, *libraries], check=True)
    return program


def _generate_cpp(path):
    """Generates cmdctl/v1; answers the sources."""
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["/usr/bin/protoc", "--proto_path", _PROTO, "--cpp_out", path, "--grpc_out", path,
         "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin", *_MESSAGES], check=True)
    return sorted(path.glob("cmdctl/v1/*.cc"))


def _compile(source, path):
    result = path / f"{source.name}.o"
    subprocess.run(
        ["/usr/bin/g++", *_CPP_FLAGS, "-I", HERE / "peers/cpp", "-isystem", path, "-c", source,
         "-o", result], check=True)
    return result


def _is_stale(program, sources):
    """Whether a program is older than its sources, the messages, or the way it is built."""
    messages = [_PROTO / name for name in _MESSAGES]
    return is_stale(program, [*sources, *messages, pathlib.Path(__file__)])


def _demand(needs):
    missing = sorted({package for path, package in needs.items() if not path.exists()})
    if missing:
        raise SystemExit(f"bench: a peer cannot be built; run: apt-get install {' '.join(missing)}")
