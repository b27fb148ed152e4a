package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"hotclub/dbclone"
	"hotclub/runner"
	"hotclub/runner/engine"
	"hotclub/runner/outline"
	"hotclub/runner/pool"
	"hotclub/runner/worker"
)

// stores joins dbclone, which knows templates and clones, with the pool, which knows who
// needs them. Neither knows the other.
type stores struct{ manager *dbclone.Manager }

var _ engine.Databases = stores{}

// For implements [engine.Databases].
func (d stores) For(project, root string) pool.Databases {
	return projectDatabases{manager: d.manager, project: project, root: root}
}

// Servers implements [engine.Databases].
func (d stores) Servers() []string { return d.manager.Servers() }

// List implements [engine.Databases].
func (d stores) List(ctx context.Context, project string) ([]runner.DatabaseStatus, error) {
	found, err := d.manager.List(ctx)
	if err != nil {
		return nil, err
	}
	var list []runner.DatabaseStatus
	for _, each := range found {
		if project == "" || each.Schema.Project == project {
			list = append(list, describe(each))
		}
	}
	return list, nil
}

func describe(found dbclone.Found) runner.DatabaseStatus {
	status := runner.DatabaseStatus{
		Alias: found.Schema.Alias, Engine: found.Schema.Engine, Kind: string(found.Kind), Name: found.Location,
		Owner: fmt.Sprintf("%s (process %d)", found.Owner.ID, found.Owner.PID), Server: found.Schema.Server, SizeKB: found.Size >> 10,
		Created: found.Created, Used: found.LastUsed, State: string(found.State), Coarse: found.Coarse,
	}
	if found.Kind == dbclone.KindTemplate {
		status.Why = why(found)
	}
	switch {
	case found.Kind == dbclone.KindParked:
		status.Owner, status.State = "", "ready" // for the next daemon
	case found.Kind == dbclone.KindClone && found.Live && found.Worker == "":
		status.State = "ready"
	case found.Kind == dbclone.KindClone && found.Live:
		status.State = "leased"
	case !found.Live && found.Kind != dbclone.KindTemplate:
		status.State = "dead"
	case found.Kind == dbclone.KindUnfinished:
		status.State = "building"
	}
	return status
}

// why says in a few words what a template is there for. What made it stale lies in the project
// most often, whose folder is left out.
func why(found dbclone.Found) string {
	root, _ := strings.CutSuffix(found.Schema.Display, " "+found.Schema.Alias)
	switch {
	case found.Reason != "":
		return strings.ReplaceAll(found.Reason, root+string(filepath.Separator), "")
	case found.Current:
		return "current"
	default:
		return "kept"
	}
}

// Forget implements [engine.Databases].
func (d stores) Forget(ctx context.Context, project string) error {
	return d.manager.Forget(ctx, project)
}

// Sweep implements [engine.Databases].
func (d stores) Sweep(ctx context.Context) error {
	_, err := d.manager.Sweep(ctx)
	return err
}

// Close implements [engine.Databases].
func (d stores) Close(ctx context.Context) error { return d.manager.Close(ctx) }

// projectDatabases are the databases of one project.
type projectDatabases struct {
	manager       *dbclone.Manager
	project, root string
}

// Templates implements [pool.Databases].
func (p projectDatabases) Templates(ctx context.Context, schemas []worker.Schema, facts map[string]string, build pool.Build) ([]pool.Template, error) {
	wanted := make([]dbclone.Schema, len(schemas))
	for i, schema := range schemas {
		var err error
		if wanted[i], err = p.wanted(ctx, schema, facts); err != nil {
			return nil, ofServer(err)
		}
	}
	templates, err := p.manager.Templates(ctx, wanted, filling(schemas, facts, build))
	if err != nil {
		return nil, ofServer(err)
	}
	result := make([]pool.Template, len(templates))
	for i, each := range templates {
		result[i] = template{manager: p.manager, Template: each}
	}
	return result, nil
}

// ofServer tells the pool when it is the project's server that an error is about.
func ofServer(err error) error {
	if _, ok := errors.AsType[*dbclone.ServerError](err); ok {
		return &pool.DatabaseError{Err: err}
	}
	return err
}

// wanted is a schema in dbclone's words. What a server's databases depend on becomes part of the key.
func (p projectDatabases) wanted(ctx context.Context, schema worker.Schema, facts map[string]string) (dbclone.Schema, error) {
	s := dbclone.Schema{
		Project: p.project, Alias: schema.Alias, Engine: schema.Engine, Key: schema.Key,
		Memory: schema.Memory, Display: p.root + " " + schema.Alias, Facts: facts,
		Base: schema.Base, Steps: schema.Steps,
	}
	if len(schema.Server) == 0 {
		return s, nil
	}
	met, err := p.manager.Meet(ctx, schema.Engine, dbclone.Server(schema.Server))
	if err != nil {
		return s, fmt.Errorf("the databases of alias %q: %w", schema.Alias, err)
	}
	s.Server = met.ID
	s.Key += " " + met.Traits
	s.Base += " " + met.Traits
	return s, nil
}

// Refine implements [pool.Databases].
func (p projectDatabases) Refine(ctx context.Context, coarse []pool.Template, schemas []worker.Schema, facts map[string]string, build pool.Build) error {
	return p.manager.Refine(ctx, those(coarse), filling(schemas, facts, build))
}

// Rehearse implements [pool.Databases].
func (p projectDatabases) Rehearse(ctx context.Context, templates []pool.Template, schemas []worker.Schema, facts map[string]string, build pool.Build) error {
	return ofServer(p.manager.Rehearse(ctx, those(templates), filling(schemas, facts, build)))
}

// those are templates as dbclone knows them.
func those(templates []pool.Template) []*dbclone.Template {
	known := make([]*dbclone.Template, len(templates))
	for i, each := range templates {
		known[i] = each.(template).Template
	}
	return known
}

// filling is the build in which a worker writes the databases of some schemas.
func filling(schemas []worker.Schema, facts map[string]string, build pool.Build) dbclone.Build {
	byAlias := make(map[string]worker.Schema, len(schemas))
	for _, schema := range schemas {
		byAlias[schema.Alias] = schema
	}
	return func(ctx context.Context, places []dbclone.Place) (dbclone.Built, error) {
		return fill(ctx, places, byAlias, facts, build)
	}
}

// fill has a worker write the databases, and takes the digests of what that depended on.
func fill(ctx context.Context, places []dbclone.Place, byAlias map[string]worker.Schema, facts map[string]string, build pool.Build) (dbclone.Built, error) {
	targets := make([]worker.Place, len(places))
	for i, place := range places {
		targets[i] = worker.Place{Schema: byAlias[place.Schema.Alias], Path: place.Path, Label: place.Label, Missing: place.Missing, Note: place.Note}
	}
	built, err := build(ctx, targets)
	if err != nil {
		return dbclone.Built{}, err
	}
	var inputs []dbclone.Input
	for _, each := range built.Inputs {
		input, err := dbclone.Cut(cutSource).InputOf(each.Path, partOf(each))
		if err != nil {
			return dbclone.Built{}, err
		}
		input.Moved = each.Moved
		inputs = append(inputs, input)
	}
	for _, name := range built.Facts {
		inputs = append(inputs, dbclone.Input{Fact: name, SHA256: facts[name]})
	}
	return dbclone.Built{Inputs: inputs, Afresh: built.Afresh, Coarse: built.Coarse, Note: built.Note}, nil
}

// module names the part of a Python source that runs when it is imported; names of functions
// behind it add their bodies.
const module = "module"

// partOf names the part of a source that was run, "" for the whole of a file.
func partOf(input worker.Input) string {
	if input.Whole {
		return ""
	}
	return strings.Join(append([]string{module}, input.Functions...), " ")
}

// cutSource is the [dbclone.Cut] for what partOf names.
func cutSource(text []byte, part string) (digest string, ok bool) {
	names := strings.Fields(part)
	if len(names) == 0 || names[0] != module {
		return "", false
	}
	return outline.Split(text).Digest(names[1:])
}

type template struct {
	manager *dbclone.Manager
	*dbclone.Template
}

// Serves implements [pool.Template].
func (t template) Serves(ctx context.Context) bool { return t.manager.Serves(ctx, t.Template) }

// Room implements [pool.Template].
func (t template) Room(ctx context.Context) (pool.Room, error) {
	room, limited, err := t.manager.Room(ctx, t.Template)
	if err != nil || !limited {
		return pool.Room{}, ofServer(err)
	}
	return pool.Room(room), nil
}

// Lease implements [pool.Template].
func (t template) Lease(ctx context.Context, name string) (pool.Lease, error) {
	held, err := t.manager.Lease(ctx, t.Template, name)
	if err != nil {
		return nil, ofServer(err)
	}
	return lease{held}, nil
}

type lease struct{ *dbclone.Lease }

// Restore implements [pool.Lease].
func (l lease) Restore(ctx context.Context, image string) (worker.Restored, error) {
	restored, err := l.Lease.Restore(ctx, dbclone.Image(image))
	if errors.Is(err, dbclone.ErrNoImage) {
		err = worker.ErrNoImage
	}
	return worker.Restored(restored), err
}

// Capture implements [pool.Lease].
func (l lease) Capture(ctx context.Context, image string) error {
	return l.Lease.Capture(ctx, dbclone.Image(image))
}

// Clone implements [pool.Lease].
func (l lease) Clone() worker.Clone {
	attachment := l.Attachment()
	return worker.Clone{Template: attachment.Template, Clone: attachment.Clone, Serialized: attachment.Serialized}
}
