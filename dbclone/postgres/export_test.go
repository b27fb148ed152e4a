package postgres

import "time"

// HeldPID is the backend of the connection that an engine holds on a server.
func (e *Engine) HeldPID(server string) uint32 {
	s, err := e.at(server)
	if err != nil {
		return 0
	}
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.conn == nil {
		return 0
	}
	return s.conn.PgConn().PID()
}

// NameLock is the advisory lock that keeps making and dropping a database apart.
func NameLock(name string) (class, key int32) { return namesClass, lockKey(name) }

// Strategies returns the ways to copy a template in the order in which they are used, when files
// and log take so many milliseconds, and which of them it is in the end.
func Strategies(version int, fsync bool, times map[string]int) (used []string, best string) {
	first := facts{version: version * 10000, fsync: fsync}.first()
	p := pace{}
	for range 6 {
		next := p.next(first)
		used = append(used, string(next))
		p.took(first, next, time.Duration(times[string(next)])*time.Millisecond)
	}
	return used, string(p.best)
}
