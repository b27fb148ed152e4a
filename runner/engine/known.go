package engine

import (
	"context"
	"errors"
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
	env := found.Environ(client)
	ctx, l, err := e.beginLook(ctx, found, env, booting)
	if err != nil {
		return err
	}
	defer e.endLook(l)
	err = dispatch.Collect(ctx, e.dispatched(l.project, found, l.pool, running, env), labels, say)
	e.keep(l.project, l.pool)
	if errors.Is(context.Cause(ctx), errStopped) {
		err = errStopped // what it says is only that its worker is gone
	}
	if err != nil {
		return fmt.Errorf("collecting the tests of %s: %w", found.Root, err)
	}
	return nil
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
