package lspserver

import (
	"context"
	"encoding/json"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
)

const defaultBatch = 50 * time.Millisecond

// features lists what hotclub/* can do in this build, for clients to look before they ask.
func features() []string {
	return []string{"run", "cancelRun", "status", "restart", "stop", "database"}
}

// tellClient keeps what the stdio forwarder says of the process that it stands for.
func (c *connection) tellClient(p wire.ClientParams) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.client.Dir, c.client.Env = p.CWD, p.Environment
}

// Initialize takes what the client is and answers what this server can do.
func (c *connection) Initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	var options wire.InitializationOptions
	if err := decodeAny(p.InitializationOptions, &options); err != nil {
		return nil, session.InvalidParams("initializationOptions: %v", err)
	}
	var offered wire.Experimental[wire.ClientCapabilities]
	if err := decodeAny(p.Capabilities.Experimental, &offered); err != nil {
		return nil, session.InvalidParams("capabilities.experimental: %v", err)
	}
	c.introduce(options, offered.Hotclub, p)
	c.log.Info("client", "name", c.client.Name, "dir", c.client.Dir, "trusted", c.trusted)

	experimental, err := json.Marshal(wire.Experimental[wire.ServerCapabilities]{Hotclub: wire.ServerCapabilities{
		Version: wire.Version, Features: features(), Daemon: c.server.Info,
	}})
	if err != nil {
		return nil, err
	}
	info := protocol.ServerInfo{Name: "hotclub", Version: protocol.NewOptional(c.server.Info.Version)}
	return &protocol.InitializeResult{
		Capabilities: protocol.ServerCapabilities{Experimental: experimental},
		ServerInfo:   info,
	}, nil
}

// introduce keeps what the client said of itself, the most specific word winning.
func (c *connection) introduce(options wire.InitializationOptions, offered wire.ClientCapabilities, p *protocol.InitializeParams) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if folders, _ := p.WorkspaceFolders.Get(); len(folders) > 0 && folders[0].URI.IsFile() {
		c.client.Dir = folders[0].URI.FsPath()
	}
	if options.CWD != "" {
		c.client.Dir = options.CWD
	}
	if options.Environment != nil {
		c.client.Env = options.Environment
	}
	if c.client.Name = options.ClientName; c.client.Name == "" {
		c.client.Name = "editor"
	}
	c.trusted = options.Trusted
	c.output = offered.Output != "none"
	c.interval = time.Duration(offered.MaxEventBatchMs) * time.Millisecond
	if c.interval == 0 {
		c.interval = defaultBatch
	}
}

// Shutdown ends the client's runs; exit, which follows, ends the session.
func (c *connection) Shutdown(context.Context) error {
	c.close()
	return nil
}

// decodeAny reads an optional member of any shape.
func decodeAny(data []byte, into any) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, into)
}
