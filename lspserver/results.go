package lspserver

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
	"hotclub/runner/history"
)

// results answers hotclub/results: the last verdicts of tests.
func (c *connection) results(ctx context.Context, p wire.ResultsParams) (wire.ResultsAnswer, error) {
	session.Overlap(ctx)
	answer := wire.ResultsAnswer{Results: []wire.Result{}}
	within := func(runner.Item) bool { return true }
	if p.URI != "" {
		keep, err := c.scope(&wire.DiscoverScope{URI: p.URI})
		if err != nil {
			return answer, err
		}
		within = keep
	}
	asked, stale := runner.Selection{IDs: p.IDs}, c.staleness()
	for _, owner := range c.eachProject(p.IDs) {
		_, items := owner.Tests.Items()
		broken := make(map[string]*runner.Message) // files that cannot be imported
		for _, item := range items {
			if item.Kind == runner.KindFile && item.Error != nil {
				broken[item.File] = item.Error
			}
			if !within(item) || !asked.Chooses(item.ID) {
				continue
			}
			past, ok := owner.History.Past(item.Label)
			why := broken[item.File]
			if why != nil && isTest(&item) {
				past, ok = unimportable(*why), true
			}
			if ok {
				answer.Results = append(answer.Results, wire.Result{
					ID: item.ID, Label: item.Label, At: past.At.UTC().Format(time.RFC3339Nano),
					Stale: why == nil && stale(item, past), Verdict: past.Verdict,
				})
			}
		}
	}
	return answer, nil
}

// staleness reports whether the text of a test has changed since its last verdict, as far as that
// is known: by its buffer where it is open, else by its file. It looks at each file once.
func (c *connection) staleness() func(runner.Item, history.Past) bool {
	files := make(map[string]func(runner.Item, history.Past) bool)
	return func(item runner.Item, past history.Past) bool {
		if files[item.File] == nil {
			files[item.File] = c.stalenessIn(item.File)
		}
		return files[item.File](item, past)
	}
}

func (c *connection) stalenessIn(path string) func(runner.Item, history.Past) bool {
	if d := c.docs.at(path); d != nil {
		shown := make(map[string]runner.Item) // where the buffer has a test, which may be elsewhere in the file
		for _, item := range d.items() {
			shown[item.Label] = item
		}
		return func(item runner.Item, past history.Past) bool {
			at, saved := d.saved.since(d, shown[item.Label])
			return !saved || at.After(past.At)
		}
	}
	info, err := os.Stat(path)
	return func(_ runner.Item, past history.Past) bool { return err != nil || info.ModTime().After(past.At) }
}

// printed answers hotclub/output: what a test printed when it last ran.
func (c *connection) printed(ctx context.Context, p wire.OutputParams) (wire.OutputAnswer, error) {
	session.Overlap(ctx)
	if p.Offset < 0 || p.Limit < 0 {
		return wire.OutputAnswer{}, session.InvalidParams("offset and limit count bytes from 0")
	}
	owner, item, err := c.find(p.ID)
	if err != nil {
		return wire.OutputAnswer{}, err
	}
	past, _ := owner.History.Past(item.Label)
	answer := wire.OutputAnswer{Total: len(past.Output)}
	rest := past.Output[min(p.Offset, len(past.Output)):]
	if p.Limit > 0 {
		rest = rest[:whole(rest, p.Limit)]
	}
	answer.Text = strings.ToValidUTF8(rest, "�")
	answer.Next = min(p.Offset, len(past.Output)) + len(rest)
	return answer, nil
}

// whole is where to cut a text after so many bytes at most, but no character in two.
func whole(text string, limit int) int {
	if limit >= len(text) {
		return len(text)
	}
	for at := limit; at > 0 && at > limit-utf8.UTFMax; at-- {
		if utf8.RuneStart(text[at]) {
			return at
		}
	}
	return limit
}

// plainCommand answers hotclub/command.
func (c *connection) plainCommand(ctx context.Context, p wire.IDsParams) (wire.CommandAnswer, error) {
	session.Overlap(ctx)
	projects := c.eachProject(p.IDs)
	if len(projects) != 1 {
		return wire.CommandAnswer{}, session.InvalidParams("ids: they must be of one project of this workspace; there are %d", len(projects))
	}
	owner := projects[0]
	var labels []string
	for _, id := range p.IDs {
		_, item, err := c.find(id)
		if err != nil {
			return wire.CommandAnswer{}, err
		}
		if item.Kind != runner.KindProject {
			labels = append(labels, item.Label)
		}
	}
	answer := wire.CommandAnswer{Command: append(owner.Command(), labels...), CWD: owner.Dir, Env: owner.Env}
	words := make([]string, len(answer.Command))
	for i, word := range answer.Command {
		words[i] = quoted(word)
	}
	answer.Text = "cd " + quoted(owner.Dir) + " && " + strings.Join(words, " ")
	return answer, nil
}

// quoted makes one word of a text for a POSIX shell.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+=,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// diagnose answers hotclub/diagnose: what doctor says of each project.
func (c *connection) diagnose(ctx context.Context, _ struct{}) (wire.TextAnswer, error) {
	if c.server.Diagnose == nil {
		return wire.TextAnswer{}, errors.New("this server cannot examine projects")
	}
	session.Overlap(ctx)
	if _, trusted := c.place(""); !trusted {
		return wire.TextAnswer{}, errUntrusted // the interpreter is asked for its versions
	}
	var b strings.Builder
	projects := c.space.list()
	for _, p := range projects {
		client, overrides := c.clientFor(p)
		b.WriteString(c.server.Diagnose(ctx, client, overrides))
	}
	if len(projects) == 0 {
		c.mu.Lock()
		client := c.client
		overrides := c.chosen.at(client.Dir)
		c.mu.Unlock()
		b.WriteString(c.server.Diagnose(ctx, client, overrides))
	}
	return wire.TextAnswer{Text: b.String()}, nil
}
