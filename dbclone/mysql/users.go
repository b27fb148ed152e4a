package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// poll is how often the server is asked whether the sessions in a database have ended: it tells nobody.
const poll = 10 * time.Millisecond

// processes lists all sessions. A user without the right PROCESS gets those of its own, which are
// Django's too. MySQL can't select them from information_schema while the statement of one of them
// holds a character that takes four bytes.
const processes = "SHOW PROCESSLIST"

// users lists the sessions in a database, but for this one.
func users(ctx context.Context, on *session, database string) ([]row, error) {
	results, err := on.query(ctx, "SELECT CONNECTION_ID() AS me", processes)
	if err != nil {
		return nil, err
	}
	me := results[0][0]["me"]
	return slices.DeleteFunc(results[1], func(r row) bool { return r["db"] != database || r["Id"] == me }), nil
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
		if err := on.run(ctx, "KILL "+each["Id"]); err != nil && number(err) == 0 {
			return err
		}
	}
	return nil
}

func describe(sessions []row) string {
	var list []string
	for _, each := range sessions {
		list = append(list, fmt.Sprintf("connection %s of %s from %s, %s for %s s",
			each["Id"], each["User"], each["Host"], strings.ToLower(each["Command"]), each["Time"]))
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
