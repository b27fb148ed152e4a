package lspserver

import (
	"fmt"
	"path/filepath"
	"sync"

	"hotclub/runner"
	"hotclub/runner/explain"
	"hotclub/runner/project"
)

// starts show that projects are being started: a boot, and the first look for their tests. There is
// one progress for a project, however many things go on.
type starts struct {
	c *connection

	mu  sync.Mutex
	all map[string]*start // by key
}

// start is the progress of one project.
type start struct {
	shown *progress
	users int
	boots bool // one of the users is a boot
}

// join shows that something goes on until leave is called as often.
func (s *starts) join(p *project.Project) *start {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[p.Key]
	if one == nil {
		one = &start{shown: s.c.newProgress(nil, "Starting "+filepath.Base(p.Root), nil)}
		if s.all == nil {
			s.all = make(map[string]*start)
		}
		s.all[p.Key] = one
	}
	one.users++
	return one
}

func (s *starts) leave(p *project.Project, one *start, text string) {
	s.mu.Lock()
	one.users--
	last := one.users == 0
	if last {
		delete(s.all, p.Key)
	}
	s.mu.Unlock()
	if last {
		one.shown.end(text)
	}
}

// hear follows the boots. All calls come from one goroutine.
func (s *starts) hear(news poolNews) {
	p := s.c.space.get(news.project)
	if p == nil {
		return
	}
	s.mu.Lock()
	one := s.all[p.Key]
	boots := one != nil && one.boots
	s.mu.Unlock()
	switch news.change.Kind {
	case runner.Booting, runner.Superseded:
		if !boots {
			one = s.join(p)
			one.boots = true
		}
		if why := startText(p.Root, news.change); why != "" {
			one.shown.say(why)
		}
	case runner.Booted, runner.PoolEnded:
		s.booted(p, one, boots, "")
	case runner.BootFailed:
		s.booted(p, one, boots, "it does not start")
	}
}

func (s *starts) booted(p *project.Project, one *start, boots bool, text string) {
	if boots {
		one.boots = false
		s.leave(p, one, text)
	}
}

// startText says why a project is started, and how long that took last time.
func startText(root string, change runner.PoolChange) string {
	text := change.Reason
	if change.Cause != nil {
		text = explain.Cause(root, *change.Cause)
	}
	if change.LastMs > 0 {
		took := milliseconds(change.LastMs) + " last time"
		if text == "" {
			return took
		}
		text += fmt.Sprintf(" (%s)", took)
	}
	return text
}
