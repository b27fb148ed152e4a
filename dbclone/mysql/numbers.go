package mysql

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// numbers are those that a server gave to the sessions that we began, for as long as it lists them:
// it may be slower to end one than we are. Few are begun, as sessions are used again: it is soon enough to
// let go of those that have ended when the server lists its sessions anyway (room.go).
type numbers struct {
	mu    sync.Mutex
	known map[string]bool
}

func (n *numbers) add(number string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known = make(map[string]bool)
	}
	n.known[number] = true
}

// all is a copy.
func (n *numbers) all() map[string]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.known)
}

// forgetEnded lets go of those that were known before the server listed its sessions without them.
func (n *numbers) forgetEnded(before map[string]bool, listed []row) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for number := range before {
		if !slices.ContainsFunc(listed, func(r row) bool { return r["Id"] == number }) {
			delete(n.known, number)
		}
	}
}

// numberOf asks for the number of a new session.
func numberOf(ctx context.Context, conn driver.Conn) (string, error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "SELECT CONNECTION_ID()", nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return "", err
	}
	if text, ok := value[0].([]byte); ok {
		return string(text), nil
	}
	return fmt.Sprint(value[0]), nil
}
