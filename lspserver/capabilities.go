package lspserver

import (
	"encoding/json"
	"slices"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
	"hotclub/lspserver/wire"
)

// can keeps what the client says that it can do.
func (c *connection) can(p *protocol.InitializeParams, offered wire.ClientCapabilities) {
	c.speaks = offered.Version > 0
	c.output = offered.Output != "none" && offered.Output != "pull"
	c.all = offered.RunEvents == "all"
	c.poolEvents = c.speaks && offered.PoolEvents
	c.commands = offered.Commands
	c.lenses = offered.Lenses != "off"
	c.interval = time.Duration(offered.MaxEventBatchMs) * time.Millisecond
	if c.interval == 0 {
		c.interval = defaultBatch
	}
	var encodings []protocol.PositionEncodingKind
	if general := p.Capabilities.General; general != nil {
		encodings = general.PositionEncodings
	}
	c.encoding = text.Negotiate(encodings)
	if window := p.Capabilities.Window; window != nil {
		c.showsProgress = yes(window.WorkDoneProgress)
		c.showsDocuments = window.ShowDocument != nil && window.ShowDocument.Support
	}
	if space := p.Capabilities.Workspace; space != nil {
		c.refreshesLenses = space.CodeLens != nil && yes(space.CodeLens.RefreshSupport)
		c.registersWatchers = space.DidChangeWatchedFiles != nil && yes(space.DidChangeWatchedFiles.DynamicRegistration)
		c.registersSettings = space.DidChangeConfiguration != nil && yes(space.DidChangeConfiguration.DynamicRegistration)
		c.configurable = yes(space.Configuration)
	}
	c.markup = protocol.MarkupKindMarkdown
	if document := p.Capabilities.TextDocument; document != nil {
		c.canShow(document)
	}
}

// canShow keeps what the client can show in a document.
func (c *connection) canShow(document *protocol.TextDocumentClientCapabilities) {
	if hover := document.Hover; hover != nil && len(hover.ContentFormat) > 0 && !slices.Contains(hover.ContentFormat, c.markup) {
		c.markup = hover.ContentFormat[0]
	}
	if action := document.CodeAction; action != nil {
		c.knowsActions = len(action.CodeActionLiteralSupport.CodeActionKind.ValueSet) > 0
	}
	if published := document.PublishDiagnostics; published != nil {
		c.relatesDiagnostics, c.versionsDiagnostics = yes(published.RelatedInformation), yes(published.VersionSupport)
	}
}

func yes(b *bool) bool { return b != nil && *b }

// capabilities are what this server can do for the client.
func (c *connection) capabilities() (protocol.ServerCapabilities, error) {
	experimental, err := json.Marshal(wire.Experimental[wire.ServerCapabilities]{Hotclub: wire.ServerCapabilities{
		Version: wire.Version, Features: features(), Daemon: c.server.Info,
	}})
	if err != nil {
		return protocol.ServerCapabilities{}, err
	}
	on, incremental := true, protocol.TextDocumentSyncKindIncremental
	encoding := protocol.PositionEncodingKindUTF16
	if c.encoding == text.UTF8 {
		encoding = protocol.PositionEncodingKindUTF8
	}
	return protocol.ServerCapabilities{
		PositionEncoding: encoding,
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: &on, Change: &incremental, Save: protocol.Boolean(true),
		},
		HoverProvider:      protocol.Boolean(true),
		CodeLensProvider:   &protocol.CodeLensOptions{ResolveProvider: &on},
		CodeActionProvider: protocol.Boolean(true),
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{
			WorkDoneProgressOptions: protocol.WorkDoneProgressOptions{WorkDoneProgress: &on},
			Commands:                c.ownCommands(),
		},
		Workspace: &protocol.WorkspaceOptions{WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
			Supported: &on, ChangeNotifications: protocol.Boolean(true),
		}},
		Experimental: experimental,
	}, nil
}

// ownCommands are those that the client does not carry out itself: an editor that has a command
// already refuses to be given it a second time.
func (c *connection) ownCommands() []string {
	return slices.DeleteFunc(commandNames(), c.does)
}
