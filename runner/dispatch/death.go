package dispatch

import (
	"context"
	"errors"
	"strings"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// lastOutput is how much of what a dead worker printed goes into the message of its test.
const lastOutput = 4096

// death is what is left of a worker that ended in the middle of a unit.
type death struct {
	worker   string
	output   string              // since it began what it was at
	overtime string              // the stack, where it ran out of time
	tearing  *worker.TearingDown // fixtures that it was tearing down, nil when it was at a test
}

// gaveUp is a worker that lives and still could not go on with a unit.
type gaveUp struct{ *worker.Refusal }

func (g gaveUp) Error() string {
	return "the worker could not go on: " + g.Refusal.Error() + "\n\n" + g.Traceback
}

func (g gaveUp) Unwrap() error { return g.Refusal }

// message puts the end of a worker into the words of a test's verdict.
func (d death) message(err error) runner.Message {
	m := runner.Message{Text: strings.TrimSpace(err.Error()), Phase: runner.PhaseWorker}
	var died *worker.Died
	if errors.As(err, &died) {
		m.Text = died.Brief()
	}
	m.Summary, _, _ = strings.Cut(m.Text, "\n")
	if d.overtime != "" {
		m.Phase = runner.PhaseTimeout
		m.Text += "\n\nIt was here:\n" + d.overtime
	} else if said := strings.TrimSpace(d.output); said != "" {
		m.Text += "\n\nIts last output:\n" + said[max(0, len(said)-lastOutput):]
	}
	return m
}

// afterDeath collects the last words of a worker, or nil when it goes on. One that is not waited for
// any longer, because its run was cancelled, is as good as dead.
func (e *executor) afterDeath(ctx context.Context, err error) *death {
	var stopped gaveUp
	var none unhired
	abandoned := ctx.Err() != nil && errors.Is(err, ctx.Err())
	if errors.As(err, &none) || !worker.IsDied(err) && !errors.As(err, &stopped) && !abandoned {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member == nil {
		return &death{}
	}
	last := &death{worker: e.member.Name, overtime: e.overtime, tearing: e.tearing}
	last.output = e.output(e.member, worker.Span{e.running, e.member.OutputSize()})
	e.overtime = ""
	return last
}
