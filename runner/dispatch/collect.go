package dispatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hotclub/runner"
	"hotclub/runner/discover"
	"hotclub/runner/worker"
)

// told is a fault in the words that the end of a run has for it.
func told(fault error) error {
	_, text, _ := outcome(fault)
	return errors.New(text)
}

// Collect has the project's loader find the tests behind labels, without a run, and tells them to
// project.Collected.
func Collect(ctx context.Context, project Project, labels []string, say func(string)) error {
	generation, disk, err := project.Pool.Acquire(ctx, project.Env, say)
	if err != nil {
		return told(err)
	}
	defer generation.Release()
	m, err := generation.Lease(ctx, disk, labels, nil, say)
	if err != nil {
		return fmt.Errorf("getting a worker: %w", err)
	}
	// The project's code may do anything while it is imported; it gets no say over our end.
	stop := context.AfterFunc(ctx, m.Kill)
	collection, fresh, err := generation.Collect(ctx, disk, m, labels, project.RunnerArgs)
	stop()
	if err != nil {
		generation.Return(m)
		return raised(ctx, project, labels, err, m.Unchanged(), say)
	}
	switch {
	case !fresh:
		generation.Keep(m, nil)
	case len(labels) == 0 || collection.Failed > 0:
		generation.Return(m) // no run asks for just that
	default:
		generation.Keep(m, labels)
	}
	generation.MeetModels(collection.Models)
	project.Collected(treeOf(project.Key, labels, false, collection))
	return nil
}

// raised tells of a module that raised something while it was imported. unittest makes a test of an
// ImportError only (loadTestsFromName); anything else ends the whole look, so that each label is
// looked at by itself.
func raised(ctx context.Context, project Project, labels []string, err error, unchanged func(string) bool, say func(string)) error {
	var refused *worker.Refusal
	if !errors.As(err, &refused) || refused.Usage || len(labels) == 0 {
		return told(err)
	}
	if len(labels) > 1 {
		var all error
		for _, label := range labels {
			all = errors.Join(all, Collect(ctx, project, []string{label}, say))
		}
		return all
	}
	file := fileOf(project.Dir, labels[0])
	if file == "" {
		return told(err)
	}
	message := worker.Fault(err)
	message.Phase = runner.PhaseImport
	project.Collected(discover.Collection{
		Labels: labels, Errors: map[string]runner.Message{file: message}, Unchanged: unchanged,
	})
	return nil
}

// fileOf finds the file of a module below the directory that a project imports from, "" for none.
func fileOf(dir, module string) string {
	base := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(module, ".", "/")))
	for _, file := range []string{base + ".py", filepath.Join(base, "__init__.py")} {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return ""
}

// Load has a worker that waits load the tests behind labels, for whoever runs these next, where the
// project is warm; tried tells whether one could be asked.
func Load(ctx context.Context, project Project, labels []string) (tried bool, err error) {
	generation, disk := project.Pool.Warm(project.Env)
	if generation == nil {
		return false, nil
	}
	defer generation.Release()
	m, err := generation.LeaseReady(ctx, disk)
	if err != nil || m == nil {
		return false, err
	}
	m.Lower() // nobody waits for it
	stop := context.AfterFunc(ctx, m.Kill)
	collection, err := generation.Load(ctx, disk, m, labels, project.RunnerArgs)
	stop()
	m.Raise()
	if err != nil || ctx.Err() != nil || collection.Failed > 0 {
		generation.Return(m)
		return true, err
	}
	generation.MeetModels(collection.Models)
	generation.Keep(m, labels)
	project.Collected(treeOf(project.Key, labels, false, collection))
	return true, nil
}
