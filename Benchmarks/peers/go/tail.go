package main

import (
	"os"
	"sync"
)

// recentChunks is how far followers may be apart, in chunks, and still share them.
const recentChunks = 8

// tail is what all followers of one log share.
type tail struct {
	file *os.File
	// Counted by the log.
	followers int

	mutex   sync.Mutex
	size    int64
	changed chan struct{}
	// What was read last, the oldest of them at `oldest`.
	recent [recentChunks]*chunk
	oldest int
}

func newTail(file *os.File) *tail {
	return &tail{file: file, changed: make(chan struct{})}
}

// update notes the size and wakes the followers.
func (t *tail) update() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if info, err := t.file.Stat(); err == nil {
		t.size = info.Size()
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// state answers how large the log is, and what is closed when that has changed or the job has
// ended.
func (t *tail) state() (int64, <-chan struct{}) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.size, t.changed
}

// read answers some of what stands from `offset` to `size`: what another follower has just read,
// if it was there.
func (t *tail) read(offset, size int64) (*chunk, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, chunk := range t.recent {
		if chunk != nil && chunk.has(offset) {
			return chunk.from(offset), nil
		}
	}
	count := size - offset
	if count > chunkBytesMax {
		count = chunkBytesMax
	}
	chunk, err := readChunk(t.file, offset, int(count))
	if err == nil {
		t.recent[t.oldest] = chunk
		t.oldest = (t.oldest + 1) % recentChunks
	}
	return chunk, err
}
