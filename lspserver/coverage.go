package lspserver

import (
	"context"
	"fmt"
	"sync"

	"go.lsp.dev/uri"

	"hotclub/lspserver/session"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

const (
	coveragesKept = 4        // runs whose coverage a client can ask for
	coverageBytes = 64 << 20 // that all but the latest of them may take
)

// coverages are what the latest runs of a client have executed.
type coverages struct {
	mu   sync.Mutex
	runs []measured // latest last
}

type measured struct {
	id       runner.RunID
	coverage *runner.Coverage
}

// keep takes the coverage of one more run, and lets go of the oldest.
func (k *coverages) keep(id runner.RunID, coverage *runner.Coverage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.runs = append(k.runs, measured{id, coverage})
	first, room := len(k.runs)-1, coverageBytes
	for first > 0 && len(k.runs)-first < coveragesKept {
		if room -= k.runs[first-1].coverage.Size(); room < 0 {
			break
		}
		first--
	}
	k.runs = append([]measured(nil), k.runs[first:]...)
}

// of is the coverage of a run, nil where there is none.
func (k *coverages) of(id runner.RunID) *runner.Coverage {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(k.runs) - 1; i >= 0; i-- { // a client may use an id again
		if k.runs[i].id == id {
			return k.runs[i].coverage
		}
	}
	return nil
}

// coverage answers hotclub/coverage: what a run has executed.
func (c *connection) coverage(ctx context.Context, p wire.CoverageParams) (wire.CoverageAnswer, error) {
	session.Overlap(ctx)
	if p.RunID == "" {
		return wire.CoverageAnswer{}, session.InvalidParams("runId is missing")
	}
	only := ""
	if p.URI != "" {
		path, err := c.path(p.URI)
		if err != nil {
			return wire.CoverageAnswer{}, err
		}
		only = path
	}
	found := c.coverages.of(p.RunID)
	if found == nil {
		return wire.CoverageAnswer{}, fmt.Errorf("nothing was measured in run %q, or it is not among the latest %d with coverage that have ended; run again with coverage", p.RunID, coveragesKept)
	}
	answer := wire.CoverageAnswer{Tool: found.Tool, Files: []wire.FileCoverage{}}
	for _, file := range found.Files {
		if only == "" || file.File == only {
			answer.Files = append(answer.Files, fileCoverage(file, only != ""))
		}
	}
	return answer, nil
}

func fileCoverage(file runner.FileCoverage, detailed bool) wire.FileCoverage {
	told := wire.FileCoverage{
		URI: string(uri.File(file.File)), Executed: file.Executed, Total: file.Total,
		BranchesExecuted: file.BranchesExecuted, BranchesTotal: file.BranchesTotal,
	}
	if detailed {
		told.Detail = &wire.CoverageDetail{Executed: fromZero(file.ExecutedLines), Missed: fromZero(file.MissedLines)}
		for _, b := range file.Branches {
			told.Detail.Branches = append(told.Detail.Branches, wire.Branch{Line: b.Line - 1, To: max(-1, b.To-1), Taken: b.Taken})
		}
	}
	return told
}

// fromZero counts lines as LSP does.
func fromZero(ranges []runner.LineRange) []wire.LineRange {
	told := make([]wire.LineRange, len(ranges))
	for i, r := range ranges {
		told[i] = wire.LineRange{r[0] - 1, r[1] - 1}
	}
	return told
}
