package dispatch

import (
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// limitOutput gives back what a test prints beyond a limit, while it runs.
func (e *executor) limitOutput() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.member == nil {
		return
	}
	if !e.shorten(e.member, worker.Span{e.running, e.member.OutputSize()}) {
		e.member.KillFor("was stopped because its test printed more than %d MB", e.project.OutputLimit>>20)
	}
}

// shorten gives back the middle of an output that is too long. It reports whether the disk is
// safe.
func (e *executor) shorten(m *pool.Member, output worker.Span) bool {
	if !e.tooLong(output) {
		return true
	}
	head, tail := e.kept()
	return m.DropOutput(worker.Span{output[0] + head, output[1] - tail}) == nil
}

// output is what is passed on of what a test printed.
func (e *executor) output(m *pool.Member, output worker.Span) string {
	if e.tooLong(output) {
		head, tail := e.kept()
		return m.Excerpt(output, head, tail)
	}
	return m.Output(output)
}

func (e *executor) tooLong(output worker.Span) bool {
	return e.project.OutputLimit > 0 && output[1]-output[0] > e.project.OutputLimit
}

// kept is how much of the beginning and the end of an output stays that is too long.
func (e *executor) kept() (head, tail int64) {
	return e.project.OutputLimit / 2, e.project.OutputLimit / 4
}
