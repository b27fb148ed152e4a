//go:build linux

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEmacs goes through lenses, actions, diagnostics and keys with what docs/editors.md has people
// put into init.el. EMACS is one with lsp-mode and eglot on its load path.
func TestEmacs(t *testing.T) {
	emacs := os.Getenv("EMACS")
	if emacs == "" {
		t.Skip("EMACS names no Emacs; .ci/editors sets it, .ci/emacs installs one")
	}
	for _, mode := range []string{"lsp-mode", "eglot"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := newClub(t, steady(t).python, "small")
			t.Log(c.emacs(emacs, mode+".el", snippetOf(t, "../../../docs/editors.md", "elisp", ";; init.el, "+mode)))
		})
	}
}

// emacs runs a script of testdata/emacs in the project, with a configuration.
func (c *club) emacs(emacs, script, configuration string) string {
	c.t.Helper()
	scripts, err := filepath.Abs("testdata/emacs")
	if err != nil {
		c.t.Fatal(err)
	}
	home := c.t.TempDir()
	snippet := filepath.Join(home, "init.el")
	if err := os.WriteFile(snippet, []byte(configuration), 0o644); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, emacs, "--batch", "-Q", "-l", filepath.Join(scripts, script))
	command.Dir = c.root
	command.Env = append(c.env, "PROJECT="+c.root, "SCRIPTS="+scripts, "SNIPPET="+snippet, "HOME="+home, "LANG=C.UTF-8",
		"PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"), "VIRTUAL_ENV="+filepath.Dir(filepath.Dir(c.python)))
	output, err := command.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%v\n%s", err, output)
	}
	return strings.TrimSpace(string(output))
}
