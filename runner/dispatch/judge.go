package dispatch

import (
	"context"

	"hotclub/runner"
	"hotclub/runner/worker"
)

// judge asks the project's runner whether the run has failed, where it has a say of its own.
func (c *conductor) judge(ctx context.Context) error {
	verdicts := make(chan []worker.Judged, 1)
	c.run.send(hearing{verdicts})
	told := <-verdicts
	if told == nil {
		return nil
	}
	m, err := c.generation.Lease(ctx, c.disk, nil, nil, c.say)
	if err != nil {
		return err
	}
	defer c.generation.Return(m)
	failed, err := m.Judge(ctx, c.plan.labels, c.plan.options, told)
	if err == nil {
		err = c.coverage.take(ctx, m)
	}
	if err != nil {
		return err
	}
	c.run.send(judged{failed})
	return nil
}

// hearing asks for all verdicts; nil when the run was not carried out to its end.
type hearing struct{ verdicts chan<- []worker.Judged }

func (h hearing) apply(r *run) {
	if r.stopped == cancelled || r.stopped == broken {
		close(h.verdicts)
		return
	}
	h.verdicts <- r.verdicts
}

// judged is whether the run has failed in the eyes of the project's runner.
type judged struct{ failed bool }

func (j judged) apply(r *run) { r.failed = &j.failed }

// keep keeps a verdict for the project's runner, if that judges.
func (r *run) keep(name string, verdict runner.Verdict) {
	if r.plan.judges {
		r.verdicts = append(r.verdicts, worker.Judged{
			Test: name, State: verdict.State, Reason: verdict.Reason, Messages: verdict.Messages,
		})
	}
}
