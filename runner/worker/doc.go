// Package worker runs one Python process each: it starts it (spawned with pipes, or forked
// from a booted layer), speaks with it, captures what it prints, and kills it.
//
// It is the only place that starts the project's Python. The Python side of the
// conversation lies in python/hotclub_worker and is embedded in the binary; its worker.py
// names the same requests as requests.go here. Messages are newline-delimited JSON-RPC.
// A worker reports what it has read (reads.go); whether that still holds is for the pool to
// say.
//
// Open host.go first, then fork.go and worker.go.
package worker
