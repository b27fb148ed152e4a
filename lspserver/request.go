package lspserver

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"go.lsp.dev/uri"

	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/config"
	"hotclub/runner/discover"
	"hotclub/runner/project"
)

// request makes the engine's request of a client's.
func (c *connection) request(p wire.RunParams) (runner.Request, error) {
	c.mu.Lock()
	client, chosen, parallel := c.client, c.overrides, c.parallel
	c.mu.Unlock()
	client.Env = slices.Concat(client.Env, p.Env)
	if owner := c.owner(p.Select); owner != nil && p.Project.Root == "" {
		client.Dir = owner.Dir
	}
	p.Project.Python = cmp.Or(p.Project.Python, chosen.Python)
	p.Project.Settings = cmp.Or(p.Project.Settings, chosen.Settings)
	p.Project.StartMethod = cmp.Or(p.Project.StartMethod, chosen.StartMethod)
	p.Parallel = cmp.Or(p.Parallel, parallel)
	selection, err := c.selection(client, p)
	return runner.Request{Run: p.RunID, Client: client, Project: p.Project, Selection: selection, Options: options(p, client)}, err
}

// owner is the project of the workspace that a selection is about: that of its items or of its
// file, else the only one there is.
func (c *connection) owner(s wire.Select) *project.Project {
	path := s.URI
	if s.Nearest != nil {
		path = s.Nearest.URI
	}
	if path != "" {
		if file, err := filePath(path); err == nil {
			owner, _ := c.space.around(file)
			return owner
		}
	}
	if owners := c.eachProject(s.IDs); len(owners) == 1 {
		return owners[0]
	}
	return nil
}

func (c *connection) selection(client runner.Client, p wire.RunParams) (runner.Selection, error) {
	labels := p.Select.Labels
	if p.Select.URI != "" {
		file, err := filePath(p.Select.URI)
		if err != nil {
			return runner.Selection{}, err
		}
		labels = append(labels, file)
	}
	if at := p.Select.Nearest; at != nil {
		file, err := filePath(at.URI)
		if err != nil {
			return runner.Selection{}, err
		}
		labels = append(labels, fmt.Sprintf("%s:%d", file, at.Position.Line+1))
	}
	labels, err := c.labels(client, p.Project, labels)
	return runner.Selection{
		Labels: labels, IDs: p.Select.IDs, Exclude: p.Exclude, Patterns: p.Select.Patterns,
		Tags: p.Select.Tags, ExcludeTags: p.Select.ExcludeTags,
		Failed: p.Select.Failed, Last: p.Select.Last,
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

func filePath(raw string) (string, error) {
	u, err := uri.Parse(raw)
	if err != nil {
		return "", err
	}
	if path := u.FsPath(); path != "" && u.Scheme() == "file" {
		return path, nil
	}
	return "", fmt.Errorf("%s is not a file", raw)
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
		Parallel: parallel, FailFast: p.FailFast, Shuffle: p.Shuffle || p.Seed != nil, Seed: p.Seed, Reverse: p.Reverse,
		Buffer: p.Buffer, DebugSQL: p.DebugSQL, Verbosity: verbosity, Timeout: time.Duration(p.TimeoutMs) * time.Millisecond,
		Cold: p.Cold, RunnerArgs: p.RunnerArgs,
	}
}
