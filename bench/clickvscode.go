package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// newestVSCode is the version that is clicked in; test/vscode/install.sh has it.
const newestVSCode = "1.139.1"

// clickVSCode is a click as a person sees it: from the press of the button on a lens in the real
// VS Code until the icon of the test that passed is painted in the gutter. The other side is what
// the Python extension starts for the same click.
func clickVSCode(ctx context.Context, l *lab) (findings, error) {
	var f findings
	c, all, err := l.warmClub(ctx, "fork")
	if err != nil {
		return f, err
	}
	defer c.end()
	w, err := openWindow(ctx, c, fromTheMiddle(all.nameable()))
	if err != nil {
		return f, err
	}
	defer w.close()
	steps := map[string]samples{}
	ours, theirs, err := alternate(l.rounds(40), func() (time.Duration, error) {
		if _, err := c.settled(ctx); err != nil {
			return 0, err
		}
		took, err := w.click()
		for name, at := range took {
			steps[name] = append(steps[name], at)
		}
		return time.Duration(took["passed"] * float64(time.Millisecond)), err
	}, func() (time.Duration, error) {
		done, err := l.django(ctx, c.root, w.Label)
		return done.took, err
	})
	if err != nil {
		return f, err
	}
	f.rows = append(f.rows, row{"click in VS Code to the icon in the gutter", "ms", ours, theirs, atMost(150, "ms", ours)})
	f.note("click in VS Code: `%s`; painted after, in ms: %s", w.Label, stepsInOrder(steps))
	return f, nil
}

// fromTheMiddle lists tests, those first that take neither long nor short.
func fromTheMiddle(tests []line) (labels []string) {
	for _, test := range byDuration(tests)[len(tests)/2:] {
		labels = append(labels, test.Label)
	}
	return labels
}

// stepsInOrder tells the medians of what was seen on the way, the earliest first.
func stepsInOrder(steps map[string]samples) string {
	names := slices.SortedFunc(maps.Keys(steps), func(a, b string) int {
		return int(steps[a].median() - steps[b].median())
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %.0f", name, steps[name].median())
	}
	return strings.Join(names, ", ")
}

// window is a real VS Code with the packed extension; test/vscode/click.mjs drives it.
type window struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	Label   string // of the test that is clicked
}

// openWindow packs the extension, and opens a window on the club's project. The first of some tests
// that has a lens has run once.
func openWindow(ctx context.Context, c *club, labels []string) (*window, error) {
	vsix, err := c.lab.built(ctx, filepath.Join(".ci", "editors"), "pack")
	if err != nil {
		return nil, err
	}
	drive := filepath.Join(c.lab.module, "editors", "vscode", "test", "vscode")
	vscode, err := c.lab.built(ctx, filepath.Join(drive, "install.sh"), newestVSCode)
	if err != nil {
		return nil, err
	}
	args := []string{
		filepath.Join(drive, "click.mjs"), "--vscode", vscode, "--vsix", vsix,
		"--hotclub", c.lab.binary, "--python", c.lab.python, "--root", c.root,
	}
	w := &window{command: exec.CommandContext(ctx, "node", append(args, labels[:min(len(labels), 50)]...)...)}
	w.command.Env = c.env
	w.command.Cancel = func() error { return w.in.Close() } // so that it ends what it has started
	w.command.WaitDelay = time.Minute
	var stderr strings.Builder
	w.command.Stderr = &stderr
	if w.in, err = w.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReader(out)
	if err := w.command.Start(); err != nil {
		return nil, err
	}
	ready, err := w.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(ready, w)
	}
	if err != nil {
		w.close()
		return nil, fmt.Errorf("opening VS Code: %w\n%s", err, stderr.String())
	}
	return w, nil
}

// click answers when each state of the icon was painted, in milliseconds after the press.
func (w *window) click() (map[string]float64, error) {
	if _, err := io.WriteString(w.in, "\n"); err != nil {
		return nil, err
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("clicking in VS Code: %w", err)
	}
	var took map[string]float64
	if err := json.Unmarshal(line, &took); err != nil {
		return nil, fmt.Errorf("clicking in VS Code: %q: %w", line, err)
	}
	if took["passed"] == 0 {
		return nil, errors.New("clicking in VS Code: the test did not pass")
	}
	return took, nil
}

func (w *window) close() {
	w.in.Close()
	w.command.Wait() //nolint:errcheck // it has told what it had to tell
}

// built runs a script that prints the path of what it has made.
func (l *lab) built(ctx context.Context, name string, args ...string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(l.module, name)
	}
	done, err := call(ctx, l.module, l.environ(), name, args...)
	if err != nil {
		return "", err
	}
	lines := strings.Fields(string(done.stdout))
	if len(lines) == 0 {
		return "", fmt.Errorf("%s prints no path", name)
	}
	return lines[len(lines)-1], nil
}
