package main

import (
	"context"
	"fmt"
)

// barrier is how long it takes to see that nothing that a worker has read has changed.
func barrier(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, all, err := l.warmClub(ctx, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	label := typical(all.nameable())
	var checks samples
	for range l.rounds(36) {
		if _, err := c.settled(ctx); err != nil {
			return f, err
		}
		s, err := c.tell(ctx, label)
		if err != nil {
			return f, err
		}
		fresh, err := s.reached("fresh generation")
		if err != nil {
			return f, err
		}
		checks = append(checks, fresh)
	}
	now, err := c.status(ctx)
	if err != nil {
		return f, err
	}
	files := 0
	for _, project := range now.Projects {
		files = project.FilesRead
	}
	f.rows = append(f.rows, row{fmt.Sprintf("is it still fresh? (%d files)", files), "ms", checks, nil, bar{}})
	return f, nil
}
