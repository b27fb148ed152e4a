package worker

import (
	"context"
	"errors"
	"fmt"
)

// Boot loads the project. On failure the error is a *Refusal with the phase, and the process
// is of no more use.
func (w *Worker) Boot(ctx context.Context, params BootParams) (*BootReport, error) {
	var report BootReport
	if err := w.call(ctx, "boot", params, &report); err != nil {
		return nil, err
	}
	return &report, nil
}

// BaseParams say what a base imports.
type BaseParams struct {
	Directory string   `json:"directory"` // that the project boots in
	Arguments []string `json:"arguments"` // of the test command
	Modules   []string `json:"modules"`   // in order
	Apart     []string `json:"apart"`     // modules that are left out: whoever imports one must be as well
	Written   []string `json:"written"`   // variables that the project sets while it boots
	Trial     bool     `json:"trial"`     // only to find out which are to be left out: the process is of no more use
}

// Base imports what a project needs from outside itself, so that the project can be booted in
// forks. It returns further modules that must be left out; if there are any, the process is of no
// use.
func (w *Worker) Base(ctx context.Context, params BaseParams) (apart []string, err error) {
	params.Arguments, params.Modules = list(params.Arguments), list(params.Modules)
	params.Apart, params.Written = list(params.Apart), list(params.Written)
	var answer struct {
		Apart []string `json:"apart"`
	}
	err = w.call(ctx, "base", params, &answer)
	return answer.Apart, err
}

// Survey asks what a booted process has imported from outside the project.
func (w *Worker) Survey(ctx context.Context) (*Survey, error) {
	var survey Survey
	if err := w.call(ctx, "survey", struct{}{}, &survey); err != nil {
		return nil, err
	}
	return &survey, nil
}

// Fork makes a worker that shares all that this booted process has loaded.
func (w *Worker) Fork(ctx context.Context, name string) (*Worker, error) {
	return w.host.fork(ctx, w, name)
}

// Environment makes the worker's variables those of the client whose tests come next.
func (w *Worker) Environment(ctx context.Context, set map[string]string, unset []string) error {
	return w.call(ctx, "environment", map[string]any{"set": set, "unset": list(unset)}, nil)
}

// Prime imports more modules from outside the project into a layer. It returns why the layer
// must not be forked any more, "" when it may be.
func (w *Worker) Prime(ctx context.Context, modules []string) (string, error) {
	var answer struct {
		Unsafe string `json:"unsafe"`
	}
	err := w.call(ctx, "prime", map[string]any{"modules": modules}, &answer)
	return answer.Unsafe, err
}

// reap collects a forked process that is about to end or has ended, and says how it ended.
func (w *Worker) reap(pid int) string {
	var answer struct {
		Status int `json:"status"`
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := w.call(ctx, "reap", map[string]int{"pid": pid}, &answer); err != nil {
		return "ended together with its layer"
	}
	return describeStatus(answer.Status)
}

// Attach gives the worker its number and its clones, by leading alias.
func (w *Worker) Attach(ctx context.Context, slot int, clones map[string]Clone) error {
	return w.call(ctx, "attach", map[string]any{"slot": slot, "databases": clones}, nil)
}

// Rehearse has a worker with databases go through what tests have in common, for its first to take no
// longer than the next ones. It returns why that could not be done, "" for nothing; it does no harm.
func (w *Worker) Rehearse(ctx context.Context) (string, error) {
	var answer struct {
		Problem string `json:"problem"`
	}
	err := w.call(ctx, "rehearse", struct{}{}, &answer)
	return answer.Problem, err
}

// Schemas asks which databases stand behind some aliases.
func (w *Worker) Schemas(ctx context.Context, aliases []string) (*Schemas, error) {
	var schemas Schemas
	if err := w.call(ctx, "schemas", map[string]any{"aliases": aliases}, &schemas); err != nil {
		return nil, err
	}
	return &schemas, nil
}

// Build creates and migrates databases as the project does and writes them to their places.
// models are test modules to import first. The process is of no more use then.
func (w *Worker) Build(ctx context.Context, places []Place, models []string) (*Built, error) {
	var built Built
	if err := w.call(ctx, "build", map[string]any{"places": places, "models": list(models)}, &built); err != nil {
		return nil, err
	}
	return &built, nil
}

// Own lets the project's runner set up its own databases in the worker, until Disown.
func (w *Worker) Own(ctx context.Context, slot int, aliases []string) error {
	return w.call(ctx, "own", map[string]any{"slot": slot, "aliases": aliases}, nil)
}

// Disown lets the project's runner tear its databases down.
func (w *Worker) Disown(ctx context.Context) error {
	return w.call(ctx, "disown", struct{}{}, nil)
}

// Check runs the system checks on databases that are attached. It returns what they complain
// about, "" for nothing.
func (w *Worker) Check(ctx context.Context, aliases []string) (string, error) {
	var answer struct {
		Error *string `json:"error"`
	}
	if err := w.call(ctx, "check", map[string]any{"aliases": aliases}, &answer); err != nil {
		return "", err
	}
	if answer.Error == nil {
		return "", nil
	}
	return *answer.Error, nil
}

// Collect loads the tests behind labels; options are those of the test command.
func (w *Worker) Collect(ctx context.Context, labels, options []string) (*Collection, error) {
	var collection Collection
	err := w.call(ctx, "collect", map[string]any{"labels": list(labels), "options": list(options)}, &collection)
	if err != nil {
		return nil, err
	}
	return &collection, nil
}

// BeginParams say what a run is about.
type BeginParams struct {
	Labels  []string `json:"labels"`
	Options []string `json:"options"` // of the test command
	Models  []string `json:"models"`  // test modules to import first, because they define models
	Rung    Rung     `json:"rung"`
}

// Footprint asks for what had happened in the process, or in its layer, before its part in a run.
func (w *Worker) Footprint(ctx context.Context) (*Base, error) {
	var base Base
	if err := w.call(ctx, "footprint", struct{}{}, &base); err != nil {
		return nil, err
	}
	return &base, nil
}

// Begin opens the worker's part in a run. It returns the token of the [Base] that all its
// footprints stand on, "" when it makes none.
func (w *Worker) Begin(ctx context.Context, params BeginParams) (base string, err error) {
	params.Labels, params.Options, params.Models = list(params.Labels), list(params.Options), list(params.Models)
	var answer struct {
		Base string `json:"base"`
	}
	err = w.call(ctx, "begin", params, &answer)
	return answer.Base, err
}

// RunParams name the tests of a unit.
type RunParams struct {
	Labels []string `json:"labels"` // to load from, narrowest first
	Tests  []string `json:"tests"`
	Last   bool     `json:"last"` // probably no other unit follows
}

// Run runs a unit. Its events have all been heard when Run returns.
func (w *Worker) Run(ctx context.Context, params RunParams) (*UnitReport, error) {
	var report UnitReport
	if err := w.call(ctx, "run", params, &report); err != nil {
		return nil, err
	}
	return &report, nil
}

// CancelUnit asks the worker to stop after the test that it is running.
func (w *Worker) CancelUnit(ctx context.Context) error {
	return w.conn.Notify(ctx, "cancel", nil)
}

// Go has the worker run what it has Loaded.
func (w *Worker) Go(ctx context.Context) error { return w.conn.Notify(ctx, "go", nil) }

// Leave has the worker leave the unit that it has Loaded alone.
func (w *Worker) Leave(ctx context.Context) error { return w.conn.Notify(ctx, "leave", nil) }

// End closes the worker's part in a run: the fixtures of its last module are torn down.
func (w *Worker) End(ctx context.Context) (*EndReport, error) {
	var report EndReport
	if err := w.call(ctx, "end", struct{}{}, &report); err != nil {
		return nil, err
	}
	return &report, nil
}

// ColdReport is how a cold run ended.
type ColdReport struct {
	Failed  bool  `json:"failed"`
	Stopped []int `json:"stopped"`
}

// RunCold runs manage.py test as it is within the process; tests are the names expected.
func (w *Worker) RunCold(ctx context.Context, labels, options, tests []string) (*ColdReport, error) {
	var report ColdReport
	params := map[string]any{"labels": list(labels), "options": list(options), "tests": list(tests)}
	if err := w.call(ctx, "cold", params, &report); err != nil {
		return nil, err
	}
	return &report, nil
}

// Judge asks the project's runner whether a run has failed, which its suite_result decides.
func (w *Worker) Judge(ctx context.Context, labels, options []string, verdicts []Judged) (failed bool, err error) {
	var answer struct {
		Failed bool `json:"failed"`
	}
	params := map[string]any{"labels": list(labels), "options": list(options), "verdicts": verdicts}
	err = w.call(ctx, "judge", params, &answer)
	return answer.Failed, err
}

// TearDown lets the project's runner undo its test environment before the worker goes.
func (w *Worker) TearDown(ctx context.Context) error {
	return w.call(ctx, "exit", struct{}{}, nil)
}

// Output reads a part of what the worker printed; of a long part the middle is left out.
func (w *Worker) Output(span Span) string { return w.capture.slice(span) }

// Excerpt reads the beginning and the end of a part that is longer than both.
func (w *Worker) Excerpt(span Span, head, tail int64) string {
	return w.capture.excerpt(span, head, tail)
}

// OutputSize is the length of what the worker has printed, in bytes.
func (w *Worker) OutputSize() int64 { return w.capture.size() }

// DropOutput gives back the disk space of a part that is not wanted. Offsets stay valid.
func (w *Worker) DropOutput(span Span) error { return w.capture.drop(span) }

// IsDied reports whether an error is the end of the worker itself.
func IsDied(err error) bool {
	var died *Died
	return errors.As(err, &died)
}

// IsCrowded reports whether an error is that of a database server that takes no more connections.
func IsCrowded(err error) bool {
	var refused *Refusal
	return errors.As(err, &refused) && refused.Crowded
}

// KillFor ends the process for a reason that its error will give.
func (w *Worker) KillFor(format string, args ...any) { w.kill(fmt.Sprintf(format, args...)) }

func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}
