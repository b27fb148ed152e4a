//go:build linux

package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// terminal is a program on a screen, with somebody at its keyboard.
type terminal struct {
	c      *club
	socket string // of a tmux of its own
}

// terminal starts a program on a screen in the project.
func (c *club) terminal(env []string, program ...string) *terminal {
	c.t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		c.t.Fatalf("a program on a screen needs tmux: %v", err)
	}
	s := &terminal{c, filepath.Join(c.runtime, "tmux")}
	c.t.Cleanup(func() { s.tmux("kill-server") })
	command := exec.Command("tmux", append([]string{"-S", s.socket, "-f", "/dev/null", "new-session", "-d", "-x", "130", "-y", "40"}, program...)...)
	command.Dir = c.root
	command.Env = append(c.env, env...)
	if output, err := command.CombinedOutput(); err != nil {
		c.t.Fatalf("tmux: %v\n%s", err, output)
	}
	return s
}

func (s *terminal) tmux(args ...string) string {
	output, _ := exec.Command("tmux", append([]string{"-S", s.socket}, args...)...).CombinedOutput()
	return string(output)
}

// press presses keys, of tmux's names.
func (s *terminal) press(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

// write writes a text.
func (s *terminal) write(text string) { s.tmux("send-keys", "-l", text) }

func (s *terminal) screen() string { return s.tmux("capture-pane", "-p") }

// until looks at the screen until it is as wanted.
func (s *terminal) until(what string, holds func(screen string) bool) {
	s.c.t.Helper()
	if !within(40*time.Second, func() bool { return holds(s.screen()) }) {
		s.c.t.Fatalf("%s did not come to pass on\n%s", what, s.screen())
	}
}

// shows waits for a text on the screen.
func (s *terminal) shows(text string) {
	s.c.t.Helper()
	s.until("a screen with "+text, func(screen string) bool { return strings.Contains(screen, text) })
}
