package dbclone

import (
	"context"
	"fmt"
)

// Limited is what a [ServerEngine] may be able to do as well: to say how many connections its server
// has for workers, before one of them is refused.
type Limited interface {
	// Room counts the connections that workers of a template's project and owner can have on its
	// server at once. Those that they have now are part of it; those of others, and what the engine
	// needs itself, are not.
	Room(ctx context.Context, template Spot) (Room, error)
}

// Room is how many connections workers can have on a server at once.
type Room struct {
	Server      string // [Met.ID]
	Connections int    // at least 0
	Why         string // no more, with numbers: "the server takes 20 connections; 3 are reserved ..."
	Remedy      string // what the user can do to have more
}

// Room is what the server of a template has room for; false where no engine says.
func (m *Manager) Room(ctx context.Context, t *Template) (Room, bool, error) {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return Room{}, false, err
	}
	defer end()
	engine, limited := m.engines[t.schema.Engine].(Limited)
	if !limited || t.schema.Server == "" {
		return Room{}, false, nil
	}
	room, err := engine.Room(ctx, m.on(m.layout.template(t.project, t.name), t.schema, KindTemplate))
	return room, err == nil, err
}

// OurShare is how many connections an engine takes for sessions that work on databases, of as many as it
// could have if nobody else had any: one in five, but two where there are few. Workers are promised the rest.
func OurShare(most int) int { return max(2, most/5) }

// Limit is one that a server sets to the number of connections: to that of all, or to that of an account.
type Limit struct {
	Whose    string // "the server takes"
	Most     int
	Reserved int // for administrators
	Others   int // of those that count for it; neither the workers' nor the engine's
	Remedy   string
}

// RoomWithin is what limits leave to workers when everybody has what is theirs: the engine so many, ours.
func RoomWithin(server string, ours int, limits ...Limit) Room {
	var room Room
	for i, l := range limits {
		left := max(0, l.Most-l.Reserved-l.Others-ours)
		if i > 0 && left >= room.Connections {
			continue
		}
		reserved := ""
		if l.Reserved > 0 {
			reserved = fmt.Sprintf("%d are reserved, ", l.Reserved)
		}
		room = Room{
			Server: server, Connections: left, Remedy: l.Remedy,
			Why: fmt.Sprintf("%s %d connections, of which %sothers have %d and Hotclub itself needs %d",
				l.Whose, l.Most, reserved, l.Others, ours),
		}
	}
	return room
}
