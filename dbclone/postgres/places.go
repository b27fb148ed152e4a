package postgres

import (
	"context"
	"sync"
	"time"
)

// places are for sessions beside the held one: in clones, and for what takes long. There is a fixed
// number of them, so that workers can be promised the rest; see room.go.
type places struct {
	mu    sync.Mutex
	most  int // 0: nobody has asked the server yet
	taken int
	freed chan struct{} // closed when one is left, or could be
}

func (p *places) limit(most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most = most
}

// excess reports whether more are taken than there are.
func (p *places) excess() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken > p.most
}

// try takes a place, if there is one. Otherwise it returns what is closed when it is worth to look again.
func (p *places) try() (ok bool, freed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.most == 0 || p.taken < p.most {
		p.taken++
		return true, nil
	}
	if p.freed == nil {
		p.freed = make(chan struct{})
	}
	return false, p.freed
}

// insist takes a place that there is not.
func (p *places) insist() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken++
}

func (p *places) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	p.wakeLocked()
}

// wake has those look again who wait.
func (p *places) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakeLocked()
}

func (p *places) wakeLocked() {
	if p.freed != nil {
		close(p.freed)
		p.freed = nil
	}
}

// limitPlaces sets how many there are. Where they have become fewer, sessions that nobody needs now end.
func (s *server) limitPlaces(most int) {
	s.places.limit(most)
	for s.places.excess() && s.hangUpOnIdle() {
	}
}

// placeAside takes a place for what the held connection could do as well; false when there is none.
func (s *server) placeAside() bool {
	for {
		if ok, _ := s.places.try(); ok {
			return true
		}
		if !s.hangUpOnIdle() {
			return false
		}
	}
}

// placeInside takes a place for a session in a clone. It waits for one, but not for ever: the server
// may have room all the same.
func (s *server) placeInside(ctx context.Context) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		ok, freed := s.places.try()
		if ok {
			return nil
		}
		if s.hangUpOnIdle() {
			continue
		}
		select {
		case <-freed:
		case <-deadline.C:
			s.places.insist()
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// hangUpOnIdle ends a session that is kept in a clone which nobody works on, if there is one.
func (s *server) hangUpOnIdle() bool {
	s.mu.Lock()
	clones := make([]*clone, 0, len(s.clones))
	for _, c := range s.clones {
		clones = append(clones, c)
	}
	s.mu.Unlock()
	for _, c := range clones {
		if !c.busy.TryLock() {
			continue
		}
		hungUp := s.hangUpOn(c)
		c.busy.Unlock()
		if hungUp {
			return true
		}
	}
	return false
}
