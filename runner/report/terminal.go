package report

import (
	"fmt"
	"io"
	"sync"
	"time"

	"hotclub/runner"
)

// Terminal prints a run for a person.
//
// Failures are printed as they happen, whole, and named again in the summary. On a
// terminal a live line shows progress below them; elsewhere a long silence is broken by
// a line of progress, since build servers take silent jobs for hung ones.
type Terminal struct {
	settings Settings
	palette  palette
	opened   time.Time
	closing  chan struct{} // closed by Close
	still    chan struct{} // closed when the live line is drawn no more
	once     sync.Once

	mu     sync.Mutex // guards what follows: the live line is drawn by a goroutine of its own
	screen screen
	run    tally
	seen   map[string]string // texts of shared errors, with the label that showed them first
	notice string            // for the live line, until the next test
	frames int               // of the live line
	spoke  time.Time         // last line of a report without a live line
}

// NewTerminal starts a report on w. The live line writes from a goroutine that Close ends.
func NewTerminal(w io.Writer, settings Settings) *Terminal {
	settings = settings.withDefaults()
	t := &Terminal{
		settings: settings,
		palette:  palette(settings.Color),
		opened:   settings.Now(),
		closing:  make(chan struct{}),
		still:    make(chan struct{}),
		screen:   screen{w: w},
		seen:     map[string]string{},
	}
	t.spoke = t.opened
	switch {
	case !settings.TTY || settings.Verbosity < 1:
		close(t.still)
	case settings.Tick != nil:
		go t.animate(settings.Tick, func() {})
	default:
		ticker := time.NewTicker(redrawEvery)
		go t.animate(ticker.C, ticker.Stop)
	}
	return t
}

// Handle prints what the event has to say.
func (t *Terminal) Handle(event runner.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch event := event.(type) {
	case runner.Notice:
		t.notify(event)
	case runner.RunStarted:
		t.notice = ""
		t.run.start(event, t.settings.Now())
		t.opening(event)
	case runner.TestStarted:
		t.notice = ""
		t.run.begin(event, t.settings.Now())
	case runner.TestFinished:
		t.notice = ""
		t.result(resultOfTest(event))
	case runner.ClassErrored:
		t.result(resultOfClass(event))
	case runner.RunFinished:
		t.run.finished = &event
		t.summary(event)
	}
}

// Close removes the live line and returns the first error in writing.
func (t *Terminal) Close() error {
	t.once.Do(func() {
		close(t.closing)
		<-t.still
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.run.started != nil && t.run.finished == nil {
			t.brokenOff()
		}
		if t.screen.live != "" {
			t.screen.redraw("")
		}
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.screen.err != nil {
		return fmt.Errorf("printing the report: %w", t.screen.err)
	}
	return nil
}

func (t *Terminal) page() *page {
	return &page{palette: t.palette, root: t.settings.Root, full: t.settings.Verbosity >= 2}
}

func (t *Terminal) opening(event runner.RunStarted) {
	if t.settings.Verbosity < 1 {
		return
	}
	if event.ShuffleSeed != nil {
		t.screen.line(fmt.Sprintf("Using shuffle seed: %d\n", *event.ShuffleSeed))
	}
	if len(event.Tests) > 0 && (!t.settings.TTY || t.settings.Verbosity >= 2) {
		tests := count(len(event.Tests), "test", "tests")
		t.screen.line(fmt.Sprintf("Running %s on %s\n", tests, crew(event)))
	}
}

// crew words who runs the tests: "2 workers (fork)".
func crew(event runner.RunStarted) string {
	words := count(event.Workers, "worker", "workers")
	if event.StartMethod != "" {
		words += " (" + event.StartMethod + ")"
	}
	return words
}

// result prints a verdict as far as it is worth a line.
func (t *Terminal) result(r result) {
	t.run.add(r)
	p := t.page()
	switch {
	case r.verdict.State.Bad():
		p.failure(r, t.repeated(r))
		t.screen.paragraph(p.String())
	case t.settings.Verbosity >= 2:
		p.testLine(r)
		t.screen.line(p.String())
	case t.settings.TTY || t.settings.Verbosity < 1 || t.settings.Now().Sub(t.spoke) < longSilence:
		return
	default:
		t.screen.line(t.palette.paint(dim, t.progressLine()) + "\n")
	}
	t.spoke = t.settings.Now()
}

// longSilence is after how long a report without a live line shows that it is alive.
const longSilence = 10 * time.Second

func (t *Terminal) progressLine() string {
	line := fmt.Sprintf("… %d of %d done", t.run.done, t.run.total())
	if failed := len(t.run.failed); failed > 0 {
		line += fmt.Sprintf(", %d failed", failed)
	}
	if left, ok := t.run.remaining(t.settings.Now()); ok {
		line += ", about " + longDuration(int(left.Seconds()+0.5)) + " left"
	}
	return line
}

// repeated returns the label of an earlier result with the same error: a broken
// setUpClass is the verdict of every test of its class, and one traceback is enough.
func (t *Terminal) repeated(r result) string {
	messages := r.verdict.Messages
	if len(messages) != 1 || !shared(messages[0].Phase) || messages[0].Text == "" {
		return ""
	}
	earlier, ok := t.seen[messages[0].Text]
	if !ok {
		t.seen[messages[0].Text] = r.label
	}
	return earlier
}
