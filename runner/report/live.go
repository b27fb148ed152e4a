package report

import (
	"fmt"
	"strings"
	"time"

	"hotclub/runner"
)

// redrawEvery is the pace of the live line, ten a second: smooth, and slow over ssh still.
const redrawEvery = 100 * time.Millisecond

// animate redraws the live line at each tick until Close.
func (t *Terminal) animate(tick <-chan time.Time, stop func()) {
	defer close(t.still)
	defer stop()
	for {
		select {
		case <-t.closing:
			return
		case <-tick:
			t.mu.Lock()
			t.frames++
			t.screen.redraw(t.live())
			t.mu.Unlock()
		}
	}
}

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// live composes the line: a bar, counts, what is left, and the tests that run. Narrow
// terminals lose its end first.
func (t *Terminal) live() string {
	if t.run.finished != nil {
		return ""
	}
	columns := t.settings.Width() - 1 // a full line would wrap in some terminals
	pieces := []piece{{cyan, string(spinner[t.frames%len(spinner)]) + " "}}
	if t.run.started == nil {
		return t.palette.fit(append(pieces, t.waiting()...), columns)
	}
	if columns >= 60 {
		pieces = append(pieces, t.bar(min(24, columns/5))...)
	}
	pieces = append(pieces, t.progress()...)
	pieces = append(pieces, piece{plain, "  "})
	if t.notice != "" {
		return t.palette.fit(append(pieces, piece{dim, t.notice}), columns)
	}
	return t.palette.fit(append(pieces, piece{dim, t.runningNames()}), columns)
}

// waiting is the line before the first test: what the run waits for, and how long.
func (t *Terminal) waiting() []piece {
	text := t.notice
	if text == "" {
		text = "waiting for the run"
	}
	pieces := []piece{{plain, text}}
	if waited := t.settings.Now().Sub(t.opened); waited >= time.Second {
		pieces = append(pieces, piece{dim, "  " + longDuration(int(waited.Seconds()))})
	}
	return pieces
}

func (t *Terminal) bar(width int) []piece {
	filled := width
	if total := t.run.total(); total > 0 {
		filled = min(width, width*t.run.done/total)
	}
	style := green
	if len(t.run.failed) > 0 {
		style = red
	}
	return []piece{
		{style, strings.Repeat("━", filled)},
		{dim, strings.Repeat("╌", width-filled)},
		{plain, " "},
	}
}

func (t *Terminal) progress() []piece {
	pieces := []piece{{bold, fmt.Sprintf("%d/%d", t.run.done, t.run.total())}}
	if failed := len(t.run.failed); failed > 0 {
		pieces = append(pieces, piece{plain, "  "}, piece{boldRed, fmt.Sprintf("%d failed", failed)})
	}
	if left, ok := t.run.remaining(t.settings.Now()); ok {
		pieces = append(pieces, piece{dim, "  " + longDuration(int(left.Seconds()+0.5)) + " left"})
	}
	return pieces
}

// longRunning is when a test is slow enough to say how long it has been running.
const longRunning = 2 * time.Second

func (t *Terminal) runningNames() string {
	names := make([]string, len(t.run.running))
	for i, r := range t.run.running {
		names[i] = r.name
		if took := t.settings.Now().Sub(r.since); took >= longRunning {
			names[i] += " " + longDuration(int(took.Seconds()))
		}
	}
	return strings.Join(names, ", ")
}

// notify shows a notice: a warning always as a line, another in the live line, or as a
// dim line where there is none.
func (t *Terminal) notify(event runner.Notice) {
	text := strings.TrimSpace(clean(event.Text, false))
	switch {
	case event.Warning:
		t.screen.line(t.palette.paint(yellow, "warning: ") + text + "\n")
	case t.settings.Verbosity < 1:
	case t.settings.TTY && t.settings.Verbosity < 3:
		t.notice = oneLine(text)
	default:
		t.screen.line(t.palette.paint(dim, text) + "\n")
	}
}
