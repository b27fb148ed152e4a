package wire

import "hotclub/runner"

// CoverageParams asks what a run of this client has executed that had coverage in its RunParams.
type CoverageParams struct {
	RunID runner.RunID `json:"runId"`
	URI   string       `json:"uri,omitempty"` // of a file, whose lines are to be told as well; default: all files, without
}

// CoverageAnswer lists the files that count, also those that nobody has imported.
type CoverageAnswer struct {
	Tool  string         `json:"tool"` // that measured: "coverage 7.6.1", or "sys.monitoring"
	Files []FileCoverage `json:"files"`
}

// FileCoverage is what was executed of one file.
type FileCoverage struct {
	URI              string          `json:"uri"`
	Executed         int             `json:"executed"` // statements, by the line on which they begin
	Total            int             `json:"total"`
	BranchesExecuted int             `json:"branchesExecuted,omitempty"`
	BranchesTotal    int             `json:"branchesTotal,omitempty"` // absent where they were not measured
	Detail           *CoverageDetail `json:"detail,omitempty"`
}

// CoverageDetail tells lines, as LSP counts them: from 0. Those that are no statements are in
// neither list.
type CoverageDetail struct {
	Executed []LineRange `json:"executed"`
	Missed   []LineRange `json:"missed"`
	Branches []Branch    `json:"branches,omitempty"`
}

// LineRange is the first and the last of some lines that follow each other.
type LineRange [2]int

// Branch is one of the ways that lead on from a line.
type Branch struct {
	Line  int  `json:"line"`
	To    int  `json:"to"` // line, -1: out of the function or module
	Taken bool `json:"taken"`
}
