package main

import (
	"os/exec"
	"strings"
	"testing"
)

// deps lists what a package of this module imports, directly or not.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	output, err := exec.Command("go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(output))
}

// imports lists, for each package of this module, what it imports directly.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	output, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "hotclub/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	result := make(map[string][]string)
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		result[fields[0]] = fields[1:]
	}
	return result
}

func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

// The arrows of DESIGN.md point downward only.
func TestArrowsPointDownward(t *testing.T) {
	rules := []struct{ above, below string }{
		{"hotclub/runner", "hotclub/lspserver"},
		{"hotclub/runner", "hotclub/dbclone"},
		{"hotclub/dbclone", "hotclub/runner"},
		{"hotclub/dbclone", "hotclub/lspserver"},
		{"hotclub/lspserver", "hotclub/dbclone"},
		{"hotclub/runner", "hotclub/cmd"},
		{"hotclub/lspserver", "hotclub/cmd"},
	}
	for pkg := range imports(t) {
		for _, rule := range rules {
			if !within(pkg, rule.above) {
				continue
			}
			for _, dep := range deps(t, pkg) {
				if within(dep, rule.below) {
					t.Errorf("%s reaches %s", pkg, dep)
				}
			}
		}
	}
}

// The words of the domain depend on nothing of ours.
func TestWordsStandAlone(t *testing.T) {
	for _, dep := range deps(t, "hotclub/runner") {
		if within(dep, "hotclub") && dep != "hotclub/runner" {
			t.Errorf("hotclub/runner reaches %s", dep)
		}
	}
}

// Each dependency is at home in few places.
func TestDependenciesHaveTheirPlace(t *testing.T) {
	homes := map[string][]string{
		"go.lsp.dev/protocol":             {"hotclub/lspserver"},
		"go.lsp.dev/jsonrpc2":             {"hotclub/lspserver", "hotclub/runner/worker"},
		"github.com/jackc/pgx/v5":         {"hotclub/dbclone/postgres"},
		"github.com/sijms/go-ora/v2":      {"hotclub/dbclone/oracle"},
		"github.com/go-sql-driver/mysql":  {"hotclub/dbclone/mysql"},
		"github.com/alecthomas/kong":      {"hotclub/cmd/hotclub"},
		"github.com/pelletier/go-toml/v2": {"hotclub/runner/config"},
	}
	for pkg, imported := range imports(t) {
		for _, dep := range imported {
			for module, allowed := range homes {
				if within(dep, module) && !anyWithin(pkg, allowed) {
					t.Errorf("%s imports %s, which belongs under %s", pkg, dep, strings.Join(allowed, " or "))
				}
			}
		}
	}
}

func anyWithin(pkg string, folders []string) bool {
	for _, folder := range folders {
		if within(pkg, folder) {
			return true
		}
	}
	return false
}

// Only runner/worker starts the project's Python.
func TestOnlyWorkerStartsProcesses(t *testing.T) {
	allowed := []string{
		"hotclub/runner/worker",     // the project's Python
		"hotclub/cmd/hotclub",       // the daemon
		"hotclub/lspserver/lsptest", // the server under test
		"hotclub/runner/affected",   // git
		// Database servers for tests.
		"hotclub/dbclone/postgres/pgtest",
		"hotclub/dbclone/mysql/mysqltest",
	}
	for pkg, imported := range imports(t) {
		for _, dep := range imported {
			if dep == "os/exec" && !anyWithin(pkg, allowed) && !within(pkg, "hotclub/bench") {
				t.Errorf("%s imports os/exec", pkg)
			}
		}
	}
}
