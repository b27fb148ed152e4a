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

// Load has a worker that waits load the tests behind labels, for whoever runs these next, where the
// project is warm; loaded tells whether it came to that.
func Load(ctx context.Context, project Project, labels []string) (loaded bool, err error) {
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
		return false, err
	}
	generation.MeetModels(collection.Models)
	generation.Keep(m, labels)
	project.Collected(treeOf(project.Key, labels, false, collection))
	return true, nil
}
