package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shell is a place to start hotclub in, with a daemon of its own.
type shell struct {
	t   *testing.T
	env []string
	dir string
}

func newShell(t *testing.T) *shell {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "manage.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := &shell{t: t, env: append(os.Environ(), environment(t, dir)...), dir: dir}
	t.Cleanup(func() { stopAll(s.env, dir) })
	return s
}

func (s *shell) command(args ...string) *exec.Cmd {
	cmd := exec.Command("hotclub", args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	return cmd
}

func (s *shell) status() (status struct {
	Daemon   struct{ PID int }
	Projects []struct{ Root string }
},
) {
	s.t.Helper()
	out, err := s.command("status", "--json").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(out, &status); err != nil {
		s.t.Fatal(err)
	}
	return status
}

// process is a hotclub run that goes on.
type process struct {
	*exec.Cmd
	out    *bufio.Reader
	stderr bytes.Buffer
}

// start starts a run with its JSON report and waits until its first test has begun.
func (s *shell) start(args ...string) *process {
	s.t.Helper()
	p := &process{Cmd: s.command(append([]string{"run", "--json", "-"}, args...)...)}
	p.Cmd.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		s.t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			p.Wait()
			s.t.Fatalf("%v: %s", err, p.stderr.String())
		}
		if strings.Contains(line, `"event":"runStarted"`) {
			return p
		}
	}
}

// end waits for the process and returns the rest of what it said.
func (p *process) end(t *testing.T, status int) (rest string) {
	t.Helper()
	out, err := io.ReadAll(p.out)
	if err != nil {
		t.Error(err)
	}
	p.Wait()
	if got := p.ProcessState.ExitCode(); got != status {
		t.Errorf("exit status %d, want %d; %s", got, status, p.stderr.String())
	}
	return string(out)
}

func TestInterruptCancels(t *testing.T) {
	for _, mode := range [][]string{{"pass", "block"}, {"pass", "block", "--no-daemon"}} {
		p := newShell(t).start(mode...)
		p.Process.Signal(os.Interrupt)
		out := p.end(t, exitInterrupted)
		if !strings.Contains(out, `"state":"cancelled"`) || !strings.Contains(out, `"outcome":"cancelled"`) {
			t.Errorf("%v: %s", mode, out)
		}
	}
}

// The second interrupt does not wait for a run that does not end.
func TestSecondInterruptLeaves(t *testing.T) {
	p := newShell(t).start("stubborn")
	left := make(chan string, 1)
	go func() { left <- p.end(t, exitInterrupted) }()
	for {
		p.Process.Signal(os.Interrupt)
		select {
		case out := <-left:
			if strings.Contains(out, "runFinished") {
				t.Errorf("it waited: %s", out)
			}
			return
		case <-time.After(20 * time.Millisecond): // two signals at once may arrive as one
		}
	}
}

func TestDaemonDiesDuringRun(t *testing.T) {
	s := newShell(t)
	p := s.start("block")
	daemon, err := os.FindProcess(s.status().Daemon.PID)
	if err != nil {
		t.Fatal(err)
	}
	daemon.Kill()
	p.end(t, exitOwn)
	if got := p.stderr.String(); !strings.Contains(got, "the connection to the hotclub daemon was lost") {
		t.Errorf("got %s", got)
	}
}

// Whoever ends the daemon ends its runs, and they are told.
func TestEndOfDaemonDuringRun(t *testing.T) {
	for name, end := range map[string]func(*shell) error{
		"stop --all": func(s *shell) error { return s.command("stop", "--all").Run() },
		"SIGTERM": func(s *shell) error {
			daemon, err := os.FindProcess(s.status().Daemon.PID)
			if err != nil {
				return err
			}
			return daemon.Signal(syscall.SIGTERM)
		},
	} {
		s := newShell(t)
		p := s.start("pass", "block")
		if err := end(s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if out := p.end(t, exitInterrupted); !strings.Contains(out, `"outcome":"cancelled"`) {
			t.Errorf("%s: got %s", name, out)
		}
	}
}

func TestManyClientsStartOneDaemon(t *testing.T) {
	s := newShell(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if out, err := s.command("run", "pass").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	log, err := os.ReadFile(filepath.Join(s.dir, "state", "hotclub", "daemon.log"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "daemon started"); n != 1 {
		t.Errorf("%d daemons were started", n)
	}
}

// Runs that follow the end of a daemon closely wait for it and start the next.
func TestStopAndRunInTurn(t *testing.T) {
	s := newShell(t)
	var group sync.WaitGroup
	for i := range 12 {
		args := []string{"run", "pass"}
		if i%3 == 2 {
			args = []string{"stop", "--all"}
		}
		group.Go(func() {
			out, err := s.command(args...).CombinedOutput()
			// A run that is caught by the stop says so; anything else is a fault.
			if failure, ok := err.(*exec.ExitError); err != nil && (!ok || failure.ExitCode() != exitInterrupted) {
				t.Errorf("%v: %v: %s", args, err, out)
			}
		})
	}
	group.Wait()
}

func TestLongLogIsPutAside(t *testing.T) {
	dir := t.TempDir()
	a := &app{env: []string{"HOME=" + dir, "XDG_STATE_HOME=" + dir, "LOCALAPPDATA=" + dir}}
	log, file, err := a.openLog()
	if err != nil {
		t.Fatal(err)
	}
	log.Warn("refused", "err", "password=hunter2")
	if err := file.Truncate(logLimit + 1); err != nil {
		t.Fatal(err)
	}
	file.Close()
	_, file, err = a.openLog()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old, err := os.ReadFile(file.Name() + ".1")
	if err != nil || !bytes.Contains(old, []byte("password=***")) || bytes.Contains(old, []byte("hunter2")) {
		t.Errorf("%v: %.200s", err, old)
	}
	if info, err := file.Stat(); err != nil || info.Size() != 0 {
		t.Errorf("%v %v", info, err)
	}
}
