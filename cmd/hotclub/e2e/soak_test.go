//go:build linux

package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// What a daemon may have more at the end of a soak than in its middle.
const (
	moreMemory     = 16 << 10 // KB
	moreGoroutines = 5
)

// respite is the least time between two kills of daemons: an editor gives up when five in a row do
// not last.
const respite = 10 * time.Second

// TestSoak has editors and shells do at random what people do, and worse, for HOTCLUB_SOAK (default
// 20s; 10m on demand) by the seed HOTCLUB_SOAK_SEED (default: another each time). In the first
// third daemons are killed as well. What is left then is where the rest has to end: as much
// memory, as many goroutines, processes, databases and files.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(cmp.Or(os.Getenv("HOTCLUB_SOAK"), "20s"))
	if err != nil {
		t.Fatal(err)
	}
	seed := seedOf(t, "HOTCLUB_SOAK_SEED")
	t.Logf("HOTCLUB_SOAK=%v HOTCLUB_SOAK_SEED=%d", duration, seed)
	s := newSoak(t, seed)
	begun := time.Now()
	for time.Since(begun) < duration/3 {
		s.step(true)
	}
	before := s.settle()
	for time.Since(begun) < duration {
		s.step(false)
	}
	after := s.settle()
	t.Logf("%d steps: %v", s.steps, s.done)
	t.Logf("in the middle %+v, at the end %+v", before, after)
	memory := moreMemory
	if strings.Contains(os.Getenv("GOFLAGS"), "-race") { // the binary is built with it too
		memory *= 4
	}
	if after.memory > before.memory+memory {
		t.Errorf("seed %d: the daemon had %d KB and has %d KB", seed, before.memory, after.memory)
	}
	if after.goroutines > before.goroutines+moreGoroutines {
		t.Errorf("seed %d: the daemon had %d goroutines and has %d", seed, before.goroutines, after.goroutines)
	}
	if after.bridge > before.bridge+memory {
		t.Errorf("seed %d: hotclub lsp had %d KB and has %d KB", seed, before.bridge, after.bridge)
	}
	if after.templates != before.templates {
		t.Errorf("seed %d: there were %d templates and are %d", seed, before.templates, after.templates)
	}
	if t.Failed() {
		t.Logf("again with HOTCLUB_SOAK=%v HOTCLUB_SOAK_SEED=%d", duration, seed)
	}
}

// seedOf is what a variable of the environment says that random numbers begin with, by default
// something else each time.
func seedOf(t *testing.T, variable string) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return uint64(time.Now().UnixNano())
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return seed
}

// soak is what is there to play with.
type soak struct {
	*club
	t      *testing.T
	random *rand.Rand
	steps  int
	done   map[string]int
	texts  map[string]string // of the project's files, as they are in the end

	editor *lsptest.Editor
	open   map[string]bool // buffers of the editor, by name
	gone   map[string]bool // files that are not where they were
	asked  []asked
	names  int // of runs
	other  *lsptest.Editor
	shell  *ongoing
	temp   string
	races  string    // what a race detector says
	killed time.Time // the last daemon
}

// asked is a request that has not been waited for.
type asked struct {
	editor *lsptest.Editor
	id     int
	what   string
}

func newSoak(t *testing.T, seed uint64) *soak {
	c := newClub(t, steady(t).python, "small")
	s := &soak{
		club: c, t: t, random: rand.New(rand.NewPCG(seed, 1)), done: make(map[string]int),
		open: make(map[string]bool), gone: make(map[string]bool), temp: t.TempDir(), races: t.TempDir(),
	}
	c.env = append(c.env, "TMPDIR="+s.temp, "GORACE=log_path="+filepath.Join(s.races, "race"))
	s.texts = map[string]string{
		"app/prices.py": "PRICE = 1\n",
		"app/models.py": "import app.prices\nfrom django.db import models\n\n\nclass Book(models.Model):\n    title = models.CharField(max_length=80)\n",
		"app/test_a.py": manyShapes,
		"app/test_b.py": `
import subprocess
import time

from django.test import TestCase, TransactionTestCase

from app.models import Book


class Slow(TestCase):
    def test_sleeps(self):
        time.sleep(0.3)

    def test_child(self):
        subprocess.run(["sleep", "0.05"])
        self.assertEqual(Book.objects.count(), 1)


class Commits(TransactionTestCase):
    def test_commits(self):
        Book.objects.create(title="♫ €")
        self.assertEqual(Book.objects.count(), 2)
`,
		"app/test_c.py": crashTest,
	}
	for name, text := range s.texts {
		s.write(name, text)
	}
	s.editor = s.connect(lsptest.Options{Name: "first", Hotclub: map[string]any{"runEvents": "all", "maxEventBatchMs": 50}})
	s.restore()
	return s
}

func (s *soak) connect(options lsptest.Options) *lsptest.Editor { return s.club.editor(options) }

// step does one thing.
func (s *soak) step(killing bool) {
	actions := []struct {
		weight int
		name   string
		do     func()
	}{
		{6, "open", s.openOne},
		{20, "edit", s.edit},
		{8, "save", s.save},
		{2, "close", s.closeOne},
		{4, "mend", s.mend},
		{8, "lens", s.clickLens},
		{6, "command", s.command},
		{4, "run", s.run},
		{6, "cancel", s.cancel},
		{8, "look", s.look},
		{2, "rename", s.renameOne},
		{2, "delete", s.deleteOne},
		{2, "edit project", s.editProject},
		{2, "kill worker", s.killWorker},
		{3, "other editor", s.otherEditor},
		{3, "shell", s.shellRun},
		{1, "watch", s.watch},
		{1, "kill daemon", func() {
			if killing && time.Since(s.killed) > respite {
				s.killDaemon()
			}
		}},
	}
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	at := s.random.IntN(total)
	for _, a := range actions {
		if at -= a.weight; at < 0 {
			s.steps++
			s.done[a.name]++
			a.do()
			break
		}
	}
	for len(s.asked) > 8 {
		s.awaitOne()
	}
	if s.t.Failed() {
		s.t.FailNow() // whatever comes now is a consequence
	}
}

// ask sends a request that is waited for later.
func (s *soak) ask(e *lsptest.Editor, method string, params any) {
	s.asked = append(s.asked, asked{e, e.Request(method, params), method})
}

// awaitOne waits for the oldest request. A run may take its time; it is hurried up.
func (s *soak) awaitOne() {
	oldest := s.asked[0]
	s.asked = s.asked[1:]
	if oldest.editor.Ended() {
		return
	}
	if oldest.what == "workspace/executeCommand" {
		oldest.editor.Execute("hotclub.cancel")
	}
	s.fair(oldest.what, oldest.editor.Answer(oldest.id))
}

func (s *soak) awaitAll() {
	for len(s.asked) > 0 {
		s.awaitOne()
	}
}

// fair holds an answer to those that a person may get: the daemon was killed, the test is gone.
func (s *soak) fair(what string, m lsptest.Message) json.RawMessage {
	s.t.Helper()
	switch code := m.Code(); {
	case code == 0, code == -32800, code == -32801, code == -32802, code == -32803:
	case code == -32602 && (what == "workspace/executeCommand" || what == wire.MethodRun): // of a file that is not there
	default:
		s.t.Errorf("%s: %d %s", what, m.Code(), m.Error.Message)
	}
	return m.Result
}

// call asks and waits; nothing comes from a daemon that is killed meanwhile.
func (s *soak) call(e *lsptest.Editor, method string, params any) json.RawMessage {
	return s.fair(method, e.Call(method, params))
}

func (s *soak) some() string {
	names := make([]string, 0, len(s.texts))
	for name := range s.texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names[s.random.IntN(len(names))]
}

// opened is a buffer, "" for none.
func (s *soak) opened() string {
	var names []string
	for name := range s.open {
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return names[s.random.IntN(len(names))]
}

func (s *soak) document(name string) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": s.editor.URI(s.path(name))}}
}

func (s *soak) openOne() {
	if name := s.some(); !s.open[name] && !s.gone[name] {
		s.club.open(s.editor, name)
		s.open[name] = true
	}
}

func (s *soak) closeOne() {
	if name := s.opened(); name != "" {
		s.editor.Close(s.path(name))
		delete(s.open, name)
	}
}

func (s *soak) edit() {
	name := s.opened()
	if name == "" {
		return
	}
	lines := strings.Split(s.editor.Text(s.path(name)), "\n")
	line := s.random.IntN(len(lines))
	at := lsptest.Position{Line: line} // the start of a line is one in any encoding
	end := at
	text := []string{"\n", "    pass\n", "# ♫ €\n", "class New(", "    def test_new(self):\n        pass\n", "\"\"\"", "    ", ")"}[s.random.IntN(8)]
	if s.random.IntN(3) == 0 && line+1 < len(lines) {
		end, text = lsptest.Position{Line: line + 1}, ""
	}
	s.editor.Change(s.path(name), lsptest.Edit{Range: lsptest.Range{Start: at, End: end}, Text: text})
}

func (s *soak) save() {
	if name := s.opened(); name != "" && strings.HasPrefix(name, "app/test_") {
		s.editor.Save(s.path(name))
		s.editor.DiskChanged(lsptest.FileChanged, s.path(name))
		delete(s.gone, name)
	}
}

// mend puts a buffer right and saves it.
func (s *soak) mend() {
	if name := s.opened(); name != "" {
		s.editor.SetText(s.path(name), s.texts[name])
		s.editor.Save(s.path(name))
		delete(s.gone, name)
	}
}

func (s *soak) clickLens() {
	name := s.opened()
	if name == "" {
		return
	}
	var lenses []lsptest.Lens
	if json.Unmarshal(s.call(s.editor, "textDocument/codeLens", s.document(name)), &lenses) != nil || len(lenses) == 0 {
		return
	}
	lens := lenses[s.random.IntN(len(lenses))]
	if lens.Command.Command == "hotclub.toggleWatch" {
		return
	}
	s.ask(s.editor, "workspace/executeCommand", map[string]any{"command": lens.Command.Command, "arguments": lens.Command.Arguments})
}

func (s *soak) command() {
	name := s.some()
	target := map[string]any{"uri": s.editor.URI(s.path(name)), "position": lsptest.Position{Line: s.random.IntN(12)}}
	command := []string{"hotclub.runFile", "hotclub.runNearest", "hotclub.runFailed", "hotclub.runLast", "hotclub.showWorkers", "hotclub.restart"}[s.random.IntN(6)]
	s.ask(s.editor, "workspace/executeCommand", map[string]any{"command": command, "arguments": []any{target}})
}

func (s *soak) run() {
	s.names++
	params := wire.RunParams{RunID: runner.RunID(fmt.Sprint("soak ", s.names)), Parallel: wire.Parallel(1 + s.random.IntN(2))}
	switch s.random.IntN(4) {
	case 0:
		params.Select.All = true
	case 1:
		params.Select.URI = s.editor.URI(s.path(s.some()))
	case 2:
		params.Select.Labels, params.OnBusy = []string{"app.test_b"}, "cancelPrevious"
	default:
		params.Select.IDs = []runner.TestID{"nobody//knows.py::This::test_one"}
	}
	s.ask(s.editor, wire.MethodRun, params)
}

func (s *soak) cancel() {
	if s.random.IntN(2) == 0 {
		s.call(s.editor, "workspace/executeCommand", map[string]any{"command": "hotclub.cancel"})
		return
	}
	s.call(s.editor, wire.MethodCancelRun, wire.CancelRunParams{RunID: runner.RunID(fmt.Sprint("soak ", s.names))})
}

func (s *soak) look() {
	switch s.random.IntN(5) {
	case 0:
		s.ask(s.editor, wire.MethodDiscover, struct{}{})
	case 1:
		s.ask(s.editor, wire.MethodResults, struct{}{})
	case 2:
		s.ask(s.editor, wire.MethodStatus, nil)
	default:
		if name := s.opened(); name != "" {
			params := s.document(name)
			params["position"] = lsptest.Position{Line: s.random.IntN(20), Character: 6}
			s.ask(s.editor, "textDocument/hover", params)
		}
	}
}

func (s *soak) renameOne() {
	name := s.some()
	if !strings.HasPrefix(name, "app/test_") || s.gone[name] {
		return
	}
	to := strings.Replace(name, "test_", "test_renamed_", 1)
	s.rename(name, to)
	s.gone[name] = true
	s.editor.DiskChanged(lsptest.FileDeleted, s.path(name))
	s.editor.DiskChanged(lsptest.FileCreated, s.path(to))
}

func (s *soak) deleteOne() {
	name := s.some()
	if !strings.HasPrefix(name, "app/test_") || s.gone[name] {
		return
	}
	s.remove(name)
	s.gone[name] = true
	s.editor.DiskChanged(lsptest.FileDeleted, s.path(name))
}

// editProject changes what every worker has read, without a word.
func (s *soak) editProject() {
	s.write("app/prices.py", fmt.Sprintf("PRICE = %d\n", s.random.IntN(1000)))
}

func (s *soak) killDaemon() {
	if daemon := s.status().Daemon.PID; daemon > 0 { // none: it is just being replaced
		kill(s.t, daemon)
		s.killed = time.Now()
	}
}

func (s *soak) killWorker() {
	workers := s.status().workers()
	if len(workers) == 0 {
		return
	}
	if pid := workers[s.random.IntN(len(workers))].PID; pid > 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended meanwhile
	}
}

// otherEditor has a second editor come, do something, and go in one way or another.
func (s *soak) otherEditor() {
	if s.other == nil {
		s.other = s.connect(lsptest.Options{Name: "other", Plain: true})
		return
	}
	switch s.random.IntN(4) {
	case 0:
		s.other.HangUp()
		s.other = nil
	case 1:
		s.awaitAll()
		s.leave()
	default:
		s.ask(s.other, "workspace/executeCommand", map[string]any{"command": "hotclub.runFile", "arguments": []any{
			map[string]any{"uri": s.other.URI(s.path(s.some()))},
		}})
	}
}

// leave has the other editor go in order.
func (s *soak) leave() {
	s.other.Quit()
	if s.t.Failed() {
		s.t.Logf("of the editor that left:\n%s", s.other.Transcript("$/progress", "window/", "shutdown", "exit"))
	}
	s.other = nil
}

// shellRun has a shell run everything; the one before is waited for, interrupted or killed.
func (s *soak) shellRun() {
	if s.shell != nil {
		switch s.random.IntN(3) {
		case 0:
			_ = s.shell.command.Process.Signal(syscall.SIGINT)
		case 1:
			_ = s.shell.command.Process.Kill()
		}
		eventually(s.t, "the end of the shell's run", s.shell.hasEnded)
	}
	s.shell = s.begin("-n", "2")
}

func (s *soak) watch() {
	if name := s.opened(); name != "" {
		s.call(s.editor, wire.MethodWatch, wire.WatchParams{URI: s.editor.URI(s.path(name))})
		s.editor.Save(s.path(name))
		s.call(s.editor, wire.MethodUnwatch, wire.WatchParams{URI: s.editor.URI(s.path(name))})
	}
}
