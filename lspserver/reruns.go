package lspserver

import (
	"cmp"
	"strings"
	"sync"

	"hotclub/runner"
)

// reruns has the test module loaded ahead that was run last, in each project: whoever ran it is
// likely to run it again, after an edit or none. A terminal's client has left by then.
type reruns struct {
	server *Server

	mu   sync.Mutex
	last map[string]*ahead // by key of the project
}

// heard notes which tests a run is about, and at its end what is likely to come next.
func (rs *reruns) heard(r *activeRun, e runner.Event) {
	switch e := e.(type) {
	case runner.RunStarted:
		r.module = moduleOf(e.Tests)
	case runner.TestFinished:
		if e.Verdict.State.Bad() {
			r.failed = append(r.failed, e.Test)
		}
	case runner.RunFinished:
		if module := cmp.Or(r.module, moduleOf(r.failed)); module != "" {
			expected := r.again(module) // now: the run, and the client that asked, must not be kept for it
			rs.of(r.project).expect(func() (runner.Request, bool) { return expected, true })
		}
	}
}

// again is a run of a module as the run was one.
func (r *activeRun) again(module string) (expected runner.Request) {
	expected.Client, expected.Project = r.request.Client, r.request.Project
	expected.Selection.Labels = []string{module}
	expected.Options.RunnerArgs = r.request.Options.RunnerArgs
	return expected
}

// moduleOf is the module that all of some tests are in; "" for none and for several, and where one
// is not to be found by its name.
func moduleOf(tests []runner.Test) (module string) {
	for _, test := range tests {
		module = cmp.Or(module, test.Module)
		if test.Module != module || !strings.HasPrefix(test.Label, module+".") {
			return ""
		}
	}
	return module
}

func (rs *reruns) of(project string) *ahead {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	a := rs.last[project]
	if a == nil {
		a = &ahead{server: rs.server, tasks: &rs.server.tasks}
		rs.last[project] = a
	}
	return a
}

// hear passes on what becomes of a project's workers. It never waits.
func (rs *reruns) hear(project string, change runner.PoolChange) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	a := rs.last[project]
	switch {
	case a == nil:
	case change.Kind == runner.PoolEnded:
		a.end()
		delete(rs.last, project)
	default:
		a.hear(change)
	}
}

// end forgets what is expected of all projects.
func (rs *reruns) end() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, a := range rs.last {
		a.end()
	}
	clear(rs.last)
}
