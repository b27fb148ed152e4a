package lspserver

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// request makes the engine's request of a client's, who had these buffers open.
func (c *connection) request(p wire.RunParams, open []*document) (runner.Request, error) {
	c.mu.Lock()
	client, chosen, parallel := c.client, c.chosen, c.parallel
	c.mu.Unlock()
	client.Env = slices.Concat(client.Env, p.Env)
	owner, err := c.owner(p)
	if err != nil {
		return runner.Request{}, err
	}
	if owner != nil {
		client.Dir = owner.Dir
	}
	c.aim(&p.Select, open)
	p.Project = chosen.below(p.Project, client.Dir)
	p.Parallel = cmp.Or(p.Parallel, parallel)
	selection, err := c.selection(client, p)
	return runner.Request{Run: p.RunID, Client: client, Project: p.Project, Selection: selection, Options: options(p, client)}, err
}

// owner is the project of the workspace that a selection is about; nil where there is none, as for
// the command line.
func (c *connection) owner(p wire.RunParams) (*project.Project, error) {
	if p.Project.Root != "" {
		return nil, nil
	}
	file := p.Select.URI
	if p.Select.Nearest != nil {
		file = p.Select.Nearest.URI
	}
	if path, err := c.path(file); err == nil {
		owner, _ := c.space.around(path) // the engine says why there is none
		return owner, nil
	}
	owners := c.eachProject(p.Select.IDs)
	if last := c.lastProject(owners); p.Select.Last && last != nil {
		return last, nil
	}
	switch {
	case len(owners) == 1:
		return owners[0], nil
	case len(owners) > 1 && len(p.Select.Labels) == 0:
		return nil, severalProjects(owners)
	}
	return nil, nil
}

func (c *connection) lastProject(among []*project.Project) *project.Project {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range among {
		if p.Key == c.last {
			return p
		}
	}
	return nil
}

// severalProjects refuses a run of more than one project: each has its own workers and settings.
func severalProjects(owners []*project.Project) error {
	ids := make([]string, len(owners))
	for i, p := range owners {
		ids[i] = string(projectID(p))
	}
	return fmt.Errorf("this would be a run of %d projects; ask for one of each, with select.ids of one of %s", len(owners), strings.Join(ids, ", "))
}

func projectID(p *project.Project) runner.TestID { return runner.TestID(p.Key + "//") }

// aim finds the nearest test in the text that the client sees, where that is open.
func (c *connection) aim(s *wire.Select, open []*document) {
	if s.Nearest == nil {
		return
	}
	path, err := c.path(s.Nearest.URI)
	at := slices.IndexFunc(open, func(d *document) bool { return d.path == path })
	if err != nil || at < 0 {
		return
	}
	items := open[at].items()
	if len(items) == 0 {
		return // as if it were not open: the file on the disk decides
	}
	nearest := append(chain(items, s.Nearest.Position.Line), items[0])
	s.IDs, s.Nearest = append(s.IDs, nearest[0].ID), nil
}

func (c *connection) selection(client runner.Client, p wire.RunParams) (runner.Selection, error) {
	labels := slices.Clone(p.Select.Labels)
	if p.Select.URI != "" {
		file, err := c.path(p.Select.URI)
		if err != nil {
			return runner.Selection{}, err
		}
		labels = append(labels, file)
	}
	if at := p.Select.Nearest; at != nil {
		file, err := c.path(at.URI)
		if err != nil {
			return runner.Selection{}, err
		}
		labels = append(labels, fmt.Sprintf("%s:%d", file, at.Position.Line+1))
	}
	labels, err := c.labels(client, p.Project, labels)
	return runner.Selection{
		Labels: labels, IDs: p.Select.IDs, Exclude: p.Exclude, Patterns: p.Select.Patterns,
		Tags: p.Select.Tags, ExcludeTags: p.Select.ExcludeTags,
		Failed: p.Select.Failed, Last: p.Select.Last, Affected: p.Select.Affected,
	}, err
}

// labels turns paths into what manage.py test takes. They are relative to the client's
// directory, or to that of -C. Where no project is found they stay as they are: the
// engine reports that, unless the client itself is to blame.
func (c *connection) labels(client runner.Client, project runner.Overrides, labels []string) ([]string, error) {
	if len(labels) == 0 {
		return nil, nil
	}
	root, err := c.server.Root(client, project)
	if fault, ok := errors.AsType[*config.Error](err); ok && fault.Usage {
		return nil, err
	}
	if err != nil {
		return labels, nil
	}
	from := client.Dir
	if filepath.IsAbs(project.Root) {
		from = project.Root
	} else if project.Root != "" {
		from = filepath.Join(from, project.Root)
	}
	return discover.Labels(root, from, labels)
}

func options(p wire.RunParams, client runner.Client) runner.Options {
	verbosity := 1
	if p.Verbosity != nil {
		verbosity = *p.Verbosity
	}
	parallel := int(p.Parallel)
	if p.Parallel == wire.Auto {
		parallel = config.Auto(client)
	}
	return runner.Options{
		Parallel: parallel, FailFast: p.FailFast, Shuffle: p.Shuffle || p.Seed != nil, Seed: p.Seed, Reverse: p.Reverse, BadFirst: p.BadFirst,
		Buffer: p.Buffer, DebugSQL: p.DebugSQL, Verbosity: verbosity, Timeout: time.Duration(p.TimeoutMs) * time.Millisecond,
		Cold: p.Cold, RunnerArgs: p.RunnerArgs, Measure: p.Coverage,
	}
}
