package lspserver

import (
	"context"
	"sync"

	"go.lsp.dev/protocol"

	"hotclub/runner/project"
)

const trustIt = "Trust and run"

// question is asked once, however many clicks wait for the answer.
type question struct {
	answered chan struct{}
	err      error
}

// askTrust asks the person who clicked, once a click needs it, whether the project may be started:
// its code runs then. An editor that knows of trust says so in initializationOptions, and nobody
// is asked.
func (c *connection) askTrust(ctx context.Context) error {
	q := c.question()
	if q == nil {
		return nil
	}
	select {
	case <-q.answered:
		return q.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// question is the one that a person has before them; nil for a workspace that is trusted.
func (c *connection) question() *question {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trusted {
		return nil
	}
	if c.asking == nil {
		q := &question{answered: make(chan struct{})}
		c.asking = q
		c.tasks.Go(func() {
			q.err = c.ask()
			c.mu.Lock()
			c.asking = nil
			c.mu.Unlock()
			close(q.answered)
		})
	}
	return c.asking
}

func (c *connection) ask() error {
	chosen, err := c.session.Client.ShowMessageRequest(c.session.Context(), &protocol.ShowMessageRequestParams{
		Type:    protocol.MessageTypeWarning,
		Message: "Running tests executes the code of this workspace. Do you trust it? (initializationOptions.trusted answers once and for all.)",
		Actions: []protocol.MessageActionItem{{Title: trustIt}, {Title: "Not now"}},
	})
	if err != nil {
		return err
	}
	if chosen == nil || chosen.Title != trustIt {
		return errUntrusted
	}
	c.trust()
	return nil
}

func (c *connection) isTrusted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trusted
}

// trust lets the projects of the workspace be started.
func (c *connection) trust() {
	c.mu.Lock()
	news := !c.trusted
	c.trusted = true
	c.mu.Unlock()
	if news {
		for _, p := range c.space.list() {
			c.warm(p)
		}
	}
}

// complaints keeps what a person has been told of projects that cannot be started: the same is not
// said again at every save.
type complaints struct {
	mu   sync.Mutex
	last map[string]complaint // by key
}

// tell says what is wrong with a project, if that is new.
func (cs *complaints) tell(p *project.Project, err error, say func(*project.Project, error)) {
	cs.mu.Lock()
	if cs.last == nil {
		cs.last = make(map[string]complaint)
	}
	before := cs.last[p.Key]
	cs.last[p.Key] = complaint{err.Error(), before.count + 1}
	cs.mu.Unlock()
	if before.text != err.Error() {
		say(p, err)
	}
}

// of returns what a person was told last of a project.
func (cs *complaints) of(p *project.Project) complaint {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.last[p.Key]
}

// settled says that nothing is wrong with a project any more, as far as was known at a time.
func (cs *complaints) settled(p *project.Project, then complaint) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.last[p.Key] == then {
		delete(cs.last, p.Key)
	}
}

// complaint is a text, and how many there have been of a project.
type complaint struct {
	text  string
	count int
}

// complain tells a person that a project cannot be started, and what to do.
func (c *connection) complain(p *project.Project, err error) {
	c.log.Warn("the project cannot be started", "project", p.Root, "err", err)
	c.message(protocol.MessageTypeError, err.Error()+"\n(Tests are still found in the text; hotclub doctor examines the project.)")
}
