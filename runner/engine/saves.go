package engine

import (
	"slices"

	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/pool"
	"hotclub/runner/saves"
	"hotclub/runner/watch"
	"hotclub/runner/worker"
)

// watchedSaves are the saves that a client waits for. They leave the engine when they are closed.
type watchedSaves struct {
	*saves.Saves
	engine *Engine
	key    string        // of the project
	files  []worker.Read // its configuration
}

// Saves tells of changes, from now on, of what the processes of the project have read, also of
// those that are yet to come.
func (e *Engine) Saves(client runner.Client, overrides runner.Overrides) (runner.Saves, error) {
	found, err := config.Load(client, overrides)
	if err != nil {
		return nil, err
	}
	s := &watchedSaves{engine: e, key: found.Key}
	for _, path := range found.Files {
		s.files = append(s.files, pool.Observe(worker.Read{Path: path, Kind: worker.ReadFile}))
	}
	s.Saves = saves.New(found.Root, s, e.watcherOf(found))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.saves[s] = struct{}{}
	return s, nil
}

func (e *Engine) watcherOf(project *config.Project) Watcher {
	if !project.Watch {
		return watch.Off("nothing is watched: watch = false stands in the configuration")
	}
	return e.watchers()
}

// runBegun tells those who wait for saves.
func (e *Engine) runBegun(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s := range e.saves {
		if s.key == key {
			s.RunBegun()
		}
	}
}

// runEndedLocked tells those who wait for saves.
func (e *Engine) runEndedLocked(key string) {
	for s := range e.saves {
		if s.key == key {
			s.RunEnded()
		}
	}
}

// Close implements [runner.Saves].
func (s *watchedSaves) Close() {
	s.engine.mu.Lock()
	delete(s.engine.saves, s)
	s.engine.mu.Unlock()
	s.Saves.Close()
}

// Known implements [saves.Source].
func (s *watchedSaves) Known() []worker.Read {
	s.engine.mu.Lock()
	p := s.engine.projects[s.key]
	s.engine.mu.Unlock()
	all := slices.Clone(s.files)
	for _, f := range s.engine.flavours(p) {
		all = append(all, f.Known()...)
	}
	return all
}

// Busy implements [saves.Source].
func (s *watchedSaves) Busy() bool {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	p := s.engine.projects[s.key]
	return p != nil && p.runs > len(p.looks)
}
