package dispatch

import (
	"context"
	"errors"
	"fmt"
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
		return told(err)
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
