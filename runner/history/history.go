// Package history remembers what outlives a server: how long tests took and how they ended,
// what was asked for last, and what was worth having in advance.
//
// There is one JSON file for each project, written whole under another name and renamed into
// place. Two servers on one project may overwrite each other's last run; neither ever sees half
// a file. A file that cannot be read is worth no more than none: history is advice.
package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"hotclub/runner"
)

const version = 1

// unknown is expected of a test that has never run.
const unknown = 20 * time.Millisecond

// kept is how long a test that no longer runs is remembered.
const kept = 60 * 24 * time.Hour

// Project is the history of one project. It is safe for concurrent use.
type Project struct {
	path string

	mu      sync.Mutex
	data    data
	outputs outputs
}

type data struct {
	Version int               `json:"version"`
	Tests   map[string]record `json:"tests"` // by label
	Last    *runner.Selection `json:"last,omitempty"`
	Aliases []string          `json:"aliases"` // null before the first run
	Modules []string          `json:"modules,omitempty"`
	Apart   []string          `json:"apart,omitempty"`
}

// Open reads the history of the project with this key below dir.
func Open(dir, key string) *Project {
	p := &Project{path: filepath.Join(dir, key+".json")}
	text, err := os.ReadFile(p.path)
	if err == nil {
		err = json.Unmarshal(text, &p.data)
	}
	if err != nil || p.data.Version != version {
		p.data = data{Version: version}
	}
	if p.data.Tests == nil {
		p.data.Tests = make(map[string]record)
	}
	return p
}

// Expected is how long a test should take, by the last time it ran.
func (p *Project) Expected(test runner.Test) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.data.Tests[test.Label]
	if !ok {
		return unknown
	}
	return time.Duration(known.Ms * float64(time.Millisecond))
}

// Failed lists the labels of the tests that failed when they last ran, sorted.
func (p *Project) Failed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var labels []string
	for label, known := range p.data.Tests {
		if known.State.Bad() {
			labels = append(labels, label)
		}
	}
	slices.Sort(labels)
	return labels
}

// Last is the selection of the previous run; ok is false when there was none.
func (p *Project) Last() (last runner.Selection, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.data.Last == nil {
		return runner.Selection{}, false
	}
	return *p.data.Last, true
}

// Asked keeps the selection of a run.
func (p *Project) Asked(selection runner.Selection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data.Last = &selection
}

// Lessons are the databases that runs have needed, nil before the first run, the modules from
// outside the project that their tests imported, and those that can't be imported without it.
func (p *Project) Lessons() (aliases, modules, apart []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.data.Aliases), slices.Clone(p.data.Modules), slices.Clone(p.data.Apart)
}

// Learnt replaces the lessons.
func (p *Project) Learnt(aliases, modules, apart []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data.Aliases, p.data.Modules, p.data.Apart = aliases, modules, apart
}

// Save writes the history.
func (p *Project) Save() error {
	p.mu.Lock()
	for label, known := range p.data.Tests {
		if time.Since(known.At) > kept {
			delete(p.data.Tests, label)
		}
	}
	text, err := json.Marshal(p.data)
	p.mu.Unlock()
	if err == nil {
		err = Write(p.path, text)
	}
	if err != nil {
		return fmt.Errorf("keeping the history of verdicts and durations: %w", err)
	}
	return nil
}

// Write replaces a file as a whole: nobody ever sees half of it.
func Write(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = draft.Write(text)
	err = errors.Join(err, draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(draft.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
