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
package e2e
