package dbclone

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Kind is what was found.
type Kind string

const (
	KindTemplate   Kind = "template"
	KindUnfinished Kind = "unfinished" // being built, or left by a builder that died
	KindClone      Kind = "clone"
	KindParked     Kind = "parked" // a clone that waits for the next process
)

// lasting tells what outlives the process that made it.
func (k Kind) lasting() bool { return k == KindTemplate || k == KindParked }

// Found is one database that [Manager.List] found.
type Found struct {
	Kind     Kind
	State    TemplateState // of a template
	Reason   string        // why it is stale or can't be used
	Schema   Schema
	Template string // the template's name; of a clone, the one it was made of
	Location string // as Django names it
	Owner    Owner  // who built it, or has the clone
	Live     bool   // whether that owner is alive
	Current  bool   // a template that this manager gave out last for its project and alias
	Worker   string // that a clone is leased to
	Clones   int    // of a template, those of live owners
	Created  time.Time
	LastUsed time.Time // of a template, to the minute
	Size     int64     // in bytes; of clones on servers and of templates
	Foreign  bool      // on a server, of another state directory
	Coarse   bool      // a template whose inputs may be more than it depends on
}

// List finds all databases of all owners, templates first. Clones that a worker keeps in its
// memory are not among them.
func (m *Manager) List(ctx context.Context) ([]Found, error) {
	ctx, end, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	live, err := m.live(ctx)
	if err != nil {
		return nil, err
	}
	var others []Found
	clones := make(map[string]int)
	for _, id := range m.ownerIDs() {
		owner := readOwner(m.layout, id)
		for _, dir := range folders(m.layout.building(id)) {
			others = append(others, m.foundUnfinished(dir, owner, live[id]))
		}
		for _, dir := range folders(m.layout.clones(id)) {
			f := m.foundClone(dir, owner, live[id])
			if f.Live {
				clones[f.Schema.Project+"/"+f.Template]++
			}
			others = append(others, f)
		}
	}
	templates, err := m.foundTemplates(ctx, live, clones)
	return m.askServers(ctx, append(templates, others...)), err
}

// askServers adds what the servers that were met say: how large their databases are, and which of
// them are those of other state directories. What a server does not tell is left out.
func (m *Manager) askServers(ctx context.Context, list []Found) []Found {
	m.mu.Lock()
	servers := maps.Clone(m.servers)
	m.mu.Unlock()
	for _, server := range slices.Sorted(maps.Keys(servers)) {
		strays, err := servers[server].Strays(ctx, server)
		if err != nil {
			m.log.Debug("a server was not listed", "server", server, "error", err)
			continue
		}
		for _, stray := range strays {
			known := slices.IndexFunc(list, func(f Found) bool {
				return f.Schema.Server == server && f.Location == servers[server].Locate(Spot{Name: stray.Name})
			})
			switch {
			case known >= 0:
				list[known].Size = stray.Size
			case stray.Label.Home != m.home:
				list = append(list, foreign(server, stray))
			}
		}
	}
	return list
}

// foreign is a database that another state directory has a record of.
func foreign(server string, stray Stray) Found {
	label := stray.Label
	return Found{
		Kind: label.Kind, State: Ready, Foreign: true, Reason: "of another state directory",
		Schema:   Schema{Project: label.Project, Alias: label.Alias, Server: server},
		Location: stray.Name, Owner: Owner{ID: label.Owner}, Live: stray.Live,
		Created: label.Created, LastUsed: label.Used, Size: stray.Size,
	}
}

// live tells which owners are alive. Under the janitor's lock two that look can't take each
// other for the owner.
func (m *Manager) live(ctx context.Context) (map[string]bool, error) {
	janitor, err := lockFile(ctx, m.layout.janitor(), exclusive)
	if err != nil {
		return nil, err
	}
	defer janitor.release()
	live := make(map[string]bool)
	for _, id := range m.ownerIDs() {
		free, err := vacant(m.layout.ownerLock(id))
		if err != nil {
			return nil, err
		}
		live[id] = !free
	}
	return live, nil
}

func (m *Manager) foundTemplates(ctx context.Context, live map[string]bool, clones map[string]int) (list []Found, err error) {
	var parked []Found
	for _, dir := range folders(m.layout.templates()) {
		project := filepath.Base(dir)
		templates, err := m.stored(project)
		if err != nil {
			return list, err
		}
		for _, s := range templates {
			if at := m.layout.parked(project, s.name); exists(at) {
				parked = append(parked, m.foundParked(at))
			}
			f := m.foundTemplate(ctx, s)
			f.Live = live[f.Owner.ID]
			f.Clones = clones[project+"/"+s.name]
			f.Current = m.isCurrent(project, s.name)
			list = append(list, f)
		}
	}
	return append(list, parked...), nil
}

func (m *Manager) isCurrent(project, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.held[project+"/"+name]
	return h != nil && h.current
}

func (m *Manager) foundTemplate(ctx context.Context, s stored) Found {
	r := s.record
	f := Found{
		Kind: KindTemplate, State: Ready, Schema: r.Schema, Template: s.name, Owner: r.Builder,
		Created: r.Created, LastUsed: s.used, Size: r.Sealed.Size, Coarse: r.Coarse,
	}
	if s.fault != nil {
		f.State, f.Reason = Stale, s.fault.Error()
		return f
	}
	engine, err := m.engine(r.Schema)
	if err == nil {
		spot := m.template(r, s.dir)
		f.Location = engine.Locate(spot)
		err = engine.Check(ctx, spot, r.Sealed)
	}
	if err != nil {
		f.State, f.Reason = Stale, err.Error()
		return f
	}
	for _, k := range slices.Clone(r.Inputs) {
		if k.Fact != "" {
			continue // a process of the project knows, and none is asked here
		}
		if change := k.differs(m.cut, nil); change != "" {
			f.State, f.Reason = Stale, change
			break
		}
	}
	return f
}

func (m *Manager) foundUnfinished(dir string, owner Owner, live bool) Found {
	r, _ := readRecord(dir)
	return Found{
		Kind: KindUnfinished, State: Building, Schema: r.Schema, Template: filepath.Base(dir), Owner: owner, Live: live,
		Created: r.Created, Location: m.locate(r.Schema, Spot{Dir: dir, Name: r.BuiltAs}),
	}
}

func (m *Manager) foundClone(dir string, owner Owner, live bool) Found {
	r, _ := readLeased(dir)
	return Found{
		Kind: KindClone, Schema: r.Schema, Template: r.Template, Owner: owner, Live: live,
		Worker: r.Worker, Created: r.Created, Location: m.locate(r.Schema, Spot{Dir: dir, Name: r.Name}),
	}
}

func (m *Manager) foundParked(dir string) Found {
	f := m.foundClone(dir, Owner{}, true)
	f.Kind, f.Worker = KindParked, ""
	return f
}

func (m *Manager) locate(s Schema, at Spot) string {
	engine, err := m.engine(s)
	if err != nil {
		return ""
	}
	return engine.Locate(at)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func folders(dir string) (list []string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			list = append(list, filepath.Join(dir, entry.Name()))
		}
	}
	return list
}
