package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	cmdctl "cmdctl/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// jobStore has all jobs that were started since the peer was.
type jobStore struct {
	directory string
	null      *os.File
	watches   *watches
	mutex     sync.RWMutex
	jobs      map[string]*job
}

func newJobStore(directory string) (*jobStore, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	watches, err := newWatches()
	if err != nil {
		return nil, err
	}
	return &jobStore{
		directory: directory, null: null, watches: watches, jobs: map[string]*job{}}, nil
}

// start answers when the command runs.
func (s *jobStore) start(spec *cmdctl.JobSpec) (*job, error) {
	words := commandWords(spec.GetCommand())
	if len(words) == 0 {
		return nil, status.Error(codes.InvalidArgument, "a job needs a command")
	}
	id := newID()
	path := filepath.Join(s.directory, id+".log")
	job := &job{
		id: id, spec: spec, created: time.Now(), ended: make(chan struct{}),
		log: &jobLog{path: path, watches: s.watches}}
	if err := job.launch(words, s.null); err != nil {
		return nil, status.Errorf(codes.Internal, "start %s: %v", words[0], err)
	}
	s.mutex.Lock()
	s.jobs[id] = job
	s.mutex.Unlock()
	return job, nil
}

func (s *jobStore) find(id string) (*job, error) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	job, found := s.jobs[id]
	if !found {
		return nil, status.Errorf(codes.NotFound, "no job %q", id)
	}
	return job, nil
}

func (s *jobStore) killAll() {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for _, job := range s.jobs {
		job.kill()
	}
}

func commandWords(command *cmdctl.Command) []string {
	switch form := command.GetForm().(type) {
	case *cmdctl.Command_Argv:
		return append([]string{form.Argv.Program}, form.Argv.Arguments...)
	case *cmdctl.Command_Shell:
		return []string{"/bin/sh", "-c", form.Shell}
	}
	return nil
}

// newID makes a UUID of version 7 (RFC 9562, section 5.7).
func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[6:]); err != nil {
		panic(err)
	}
	milliseconds := uint64(time.Now().UnixMilli())
	binary.BigEndian.PutUint32(id[:], uint32(milliseconds>>16))
	binary.BigEndian.PutUint16(id[4:], uint16(milliseconds))
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
