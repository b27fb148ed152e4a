package runner

import "slices"

// Measure asks a run to tell which lines of the project it executes.
type Measure struct {
	Branches bool `json:"branches,omitempty"` // also which ways it takes; the project's own settings of coverage may ask for that, too
	// Sources are the folders and packages that count. Default: what the project's own settings of
	// coverage name, else all of it but its tests.
	Sources []string `json:"sources,omitempty"`
}

// Equal reports whether the same lines would be told; nil is equal to nil alone.
func (m *Measure) Equal(other *Measure) bool {
	if m == nil || other == nil {
		return m == other
	}
	return m.Branches == other.Branches && slices.Equal(m.Sources, other.Sources)
}

// Covered brings what a run with [Options.Measure] has executed. It comes once, right before
// RunFinished, unless the run was broken off.
type Covered struct {
	Coverage Coverage
}

// Coverage is what a run has executed.
type Coverage struct {
	Tool  string         `json:"tool"` // that measured: "coverage 7.6.1", or "sys.monitoring"
	Files []FileCoverage `json:"files"`
}

// FileCoverage is what was executed of one file, also of one that nobody has imported. Lines that
// are no statements are in neither list.
type FileCoverage struct {
	File             string      `json:"file"`
	Executed         int         `json:"executed"` // statements, by the line on which they begin
	Total            int         `json:"total"`
	BranchesExecuted int         `json:"branchesExecuted,omitempty"`
	BranchesTotal    int         `json:"branchesTotal,omitempty"` // 0 where they were not measured
	ExecutedLines    []LineRange `json:"executedLines"`
	MissedLines      []LineRange `json:"missedLines"`
	Branches         []Branch    `json:"branches,omitempty"`
}

// LineRange is the first and the last of some lines that follow each other; they count from 1.
type LineRange [2]int

// Branch is one of the ways that lead on from a line. To is the line where it leads, less than 1
// where it leaves the function or module.
type Branch struct {
	Line  int  `json:"line"`
	To    int  `json:"to"`
	Taken bool `json:"taken"`
}

// Size is about how many bytes of memory it takes.
func (c *Coverage) Size() int {
	size := 0
	for _, f := range c.Files {
		size += 160 + len(f.File) + 16*(len(f.ExecutedLines)+len(f.MissedLines)) + 24*len(f.Branches)
	}
	return size
}

func (Covered) event() {}
