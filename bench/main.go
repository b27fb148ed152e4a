// Command bench measures hotclub beside manage.py test, both in turn on the same machine, and
// prints a Markdown table with the bars that hotclub has to clear.
//
//	go run ./bench [-python PATH] [-example DIR] [-quick] [-volatile] [-strict] [names…]
//
// It builds hotclub, works on a copy of the example and keeps its runtime and state in a
// temporary directory, so that no other hotclub is touched.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// benchmark measures one promise.
type benchmark struct {
	name string
	run  func(context.Context, *lab) (findings, error)
}

func benchmarks() []benchmark {
	return []benchmark{
		{"one-test", oneTest},
		{"request-to-verdict", requestToVerdict},
		{"whole-warm", wholeWarm},
		{"whole-first", wholeFirst},
		{"spawn-vs-fork", spawnVersusFork},
		{"memory", memory},
		{"twenty-thousand", twentyThousand},
		{"barrier", barrier},
		{"lenses", lenses},
		{"first-tree", firstTree},
		{"click", click},
		{"click-vscode", clickVSCode},
		{"click-nvim", clickNeovim},
		{"flood", flood},
		{"edit-test", editTest},
		{"edit-code", editCode},
		{"idle", idle},
		{"edit-mid-run", editMidRun},
		{"ready-clone", readyClone},
		{"repair", repair},
		{"known-fingerprint", knownFingerprint},
		{"clones-in-background", clonesInBackground},
		{"postgres-whole", wholeOn("postgres", 2)},
		{"postgres-one", oneOn("postgres", 40)},
		{"flush-heavy", flushHeavy("postgres", 3)},
		{"mariadb-whole", wholeOn("mariadb", 0)},
		{"mariadb-one", oneOn("mariadb", 0)},
		{"mariadb-flush-heavy", flushHeavy("mariadb", 0)},
	}
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	python := flags.String("python", "", "interpreter that has Django; default: that of the active virtual environment, or python3")
	example := flags.String("example", "", "Django project to measure; default: examples/bookshop")
	quick := flags.Bool("quick", false, "few rounds: does it work, not how fast is it")
	volatile := flags.Bool("volatile", false, "database servers keep their data in memory and forget them when the power fails; default: as Debian's packages have them")
	strict := flags.Bool("strict", false, "exit with status 1 when a bar is missed")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := newLab(ctx, *python, *example, *quick)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	defer l.close()
	l.volatile = *volatile
	total, failed := measure(ctx, l, chosen, stderr)
	total.print(stdout, l.conditions(ctx))
	if failed || *strict && total.missed() {
		return 1
	}
	return 0
}

// choose finds the benchmarks of some names, all for none.
func choose(names []string) ([]benchmark, error) {
	all := benchmarks()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []benchmark
	for _, name := range names {
		i := slices.IndexFunc(all, func(b benchmark) bool { return b.name == name })
		if i < 0 {
			var known []string
			for _, b := range all {
				known = append(known, b.name)
			}
			return nil, fmt.Errorf("no benchmark is called %q; there are %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// measure runs benchmarks one after the other. One that cannot be carried out doesn't keep the
// others from it.
func measure(ctx context.Context, l *lab, chosen []benchmark, progress io.Writer) (total findings, failed bool) {
	for _, b := range chosen {
		if ctx.Err() != nil {
			return total, true
		}
		begun := time.Now()
		found, err := b.run(ctx, l)
		total.add(found)
		if err != nil {
			failed = true
			fmt.Fprintf(progress, "%s: %v\n", b.name, err)
			continue
		}
		fmt.Fprintf(progress, "%s: measured in %.0f s\n", b.name, time.Since(begun).Seconds())
	}
	return total, failed
}
