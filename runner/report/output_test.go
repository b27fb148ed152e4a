package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

func TestLongOutputLosesItsMiddle(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintln(&text, i)
	}
	cut, whole := &page{}, &page{full: true}
	cut.frame("output", text.String(), 2, 3)
	whole.frame("output", text.String(), 2, 3)
	want := "\n  ╭─ output\n  │ 0\n  │ 1\n  ┆ … 995 lines left out, -v 2 shows them …\n  │ 997\n  │ 998\n  │ 999\n  ╰─\n"
	if diff := cmp.Diff(want, cut.String()); diff != "" {
		t.Error(diff)
	}
	if got := strings.Count(whole.String(), "\n"); got != 1003 {
		t.Errorf("the whole output has %d lines, want 1003", got)
	}
}

func TestLongLineIsCut(t *testing.T) {
	p := &page{}
	p.frame("output", strings.Repeat("x", 5000), 2, 3)
	if !strings.Contains(p.String(), strings.Repeat("x", longestLine)+"…\n") {
		t.Errorf("got %d bytes", p.Len())
	}
}

func TestColoursStayWithinTheirFrame(t *testing.T) {
	p := &page{palette: true}
	p.frame("output", "\x1b[31mred\nstill\x1b[0m not\nplain", 9, 9)
	want := "\n  \x1b[2m╭─ output\x1b[0m\n" +
		"  \x1b[2m│\x1b[0m \x1b[31mred\x1b[0m\n" +
		"  \x1b[2m│\x1b[0m \x1b[31mstill\x1b[0m not\x1b[0m\n" +
		"  \x1b[2m│\x1b[0m plain\n" +
		"  \x1b[2m╰─\x1b[0m\n"
	if diff := cmp.Diff(want, p.String()); diff != "" {
		t.Error(diff)
	}
}

func TestManySubtestsAreCut(t *testing.T) {
	r := result{kind: runner.KindTest, label: "t", verdict: runner.Verdict{State: runner.Failed}}
	for i := range 25 {
		r.verdict.Messages = append(r.verdict.Messages, runner.Message{Text: "AssertionError", Subtest: fmt.Sprintf("(i=%d)", i)})
	}
	p := &page{}
	p.failure(r, "")
	if got := p.String(); strings.Count(got, "subtest") != manyMessages || !strings.HasSuffix(got, "\n  … 15 more messages, -v 2 shows all\n") {
		t.Errorf("got:\n%s", got)
	}
}

func TestWithoutDiff(t *testing.T) {
	const head = "Traceback (most recent call last):\n  File \"t.py\", line 7, in test\n    self.assertEqual(x, y)\n"
	for name, test := range map[string]struct{ tail, want string }{
		"lists": {
			"AssertionError: Lists differ: [1] != [2]\n\nFirst differing element 0:\n1\n2\n\n- [1]\n?  ^\n\n+ [2]\n?  ^\n",
			"AssertionError: Lists differ: [1] != [2]\n\nFirst differing element 0:\n1\n2",
		},
		"text": {"AssertionError: 'a' != 'b'\n  same\n- a\n+ b\n : why\n", "AssertionError: 'a' != 'b'\n : why"},
		"none": {"AssertionError: 1 != 2 : why", "AssertionError: 1 != 2 : why"},
		"list in a message": {
			"ValueError: two things:\n* one\n* two", "ValueError: two things:\n* one\n* two",
		},
	} {
		if diff := cmp.Diff(head+test.want, withoutDiff(head+test.tail)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTracebackDimsLibraries(t *testing.T) {
	p := &page{palette: true, root: "/p"}
	p.traceback(runner.Message{
		Text: "Traceback (most recent call last):\n" +
			"  File \"/p/venv/lib/site-packages/x.py\", line 1, in x\n    boom()\n" +
			"  File \"/p/generated.py\", line 3, in g\n    bang()\nshop.Refused\n",
		Frames: []runner.Frame{{File: "/p/generated.py", Line: 3, Own: false}},
	}, false)
	want := "\n  \x1b[2mTraceback (most recent call last):\x1b[0m\n" +
		"  \x1b[2m  File \"venv/lib/site-packages/x.py\", line 1, in x\x1b[0m\n  \x1b[2m    boom()\x1b[0m\n" +
		"  \x1b[2m  File \"generated.py\", line 3, in g\x1b[0m\n  \x1b[2m    bang()\x1b[0m\n" +
		"  \x1b[31mshop.Refused\x1b[0m\n"
	if diff := cmp.Diff(want, p.String()); diff != "" {
		t.Error(diff)
	}
}
