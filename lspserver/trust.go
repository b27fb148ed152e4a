package lspserver

import (
	"context"

	"go.lsp.dev/protocol"

	"hotclub/runner/project"
)

const trustIt = "Trust and run"

// askTrust asks the person who clicked, once a click needs it, whether the project may be started:
// its code runs then. An editor that knows of trust says so in initializationOptions, and nobody
// is asked.
func (c *connection) askTrust(ctx context.Context) error {
	c.mu.Lock()
	trusted := c.trusted
	c.mu.Unlock()
	if trusted {
		return nil
	}
	chosen, err := c.session.Client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
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

// complain tells a person once that a project cannot be started, and what to do.
func (c *connection) complain(p *project.Project, err error) {
	c.log.Warn("the project cannot be started", "project", p.Root, "err", err)
	c.message(protocol.MessageTypeError, err.Error()+"\n(Tests are still found in the text; hotclub doctor examines the project.)")
}
