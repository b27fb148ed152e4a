package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"hotclub/runner"
)

// Coverage lists the files in which a run has missed something, and the whole. Paths are shown
// relative to root.
func Coverage(to io.Writer, root string, coverage runner.Coverage) error {
	out := bufio.NewWriter(to)
	const all = "all files"
	width := max(len(all), len(coverage.Tool))
	for _, file := range coverage.Files {
		if file.Executed < file.Total {
			width = max(width, len([]rune(shown(root, file.File))))
		}
	}
	row := func(name string, executed, total int) {
		fmt.Fprintf(out, "%-*s %7d %7d %4d%%\n", width, name, total, total-executed, percent(executed, total))
	}
	fmt.Fprintf(out, "\n%-*s %7s %7s\n", width, coverage.Tool, "lines", "missed")
	executed, total, complete := 0, 0, 0
	for _, file := range coverage.Files {
		executed += file.Executed
		total += file.Total
		if file.Executed == file.Total {
			complete++
			continue
		}
		row(shown(root, file.File), file.Executed, file.Total)
	}
	row(all, executed, total)
	if complete > 0 {
		fmt.Fprintf(out, "Nothing was missed in %d of the %d files.\n", complete, len(coverage.Files))
	}
	return out.Flush()
}

// percent is all of it only where nothing is missing.
func percent(executed, total int) int {
	if total == 0 {
		return 100
	}
	return executed * 100 / total
}

func shown(root, path string) string {
	if relative, err := filepath.Rel(root, path); err == nil && !strings.HasPrefix(relative, "..") {
		return filepath.ToSlash(relative)
	}
	return path
}

// LCOV writes what a run has executed as geninfo of the LCOV tools does, by the paths that [Coverage]
// shows.
func LCOV(to io.Writer, root string, coverage runner.Coverage) error {
	out := bufio.NewWriter(to)
	for _, file := range coverage.Files {
		fmt.Fprintf(out, "SF:%s\n", shown(root, file.File))
		for hits, ranges := range [][]runner.LineRange{file.MissedLines, file.ExecutedLines} {
			for _, r := range ranges {
				for line := r[0]; line <= r[1]; line++ {
					fmt.Fprintf(out, "DA:%d,%d\n", line, hits)
				}
			}
		}
		fmt.Fprintf(out, "LF:%d\nLH:%d\n", file.Total, file.Executed)
		for i, b := range file.Branches {
			taken := 0
			if b.Taken {
				taken = 1
			}
			fmt.Fprintf(out, "BRDA:%d,0,%d,%d\n", b.Line, i, taken)
		}
		if file.BranchesTotal > 0 {
			fmt.Fprintf(out, "BRF:%d\nBRH:%d\n", file.BranchesTotal, file.BranchesExecuted)
		}
		fmt.Fprint(out, "end_of_record\n")
	}
	return out.Flush()
}
