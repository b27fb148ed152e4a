package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// wideFiles is how many files of its own the wide project reads while it starts.
const wideFiles = 5000

// barrier is how long it takes to see that nothing that a worker has read has changed: in the
// example, and in a project that reads thousands of files of its own.
func barrier(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, all, err := l.warmClub(ctx, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	if err := f.checks(ctx, c, typical(all.nameable()).Label); err != nil {
		return f, err
	}
	root := filepath.Join(l.dir, "wide")
	if err := generateWide(root, wideFiles); err != nil {
		return f, err
	}
	wide, all, err := l.warmed(ctx, root, "fork")
	if err != nil {
		return f, err
	}
	defer wide.end()
	if err := f.checks(ctx, wide, typical(all.nameable()).Label); err != nil {
		return f, err
	}
	last := &f.rows[len(f.rows)-1]
	last.bar = atMost(10, "ms", last.ours)
	return f, nil
}

func (f *findings) checks(ctx context.Context, c *club, label string) error {
	var took samples
	for range c.lab.rounds(36) {
		if _, err := c.settled(ctx); err != nil {
			return err
		}
		s, err := c.tell(ctx, label)
		if err != nil {
			return err
		}
		fresh, err := s.reached("fresh generation")
		if err != nil {
			return err
		}
		took = append(took, fresh)
	}
	now, err := c.status(ctx)
	if err != nil {
		return err
	}
	files := 0
	for _, project := range now.Projects {
		files = project.FilesRead
	}
	f.rows = append(f.rows, row{fmt.Sprintf("is it still fresh? (%d files)", files), "ms", took, nil, bar{}})
	return nil
}
