//go:build linux

package e2e

import (
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fewLives is how many steps TestLivesOnServers takes where HOTCLUB_LIVES does not say.
const fewLives = 15

// TestLivesOnServers: after runs, cancels, kills of the daemon and switches of branches in any order,
// the server holds exactly the databases that hotclub says it has.
//
// HOTCLUB_LIVES is the number of steps, HOTCLUB_LIVES_SEED what they are drawn by.
func TestLivesOnServers(t *testing.T) {
	t.Parallel()
	steps, err := strconv.Atoi(cmp.Or(os.Getenv("HOTCLUB_LIVES"), strconv.Itoa(fewLives)))
	if err != nil {
		t.Fatalf("HOTCLUB_LIVES: %v", err)
	}
	seed := seedOf(t, "HOTCLUB_LIVES_SEED")
	onServers(t, func(t *testing.T, c *club, s *served) {
		l := &lives{club: c, server: s, random: rand.New(rand.NewPCG(seed, 1))}
		c.release()
		for range steps {
			l.step()
			if t.Failed() {
				break
			}
		}
		l.run() // what a killed daemon left is looked after when its server is met again
		c.agrees(s)
		if r := c.hotclub("stop", "--all"); r.status != 0 {
			t.Errorf("stop: status %d\n%s", r.status, r.stderr)
		}
		clones := 0
		for _, name := range c.agrees(s) {
			if strings.HasPrefix(name, "hcc_") {
				clones++ // for the next daemon
			} else if !strings.HasPrefix(name, "hct_") {
				t.Errorf("%s has outlived the daemon", name)
			}
		}
		if clones > 1 {
			t.Errorf("%d clones have outlived the daemon", clones)
		}
		if t.Failed() {
			t.Logf("again with HOTCLUB_LIVES=%d HOTCLUB_LIVES_SEED=%d; what was done: %s", steps, seed, strings.Join(l.history, ", "))
		}
	})
}

type lives struct {
	*club
	server  *served
	random  *rand.Rand
	history []string
}

// step does one thing; now and then the server and the list are compared after it.
func (l *lives) step() {
	all := []struct {
		name string
		do   func()
	}{
		{"a run", l.run},
		{"a run", l.run},
		{"a cancel", l.cancel},
		{"a cancel", l.cancel},
		{"a kill", l.kill},
		{"a branch", l.branch},
		{"a branch", l.branch},
		{"a rebuild", l.rebuild},
		{"a stop", l.stop},
	}
	next := all[l.random.IntN(len(all))]
	l.history = append(l.history, next.name)
	next.do()
	if l.random.IntN(4) == 0 {
		l.history = append(l.history, "a look")
		l.run()
		l.agrees(l.server)
	}
}

func (l *lives) run() { l.plain() }

// soon is long enough for anything to be under way: a boot, a build, a clone, a test.
func (l *lives) soon() { <-time.After(time.Duration(l.random.IntN(2500)) * time.Millisecond) }

func (l *lives) cancel() {
	o := l.begin("tests.test_plain")
	l.soon()
	_ = o.command.Process.Signal(syscall.SIGINT) // it may have ended
	o.wait()
}

// kill ends the daemon, most often in the middle of a run, which may start another one.
func (l *lives) kill() {
	o := l.begin("tests.test_plain")
	l.soon()
	if pid := l.status().Daemon.PID; pid != 0 {
		kill(l.t, pid)
	}
	o.wait()
}

// branch is a checkout of one of four branches, each with another second migration.
func (l *lives) branch() {
	const file = "shop/migrations/0002_branch.py"
	switch l.random.IntN(4) {
	case 0:
		if err := os.Remove(filepath.Join(l.root, file)); err != nil && !os.IsNotExist(err) {
			l.t.Fatal(err)
		}
	case 1:
		l.write(file, secondOf(`migrations.AddField("Item", "price", models.IntegerField(null=True))`))
	case 2:
		l.write(file, secondOf(`migrations.AddField("Item", "cost", models.IntegerField(null=True))`))
	case 3:
		l.write(file, secondOf(`migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))])`))
	}
}

func secondOf(operation string) string {
	return "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n" +
		"    dependencies = [(\"shop\", \"0001_initial\")]\n    operations = [" + operation + "]\n"
}

func (l *lives) rebuild() { l.hotclub("db", "rebuild", "--python", l.python) }

func (l *lives) stop() { l.hotclub("stop", "--all") }
