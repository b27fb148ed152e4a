package affected

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Since makes the decision count also what differs from a revision of git, files that git does not
// know included.
func (d *Decision) Since(ctx context.Context, revision string) error {
	git := git{dir: d.eye.root, revision: revision}
	commit, err := git.commit(ctx)
	if err != nil {
		return err
	}
	top, err := git.ask(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	changed, err := git.ask(ctx, "diff", "--name-status", "--no-renames", "-z", commit)
	if err != nil {
		return err
	}
	untracked, err := git.ask(ctx, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/")
	if err != nil {
		return err
	}
	d.since = make(map[string]change)
	root := filepath.FromSlash(strings.TrimSpace(string(top)))
	fields := strings.Split(string(changed), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		path := filepath.Join(root, filepath.FromSlash(fields[i+1]))
		if fields[i] == "D" {
			d.all = d.eye.short(path) + " is gone since " + revision
			continue
		}
		if d.since[path], err = d.against(ctx, git, commit, path, fields[i+1], fields[i]); err != nil {
			return err
		}
	}
	for _, name := range strings.Split(string(untracked), "\x00") {
		if name != "" {
			d.since[filepath.Join(root, filepath.FromSlash(name))] = change{kind: whole, rule: "is new since " + revision}
		}
	}
	return nil
}

// against compares a file with a revision.
func (d *Decision) against(ctx context.Context, git git, commit, path, name, status string) (change, error) {
	if status != "M" || !strings.HasSuffix(path, ".py") {
		return change{kind: whole, rule: "differs from " + git.revision}, nil
	}
	text, err := git.ask(ctx, "show", commit+":"+name)
	if err != nil {
		return change{}, err
	}
	return compare(Read(text), d.eye.read(path)), nil
}

// git is the command of that name in one directory.
type git struct{ dir, revision string }

func (g git) commit(ctx context.Context) (string, error) {
	if strings.HasPrefix(g.revision, "-") {
		return "", fmt.Errorf("%q is no revision of git; name a commit, a branch or a tag, as in --affected=HEAD", g.revision)
	}
	answer, err := g.ask(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", g.revision+"^{commit}")
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return "", fmt.Errorf("git knows no revision %q in %s; name a commit, a branch or a tag, or leave it out: --affected needs no git", g.revision, g.dir)
	}
	return strings.TrimSpace(string(answer)), err
}

func (g git) ask(ctx context.Context, args ...string) ([]byte, error) {
	var said bytes.Buffer
	command := exec.CommandContext(ctx, "git", append([]string{"-C", g.dir}, args...)...)
	command.Stderr = &said
	answer, err := command.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("comparing with %s needs git, which is not in PATH; install it, or leave the revision out: --affected compares with the last run", g.revision)
	case err != nil:
		return nil, fmt.Errorf("git %s in %s: %w: %s; leave the revision out to compare with the last run", args[0], g.dir, err, strings.TrimSpace(said.String()))
	}
	return answer, nil
}
