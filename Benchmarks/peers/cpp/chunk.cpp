#include "chunk.h"

#include "failure.h"

#include <array>
#include <google/protobuf/io/coded_stream.h>
#include <unistd.h>

// The data begins where it does in the file, modulo a cache line: on Zen 4 the kernel's copy is
// many times slower when it comes to lie some bytes behind that place.
Chunk Chunk::read(int file, uint64_t offset, size_t count) {
    constexpr size_t line_size = 64;
    grpc::Slice room(count + line_size);
    auto *memory = const_cast<uint8_t *>(room.begin());
    size_t begin = (offset - reinterpret_cast<uintptr_t>(memory)) % line_size;
    ssize_t size = pread(file, memory + begin, count, static_cast<off_t>(offset));
    if (size < 0) fail("pread");
    return Chunk(offset, room.sub(begin, begin + static_cast<size_t>(size)));
}

grpc::ByteBuffer Chunk::message_from(uint64_t offset) const {
    using google::protobuf::io::CodedOutputStream;
    grpc::Slice data = data_.sub(offset - offset_, data_.size());
    // Two tags, the offset and the length.
    std::array<uint8_t, 32> head;
    uint8_t *end = head.data();
    if (offset > 0) {
        end = CodedOutputStream::WriteTagToArray(1 << 3, end);
        end = CodedOutputStream::WriteVarint64ToArray(offset, end);
    }
    end = CodedOutputStream::WriteTagToArray(2 << 3 | 2, end);
    end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(data.size()), end);
    std::array slices = {
        grpc::Slice(head.data(), static_cast<size_t>(end - head.data())), std::move(data)};
    return grpc::ByteBuffer(slices.data(), slices.size());
}
