package mysql

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// poll is how often the server is asked whether the sessions in a database have ended: it tells nobody.
const poll = 10 * time.Millisecond

// users lists the sessions in a database, but for this one. A user without the right PROCESS sees
// those of its own, which are Django's too.
func users(ctx context.Context, on *session, database string) ([]row, error) {
	return on.one(ctx, "SELECT ID AS id, USER AS user, HOST AS host, COMMAND AS command, TIME AS seconds FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = "+text(database))
}

// vacate waits until nobody is in a database; sessions that stay longer are ended.
func vacate(ctx context.Context, on *session, database string, patience time.Duration) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	began := time.Now()
	for killed := false; ; {
		there, err := users(ctx, on, database)
		if err != nil || len(there) == 0 {
			return err
		}
		switch waited := time.Since(began); {
		case waited >= patience && !killed:
			if err := end(ctx, on, there); err != nil {
				return err
			}
			killed = true
		case waited >= patience+5*time.Second:
			return fmt.Errorf("somebody is connected to %s: %s", database, describe(there))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end kills sessions. What one may not kill shows up again.
func end(ctx context.Context, on *session, sessions []row) error {
	for _, each := range sessions {
		if err := on.run(ctx, "KILL "+each["id"]); err != nil && number(err) == 0 {
			return err
		}
	}
	return nil
}

func describe(sessions []row) string {
	var list []string
	for _, each := range sessions {
		list = append(list, fmt.Sprintf("connection %s of %s from %s, %s for %s s",
			each["id"], each["user"], each["host"], strings.ToLower(each["command"]), each["seconds"]))
	}
	return strings.Join(list, "; ")
}

// blamed adds to an error about a lock who may have it.
func blamed(ctx context.Context, on *session, database string, err error) error {
	if number(err) != errLockWait && number(err) != errDeadlock {
		return err
	}
	there, asked := users(ctx, on, database)
	if asked != nil || len(there) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, describe(there))
}

// unwatched is the context for cleaning up after a call that may have been cancelled.
func unwatched(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}
