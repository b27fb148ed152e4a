package config

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotclub/runner"
)

func TestDefaults(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, "-- manage.py --\n")
	got := g.load(".", runner.Overrides{})
	want := &Project{
		Root: g.root, Given: g.root, ManagePy: g.path("manage.py"), Python: g.path("usr/python3"), Dir: g.root,
		Parallel: min(runtime.NumCPU(), runtime.GOMAXPROCS(0)), Timeout: 10 * time.Minute, StartMethod: "spawn",
		OutputLimit: 64 << 20, SpareWorkers: 2, IdleTimeout: 30 * time.Minute, BaseLayer: true, Watch: true, AffectedDepth: "auto", Flush: "images",
	}
	if runtime.GOOS == "linux" {
		want.StartMethod = "fork"
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Project{}, "Key", "Origins")); diff != "" {
		t.Error(diff)
	}
}

func TestValues(t *testing.T) {
	skipOnWindows(t)
	g := plant(t, `
-- manage.py --
-- pyproject.toml --
[project]
name = "shop"
[tool.hotclub]
parallel = 3
timeout = "1m 30s"
split-classes = true
output-limit = "512 KiB"
runner-args = ["--keepdb", "--timing"]

[tool.hotclub.env]
API_KEY = "secret"
DEBUG = "0"
-- hotclub.toml --
start-method = "spawn"
spare-workers = 0
idle-timeout = 0
base-layer = false
watch = false
`)
	p := g.load(".", runner.Overrides{}, "DJANGO_TEST_PROCESSES=9", "DEBUG=1")
	want := &Project{
		Parallel: 3, Timeout: 90 * time.Second, StartMethod: "spawn", SplitClasses: true, OutputLimit: 512 << 10,
		AffectedDepth: "auto", Flush: "images", RunnerArgs: []string{"--keepdb", "--timing"}, Env: map[string]string{"API_KEY": "secret", "DEBUG": "0"},
		Files: []string{g.path("hotclub.toml"), g.path("pyproject.toml")},
	}
	if diff := cmp.Diff(want, p, cmpopts.IgnoreFields(Project{}, "Root", "Given", "ManagePy", "Python", "Dir", "Key", "Origins")); diff != "" {
		t.Error(diff)
	}
	var lines []string
	for _, v := range p.Origins {
		lines = append(lines, g.rel(v.Name+" = "+v.Value+" ("+v.Origin+")"))
	}
	golden := []string{
		"root = $WORK (found: hotclub.toml and pyproject.toml in this directory)",
		"manage = $WORK/manage.py (found: manage.py in this directory)",
		"python = $WORK/usr/python3 (python3 on the client's PATH)",
		"settings = decided by manage.py (manage.py)",
		"parallel = 3 (pyproject.toml [tool.hotclub] line 4)",
		"timeout = 1m30s (pyproject.toml [tool.hotclub] line 5)",
		"start-method = spawn (hotclub.toml line 1)",
		"split-classes = true (pyproject.toml [tool.hotclub] line 6)",
		"output-limit = 512 KB (pyproject.toml [tool.hotclub] line 7)",
		"spare-workers = 0 (hotclub.toml line 2)",
		"idle-timeout = never (hotclub.toml line 3)",
		"base-layer = false (hotclub.toml line 4)",
		"watch = false (hotclub.toml line 5)",
		"affected-depth = auto (default)",
		"flush = images (default)",
		"runner-args = --keepdb --timing (pyproject.toml [tool.hotclub] line 8)",
		"env = API_KEY, DEBUG (pyproject.toml [tool.hotclub] line 10)",
	}
	if diff := cmp.Diff(golden, lines); diff != "" {
		t.Error(diff)
	}
	client := g.client(".", "DEBUG=1")
	if got := p.Environ(client); !slices.Equal(got, append(client.Env, "API_KEY=secret")) {
		t.Errorf("Environ: %q", got)
	}
	p.Settings = "a.b"
	client = g.client(".", "DEBUG=1", "DJANGO_SETTINGS_MODULE=x")
	if got := strings.Join(p.Environ(client)[2:], " "); got != "DEBUG=1 API_KEY=secret DJANGO_SETTINGS_MODULE=a.b" {
		t.Errorf("Environ with settings: %q", got)
	}
}

func TestParallel(t *testing.T) {
	cpus := min(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	for _, test := range []struct {
		env, file string
		want      int
	}{
		{"7", "", 7},
		{" 7 ", "", 7},
		{"many", "", cpus},
		{"0", "", cpus},
		{"-1", "", cpus},
		{"99999", "", 1024},
		{"7", "parallel = 'auto'", 7},
		{"", "parallel = 'auto'", cpus},
		{"7", "parallel = 1", 1},
	} {
		g := plant(t, "-- manage.py --\n-- hotclub.toml --\n"+test.file)
		if got := g.load(".", runner.Overrides{}, "DJANGO_TEST_PROCESSES="+test.env).Parallel; got != test.want {
			t.Errorf("%q %s: got %d, want %d", test.env, test.file, got, test.want)
		}
	}
}

func TestStartMethod(t *testing.T) {
	for _, test := range []struct{ goos, flag, want, fault string }{
		{"linux", "", "fork", ""},
		{"darwin", "", "spawn", ""},
		{"windows", "", "spawn", ""},
		{"linux", "auto", "fork", ""},
		{"linux", "spawn", "spawn", ""},
		{"darwin", "fork", "fork", ""},
		{"windows", "fork", "fork", "start method fork: Windows has no fork; choose auto or spawn"},
		{"linux", "thread", "thread", `the start method "thread" (--start-method) is not known; expected auto, fork or spawn`},
	} {
		r := &reading{search: &search{client: runner.Client{Name: "hotclub test"}, goos: test.goos, overrides: runner.Overrides{StartMethod: test.flag}}, project: &Project{}}
		if got := r.startMethod(); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
		switch {
		case test.fault == "" && len(r.faults) > 0, test.fault != "" && (len(r.faults) != 1 || r.faults[0].Error() != test.fault):
			t.Errorf("%+v: faults %v", test, r.faults)
		}
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "none", time.Minute: "1m", 90 * time.Second: "1m30s", time.Hour: "1h", 90 * time.Minute: "1h30m",
		time.Hour + 10*time.Second: "1h0m10s", 10 * time.Hour: "10h", 20 * time.Millisecond: "20ms", 100 * time.Second: "1m40s",
	} {
		if got := inWords(d, "none"); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int64]string{1 << 10: "1 KB", 1000: "1000 B", 64 << 20: "64 MB", 2 << 40: "2048 GB", 1536: "1536 B"} {
		if got := bytesInWords(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"64MB": 64 << 20, "64 mib": 64 << 20, "1g": 1 << 30, "2048": 2048, "2048B": 2048,
		"": -1, "MB": -1, "-1MB": -1, "1.5MB": -1, "1TB": -1, "99999999999999999999": -1, "9999999999GB": -1,
	} {
		got, ok := parseSize(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
