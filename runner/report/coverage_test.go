package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner"
)

var executed = runner.Coverage{Tool: "coverage 7.6.1", Files: []runner.FileCoverage{
	{
		File: "/shop/catalog/models.py", Executed: 999, Total: 1000, BranchesExecuted: 1, BranchesTotal: 2,
		ExecutedLines: []runner.LineRange{{1, 2}}, MissedLines: []runner.LineRange{{4, 4}},
		Branches: []runner.Branch{{Line: 2, To: 4}, {Line: 2, To: 0, Taken: true}},
	},
	{File: "/shop/manage.py", Executed: 3, Total: 3, ExecutedLines: []runner.LineRange{{1, 3}}},
	{File: "/shop/empty.py"},
	{File: "/elsewhere/tax.py", Total: 1, MissedLines: []runner.LineRange{{7, 7}}},
}}

func TestCoverage(t *testing.T) {
	var out strings.Builder
	if err := Coverage(&out, "/shop", executed); err != nil {
		t.Fatal(err)
	}
	want := `
coverage 7.6.1      lines  missed
catalog/models.py    1000       1   99%
/elsewhere/tax.py       1       1    0%
all files            1004       2   99%
Nothing was missed in 2 of the 4 files.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestLCOV(t *testing.T) {
	var out strings.Builder
	if err := LCOV(&out, "/shop", executed); err != nil {
		t.Fatal(err)
	}
	want := `SF:catalog/models.py
DA:4,0
DA:1,1
DA:2,1
LF:1000
LH:999
BRDA:2,0,0,0
BRDA:2,0,1,1
BRF:2
BRH:1
end_of_record
SF:manage.py
DA:1,1
DA:2,1
DA:3,1
LF:3
LH:3
end_of_record
SF:empty.py
LF:0
LH:0
end_of_record
SF:/elsewhere/tax.py
DA:7,0
LF:1
LH:0
end_of_record
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
