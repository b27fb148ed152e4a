package client

import (
	"context"

	"go.lsp.dev/uri"

	"hotclub/lspserver/wire"
	"hotclub/runner"
)

// Coverage asks what a run of this client has executed; detailed: which lines, too.
func (c *Client) Coverage(ctx context.Context, id runner.RunID, detailed bool) (runner.Coverage, error) {
	answer, err := c.coverage(ctx, wire.CoverageParams{RunID: id})
	if err != nil {
		return runner.Coverage{}, err
	}
	told := runner.Coverage{Tool: answer.Tool}
	for _, file := range answer.Files {
		found := []wire.FileCoverage{file}
		if detailed {
			one, err := c.coverage(ctx, wire.CoverageParams{RunID: id, URI: file.URI})
			if err != nil {
				return told, err
			}
			found = one.Files
		}
		for _, each := range found {
			told.Files = append(told.Files, fileCoverage(each))
		}
	}
	return told, nil
}

func (c *Client) coverage(ctx context.Context, p wire.CoverageParams) (answer wire.CoverageAnswer, err error) {
	return answer, c.call(ctx, wire.MethodCoverage, p, &answer)
}

func fileCoverage(file wire.FileCoverage) runner.FileCoverage {
	told := runner.FileCoverage{
		File: uri.URI(file.URI).FsPath(), Executed: file.Executed, Total: file.Total,
		BranchesExecuted: file.BranchesExecuted, BranchesTotal: file.BranchesTotal,
	}
	if file.Detail == nil {
		return told
	}
	told.ExecutedLines, told.MissedLines = fromOne(file.Detail.Executed), fromOne(file.Detail.Missed)
	for _, b := range file.Detail.Branches {
		told.Branches = append(told.Branches, runner.Branch{Line: b.Line + 1, To: b.To + 1, Taken: b.Taken})
	}
	return told
}

// fromOne counts lines as Python does.
func fromOne(ranges []wire.LineRange) []runner.LineRange {
	told := make([]runner.LineRange, len(ranges))
	for i, r := range ranges {
		told[i] = runner.LineRange{r[0] + 1, r[1] + 1}
	}
	return told
}
