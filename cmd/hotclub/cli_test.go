package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// parsed is the request that a command line asks for.
func parsed(t *testing.T, args ...string) (wire.RunParams, error) {
	t.Helper()
	a := &app{stdout: os.Stdout, stderr: os.Stderr}
	var cli commandLine
	parser, err := a.parser(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.parse(parser, append([]string{"run"}, args...)); err != nil {
		return wire.RunParams{}, err
	}
	p := cli.Run.params(a)
	p.RunID = ""
	return p, nil
}

func TestRunFlags(t *testing.T) {
	number := func(n int) *int { return &n }
	seed := func(n int64) *int64 { return &n }
	plain := func(change func(*wire.RunParams)) wire.RunParams {
		p := wire.RunParams{Verbosity: number(1)}
		change(&p)
		return p
	}
	for _, c := range []struct {
		args []string
		want wire.RunParams
	}{
		{nil, plain(func(*wire.RunParams) {})},
		{[]string{"a", "--failfast", "b", "-r", "c"}, plain(func(p *wire.RunParams) {
			p.Select.Labels, p.FailFast, p.Reverse = []string{"a", "b", "c"}, true, true
		})},
		{[]string{"-k", "x,y", "-kz", "--tag", "slow", "--tag=fast", "--exclude-tag", "t", "a"}, plain(func(p *wire.RunParams) {
			p.Select = wire.Select{Labels: []string{"a"}, Patterns: []string{"x,y", "z"}, Tags: []string{"slow", "fast"}, ExcludeTags: []string{"t"}}
		})},
		{[]string{"--parallel", "4", "a"}, plain(func(p *wire.RunParams) { p.Parallel, p.Select.Labels = 4, []string{"a"} })},
		{[]string{"--parallel", "a"}, plain(func(p *wire.RunParams) { p.Parallel, p.Select.Labels = wire.Auto, []string{"a"} })},
		{[]string{"-n", "auto"}, plain(func(p *wire.RunParams) { p.Parallel = wire.Auto })},
		{[]string{"-n3", "-b"}, plain(func(p *wire.RunParams) { p.Parallel, p.Buffer = 3, true })},
		{[]string{"--shuffle", "a"}, plain(func(p *wire.RunParams) { p.Shuffle, p.Select.Labels = true, []string{"a"} })},
		{[]string{"--shuffle=7"}, plain(func(p *wire.RunParams) { p.Shuffle, p.Seed = true, seed(7) })},
		{[]string{"--shuffle", "8", "a"}, plain(func(p *wire.RunParams) { p.Shuffle, p.Seed, p.Select.Labels = true, seed(8), []string{"a"} })},
		{[]string{"-v", "a"}, plain(func(p *wire.RunParams) { p.Verbosity, p.Select.Labels = number(2), []string{"a"} })},
		{[]string{"-vv"}, plain(func(p *wire.RunParams) { p.Verbosity = number(3) })},
		{[]string{"-v", "3", "a"}, plain(func(p *wire.RunParams) { p.Verbosity, p.Select.Labels = number(3), []string{"a"} })},
		{[]string{"-v0"}, plain(func(p *wire.RunParams) { p.Verbosity = number(0) })},
		{[]string{"--verbosity=2"}, plain(func(p *wire.RunParams) { p.Verbosity = number(2) })},
		{[]string{"-q", "a"}, plain(func(p *wire.RunParams) { p.Verbosity, p.Select.Labels = number(0), []string{"a"} })},
		{[]string{"--timeout", "90", "a"}, plain(func(p *wire.RunParams) { p.TimeoutMs, p.Select.Labels = 90_000, []string{"a"} })},
		{[]string{"--timeout=1.5"}, plain(func(p *wire.RunParams) { p.TimeoutMs = 1500 })},
		{[]string{"--timeout=2m"}, plain(func(p *wire.RunParams) { p.TimeoutMs = 120_000 })},
		{[]string{"--timeout=0"}, plain(func(p *wire.RunParams) { p.TimeoutMs = -1 })},
		{[]string{"-C", "dir", "--python", "py", "--settings", "s", "--start-method", "spawn"}, plain(func(p *wire.RunParams) {
			p.Project = runner.Overrides{Root: "dir", Python: "py", Settings: "s", StartMethod: "spawn"}
		})},
		{[]string{"--failed", "--last", "--cold", "--debug-sql"}, plain(func(p *wire.RunParams) {
			p.Select.Failed, p.Select.Last, p.Cold, p.DebugSQL = true, true, true, true
		})},
		{[]string{"-p", "check_*.py", "--debug-mode", "--keepdb", "--no-input", "a", "--", "--own", "b"}, plain(func(p *wire.RunParams) {
			p.Select.Labels, p.RunnerArgs = []string{"a"}, []string{"--pattern=check_*.py", "--debug-mode", "--own", "b"}
		})},
	} {
		got, err := parsed(t, c.args...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.args, diff)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-n", "-1"}, {"--parallel=many"}, {"--shuffle=x"}, {"--verbosity=9"}, {"--timeout=-1"}, {"--timeout"}, {"-k"}, {"--durations=x"}, {"-X"},
	} {
		if got, err := parsed(t, args...); err == nil {
			t.Errorf("%q: got %+v", args, got)
		}
	}
}

func TestSecretsAreHidden(t *testing.T) {
	for text, want := range map[string]string{
		"connect postgres://shop:hunter2@db/shop failed": "connect postgres://shop:***@db/shop failed",
		`dsn host=db password=hunter2 user=shop`:         `dsn host=db password=*** user=shop`,
		`{"PASSWORD": "hunter 2", "USER": "x"}`:          `{"PASSWORD": ***, "USER": "x"}`,
		"secret='hunter2', more":                         "secret=***, more",
		"no secrets at /home/me:4":                       "no secrets at /home/me:4",
	} {
		if got := hide(text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
