package lspserver

import (
	"context"
	"fmt"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// debug answers hotclub/debug: a run with a debugger in its worker. Nobody who wants to look at a
// test waits until another run has ended.
func (c *connection) debug(ctx context.Context, p wire.DebugParams) (wire.RunAnswer, error) {
	if p.Coverage != nil {
		return wire.RunAnswer{}, session.InvalidParams("coverage is not measured under a debugger: both listen to every line")
	}
	p.OnBusy = "parallel"
	return c.take(ctx, p.RunParams, &p.Debug)
}

// debuggable makes a request one for a debugger, unless debug is nil. An environment without one is
// told now: whoever clicked would else wait for a debugger that never comes.
func (c *connection) debuggable(ctx context.Context, request *runner.Request, debug *runner.Debug) error {
	if debug == nil {
		return nil
	}
	request.Options.Debug = debug
	return c.server.Engine.Debuggable(ctx, request.Client, request.Project, *debug)
}

// debugCommand runs what hotclub.run takes, or the test at a place, under a debugger.
func (c *connection) debugCommand(ctx context.Context, t commandTarget, token protocol.ProgressToken) (any, error) {
	selection := wire.Select{IDs: t.ids(), Labels: t.Labels}
	switch {
	case len(selection.IDs)+len(selection.Labels) > 0:
	case t.URI != "" && t.Position != nil:
		selection.Nearest = &wire.Nearest{URI: string(t.URI), Position: *t.Position}
	default:
		return nil, session.InvalidParams("hotclub.debug takes {ids}, {labels} or {uri, position}")
	}
	return c.runAsked(ctx, wire.RunParams{Select: selection}, &t.Debug, token)
}

// invite tells a person where a debugger can attach, in an editor that does not hear of it.
func (c *connection) invite(e runner.Event) {
	if ready, ok := e.(runner.DebuggerReady); ok && !c.speaks {
		c.message(protocol.MessageTypeInfo, fmt.Sprintf(
			"The test waits for a debugger. Attach a client of the Debug Adapter Protocol (debugpy) to %s:%d.", ready.Host, ready.Port))
	}
}
