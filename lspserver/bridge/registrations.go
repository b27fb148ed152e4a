package bridge

import (
	"bytes"
	"encoding/json"
	"slices"
)

// registrations are the capabilities that daemons have registered with the editor. They
// outlive the daemon, so one that the next daemon asks for again is in place already.
type registrations struct {
	held  map[string][]byte // by id, as compact JSON
	fresh map[string]bool   // asked for by this daemon
}

type registrationParams struct {
	Registrations []json.RawMessage `json:"registrations"`
}

type registration struct {
	ID     string `json:"id"`
	Method string `json:"method"`
}

func newRegistrations() registrations {
	return registrations{held: make(map[string][]byte), fresh: make(map[string]bool)}
}

// offer notes a client/registerCapability and returns it without what the editor has
// registered for an earlier daemon, with the ids that are left. When none is left, the
// message has no bytes.
func (r *registrations) offer(m message) (rest message, ids []string) {
	var p, left registrationParams
	if !decode(m.params, &p) {
		return m, nil
	}
	for _, raw := range p.Registrations {
		var one registration
		decode(raw, &one)
		again := !r.fresh[one.ID] && bytes.Equal(r.held[one.ID], compact(raw))
		r.held[one.ID], r.fresh[one.ID] = compact(raw), true
		if !again {
			left.Registrations = append(left.Registrations, raw)
			ids = append(ids, one.ID)
		}
	}
	switch {
	case len(ids) == len(p.Registrations):
		return m, ids
	case len(ids) == 0:
		return message{id: m.id}, nil
	}
	return say(envelope{ID: json.RawMessage(m.id), Method: m.method, Params: left}), ids
}

// withdraw notes a client/unregisterCapability.
func (r *registrations) withdraw(m message) {
	var p struct {
		Unregistrations []registration `json:"unregisterations"` // LSP's own spelling
	}
	decode(m.params, &p)
	for _, one := range p.Unregistrations {
		r.remove([]string{one.ID})
	}
}

// remove forgets what the editor has not, or no more, registered.
func (r *registrations) remove(ids []string) {
	for _, id := range ids {
		delete(r.held, id)
		delete(r.fresh, id)
	}
}

// lost makes what there is an earlier daemon's.
func (r *registrations) lost() { clear(r.fresh) }

func compact(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return slices.Clone(raw)
	}
	return b.Bytes()
}
