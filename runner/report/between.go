package report

import (
	"io"
	"strings"
)

// Between prints what stands between the runs of a watch: why the next one begins, and what is
// waited for. What earlier runs have printed stays where it is.
type Between struct {
	settings Settings
	palette  palette
	screen   screen
}

// NewBetween prints to w, to which nobody else writes meanwhile.
func NewBetween(w io.Writer, settings Settings) *Between {
	return &Between{settings: settings.withDefaults(), palette: palette(settings.Color), screen: screen{w: w}}
}

// Heading parts a run from what is above it: the time and the reason, on a terminal as a rule
// across the screen.
func (b *Between) Heading(reason string) {
	b.Clear()
	at := b.settings.Now().Format("15:04:05")
	reason = oneLine(clean(reason, false))
	if !b.settings.TTY {
		b.screen.line("\n" + at + "  " + reason + "\n")
		return
	}
	columns := b.settings.Width() - 1
	rule := max(0, columns-columnsOf("── "+at+"  "+reason+" "))
	b.screen.line("\n" + b.palette.fit([]piece{
		{dim, "── "}, {bold, at}, {plain, "  " + reason + " "}, {dim, strings.Repeat("─", rule)},
	}, columns) + "\n")
}

// Say prints a line for people.
func (b *Between) Say(text string) {
	b.Clear()
	b.screen.line(b.palette.paint(yellow, strings.TrimSpace(clean(text, false))) + "\n")
}

// Wait says that the next save is waited for. On a terminal the line vanishes when something
// else is printed.
func (b *Between) Wait(text string) {
	if b.settings.TTY {
		b.screen.redraw(b.palette.fit([]piece{{dim, text}}, b.settings.Width()-1))
	} else {
		b.screen.line(text + "\n")
	}
}

// Clear takes the line of Wait away.
func (b *Between) Clear() {
	if b.screen.live != "" {
		b.screen.redraw("")
	}
}

// Err is the first error in writing.
func (b *Between) Err() error { return b.screen.err }
