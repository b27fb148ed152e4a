package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotclub/runner"
	"hotclub/runner/affected"
	"hotclub/runner/config"
	"hotclub/runner/discover"
	"hotclub/runner/dispatch"
	"hotclub/runner/history"
	known "hotclub/runner/project"
)

// Open finds the project around a client's directory. Nothing of it is started.
func (e *Engine) Open(client runner.Client, overrides runner.Overrides) (*known.Project, error) {
	found, err := config.Load(client, overrides)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.knownLocked(found), nil
}

func (e *Engine) knownLocked(found *config.Project) *known.Project {
	p := e.known[found.Key]
	if p == nil {
		p = &known.Project{
			Key: found.Key, Root: found.Root, Dir: found.Dir, Python: found.Python, Manage: found.ManagePy,
			Env:     settings(found),
			Tests:   discover.Open(discover.Place{Key: found.Key, Root: found.Root, Dir: found.Dir, Pattern: pattern(found.RunnerArgs)}),
			History: history.Open(e.state, found.Key), Footprints: affected.Open(e.state, found.Key, found.Root),
		}
		e.known[found.Key] = p
	}
	return p
}

// settings names the settings module where manage.py does not decide.
func settings(found *config.Project) map[string]string {
	if found.Settings == "" {
		return nil
	}
	return map[string]string{"DJANGO_SETTINGS_MODULE": found.Settings}
}

// pattern is that of the test files where the configuration has one for the test command.
func pattern(args []string) string {
	for i, arg := range args {
		if i > 0 && (args[i-1] == "-p" || args[i-1] == "--pattern") {
			return arg
		}
		for _, option := range []string{"--pattern=", "-p="} {
			if value, ok := strings.CutPrefix(arg, option); ok {
				return value
			}
		}
	}
	return ""
}

// Collect has a warm worker find the tests behind labels, all for none, and corrects the tree of
// the project's tests by them. It boots the project where it has not been booted: say is told
// what that waits for.
func (e *Engine) Collect(ctx context.Context, client runner.Client, overrides runner.Overrides, labels []string, say func(string)) error {
	found, err := config.Load(client, overrides)
	if err != nil {
		return err
	}
	booting, running := options(slices.Clone(found.RunnerArgs))
	p, f, err := e.enter(found, client, booting, nil)
	if err != nil {
		return err
	}
	e.looking(p, 1)
	defer func() {
		e.looking(p, -1)
		e.leave(p, f)
		e.keep(p, f)
		e.runs.Done()
	}()
	if err := dispatch.Collect(ctx, e.dispatched(p, found, f, running, found.Environ(client)), labels, say); err != nil {
		return fmt.Errorf("collecting the tests of %s: %w", found.Root, err)
	}
	return nil
}

func (e *Engine) looking(p *project, by int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.looks += by
}

// Workers counts the workers of a project.
func (e *Engine) Workers(key string) (count runner.WorkerCount) {
	e.mu.Lock()
	p := e.projects[key]
	e.mu.Unlock()
	for _, f := range e.flavours(p) {
		each := f.Workers()
		count.Ready += each.Ready
		count.Booting += each.Booting
		count.Running += each.Running
	}
	return count
}
