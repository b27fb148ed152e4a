package worker

import (
	"encoding/json"
	"fmt"
)

// Function names an outermost function of a file, with all that is nested in it.
type Function struct{ Path, Name string }

// UnmarshalJSON reads the pair in which footprint.py sends it.
func (f *Function) UnmarshalJSON(data []byte) error {
	var pair [2]string
	if err := json.Unmarshal(data, &pair); err != nil {
		return fmt.Errorf("function in a footprint: %w", err)
	}
	f.Path, f.Name = pair[0], pair[1]
	return nil
}

// Lasting is what has happened in a process and counts for all of its tests: see footprint.py.
type Lasting struct {
	Functions []Function `json:"functions"`
	Templates []string   `json:"templates"`
	Executed  []string   `json:"executed"` // files of the project's, while no test ran
	Late      []string   `json:"late"`     // files, while one did
	Opened    []string   `json:"opened"`   // files, by name
	Loaded    []string   `json:"loaded"`   // templates: a test that depends on one says so itself
	Schema    []string   `json:"schema"`   // files that the schema of the databases depends on
	Listed    []string   `json:"listed"`   // directories
	Touched   []string   `json:"touched"`  // of the opened and listed, those while no test ran
	Missed    []string   `json:"missed"`   // modules that were not there, or that a new file may stand before
}

// Base is what has happened in a process before its part in a run; forks of one layer share it.
type Base struct {
	Token string `json:"token"`
	Lasting
}

// Footprint is what the tests of a unit have executed and used.
type Footprint struct {
	Functions bool       `json:"functions"` // calls are seen, not only files
	Process   Lasting    `json:"process"`   // since the last one of this process
	Table     []Function `json:"table"`
	Marks     []Mark     `json:"marks"`
	Tests     []Steps    `json:"tests"`
}

// Mark is what happened in the time of a test, or of the fixtures of its class or module.
type Mark struct {
	Functions []int    `json:"functions"` // places in the table
	Templates []string `json:"templates"`
	Touched   []string `json:"touched"` // files opened by name, directories listed
	Modules   []string `json:"modules"` // files that a class and its bases are from
	Unknown   string   `json:"unknown"` // why not all is known
}

// Steps are the marks that make up the footprint of one test.
type Steps struct {
	Test  int   // its place in the unit
	Marks []int // their places
}

// UnmarshalJSON reads the pair in which footprint.py sends it.
func (s *Steps) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &[2]any{&s.Test, &s.Marks}); err != nil {
		return fmt.Errorf("test in a footprint: %w", err)
	}
	return nil
}

// Add takes what has happened since.
func (l *Lasting) Add(news Lasting) {
	l.Functions = append(l.Functions, news.Functions...)
	l.Templates = append(l.Templates, news.Templates...)
	l.Executed = append(l.Executed, news.Executed...)
	l.Late = append(l.Late, news.Late...)
	l.Opened = append(l.Opened, news.Opened...)
	l.Loaded = append(l.Loaded, news.Loaded...)
	l.Schema = append(l.Schema, news.Schema...)
	l.Listed = append(l.Listed, news.Listed...)
	l.Touched = append(l.Touched, news.Touched...)
	l.Missed = append(l.Missed, news.Missed...)
}

// Valid reports whether all places in it are there.
func (f *Footprint) Valid() bool {
	for _, mark := range f.Marks {
		for _, at := range mark.Functions {
			if at < 0 || at >= len(f.Table) {
				return false
			}
		}
	}
	for _, steps := range f.Tests {
		for _, at := range steps.Marks {
			if at < 0 || at >= len(f.Marks) {
				return false
			}
		}
	}
	return true
}
