package main

import (
	"os"
	"sync"
)

// jobLog is the file that a job writes. It is open and watched for as long as somebody follows it.
type jobLog struct {
	path    string
	watches *watches
	mutex   sync.Mutex
	tail    *tail
}

func (l *jobLog) attach() (*tail, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.tail == nil {
		file, err := os.Open(l.path)
		if err != nil {
			return nil, err
		}
		tail := newTail(file)
		// Watched before its size is asked for: a write between the two would wake nobody.
		if err := l.watches.add(l.path, tail); err != nil {
			file.Close()
			return nil, err
		}
		tail.update()
		l.tail = tail
	}
	l.tail.followers++
	return l.tail, nil
}

func (l *jobLog) detach() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.tail.followers--
	if l.tail.followers == 0 {
		l.watches.remove(l.path)
		l.tail.file.Close()
		l.tail = nil
	}
}

// wake looks at the size again, which was the job's last one if it has ended, and wakes all
// followers.
func (l *jobLog) wake() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.tail != nil {
		l.tail.update()
	}
}
