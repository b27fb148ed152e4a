package report

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"hotclub/runner"
)

func TestWantsColor(t *testing.T) {
	type environment map[string]string
	for name, test := range map[string]struct {
		env      environment
		terminal bool
		noColor  bool
		want     bool
	}{
		"terminal":               {nil, true, false, true},
		"pipe":                   {nil, false, false, false},
		"--no-color wins":        {environment{"FORCE_COLOR": "1"}, true, true, false},
		"NO_COLOR":               {environment{"NO_COLOR": "1"}, true, false, false},
		"NO_COLOR before FORCE":  {environment{"NO_COLOR": "1", "FORCE_COLOR": "1"}, true, false, false},
		"empty NO_COLOR":         {environment{"NO_COLOR": ""}, true, false, true},
		"FORCE_COLOR":            {environment{"FORCE_COLOR": "1", "TERM": "dumb"}, false, false, true},
		"FORCE_COLOR=0":          {environment{"FORCE_COLOR": "0"}, true, false, false},
		"CLICOLOR_FORCE":         {environment{"CLICOLOR_FORCE": "1"}, false, false, true},
		"CLICOLOR=0":             {environment{"CLICOLOR": "0"}, true, false, false},
		"dumb":                   {environment{"TERM": "dumb"}, true, false, false},
		"CI that is a terminal":  {environment{"CI": "true"}, true, false, true},
		"CI, no terminal there":  {environment{"CI": "true"}, false, false, false},
		"CLICOLOR_FORCE is zero": {environment{"CLICOLOR_FORCE": "0"}, false, false, false},
	} {
		env := func(variable string) string { return test.env[variable] }
		if got := wantsColor(test.terminal, env, test.noColor); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDetectFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	env := func(variable string) string { return map[string]string{"COLUMNS": "132"}[variable] }
	settings := Detect(f, env, false)
	if settings.TTY || settings.Color || settings.Verbosity != 1 || settings.Width() != 132 {
		t.Errorf("a file is taken for %+v, %d columns", settings, settings.Width())
	}
	if got := Detect(f, func(string) string { return "" }, false).Width(); got != defaultWidth {
		t.Errorf("width %d", got)
	}
}

type counting struct {
	handled, closed int
	err             error
}

func (c *counting) Handle(runner.Event) { c.handled++ }

func (c *counting) Close() error {
	c.closed++
	return c.err
}

func TestMulti(t *testing.T) {
	broken := errors.New("disk full")
	first, second := &counting{err: broken}, &counting{}
	m := Multi{first, second}
	m.Handle(runner.Notice{})
	m.Handle(runner.Notice{})
	if err := m.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v", err)
	}
	if first.handled != 2 || second.handled != 2 || first.closed != 1 || second.closed != 1 {
		t.Errorf("handled and closed: %+v, %+v", first, second)
	}
}

func TestRelative(t *testing.T) {
	root := t.TempDir()
	inside := filepath.Join(root, "shop", "t.py")
	for file, want := range map[string]string{
		inside:                               filepath.Join("shop", "t.py"),
		filepath.Join(root+"-other", "t.py"): filepath.Join(root+"-other", "t.py"),
		"<string>":                           "<string>",
	} {
		if got := relative(root, file); got != want {
			t.Errorf("relative(%q, %q) = %q, want %q", root, file, got, want)
		}
	}
}
