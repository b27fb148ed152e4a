package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"hotclub/lspserver"
	"hotclub/lspserver/lsptest"
)

// The test binary is hotclub with a fake engine when it is called by that name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hotclub": func() {
		a, err := newApp()
		if err != nil {
			os.Exit(a.fail(err))
		}
		a.engine = func(*slog.Logger) (lspserver.Engine, error) { return &lsptest.Engine{}, nil }
		os.Exit(a.run(os.Args[1:]))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, environment(t, e.WorkDir)...)
			e.Defer(func() { stopAll(e.Vars, e.WorkDir) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "killdaemon": killDaemon},
	})
}

// environment gives a test a daemon of its own.
func environment(t testing.TB, dir string) []string {
	runtimeDir, err := os.MkdirTemp("", "hc") // short, for the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(runtimeDir) })
	return []string{
		"HOTCLUB_RUNTIME_DIR=" + filepath.Join(runtimeDir, "run"), "XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"HOME=" + dir, "SECRET_KEY=hunter2", "GORACE=atexit_sleep_ms=0",
	}
}

func stopAll(env []string, dir string) {
	cmd := exec.Command("hotclub", "stop", "--all")
	cmd.Env, cmd.Dir = append(os.Environ(), env...), dir
	cmd.Run()
}

// exits runs a command that must end with a status: exits 2 hotclub run --watch
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failure, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failure.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// killDaemon ends the daemon as a crash would.
func killDaemon(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec("hotclub", "status", "--json"))
	var status struct{ Daemon struct{ PID int } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &status))
	process, err := os.FindProcess(status.Daemon.PID)
	ts.Check(err)
	ts.Check(process.Kill())
	log := ts.ReadFile(filepath.Join("..", "state", "hotclub", "daemon.log"))
	if strings.Contains(log, "hunter2") {
		ts.Fatalf("the environment is in the log:\n%s", log)
	}
}
