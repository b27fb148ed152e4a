package runner

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestComparisonInWords(t *testing.T) {
	at := time.Date(2026, 11, 25, 16, 43, 22, 0, time.Local)
	differs := Difference{Label: "a.T.test_it", Cold: Failed, Warm: Passed, At: at, Generation: "a16db580"}
	changed := differs
	changed.Changed = "its file has changed since"
	const line = "a.T.test_it: warm passed on generation a16db580 at 2026-11-25 16:43:22, cold failed"
	for _, each := range []struct {
		comparison Comparison
		want       []string
	}{
		{Comparison{Same: 37}, []string{"Cold against warm: the same verdicts (37 of 37)"}},
		{Comparison{Same: 37, Unknown: 2}, []string{"Cold against warm: the same verdicts (37 of 37); 2 never ran warm"}},
		{Comparison{Unknown: 2}, []string{"Cold against warm: nothing to compare; 2 never ran warm"}},
		{Comparison{Same: 1, Differences: []Difference{changed}}, []string{"Cold against warm: 1 of 2 verdicts differ", line + "; its file has changed since"}},
		{Comparison{Differences: []Difference{differs}}, []string{
			"Cold against warm: 1 of 1 verdicts differ", line,
			"No change of the code explains this: please report it, with the output of hotclub explain and hotclub doctor",
		}},
	} {
		if got := each.comparison.Sentences(); !slices.Equal(got, each.want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(each.want, "\n"))
		}
	}
}
