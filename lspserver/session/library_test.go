package session_test

import (
	"context"
	"errors"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/session"
)

// whole uses everything of the library that a feature of this server may use.
type whole struct {
	protocol.UnimplementedServer
	session *session.Session
}

const file = uri.URI("file:///p/test_a.py")

func (*whole) Initialize(context.Context, *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	yes, incremental := true, protocol.TextDocumentSyncKindIncremental
	return &protocol.InitializeResult{Capabilities: protocol.ServerCapabilities{
		PositionEncoding:       protocol.PositionEncodingKindUTF8,
		TextDocumentSync:       &protocol.TextDocumentSyncOptions{OpenClose: &yes, Change: &incremental},
		HoverProvider:          protocol.Boolean(true),
		CodeActionProvider:     &protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindSource}},
		CodeLensProvider:       &protocol.CodeLensOptions{ResolveProvider: &yes},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: []string{"all"}},
		Workspace:              &protocol.WorkspaceOptions{WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{Supported: &yes}},
	}}, nil
}

func (*whole) Initialized(context.Context, *protocol.InitializedParams) error { return nil }
func (*whole) Shutdown(context.Context) error                                 { return nil }

func (*whole) CodeLens(context.Context, *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	return []protocol.CodeLens{{Data: protocol.LSPAny(`{"id":"x"}`)}}, nil
}

func (*whole) CodeLensResolve(_ context.Context, lens *protocol.CodeLens) (*protocol.CodeLens, error) {
	lens.Command = protocol.Command{Title: "▶ Run", Command: "all", Arguments: []protocol.LSPAny{lens.Data}}
	return lens, nil
}

func (*whole) Hover(context.Context, *protocol.HoverParams) (*protocol.Hover, error) {
	return &protocol.Hover{Contents: &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: "passed"}, Range: &protocol.Range{}}, nil
}

func (*whole) CodeAction(context.Context, *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	kind := protocol.CodeActionKindSource
	return []protocol.CommandOrCodeAction{&protocol.CodeAction{Title: "Run", Kind: &kind, Command: protocol.Command{Title: "Run", Command: "all"}}}, nil
}

// ExecuteCommand sends the client everything.
func (w *whole) ExecuteCommand(ctx context.Context, _ *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	session.Overlap(ctx)
	return protocol.LSPAny(`{"runId":"r"}`), errors.Join(w.progress(ctx), w.register(ctx), w.show(ctx), w.ask(ctx))
}

func (w *whole) progress(ctx context.Context) error {
	yes, token := true, protocol.String("t")
	errs := []error{w.session.Client.WorkDoneProgressCreate(ctx, &protocol.WorkDoneProgressCreateParams{Token: token})}
	for _, value := range []any{
		&protocol.WorkDoneProgressBegin{Kind: "begin", Title: "Running", Cancellable: &yes},
		&protocol.WorkDoneProgressReport{Kind: "report", Cancellable: &yes},
		&protocol.WorkDoneProgressEnd{Kind: "end"},
	} {
		data, err := protocol.Marshal(value)
		errs = append(errs, err, w.session.Client.Progress(ctx, &protocol.ProgressParams{Token: token, Value: data}))
	}
	return errors.Join(errs...)
}

func (w *whole) register(ctx context.Context) error {
	return errors.Join(
		w.session.Client.RegisterCapability(ctx, &protocol.RegistrationParams{Registrations: []protocol.Registration{
			{ID: "w", Method: protocol.MethodWorkspaceDidChangeWatchedFiles, RegisterOptions: protocol.LSPAny(`{"watchers":[{"globPattern":"**/*.py"}]}`)},
			{ID: "c", Method: protocol.MethodWorkspaceDidChangeConfiguration},
		}}),
		w.session.Client.UnregisterCapability(ctx, &protocol.UnregistrationParams{Unregisterations: []protocol.Unregistration{
			{ID: "c", Method: protocol.MethodWorkspaceDidChangeConfiguration},
		}}),
	)
}

func (w *whole) show(ctx context.Context) error {
	client := w.session.Client
	return errors.Join(
		client.CodeLensRefresh(ctx), client.DiagnosticRefresh(ctx),
		client.ShowMessage(ctx, &protocol.ShowMessageParams{Type: protocol.MessageTypeError, Message: "no interpreter"}),
		client.LogMessage(ctx, &protocol.LogMessageParams{Type: protocol.MessageTypeDebug, Message: "x"}),
		client.PublishDiagnostics(ctx, &protocol.PublishDiagnosticsParams{URI: file}), // none, and then one
		client.PublishDiagnostics(ctx, diagnostics()),
	)
}

func (w *whole) ask(ctx context.Context) error {
	client, yes, section := w.session.Client, true, "hotclub"
	_, pressed := client.ShowMessageRequest(ctx, &protocol.ShowMessageRequestParams{
		Type: protocol.MessageTypeError, Message: "no interpreter", Actions: []protocol.MessageActionItem{{Title: "Choose"}},
	})
	_, shown := client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: file, TakeFocus: &yes, Selection: &protocol.Range{}})
	_, configured := client.Configuration(ctx, &protocol.ConfigurationParams{Items: []protocol.ConfigurationItem{{Section: &section}}})
	_, open := client.WorkspaceFolders(ctx)
	return errors.Join(pressed, shown, configured, open)
}

func diagnostics() *protocol.PublishDiagnosticsParams {
	return &protocol.PublishDiagnosticsParams{URI: file, Version: protocol.NewOptional(int32(3)), Diagnostics: []protocol.Diagnostic{{
		Severity: protocol.DiagnosticSeverityError, Source: protocol.NewOptional("hotclub"), Code: protocol.String("failed"),
		Message: protocol.String("3 != 4"), Tags: protocol.NewDiagnosticTags(protocol.DiagnosticTagUnnecessary),
		RelatedInformation: []protocol.DiagnosticRelatedInformation{{Location: protocol.Location{URI: file}, Message: "in total()"}},
	}}}
}

// What the library writes for each feature is held to the meta model.
func TestWhatTheLibraryWrites(t *testing.T) {
	ours, theirs := session.Duplex()
	s := session.New(context.Background(), ours, session.Options{})
	ended := make(chan error, 1)
	go func() { ended <- s.Run(&whole{session: s}, nil) }()
	t.Cleanup(func() { <-ended })
	e := lsptest.NewEditor(t, theirs, lsptest.Options{})
	e.Open("/p/test_a.py", "x = 1\n")
	if m := e.Click(e.Lenses("/p/test_a.py")[0].Command); m.Error != nil {
		t.Errorf("%+v", m.Error)
	}
	e.Hover("/p/test_a.py", lsptest.Position{})
	found := e.WaitDiagnostics("/p/test_a.py", func(d []lsptest.Diagnostic) bool { return len(d) == 1 })
	e.CodeActions("/p/test_a.py", found[0].Range)
	e.WaitProgressEnd("Running")
}
