package main

import "context"

// spawnVersusFork is the whole example on warm workers of either kind.
func spawnVersusFork(ctx context.Context, l *lab) (findings, error) {
	var f findings
	var clubs []*club
	for _, method := range []string{"spawn", "fork"} {
		c, _, err := l.warmClub(ctx, method)
		if err != nil {
			return f, err
		}
		defer c.end()
		clubs = append(clubs, c)
	}
	spawn, fork, err := alternate(l.rounds(12), clubs[0].whole(ctx), clubs[1].whole(ctx))
	met := spawn.median() <= 1.1*fork.median() && fork.median() <= 1.1*spawn.median()
	f.rows = append(f.rows, row{"the whole example, warm: spawn (ours) and fork (theirs)", "ms", spawn, fork, bar{"within 10 %", met}})
	return f, err
}
