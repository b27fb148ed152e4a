package lspserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// commandTarget is what the argument of a command names; lenses send lensData. Each member is
// optional, and a bare string is an id.
type commandTarget struct {
	URI      uri.URI         `json:"uri,omitempty"`
	ID       runner.TestID   `json:"id,omitempty"`
	IDs      []runner.TestID `json:"ids,omitempty"`
	Labels   []string        `json:"labels,omitempty"`
	Position *wire.Position  `json:"position,omitempty"`
	Since    string          `json:"since,omitempty"` // a revision of git, for hotclub.runAffected
	RunID    runner.RunID    `json:"runId,omitempty"`
	Cold     bool            `json:"cold,omitempty"` // of hotclub.run: without anything warm, to settle a doubt

	runner.Debug // of hotclub.debug
}

func (t *commandTarget) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.ID)
	}
	type plain commandTarget
	return json.Unmarshal(data, (*plain)(t))
}

func (t commandTarget) ids() []runner.TestID {
	if t.ID != "" {
		return append([]runner.TestID{t.ID}, t.IDs...)
	}
	return t.IDs
}

// command carries out one of workspace/executeCommand.
type command func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error)

// commands are those that this build has.
func commands() map[string]command {
	return map[string]command{
		"hotclub.run": func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
			if len(t.ids())+len(t.Labels) == 0 {
				return c.runEach(ctx, wire.Select{}, token)
			}
			return c.runAsked(ctx, wire.RunParams{Select: wire.Select{IDs: t.ids(), Labels: t.Labels}, Cold: t.Cold}, nil, token)
		},
		"hotclub.debug": (*connection).debugCommand,
		"hotclub.runNearest": func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
			if t.URI == "" || t.Position == nil {
				return nil, session.InvalidParams("hotclub.runNearest takes {uri, position}")
			}
			return c.runCommand(ctx, wire.Select{Nearest: &wire.Nearest{URI: string(t.URI), Position: *t.Position}}, token)
		},
		"hotclub.runFile": func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
			if t.URI == "" {
				return nil, session.InvalidParams("hotclub.runFile takes {uri}")
			}
			return c.runCommand(ctx, wire.Select{URI: string(t.URI)}, token)
		},
		"hotclub.runLast": func(c *connection, ctx context.Context, _ commandTarget, token protocol.ProgressToken) (any, error) {
			return c.runCommand(ctx, wire.Select{Last: true}, token)
		},
		"hotclub.runFailed": func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
			if t.URI == "" {
				return c.runEach(ctx, wire.Select{Failed: true}, token)
			}
			return c.runCommand(ctx, wire.Select{Failed: true, URI: string(t.URI)}, token)
		},
		"hotclub.runAffected": func(c *connection, ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
			affected := cmp.Or(t.Since, runner.SinceLastRun)
			if t.URI == "" {
				return c.runEach(ctx, wire.Select{Affected: affected}, token)
			}
			return c.runCommand(ctx, wire.Select{Affected: affected, URI: string(t.URI)}, token)
		},
		"hotclub.cancel":          (*connection).cancelCommand,
		"hotclub.toggleWatch":     (*connection).toggleWatch,
		"hotclub.showOutput":      (*connection).showOutput,
		"hotclub.showWorkers":     (*connection).showWorkers,
		"hotclub.status":          (*connection).showWorkers,
		"hotclub.explain":         (*connection).showExplanation,
		"hotclub.diagnose":        (*connection).showDiagnosis,
		"hotclub.copyCommand":     (*connection).showCommand,
		"hotclub.restart":         (*connection).restartCommand,
		"hotclub.rebuildDatabase": (*connection).rebuildCommand,
	}
}

// ExecuteCommand carries out a command of a lens, a code action or a key.
func (c *connection) ExecuteCommand(ctx context.Context, p *protocol.ExecuteCommandParams) (protocol.LSPAny, error) {
	do, known := commands()[p.Command]
	if !known {
		return nil, session.InvalidParams("there is no command %q", p.Command)
	}
	var target commandTarget
	if len(p.Arguments) > 0 {
		if err := decodeAny(p.Arguments[0], &target); err != nil {
			return nil, session.InvalidParams("arguments of %s: %v", p.Command, err)
		}
	}
	if target.URI != "" {
		c.ahead.wish(c.pathOf(target.URI))
	}
	session.Overlap(ctx)
	if c.detaches {
		c.tasks.Go(func() { c.detached(do, target) })
		return nil, nil
	}
	answer, err := do(c, ctx, target, p.WorkDoneToken)
	if err != nil || answer == nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// detached carries out a command that has been answered already, and whose token ended with that.
func (c *connection) detached(do command, t commandTarget) {
	ctx := c.session.Context()
	if _, err := do(c, ctx, t, nil); err != nil && ctx.Err() == nil {
		c.message(protocol.MessageTypeError, err.Error())
	}
}

// runSummary answers a command that ran tests.
type runSummary struct {
	RunID   runner.RunID         `json:"runId"`
	Outcome runner.Outcome       `json:"outcome"`
	Counts  map[runner.State]int `json:"counts"`
}

// runCommand runs tests and answers when they have run, so that the request itself can be
// cancelled.
func (c *connection) runCommand(ctx context.Context, selection wire.Select, token protocol.ProgressToken) (any, error) {
	return c.runAsked(ctx, wire.RunParams{Select: selection}, nil, token)
}

func (c *connection) runAsked(ctx context.Context, params wire.RunParams, debug *runner.Debug, token protocol.ProgressToken) (any, error) {
	if err := c.askTrust(ctx); err != nil {
		return nil, err
	}
	finished, err := c.perform(ctx, params, debug, token)
	if err != nil {
		return nil, err
	}
	c.report(finished)
	return runSummary{finished.Run, finished.Outcome, finished.Counts}, nil
}

// perform carries out a run of the server's own naming and shows its progress.
func (c *connection) perform(ctx context.Context, params wire.RunParams, debug *runner.Debug, token protocol.ProgressToken) (finished runner.RunFinished, err error) {
	params.RunID = runner.RunID(rand.Text())
	push := push(unheard)
	if c.speaks {
		push = c.out.push
	}
	r, _, err := c.begin(params, push)
	if err != nil {
		return finished, err
	}
	request, err := c.request(params, c.docs.list())
	if err != nil {
		c.forget(r)
		return finished, session.InvalidParams("%v", err)
	}
	if err := c.debuggable(ctx, &request, debug); err != nil {
		c.forget(r)
		return finished, err
	}
	r.reached("labels resolved")
	defer context.AfterFunc(ctx, r.cancel)()
	shown := c.newProgress(token, "Running tests", r.cancel)
	spread := r.story.next
	r.story.next = func(e runner.Event) {
		shown.hear(e)
		c.invite(e)
		if last, ok := e.(runner.RunFinished); ok {
			finished = last
		}
		spread(e)
	}
	c.carryOut(r, request)
	shown.end(counted(finished))
	c.out.flush() // a progress ends before the request that it belongs to
	return finished, nil
}

// runEach runs the same in every project of the window, one after the other.
func (c *connection) runEach(ctx context.Context, selection wire.Select, token protocol.ProgressToken) (any, error) {
	projects := c.space.list()
	if len(projects) < 2 {
		return c.runCommand(ctx, selection, token)
	}
	var summaries []any
	for _, p := range projects {
		selection.IDs = []runner.TestID{projectID(p)}
		summary, err := c.runCommand(ctx, selection, nil) // a token serves for one begin and end
		if err != nil {
			return nil, err
		}
		summaries = append(summaries, summary)
	}
	return summaries, nil
}

// report tells a person of a run that could not be carried out.
func (c *connection) report(finished runner.RunFinished) {
	if finished.Comparison != nil {
		c.message(protocol.MessageTypeInfo, strings.Join(finished.Comparison.Sentences(), "\n"))
	}
	switch finished.Outcome {
	case runner.NothingSelected:
		c.message(protocol.MessageTypeInfo, "No test was run: "+finished.Error)
	case runner.ErrorRun:
		c.message(protocol.MessageTypeError, "The tests could not be run: "+finished.Error+"\n(hotclub doctor examines the project)")
	}
}

func counted(finished runner.RunFinished) string {
	var total, failed int
	for state, count := range finished.Counts {
		total += count
		if state.Bad() {
			failed += count
		}
	}
	switch {
	case finished.Outcome == runner.CancelledRun:
		return "cancelled"
	case failed > 0:
		return fmt.Sprintf("%d of %d failed", failed, total)
	case total > 0:
		return fmt.Sprintf("%d passed", total)
	}
	return string(finished.Outcome)
}

// cancelCommand stops one run, or all of this client.
func (c *connection) cancelCommand(_ context.Context, t commandTarget, _ protocol.ProgressToken) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.runs {
		if t.RunID == "" || t.RunID == id {
			r.cancel()
		}
	}
	return nil, nil
}

// commandNames are those that an editor may send.
func commandNames() []string {
	var names []string
	for name := range commands() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *connection) message(kind protocol.MessageType, text string) {
	data, err := protocol.Marshal(protocol.ShowMessageParams{Type: kind, Message: text})
	if err == nil {
		c.out.push(protocol.MethodWindowShowMessage, data)
	}
}
