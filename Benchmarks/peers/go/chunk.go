package main

import (
	"encoding/binary"
	"os"
)

const (
	chunkBytesMax = 64 << 10
	// Two tags, the offset and the length, each at most 10 bytes long.
	headBytesMax = 32
	lineBytes    = 64
)

// chunk is a GetOutputResponse that was encoded when it was read: followers at the same offset send
// the same bytes, and none is copied to be encoded.
type chunk struct {
	offset  int64
	data    []byte
	message []byte
}

// readChunk reads `count` bytes, which must be there.
func readChunk(file *os.File, offset int64, count int) (*chunk, error) {
	chunk := newChunk(offset, count)
	_, err := file.ReadAt(chunk.data, offset)
	return chunk, err
}

// newChunk makes one that lacks only its data.
//
// The data begins where it does in the file, modulo a cache line: on Zen 4 the kernel's copy is
// many times slower when it comes to lie some bytes behind that place.
func newChunk(offset int64, count int) *chunk {
	buffer := make([]byte, headBytesMax+lineBytes+count)
	begin := headBytesMax + (int(offset)-headBytesMax)&(lineBytes-1)
	end := begin + count
	var head [headBytesMax]byte
	size := 0
	if offset > 0 {
		head[0] = 1 << 3
		size = 1 + binary.PutUvarint(head[1:], uint64(offset))
	}
	head[size] = 2<<3 | 2
	size++
	size += binary.PutUvarint(head[size:], uint64(count))
	copy(buffer[begin-size:], head[:size])
	return &chunk{offset: offset, data: buffer[begin:end], message: buffer[begin-size : end]}
}

func (c *chunk) end() int64 { return c.offset + int64(len(c.data)) }

func (c *chunk) has(offset int64) bool { return c.offset <= offset && offset < c.end() }

// from answers what follows an offset, as a message of its own.
func (c *chunk) from(offset int64) *chunk {
	if offset == c.offset {
		return c
	}
	rest := c.data[offset-c.offset:]
	result := newChunk(offset, len(rest))
	copy(result.data, rest)
	return result
}

// Marshal makes a chunk a proto.Marshaler, which is what grpc-go's codec asks first.
func (c *chunk) Marshal() ([]byte, error) { return c.message, nil }
