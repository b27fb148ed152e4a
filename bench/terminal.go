package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// terminal is a program that draws on a screen, and its keyboard. What is drawn is noted with when.
type terminal struct {
	keyboard io.WriteCloser
	process  *exec.Cmd

	mu     sync.Mutex
	change *sync.Cond
	drawn  []byte
	pieces []piece
	over   error
}

// piece is what was drawn at once.
type piece struct {
	end int // in drawn
	at  time.Time
}

// newTerminal starts a shell command in a terminal of its own, 80 columns wide: that of script(1).
func newTerminal(ctx context.Context, dir string, env []string, command string) (*terminal, error) {
	process := exec.CommandContext(ctx, "script", "--quiet", "--flush", "--return", "--command", command, "/dev/null")
	process.Dir, process.Env = dir, append(env, "TERM=xterm-256color", "LANG=C.UTF-8")
	t := &terminal{process: process}
	t.change = sync.NewCond(&t.mu)
	keyboard, inErr := process.StdinPipe()
	screen, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr, process.Start()); err != nil {
		return nil, fmt.Errorf("starting a terminal, which takes script of util-linux: %w", err)
	}
	t.keyboard = keyboard
	go t.watch(screen)
	return t, nil
}

func (t *terminal) watch(screen io.Reader) {
	piece := make([]byte, 1<<16)
	for {
		n, err := screen.Read(piece)
		t.note(piece[:n], err)
		if err != nil {
			return
		}
	}
}

func (t *terminal) note(text []byte, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drawn = append(t.drawn, text...)
	t.pieces = append(t.pieces, piece{len(t.drawn), time.Now()})
	t.over = err
	t.change.Broadcast()
}

// press sends keys, and returns when, and from where on their effect is drawn.
func (t *terminal) press(keys string) (time.Time, int, error) {
	t.mu.Lock()
	from := len(t.drawn)
	t.mu.Unlock()
	at := time.Now()
	_, err := io.WriteString(t.keyboard, keys)
	return at, from, err
}

// await waits until a text is drawn, and returns when all of it was.
func (t *terminal) await(ctx context.Context, from int, text string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		t.mu.Lock() // whoever waits has looked at ctx before, or is told
		defer t.mu.Unlock()
		t.change.Broadcast()
	})
	defer stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if i := bytes.Index(t.drawn[from:], []byte(text)); i >= 0 {
			return t.when(from + i + len(text)), nil
		}
		if err := errors.Join(t.over, ctx.Err()); err != nil {
			return time.Time{}, fmt.Errorf("waiting for %q on the screen: %w\n%q", text, err, tail(t.drawn[from:]))
		}
		t.change.Wait()
	}
}

// when is the time at which so much was drawn.
func (t *terminal) when(end int) time.Time {
	for _, p := range t.pieces {
		if p.end >= end {
			return p.at
		}
	}
	return time.Time{}
}

// end ends the program by keys, and waits for it.
func (t *terminal) end(keys string) {
	_, _, _ = t.press(keys) // it may be gone already
	t.keyboard.Close()
	_ = t.process.Wait()
}

// quoted is a word for a shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
