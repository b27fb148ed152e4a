//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHelix has somebody at the keyboard of Helix, which draws no lenses, with what docs/editors.md
// has people put into languages.toml: an action runs a test, the failure stands at its line, and a
// command runs it again.
func TestHelix(t *testing.T) {
	hx := os.Getenv("HELIX")
	if hx == "" {
		t.Skip("HELIX names no hx; .ci/editors sets it, .ci/helix installs one")
	}
	t.Parallel()
	c := newClub(t, steady(t).python, "small")
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "helix"), 0o755); err != nil {
		t.Fatal(err)
	}
	languages := snippetOf(t, "../../../docs/editors.md", "toml", "# languages.toml")
	if err := os.WriteFile(filepath.Join(home, "helix", "languages.toml"), []byte(languages), 0o644); err != nil {
		t.Fatal(err)
	}
	s := c.terminal([]string{
		"XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "LANG=C.UTF-8", "TERM=xterm-256color",
		"PATH=" + filepath.Dir(binary) + ":" + os.Getenv("PATH"), "VIRTUAL_ENV=" + filepath.Dir(filepath.Dir(c.python)),
	},
		hx, "app/tests.py")
	s.shows("def test_wrong")

	s.find("def test_wr")
	s.act("Run test_wrong")
	s.find("1 . 1, 3")
	s.shows("actual: 2")
	s.shows("● 1 ") // in the line of the status
	s.act("Show the log of test_wrong")
	s.shows("test_wrong.log: " + string(filepath.Separator)) // Helix does not open it

	s.find("3")
	s.press("r", "2")
	s.command("write")
	s.shows("written")
	s.command("lsp-workspace-command hotclub.runLast")
	s.until("the end of the failure", func(screen string) bool {
		return strings.Contains(screen, "NOR") && !strings.Contains(screen, "● 1") && !strings.Contains(screen, "actual: 2")
	})
}

// find goes to where a regular expression matches.
func (s *terminal) find(pattern string) {
	s.press("g", "g")
	s.write("/" + pattern)
	s.press("Enter")
}

func (s *terminal) command(line string) {
	s.write(":" + line)
	s.press("Enter")
}

// act chooses an action at the cursor, once the server offers one of this title. The first of them
// is chosen when their menu opens.
func (s *terminal) act(title string) {
	s.c.t.Helper()
	var menu string
	s.until("the action "+title, func(string) bool {
		s.press("Space", "a")
		within(20*time.Second, func() bool {
			menu = s.screen()
			return strings.Contains(menu, title) || strings.Contains(menu, "code actions")
		})
		return strings.Contains(menu, title) // if not, Helix says why not in its last line
	})
	first, chosen := strings.Index(menu, "Run test_wrong"), strings.Index(menu, title)
	for range strings.Count(menu[first:chosen], "\n") {
		s.press("C-n")
	}
	s.press("Enter")
}
