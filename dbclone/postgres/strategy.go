package postgres

import (
	"slices"
	"time"
)

// strategy is a way in which CREATE DATABASE copies; "" where there is only one, before PostgreSQL 15.
type strategy string

const (
	walLog   strategy = "WAL_LOG"   // row by row through the log
	fileCopy strategy = "FILE_COPY" // file by file between two checkpoints
)

// first is the strategy that is the better one as a rule: files cost little when nothing waits for
// the disk, and checkpoints cost much when it does.
func (f facts) first() strategy {
	switch {
	case f.major() < 15:
		return ""
	case f.fsync:
		return walLog
	}
	return fileCopy
}

// pace finds out which strategy is faster for one template on its server: each is used twice, in
// turn, and the better time counts. What is usually better stays unless the other is clearly better:
// one time more or less says little.
type pace struct {
	times map[strategy][]time.Duration
	best  strategy
}

const (
	tries  = 2
	margin = 0.8
)

// next says how to make the next clone.
func (p *pace) next(first strategy) strategy {
	switch {
	case first == "" || p.best != "":
		return p.best
	case len(p.times[other(first)]) < len(p.times[first]):
		return other(first)
	}
	return first
}

func other(s strategy) strategy {
	if s == walLog {
		return fileCopy
	}
	return walLog
}

// took notes a time. It returns true when that settled the matter.
func (p *pace) took(first, used strategy, took time.Duration) bool {
	if used == "" || p.best != "" {
		return false
	}
	if p.times == nil {
		p.times = make(map[strategy][]time.Duration)
	}
	p.times[used] = append(p.times[used], took)
	a, b := p.times[first], p.times[other(first)]
	if len(a) < tries || len(b) < tries {
		return false
	}
	p.best = first
	if float64(slices.Min(b)) < margin*float64(slices.Min(a)) {
		p.best = other(first)
	}
	return true
}
