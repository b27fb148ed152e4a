package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsThatWorkersAreBootedWith(t *testing.T) {
	for _, test := range []struct{ args, booting, running []string }{
		{nil, nil, nil},
		{[]string{"--pattern=check*.py", "--timing"}, nil, []string{"--pattern=check*.py", "--timing"}},
		{[]string{"--top-level-directory=src", "--debug-mode"}, []string{"--debug-mode"}, []string{"--top-level-directory=src"}},
		{[]string{"--testrunner", "x.Runner", "--mine=1"}, []string{"--testrunner", "x.Runner", "--mine=1"}, nil},
		// As somebody writes it behind "--": its value can't be told from a label's.
		{[]string{"-p", "check*.py", "--pattern", "x"}, []string{"-p", "check*.py", "--pattern", "x"}, nil},
	} {
		booting, running := options(test.args)
		if diff := cmp.Diff([][]string{test.booting, test.running}, [][]string{booting, running}); diff != "" {
			t.Errorf("%v (-want +got)\n%s", test.args, diff)
		}
	}
}
