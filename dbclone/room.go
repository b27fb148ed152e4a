package dbclone

import "context"

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
