package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// clickNeovim is what a person waits for in Neovim: from the key that ends `:Hotclub nearest` until the
// sign beside the test is drawn on the terminal. Beside it the same test by a fresh manage.py test,
// which is what neotest-python starts.
func clickNeovim(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, test, err := l.warmTest(ctx)
	if err != nil {
		return f, err
	}
	defer c.end()
	for _, suite := range []string{"trixie", "forky"} {
		if err := f.nearest(ctx, c, test, suite); err != nil {
			return f, fmt.Errorf("the Neovim of Debian %s: %w", suite, err)
		}
	}
	return f, nil
}

func (f *findings) nearest(ctx context.Context, c *club, test line, suite string) error {
	nvim, err := call(ctx, c.lab.module, c.env, filepath.Join(c.lab.module, ".ci", "neovim"), suite)
	if err != nil {
		return err
	}
	t, err := c.neovim(ctx, strings.TrimSpace(string(nvim.stdout)), test)
	if err != nil {
		return err
	}
	defer t.end("\x1b:qa!\r")
	round := 0
	ours, theirs, err := alternate(c.lab.rounds(30), func() (time.Duration, error) {
		round++
		return c.pressNearest(ctx, t, round)
	}, func() (time.Duration, error) {
		done, err := c.lab.django(ctx, c.root, test.Label)
		return done.took, err
	})
	if err != nil {
		return err
	}
	version, err := call(ctx, c.root, c.env, strings.TrimSpace(string(nvim.stdout)), "--version")
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(string(version.stdout), "\n")
	what := fmt.Sprintf("%s: `:Hotclub nearest` until the sign is drawn; `manage.py test LABEL`", name)
	f.rows = append(f.rows, row{what, "ms", ours, theirs, atMost(60, "ms", ours)})
	f.note("%s: `%s`, whose body takes %s", name, test.Label, quantity(test.DurationMs, "ms"))
	return nil
}

// neovim opens the file of a test in a Neovim with the plugin, with the cursor in the test. The sign
// is the only ✔ that it ever draws.
func (c *club) neovim(ctx context.Context, nvim string, test line) (*terminal, error) {
	_, inside, _ := strings.Cut(string(test.ID), "//")
	file, path, _ := strings.Cut(inside, "::")
	class, method, _ := strings.Cut(path, "::")
	plugin := filepath.Join(c.lab.module, "editors", "nvim")
	setup := fmt.Sprintf("lua vim.g.loaded_python3_provider = 0 vim.o.swapfile = false vim.opt.runtimepath:prepend(%[1]q) "+
		"vim.cmd.source(%[1]q .. '/plugin/hotclub.lua') "+
		"require('hotclub').setup({ cmd = { %[2]q, 'lsp' }, python = %[3]q, start_method = %[4]q, trusted = true, virtual_text = false, messages = false })",
		plugin, c.lab.binary, c.lab.python, c.method)
	words := []string{
		quoted(nvim), "--clean", "--cmd", quoted(setup), quoted(filepath.Join(c.root, filepath.FromSlash(file))),
		"-c", quoted(fmt.Sprintf("call search('class %s') | call search('def %s')", class, method)),
	}
	t, err := newTerminal(ctx, c.root, append(c.env, "XDG_CONFIG_HOME="+c.dir, "XDG_DATA_HOME="+c.dir), strings.Join(words, " "))
	if err != nil {
		return nil, err
	}
	// The file's verdict of the run that warmed it shows that the server is there.
	if _, err := t.await(ctx, 0, "✔"); err != nil {
		t.end("\x1b:qa!\r")
		return nil, err
	}
	return t, nil
}

// pressNearest runs the test at the cursor, from a screen without any sign.
func (c *club) pressNearest(ctx context.Context, t *terminal, round int) (time.Duration, error) {
	if _, err := c.settled(ctx); err != nil {
		return 0, err
	}
	_, from, err := t.press(fmt.Sprintf(":Hotclub clear | redraw | echo 'cleared' .. %d\r", round))
	if err != nil {
		return 0, err
	}
	if _, err := t.await(ctx, from, fmt.Sprintf("cleared%d", round)); err != nil {
		return 0, err
	}
	if _, _, err := t.press(":Hotclub nearest"); err != nil {
		return 0, err
	}
	pressed, from, err := t.press("\r")
	if err != nil {
		return 0, err
	}
	drawn, err := t.await(ctx, from, "✔")
	return drawn.Sub(pressed), err
}
