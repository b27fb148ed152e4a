package report

import (
	"fmt"
	"strings"

	"hotclub/runner"
)

// bad words all messages of a verdict as one element, since readers take only the first.
func bad(verdict runner.Verdict) *xmlBad {
	element := &xmlBad{Message: xmlLine(withoutMessage(verdict))}
	var text strings.Builder
	for i, m := range verdict.Messages {
		if i == 0 {
			element.Message, element.Type = xmlLine(summaryOf(m)), exceptionType(m)
		} else {
			text.WriteString("\n")
		}
		if m.Subtest != "" {
			fmt.Fprintf(&text, "[subtest %s]\n", m.Subtest)
		}
		text.WriteString(strings.TrimRight(m.Text, "\n") + "\n")
		if m.SQL != "" {
			fmt.Fprintf(&text, "\n%s\n", strings.TrimRight(m.SQL, "\n"))
		}
	}
	element.Text = xmlText(text.String())
	return element
}

// summaryOf is the line that names the exception.
func summaryOf(m runner.Message) string {
	if m.Summary != "" {
		return m.Summary
	}
	all := lines(strings.TrimSpace(m.Text))
	if i := lastException(all); i >= 0 {
		return all[i]
	}
	return all[0]
}

func exceptionType(m runner.Message) string {
	all := lines(strings.TrimSpace(m.Text))
	if i := lastException(all); i >= 0 {
		name, _, _ := strings.Cut(all[i], ":")
		return xmlLine(name)
	}
	return ""
}

// skipped words why a test has no result.
func skipped(verdict runner.Verdict) string {
	words := map[runner.State]string{
		runner.XFailed: "failed as expected", runner.Cancelled: "cancelled", runner.NotRun: "not run",
	}[verdict.State]
	reason := xmlLine(verdict.Reason)
	if words == "" || reason == "" {
		return words + reason
	}
	return words + ": " + reason
}

// xmlText is text that XML 1.0 can hold: clean leaves no control character, and two
// code points have no place in it besides those.
func xmlText(text string) string {
	return strings.NewReplacer("\ufffe", "\ufffd", "\uffff", "\ufffd").Replace(clean(text, false))
}

func xmlLine(text string) string { return strings.Join(strings.Fields(xmlText(text)), " ") }
