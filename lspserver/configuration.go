package lspserver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/wire"
)

// section is the name of the client's settings for hotclub.
const section = "hotclub"

// settingsPatience is how long the client may take to answer; it begins with what it said in
// initialize then.
const settingsPatience = 5 * time.Second

// configure answers hotclub/configure.
func (c *connection) configure(_ context.Context, p wire.Configuration) (any, error) {
	return nil, c.apply(p)
}

// DidChangeConfiguration takes settings that were pushed, or asks for them.
func (c *connection) DidChangeConfiguration(_ context.Context, p *protocol.DidChangeConfigurationParams) error {
	var pushed struct {
		Hotclub *wire.Configuration `json:"hotclub"`
	}
	if err := decodeAny(p.Settings, &pushed); err != nil {
		return fmt.Errorf("the settings of the section %s: %w", section, err)
	}
	if pushed.Hotclub != nil {
		pushed.Hotclub.Trusted = nil
		return c.apply(*pushed.Hotclub)
	}
	c.tasks.inTurn(c.pullConfiguration)
	return nil
}

// pullConfiguration asks the client for its settings. Whether the workspace is trusted is not
// among them: a folder may bring settings of its own.
func (c *connection) pullConfiguration() {
	if !c.configurable {
		return
	}
	ctx, cancel := context.WithTimeout(c.session.Context(), settingsPatience)
	defer cancel()
	name := section
	answers, err := c.session.Client.Configuration(ctx, &protocol.ConfigurationParams{
		Items: []protocol.ConfigurationItem{{Section: &name}},
	})
	if err == nil && len(answers) > 0 && string(answers[0]) != "null" {
		var settings wire.Configuration
		if err = json.Unmarshal(answers[0], &settings); err == nil {
			settings.Trusted = nil
			err = c.apply(settings)
		}
	}
	if err != nil && c.session.Context().Err() == nil {
		c.log.Warn("the client's settings", "err", err)
		c.message(protocol.MessageTypeWarning, fmt.Sprintf("The settings of the section %q cannot be used: %v", section, err))
	}
}

// apply makes settings those of this client.
func (c *connection) apply(settings wire.Configuration) error {
	c.mu.Lock()
	initial := c.initial
	c.mu.Unlock()
	chosen, err := choicesOf(settings, initial)
	if err != nil {
		return err
	}
	c.mu.Lock()
	changed := !c.chosen.equal(chosen)
	c.chosen = chosen
	c.parallel = settings.Parallel
	if settings.Lenses != "" {
		c.lenses = settings.Lenses != "off"
	}
	c.mu.Unlock()
	if settings.Trusted != nil && *settings.Trusted {
		c.trust()
	}
	if changed {
		c.tasks.inTurn(c.reconfigured)
	}
	c.screen.lenses.again()
	return nil
}
