//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// restore puts all files right.
func (s *soak) restore() {
	for name, text := range s.texts {
		if s.open[name] {
			s.editor.SetText(s.path(name), text)
			s.editor.Save(s.path(name))
		}
		s.write(name, text)
	}
	clear(s.gone)
	strays, _ := filepath.Glob(s.path("app/test_renamed_*"))
	for _, stray := range strays {
		os.Remove(stray)
	}
}

// left is what a soak has left behind.
type left struct {
	memory, bridge        int // KB of the daemon and of the editor's own process, their share of what is shared
	goroutines, templates int
}

// settle brings everything to its end, checks that all is well, and measures.
func (s *soak) settle() left {
	s.t.Helper()
	s.call(s.editor, "workspace/executeCommand", map[string]any{"command": "hotclub.cancel"})
	s.awaitAll()
	if s.other != nil {
		s.leave()
	}
	if s.shell != nil {
		_ = s.shell.command.Process.Signal(syscall.SIGINT)
		eventually(s.t, "the end of the shell's run", s.shell.hasEnded)
		s.shell = nil
	}
	for name := range s.open {
		s.editor.Close(s.path(name))
	}
	clear(s.open)
	s.restore()
	s.noRuns()
	s.wellRun()
	s.noRuns()
	workers := s.idle()
	failed := s.t.Failed()
	s.noStrangers()
	if s.t.Failed() && !failed {
		out, _ := exec.Command("ps", "-eo", "pid,ppid,pgid,etimes,stat,args").CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, s.runtime) || strings.Contains(line, "hotclub-e2e") {
				s.t.Log(line)
			}
		}
		s.t.Log(s.hotclub("status").stdout)
		log, _ := os.ReadFile(glob(s.t, s.state, "hotclub", "*.log")[0])
		os.WriteFile("/tmp/soak-daemon.log", log, 0o644)
	}
	s.noStrayClones()
	if homes := glob(s.t, s.runtime, "w-*"); len(homes) != 1 {
		s.t.Errorf("folders of workers: %v", homes)
	}
	if temporary := glob(s.t, s.temp, "*"); len(temporary) > 0 {
		s.t.Errorf("temporary files: %v", temporary)
	}
	for _, race := range glob(s.t, s.races, "*") {
		text, _ := os.ReadFile(race)
		s.t.Errorf("%.4000s", text)
	}
	const most = 6 // layer, two workers of a run, two spares, one on its way
	if workers > most {
		s.t.Errorf("%d workers wait", workers)
	}
	status := s.status()
	return left{
		memory: share(s.t, status.Daemon.PID), bridge: share(s.t, s.editors[0].Process.Pid),
		goroutines: status.Goroutines, templates: len(glob(s.t, s.state, "hotclub", "databases", "templates", "*", "*")),
	}
}

// wellRun runs everything: after whatever has happened, the files as they are give these verdicts.
func (s *soak) wellRun() {
	s.t.Helper()
	s.names++
	r := runOf(s.editor, fmt.Sprint("soak ", s.names), wire.Select{All: true})
	want := map[runner.State]int{runner.Passed: 14, runner.Failed: 3, runner.Errored: 1}
	for state, n := range want {
		if r.Finished.Counts[state] != n {
			s.t.Errorf("in the end %v, want %v: %s\n%v", r.Finished.Counts, want, r.Finished.Error, states(r))
			return
		}
	}
}

// idle waits until no worker does anything, and counts them.
func (s *soak) idle() (n int) {
	s.t.Helper()
	eventually(s.t, "workers that wait", func() bool {
		workers := s.status().workers()
		n = len(workers)
		return n > 0 && !slices.ContainsFunc(workers, func(w runner.WorkerStatus) bool { return w.State != "ready" })
	})
	return n
}

// share is the memory of a process in KB, with its part of what it shares (PSS).
func share(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
			n, _ := strconv.Atoi(fields[1])
			return n
		}
	}
	t.Fatalf("no Pss in %s", text)
	return 0
}
