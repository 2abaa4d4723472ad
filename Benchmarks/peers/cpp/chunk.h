// A part of a log, in the memory that is handed to gRPC: followers share it.
#ifndef PEER_CHUNK_H
#define PEER_CHUNK_H

#include <cstdint>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

class Chunk {
public:
    static constexpr size_t bytes_max = 64 << 10;

    Chunk() = default;

    // Reads `count` bytes, or what there is of them.
    static Chunk read(int file, uint64_t offset, size_t count);

    uint64_t end() const { return offset_ + data_.size(); }
    bool has(uint64_t offset) const { return offset_ <= offset && offset < end(); }

    // A GetOutputResponse with what follows an offset. Its data is not copied.
    grpc::ByteBuffer message_from(uint64_t offset) const;

private:
    Chunk(uint64_t offset, grpc::Slice data) : offset_(offset), data_(std::move(data)) {}

    uint64_t offset_ = 0;
    grpc::Slice data_;
};

#endif
