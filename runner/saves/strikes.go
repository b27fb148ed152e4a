package saves

import (
	"path/filepath"

	"hotclub/runner/worker"
)

// phase is when a change was found.
type phase int

const (
	idle phase = iota
	inRun
	afterRun // by the look at the end of a run, in which it may have happened
)

// counts tells whether a kind of read is to be looked at. In a run, tests create and delete
// files in folders that they list: these are looked at when it has ended.
func (p phase) counts(kind string) bool {
	return p != inRun || kind == worker.ReadFile || kind == worker.ReadPackages
}

// mostStrikes is in how many runs in succession a file may change before that is put down to
// the runs.
const mostStrikes = 3

// strikes counts, by path, in how many runs in succession a file has changed, and never in
// between.
type strikes struct {
	run int // ends at the next look after a run
	by  map[string]strike
}

type strike struct{ count, run int }

// judgement of a change.
type judgement int

const (
	counts  judgement = iota
	counted           // from now on it does not count while a run is on
	ignored
)

func (s *strikes) judge(path string, when phase) judgement {
	if when == idle {
		delete(s.by, path)
		return counts
	}
	if filepath.Ext(path) == ".py" {
		return counts
	}
	before := s.by[path]
	switch now := s.run - before.run; {
	case before.count == 0 || now > 1 && before.count < mostStrikes:
		s.by[path] = strike{1, s.run}
	case now == 1:
		s.by[path] = strike{before.count + 1, s.run}
	}
	switch now := s.by[path]; {
	case now.count < mostStrikes:
		return counts
	case now.count == mostStrikes && before.count < mostStrikes:
		return counted
	}
	return ignored
}
