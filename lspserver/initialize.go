package lspserver

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

const defaultBatch = 50 * time.Millisecond

// features lists what hotclub/* can do in this build, for clients to look before they ask:
// requests, and affected, a member of a selection.
func features() []string {
	return []string{
		"run", "cancelRun", "status", "restart", "stop", "database", "discover", "testsAt", "results", "output",
		"explain", "command", "configure", "diagnose", "watch", "unwatch", "didChangeStatus", "didChangeWorkers", "invalidated",
		"affected", "coverage", "debug",
	}
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
	c.introduce(options, p)
	c.can(p, offered.Hotclub)
	c.log.Info("client", "name", c.client.Name, "dir", c.client.Dir, "trusted", c.trusted)
	capabilities, err := c.capabilities()
	if err != nil {
		return nil, err
	}
	info := protocol.ServerInfo{Name: "hotclub"}
	if version := c.server.Info.Version; version != "" {
		info.Version = protocol.NewOptional(version)
	}
	return &protocol.InitializeResult{Capabilities: capabilities, ServerInfo: info}, nil
}

// introduce keeps what the client said of itself, the most specific word winning.
func (c *connection) introduce(options wire.InitializationOptions, p *protocol.InitializeParams) {
	c.mu.Lock()
	defer c.mu.Unlock()
	folders, _ := p.WorkspaceFolders.Get()
	named := folderPaths(folders)
	//lint:ignore SA1019 editors that know of no workspaceFolders say it in this way
	if root := p.RootURI; len(named) == 0 && root != nil && root.IsFile() {
		named = []string{root.FsPath()}
	}
	c.space.name(named, nil)
	if len(named) > 0 {
		c.client.Dir = named[0]
	}
	if options.CWD != "" {
		c.client.Dir = options.CWD
	}
	if options.Environment != nil {
		c.client.Env = options.Environment
	}
	c.client.Name = options.ClientName
	if c.client.Name == "" {
		c.client.Name = cmp.Or(p.ClientInfo.Name, "editor")
	}
	c.trusted = options.Trusted
	c.detaches = options.Detach
	c.initial = runner.Overrides{Python: options.Python, Settings: options.Settings, StartMethod: options.StartMethod}
	c.chosen = choices{window: c.initial}
}

// Shutdown ends the client's runs and what it shows of things under way; exit, which follows, ends
// the session.
func (c *connection) Shutdown(ctx context.Context) error {
	c.close()
	session.Overlap(ctx)
	for _, p := range c.progresses.close() {
		p.end("")
	}
	c.out.flush()
	return nil
}

// decodeAny reads an optional member of any shape.
func decodeAny(data []byte, into any) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, into)
}
