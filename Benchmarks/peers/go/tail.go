package main

import (
	"os"
	"sync"
)

// tail is what all followers of one log share.
type tail struct {
	file *os.File
	// Counted by the log.
	followers int

	mutex   sync.Mutex
	size    int64
	changed chan struct{}
	latest  *chunk
}

func newTail(file *os.File) *tail {
	return &tail{file: file, changed: make(chan struct{}), latest: &chunk{}}
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

// read answers some of what stands from `offset` to `size`: what another follower has read last, if
// it was there.
func (t *tail) read(offset, size int64) (*chunk, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.latest.has(offset) {
		return t.latest.from(offset), nil
	}
	count := size - offset
	if count > chunkBytesMax {
		count = chunkBytesMax
	}
	chunk, err := readChunk(t.file, offset, int(count))
	if err == nil {
		t.latest = chunk
	}
	return chunk, err
}
