//go:build linux

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// eachNeovim runs a test with every Neovim of NEOVIMS, such as
// "trixie=/cache/nvim-trixie/bin/nvim,forky=/cache/nvim-forky/bin/nvim".
func eachNeovim(t *testing.T, test func(t *testing.T, nvim string)) {
	list := os.Getenv("NEOVIMS")
	if list == "" {
		t.Skip("NEOVIMS names no Neovim; .ci/test sets it, .ci/neovim installs one")
	}
	for entry := range strings.SplitSeq(list, ",") {
		name, nvim, ok := strings.Cut(entry, "=")
		if !ok {
			t.Fatalf("NEOVIMS: %q is no name=path", entry)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, nvim)
		})
	}
}

// neovim runs a Neovim without any configuration in the project, and returns what it printed.
func (c *club) neovim(nvim string, args ...string) string {
	c.t.Helper()
	scripts, err := filepath.Abs("testdata/neovim")
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, nvim, append([]string{"--headless", "--clean"}, args...)...)
	command.Dir = scripts
	home := c.t.TempDir()
	command.Env = append(c.env, "HOTCLUB="+binary, "PROJECT="+c.root, "PYTHON="+c.python, "SCRIPTS="+scripts, "LANG=C.UTF-8",
		"XDG_DATA_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home)
	output, err := command.CombinedOutput()
	if err != nil {
		c.t.Fatalf("%v\n%s\n%s", err, output, c.lspLog(home))
	}
	return string(output)
}

// lspLog is what Neovim and the server have to say of a failure.
func (c *club) lspLog(home string) string {
	var all strings.Builder
	for _, place := range []string{filepath.Join(c.state, "nvim", "lsp.log"), filepath.Join(home, "nvim", "lsp.log")} {
		text, _ := os.ReadFile(place)
		all.Write(text)
	}
	return all.String()
}

// TestNeovim has nothing of ours in the editor but vim.lsp.start: lenses appear, run and turn into
// results, a failing test is a diagnostic at its line and its log opens, until it passes.
func TestNeovim(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		t.Log(strings.TrimSpace(c.neovim(nvim, "-l", "lenses.lua")))
	})
}

// TestNeovimConfiguration tries what docs/editors.md has people put into init.lua.
func TestNeovimConfiguration(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		since := "0.11 and later"
		c := newClub(t, steady(t).python, "small")
		if strings.Contains(c.neovim(nvim, "--version"), "NVIM v0.10.") {
			since = "0.10"
		}
		path := filepath.Join(t.TempDir(), "init.lua")
		if err := os.WriteFile(path, []byte(snippetOf(t, "../../../docs/editors.md", "lua", "-- init.lua, Neovim "+since+"\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		c.env = append(c.env, "SNIPPET="+path, "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"),
			"VIRTUAL_ENV="+filepath.Dir(filepath.Dir(c.python)))
		t.Log(strings.TrimSpace(c.neovim(nvim, "-l", "configuration.lua")))
	})
}

// snippetOf is the code of some language in a document that begins with something.
func snippetOf(t *testing.T, path, language, begins string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, snippet, found := strings.Cut(string(text), "```"+language+"\n"+begins)
	snippet, _, ends := strings.Cut(snippet, "\n```\n")
	if !found || !ends {
		t.Fatalf("%s has no snippet of %s that begins with %q", path, language, begins)
	}
	return begins + snippet
}

// TestNeovimScreen draws what a person sees, for docs/neovim-VERSION.txt; HOTCLUB_UPDATE_GOLDEN=1
// writes them anew.
func TestNeovimScreen(t *testing.T) {
	eachNeovim(t, func(t *testing.T, nvim string) {
		c := newClub(t, steady(t).python, "small")
		_, drawn, _ := strings.Cut(c.neovim(nvim, "-S", "screen.lua"), "SCREEN of Neovim ")
		version, screen, _ := strings.Cut(drawn, "\n")
		for _, seen := range []string{"▶ Run · ✔ ", "▶ Run · ✘ 2 != 3", "▶ Run class · ✘ 1 of 2 failed", "■ 2 != 3"} {
			if !strings.Contains(screen, seen) {
				t.Errorf("%q cannot be seen in\n%s", seen, drawn)
			}
		}
		sameScreen(t, version, filepath.Join("../../../docs", "neovim-"+version+".txt"), screen)
	})
}

// timeless is a screen without durations.
func timeless(screen string) string {
	return regexp.MustCompile(`\d+(\.\d+)? (ms|s)\b`).ReplaceAllString(screen, "0 ms")
}
