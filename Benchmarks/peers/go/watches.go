package main

import (
	"log"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// watches wakes the followers of each log that changes; inotify(7) has one descriptor for all.
type watches struct {
	watcher *fsnotify.Watcher
	mutex   sync.Mutex
	tails   map[string]*tail
}

func newWatches() (*watches, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	watches := &watches{watcher: watcher, tails: map[string]*tail{}}
	go watches.run()
	go watches.complain()
	return watches, nil
}

func (w *watches) add(path string, tail *tail) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.tails[path] = tail
	return w.watcher.Add(path)
}

func (w *watches) remove(path string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.tails, path)
	if err := w.watcher.Remove(path); err != nil {
		log.Printf("no longer watch %s: %v", path, err)
	}
}

func (w *watches) run() {
	for event := range w.watcher.Events {
		w.mutex.Lock()
		tail := w.tails[event.Name]
		w.mutex.Unlock()
		if tail != nil {
			tail.update()
		}
	}
}

// complain ends the peer when events were lost: followers would wait for ever.
func (w *watches) complain() {
	for err := range w.watcher.Errors {
		log.Fatalf("inotify: %v", err)
	}
}
