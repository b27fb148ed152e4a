package lspserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/runner"
)

const (
	// unseen is how long something may take before an editor is asked to show its progress.
	unseen = 300 * time.Millisecond
	// progressPace is the least time between two reports.
	progressPace = 100 * time.Millisecond
)

// progress shows how far something is that takes long, by LSP's work done progress.
type progress struct {
	c      *connection
	title  string
	cancel context.CancelFunc // nil: it cannot be cancelled

	mu     sync.Mutex
	token  protocol.ProgressToken // nil before the editor knows it
	begun  bool
	ended  bool
	text   string
	timer  *time.Timer
	said   time.Time
	total  int
	done   int
	failed int
}

// newProgress begins at once with the token of a request; without one the editor is asked to show
// it, if it can, when it has gone on for a while.
func (c *connection) newProgress(token protocol.ProgressToken, title string, cancel context.CancelFunc) *progress {
	p := &progress{c: c, title: title, cancel: cancel}
	switch {
	case token != nil:
		p.begin(token)
	case c.showsProgress:
		p.timer = time.AfterFunc(unseen, func() { c.tasks.Go(p.create) })
	}
	return p
}

// create asks the editor for a token of ours.
func (p *progress) create() {
	token := protocol.String("hotclub-" + rand.Text()[:12])
	err := p.c.session.Client.WorkDoneProgressCreate(p.c.session.Context(), &protocol.WorkDoneProgressCreateParams{Token: token})
	if err != nil {
		p.c.log.Info("the client shows no progress", "err", err)
		return
	}
	p.begin(token)
}

func (p *progress) begin(token protocol.ProgressToken) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || !p.c.progresses.add(p, token) {
		return
	}
	p.token, p.begun = token, true
	cancellable := p.cancel != nil
	begin := protocol.WorkDoneProgressBegin{Kind: "begin", Title: p.title, Cancellable: &cancellable}
	if p.text != "" {
		begin.Message = &p.text
	}
	p.send(begin)
}

// say tells what it is at.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
	p.report(true)
}

// hear takes an event of a run: counts only.
func (p *progress) hear(e runner.Event) {
	switch e := e.(type) {
	case runner.Notice:
		p.say(e.Text)
		return
	case runner.RunStarted:
		p.mu.Lock()
		p.total, p.text = len(e.Tests), fmt.Sprintf("0/%d", len(e.Tests))
		p.mu.Unlock()
	case runner.TestFinished:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done++
		if e.Verdict.State.Bad() {
			p.failed++
		}
		p.text = fmt.Sprintf("%d/%d", p.done, p.total)
		if p.failed > 0 {
			p.text += fmt.Sprintf(", %d failed", p.failed)
		}
		p.report(false)
	}
}

// report tells where it stands, now or not too often. The caller holds mu.
func (p *progress) report(now bool) {
	if !p.begun || p.ended || !now && time.Since(p.said) < progressPace {
		return
	}
	text := p.text
	report := protocol.WorkDoneProgressReport{Kind: "report", Message: &text}
	if p.total > 0 {
		percentage := uint32(100 * p.done / p.total)
		report.Percentage = &percentage
	}
	p.send(report)
}

// end is the last word.
func (p *progress) end(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.c.progresses.drop(p)
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.begun && !p.ended {
		end := protocol.WorkDoneProgressEnd{Kind: "end"}
		if text != "" {
			end.Message = &text
		}
		p.send(end)
	}
	p.ended = true
}

// send queues one value. The caller holds mu.
func (p *progress) send(value any) {
	p.said = time.Now()
	raw, err := protocol.Marshal(value)
	if err != nil {
		p.c.log.Error("progress cannot be encoded", "err", err)
		return
	}
	data, err := protocol.Marshal(protocol.ProgressParams{Token: p.token, Value: raw})
	if err != nil {
		p.c.log.Error("progress cannot be encoded", "err", err)
		return
	}
	p.c.out.push(protocol.MethodProgress, json.RawMessage(data))
}

// progresses are those that have begun, under a lock of their own: that of a progress is held while
// its words wait for an editor that does not read.
type progresses struct {
	mu     sync.Mutex
	all    map[*progress]protocol.ProgressToken
	closed bool
}

// add reports whether a progress may begin: not any more after close.
func (ps *progresses) add(p *progress, token protocol.ProgressToken) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.closed {
		return false
	}
	if ps.all == nil {
		ps.all = make(map[*progress]protocol.ProgressToken)
	}
	ps.all[p] = token
	return true
}

func (ps *progresses) drop(p *progress) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.all, p)
}

// close lets no more begin, and returns those that go on.
func (ps *progresses) close() []*progress {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.closed = true
	return slices.Collect(maps.Keys(ps.all))
}

// WorkDoneProgressCancel cancels what a progress is about.
func (c *connection) WorkDoneProgressCancel(_ context.Context, params *protocol.WorkDoneProgressCancelParams) error {
	c.progresses.mu.Lock()
	defer c.progresses.mu.Unlock()
	for p, token := range c.progresses.all {
		if token == params.Token && p.cancel != nil {
			p.cancel()
		}
	}
	return nil
}
