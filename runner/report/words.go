package report

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"hotclub/runner"
)

// statusWords are the short words at the start of a line about a test.
var statusWords = map[runner.State]string{
	runner.Passed: "PASS", runner.Failed: "FAIL", runner.Errored: "ERROR", runner.Skipped: "SKIP",
	runner.XFailed: "XFAIL", runner.XPassed: "XPASS", runner.Cancelled: "CANCEL", runner.NotRun: "NOTRUN",
}

// statusStyles colour those words.
var statusStyles = map[runner.State]string{
	runner.Passed: green, runner.Failed: boldRed, runner.Errored: boldRed, runner.Skipped: yellow,
	runner.XFailed: yellow, runner.XPassed: boldRed, runner.Cancelled: yellow, runner.NotRun: yellow,
}

// stateWords finish the sentence "3 tests …", in the order of a summary.
var stateWords = []struct {
	state runner.State
	words string
}{
	{runner.Passed, "passed"},
	{runner.Failed, "failed"},
	{runner.Errored, "errored"},
	{runner.XPassed, "passed unexpectedly"},
	{runner.Skipped, "skipped"},
	{runner.XFailed, "failed as expected"},
	{runner.Cancelled, "cancelled"},
	{runner.NotRun, "not run"},
}

// duration words milliseconds: "<1 ms", "38 ms", "1.24 s", "2 min 03 s", "1 h 05 min".
func duration(ms float64) string {
	switch seconds := ms / 1000; {
	case ms < 1:
		return "<1 ms"
	case math.Round(ms) < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	case math.Round(seconds*100) < 6000:
		return fmt.Sprintf("%.2f s", seconds)
	default:
		return longDuration(int(math.Round(seconds)))
	}
}

// longDuration words whole seconds: "9 s", "2 min 03 s", "1 h 05 min".
func longDuration(seconds int) string {
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
	default:
		return fmt.Sprintf("%d h %02d min", seconds/3600, seconds%3600/60)
	}
}

// count words a number of things: "1 test", "2 tests".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// relative shortens a path below root; any other stays as it is.
func relative(root, file string) string {
	if root == "" || !filepath.IsAbs(file) {
		return file
	}
	short, err := filepath.Rel(root, file)
	if err != nil || !filepath.IsLocal(short) {
		return file
	}
	return short
}

// shellWord quotes a label where a shell would take it apart; labels of parametrised
// tests may hold anything.
func shellWord(word string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-"
	if word != "" && strings.Trim(word, safe) == "" {
		return word
	}
	for _, r := range word {
		if !strings.ContainsRune(safe, r) && r < 0x80 {
			return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return word
}
