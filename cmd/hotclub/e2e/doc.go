// Package e2e tests the hotclub binary from outside, on real Django projects.
//
// The interpreters come from DJANGO_PYTHONS, a list such as
// "4.2=/venvs/a/bin/python,5.2=/venvs/b/bin/python,6.1=/venvs/c/bin/python", which .ci/run
// sets. Each test has a runtime and a state directory of its own, so that it has a daemon of
// its own, which is stopped at its end; what is left over then is a failure.
//
// TestGuarantees holds `hotclub lsp` to what PROTOCOL.md promises; testdata/lsp has transcripts,
// which HOTCLUB_UPDATE_GOLDEN=1 writes anew. TestNeovim and its like drive the editors of NEOVIMS
// ("trixie=/path/to/nvim,…", see .ci/neovim) with the scripts of testdata/neovim. TestSoak does at
// random what people do, for 20 seconds; for longer with
//
//	HOTCLUB_SOAK=10m go test -timeout 15m -v -run TestSoak ./cmd/hotclub/e2e
//
// (with GOFLAGS=-race the binary looks for races) and again as it was, apart from the timing, with the HOTCLUB_SOAK_SEED that it prints.
//
// Tests whose names end in OnServers start a PostgreSQL and a MariaDB of their own, from Debian's
// packages, and need the interpreters of DATABASE_PYTHONS, a list of the same form, which have the
// drivers; servers_harness_test.go has the servers. HOTCLUB_POSTGRES_BIN names the folder of another
// PostgreSQL ("$(.ci/servers postgres 18 forky)"), HOTCLUB_MYSQLD the program of a MySQL
// ("$(.ci/mysql)"), on which most of them run with HOTCLUB_EVERYTHING=1. TestLivesOnServers does at
// random what happens to a daemon; for longer with HOTCLUB_LIVES=200, and again with the
// HOTCLUB_LIVES_SEED that it prints.
//
// TestDebugger, TestCoverage and their like need the interpreters of EDITOR_PYTHONS, a list of the same
// form, which have debugpy and coverage.
//
// TestMutations edits the bookshop and two third-party projects at random, a dozen times each, and
// after every edit holds the runs of warm workers against a cold manage.py test on the same disk;
// 300 edits of each, on all variants, with
//
//	HOTCLUB_MUTATIONS=300 HOTCLUB_MUTATIONS_VARIANTS=fork,spawn,fork-unwatched,spawn-unwatched \
//		go test -timeout 3h -v -run TestMutations ./cmd/hotclub/e2e
//
// and the same edits again with the HOTCLUB_MUTATIONS_SEED that it prints. mutation_test.go has the
// loop, mutation_subjects_test.go the projects, mutation_bookshop_test.go and
// mutation_source_test.go the edits; testdata/mutant is the app whose tests look at what is edited.
package e2e
