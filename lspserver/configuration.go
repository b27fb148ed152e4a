package lspserver

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
)

// section is the name of the client's settings for hotclub.
const section = "hotclub"

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
		return c.apply(*pushed.Hotclub)
	}
	if c.configurable {
		c.tasks.Go(c.pullConfiguration)
	}
	return nil
}

// pullConfiguration asks the client for its settings.
func (c *connection) pullConfiguration() {
	name := section
	answers, err := c.session.Client.Configuration(c.session.Context(), &protocol.ConfigurationParams{
		Items: []protocol.ConfigurationItem{{Section: &name}},
	})
	if err == nil && len(answers) > 0 && string(answers[0]) != "null" {
		var settings wire.Configuration
		if err = json.Unmarshal(answers[0], &settings); err == nil {
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
	switch settings.StartMethod {
	case "", "auto", "fork", "spawn":
	default:
		return session.InvalidParams("startMethod: %q is none of auto, fork and spawn", settings.StartMethod)
	}
	c.mu.Lock()
	before := c.overrides
	c.overrides.Python, c.overrides.Settings, c.overrides.StartMethod = settings.Python, settings.Settings, settings.StartMethod
	if settings.StartMethod == "auto" {
		c.overrides.StartMethod = ""
	}
	c.parallel = settings.Parallel
	if settings.Lenses != "" {
		c.lenses = settings.Lenses != "off"
	}
	changed := before != c.overrides
	c.mu.Unlock()
	if settings.Trusted != nil && *settings.Trusted {
		c.trust()
	}
	if changed {
		c.tasks.Go(c.reconfigured)
	}
	c.screen.refresh()
	return nil
}
