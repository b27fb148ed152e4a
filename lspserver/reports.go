package lspserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/explain"
	"hotclub/runner/history"
)

// errNothingShown says that there is no folder for texts.
var errNothingShown = errors.New("this server has no folder for the texts that editors show")

// show opens a text in the editor as a file; one that can't open files is told where it is.
func (c *connection) show(ctx context.Context, name, text string) (any, error) {
	if c.server.Reports == "" {
		return nil, errNothingShown
	}
	if err := os.MkdirAll(c.server.Reports, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(c.server.Reports, fileName(name))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	opened := false
	if c.showsDocuments {
		focus := true
		answer, err := c.session.Client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: uri.File(path), TakeFocus: &focus})
		if err != nil {
			return nil, fmt.Errorf("the editor did not open %s: %w", path, err)
		}
		opened = answer != nil && answer.Success
	}
	if !opened {
		c.message(protocol.MessageTypeInfo, name+": "+path)
	}
	return map[string]string{"uri": string(uri.File(path))}, nil
}

// fileName is a name that every file system takes.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/\|?*`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
	for len(clean) > 120 {
		clean = strings.ToValidUTF8(clean[len(clean)-120:], "")
	}
	return clean
}

// showOutput opens the log of a test: its verdict, tracebacks and output.
func (c *connection) showOutput(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	_, label, past, err := c.pastOf(t)
	if err != nil {
		return nil, err
	}
	return c.show(ctx, label+".log", logText(label, past))
}

// pastOf finds the last verdict of the test that a command means.
func (c *connection) pastOf(t commandTarget) (item runner.Item, label string, past history.Past, err error) {
	ids := t.ids()
	if len(ids) == 0 {
		return item, "", past, session.InvalidParams("the command takes {id} of a test")
	}
	p, item, err := c.find(ids[0])
	if err != nil {
		return item, "", past, err
	}
	past, ok := p.History.Past(item.Label)
	if !ok {
		return item, "", past, fmt.Errorf("%s has not run yet", item.Label)
	}
	return item, item.Label, past, nil
}

// logText is all that is known of how a test went.
func logText(label string, past history.Past) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s, %s\n", label, verdictTitle(past), past.At.Local().Format(time.DateTime))
	if past.Worker != "" {
		fmt.Fprintf(&b, "worker %s, generation %s\n", past.Worker, past.Generation)
	}
	for _, m := range past.Messages {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimRight(m.Text, "\n"))
		if both := compared(m); both != "" {
			fmt.Fprintf(&b, "\n%s\n", both)
		}
		if m.SQL != "" {
			fmt.Fprintf(&b, "\n%s\n", m.SQL)
		}
	}
	if past.Output != "" {
		fmt.Fprintf(&b, "\n── output ──\n%s\n", past.Output)
	}
	return strings.ToValidUTF8(b.String(), "�")
}

// showWorkers opens the state of the workers of this client's projects.
func (c *connection) showWorkers(ctx context.Context, _ commandTarget, _ protocol.ProgressToken) (any, error) {
	answer, err := c.status(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	return c.show(ctx, "hotclub-workers.txt", c.workersText(answer, time.Now()))
}

// workersText is about this client's projects, and the runs that go on.
func (c *connection) workersText(answer wire.StatusAnswer, now time.Time) string {
	var b strings.Builder
	for _, run := range answer.Runs {
		fmt.Fprintf(&b, "A run of %s: %d of %d tests, %d failed\n\n", run.Client, run.Done, run.Total, run.Failed)
	}
	owned := make(map[string]bool)
	for _, p := range c.space.list() {
		owned[p.Root] = true
	}
	shown := 0
	for _, p := range answer.Projects {
		if !owned[p.Root] {
			continue
		}
		shown++
		explain.Status(&b, p, now)
		b.WriteString("\nWhat became of the workers, and why:\n")
		for _, entry := range explain.Journal(p.Root, p.Changes) {
			fmt.Fprintf(&b, "  %s %s\n", explain.Clock(entry.At, now), entry.Text)
		}
		b.WriteString("\n")
	}
	if shown == 0 {
		b.WriteString("No project of this window has workers; the next run starts them.\n")
	}
	return b.String()
}

// showDiagnosis opens what doctor says.
func (c *connection) showDiagnosis(ctx context.Context, _ commandTarget, _ protocol.ProgressToken) (any, error) {
	answer, err := c.diagnose(ctx, struct{}{})
	if err != nil {
		return nil, err
	}
	return c.show(ctx, "hotclub-doctor.txt", answer.Text)
}

// showExplanation tells why a test stands where it does.
func (c *connection) showExplanation(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	var asked wire.ExplainParams
	if ids := t.ids(); len(ids) > 0 {
		asked.ID = ids[0]
	}
	answer, err := c.explain(ctx, asked)
	if err != nil {
		return nil, err
	}
	if len(answer.Tests) != 1 { // too long for a message
		return c.show(ctx, "hotclub-explain.txt", answer.Text)
	}
	c.message(protocol.MessageTypeInfo, answer.Text)
	return answer, nil
}

// showCommand tells the plain command that gives the same verdicts without hotclub.
func (c *connection) showCommand(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	answer, err := c.plainCommand(ctx, wire.IDsParams{IDs: t.ids()})
	if err != nil {
		return nil, err
	}
	c.message(protocol.MessageTypeInfo, answer.Text)
	return answer, nil
}

// restartCommand replaces the workers of this client's projects.
func (c *connection) restartCommand(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	if err := c.askTrust(ctx); err != nil {
		return nil, err
	}
	roots := []string{}
	for _, p := range c.eachProject(t.ids()) {
		restarted, err := c.server.Engine.Restart(ctx, p.Root)
		if err != nil {
			return nil, err
		}
		roots = append(roots, restarted...)
		c.warm(p)
	}
	return rootsAnswer(roots), nil
}

// rebuildCommand forgets the migrated databases of this client's projects.
func (c *connection) rebuildCommand(ctx context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	if err := c.askTrust(ctx); err != nil {
		return nil, err
	}
	for _, p := range c.eachProject(t.ids()) {
		client, overrides := c.clientFor(p)
		if _, err := c.server.Engine.Databases(ctx, runner.RebuildDatabases, client, overrides); err != nil {
			return nil, err
		}
	}
	c.message(protocol.MessageTypeInfo, "The test databases will be migrated anew by the next run.")
	return nil, nil
}
