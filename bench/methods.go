package main

import (
	"context"
	"fmt"
)

// spawnVersusFork is the whole example on warm workers of either kind.
func spawnVersusFork(ctx context.Context, l *lab) (findings, error) {
	var f findings
	root, err := l.bookshop(ctx)
	if err != nil {
		return f, err
	}
	var clubs []*club
	for _, method := range []string{"spawn", "fork"} {
		c, err := l.newClub(root, method)
		if err != nil {
			return f, err
		}
		defer c.end()
		if _, err := c.warm(ctx); err != nil {
			return f, fmt.Errorf("%s: %w", method, err)
		}
		clubs = append(clubs, c)
	}
	spawn, fork, err := alternate(l.rounds(12), clubs[0].whole(ctx), clubs[1].whole(ctx))
	met := spawn.median() <= 1.1*fork.median() && fork.median() <= 1.1*spawn.median()
	f.rows = append(f.rows, row{"the whole example, warm: spawn (ours) and fork (theirs)", "ms", spawn, fork, bar{"within 10 %", met}})
	return f, err
}
