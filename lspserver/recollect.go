package lspserver

import (
	"slices"
	"sync"
	"time"

	"hotclub/runner/project"
)

// quiet is how long nothing must be saved before a worker collects again.
const quiet = 300 * time.Millisecond

// recollecting has a worker collect the tests of files again whose texts have changed, since what
// it had found there (generated tests, failed imports) is no longer known to be so.
type recollecting struct {
	collect func(p *project.Project, labels []string)

	mu     sync.Mutex
	labels map[*project.Project][]string
	timer  *time.Timer
}

// saved tells a project of files that have changed, and notes those whose tests are others now.
func (r *recollecting) saved(p *project.Project, paths []string) {
	files := slices.Clone(paths)
	for _, item := range p.Tests.Saved(paths...).Items {
		if item.File != "" && !slices.Contains(files, item.File) {
			files = append(files, item.File)
		}
	}
	for _, file := range files {
		if items := p.Tests.File(file); len(items) > 0 && items[0].Label != "" {
			r.add(p, items[0].Label)
		}
	}
}

func (r *recollecting) add(p *project.Project, label string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.labels == nil {
		r.labels = make(map[*project.Project][]string)
	}
	if !slices.Contains(r.labels[p], label) {
		r.labels[p] = append(r.labels[p], label)
	}
	if r.timer == nil {
		r.timer = time.AfterFunc(quiet, r.work)
	} else {
		r.timer.Reset(quiet)
	}
}

func (r *recollecting) work() {
	r.mu.Lock()
	labels := r.labels
	r.labels = nil
	r.mu.Unlock()
	for p, each := range labels {
		r.collect(p, each)
	}
}

// end forgets what waits.
func (r *recollecting) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.labels = nil
	if r.timer != nil {
		r.timer.Stop()
	}
}

// collectAgain has a worker collect some modules, if the project may be started.
func (c *connection) collectAgain(p *project.Project, labels []string) {
	if c.isTrusted() && c.space.has(p.Key) {
		c.collect(p, labels)
	}
}
