package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
)

// editor is a hotclub lsp and the editor that has started it.
type editor struct {
	*lsptest.Peer
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer
}

func (s *shell) editor() *editor {
	s.t.Helper()
	e := &editor{t: s.t, cmd: s.command("lsp", "--stdio")}
	e.cmd.Stderr = &e.stderr
	in, inErr := e.cmd.StdinPipe()
	out, outErr := e.cmd.StdoutPipe()
	if inErr != nil || outErr != nil {
		s.t.Fatal(inErr, outErr)
	}
	if err := e.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	e.stdin = in
	e.Peer = lsptest.NewPeer(s.t, struct {
		io.Reader
		io.WriteCloser
	}{out, in})
	return e
}

// initialize introduces the editor and returns the daemon's process.
func (e *editor) initialize() *os.Process {
	e.t.Helper()
	m := e.Call("initialize", map[string]any{
		"capabilities": map[string]any{}, "initializationOptions": map[string]any{"trusted": true},
	})
	e.Notify("initialized", map[string]any{})
	var answer struct {
		Capabilities struct {
			Experimental wire.Experimental[wire.ServerCapabilities]
		}
	}
	if err := json.Unmarshal(m.Result, &answer); err != nil {
		e.t.Fatal(err)
	}
	daemon, err := os.FindProcess(answer.Capabilities.Experimental.Hotclub.Daemon.PID)
	if err != nil {
		e.t.Fatal(err)
	}
	return daemon
}

// leave ends the session as LSP has it.
func (e *editor) leave() {
	e.t.Helper()
	e.Call("shutdown", nil)
	e.Notify("exit", nil)
	e.end(exitPassed)
}

func (e *editor) end(status int) {
	e.t.Helper()
	e.WaitEnd()
	e.cmd.Wait()
	if got := e.cmd.ProcessState.ExitCode(); got != status {
		e.t.Errorf("exit status %d, want %d; %s", got, status, e.stderr.String())
	}
}

func TestLSPForwards(t *testing.T) {
	s := newShell(t)
	e := s.editor()
	e.initialize()
	e.Call(wire.MethodRun, map[string]any{"runId": "r"})
	e.WaitMethod(wire.MethodRunFinished, 1)
	if got := s.status().Projects; len(got) != 1 || got[0].Root != s.dir {
		t.Errorf("the editor's directory did not arrive: %+v", got)
	}
	e.leave()
}

// The editor's session outlives the daemon, twice.
func TestLSPOutlivesTheDaemon(t *testing.T) {
	s := newShell(t)
	e := s.editor()
	daemon := e.initialize()
	e.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": "file:///x.py", "languageId": "python", "version": 1, "text": "a\n",
	}})
	for i, id := range []string{"first", "second"} {
		e.Call(wire.MethodRun, map[string]any{"runId": id, "select": map[string]any{"labels": []string{"pass", "block", "later"}}})
		e.Wait("the test that runs", func(m lsptest.Message) bool {
			return m.Method == wire.MethodTestEvents && strings.Contains(string(m.Params), `"started","id":"fake//tests.py::Tests::block"`) && strings.Contains(string(m.Params), id)
		})
		if err := daemon.Kill(); err != nil {
			t.Fatal(err)
		}
		var end wire.RunFinished
		if err := json.Unmarshal(e.WaitMethod(wire.MethodRunFinished, i+1).Params, &end); err != nil {
			t.Fatal(err)
		}
		if string(end.Run) != id || end.Outcome != "error" || end.Counts["passed"] != 1 || end.Counts["errored"] != 1 || end.Counts["notRun"] != 1 {
			t.Errorf("%+v", end)
		}
		var status wire.StatusAnswer
		m := e.Call(wire.MethodStatus, nil) // is kept for the next daemon
		if err := json.Unmarshal(m.Result, &status); err != nil {
			t.Fatalf("%v: %+v", err, m.Error)
		}
		if status.Daemon.PID == daemon.Pid {
			t.Error("a dead daemon answers")
		}
		if daemon, _ = os.FindProcess(status.Daemon.PID); daemon == nil {
			t.Fatal("no daemon")
		}
	}
	e.Call(wire.MethodRun, map[string]any{"runId": "third"})
	e.WaitMethod(wire.MethodRunFinished, 3)
	if got := s.status().Projects; len(got) != 1 || got[0].Root != s.dir {
		t.Errorf("the editor's directory did not arrive: %+v", got)
	}
	e.leave()
	if got := e.stderr.String(); strings.Count(got, "the daemon was replaced") != 2 || strings.Contains(got, "hunter2") {
		t.Errorf("standard error: %s", got)
	}
}

// An editor that stays needs a daemon, also when somebody has ended the one that there was.
func TestLSPAfterStop(t *testing.T) {
	s := newShell(t)
	e := s.editor()
	daemon := e.initialize()
	e.Call(wire.MethodRun, map[string]any{"runId": "r", "select": map[string]any{"labels": []string{"block"}}})
	e.WaitMethod(wire.MethodTestEvents, 1)
	if out, err := s.command("stop", "--all").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if m := e.WaitMethod(wire.MethodRunFinished, 1); !strings.Contains(string(m.Params), `"outcome":"cancelled"`) {
		t.Errorf("the daemon's last words did not arrive: %s", m.Params)
	}
	e.WaitMethod("window/logMessage", 1)
	if got := s.status().Daemon.PID; got == daemon.Pid || got == 0 {
		t.Errorf("daemon %d follows %d", got, daemon.Pid)
	}
	e.leave()
}

func TestLSPWithoutLSP(t *testing.T) {
	s := newShell(t)
	e := s.editor()
	e.initialize()
	e.Raw("what?\n\n")
	e.Wait("a parse error", func(m lsptest.Message) bool { return m.Code() == -32700 })
	e.end(exitOwn)
	if got := e.stderr.String(); !strings.Contains(got, `hotclub: not a message of the Language Server Protocol: "what?" is no header`) {
		t.Errorf("standard error: %s", got)
	}

	e = s.editor()
	e.initialize()
	e.Notify("exit", nil)
	e.end(exitFailed)

	e = s.editor()
	e.initialize()
	e.stdin.Close()
	e.end(exitPassed)
}
