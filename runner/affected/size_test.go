package affected

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/runner/worker"
)

// Twenty thousand tests in a thousand modules, each of which calls thirty functions of another
// thousand: what is kept of them stays small, and is asked fast.
func TestSizeOfTwentyThousand(t *testing.T) {
	const files, functions, tests, calls = 1000, 20, 20, 30
	d := newDesk(t, nil)
	var base, own worker.Lasting
	var reads []string
	text := "CONSTANT = 1\n"
	for f := range functions {
		text += fmt.Sprintf("\ndef function_%d():\n    return %d\n", f, f)
	}
	for i := range files {
		name := fmt.Sprintf("shop/part_%d/module_%d.py", i%50, i)
		test := fmt.Sprintf("shop/part_%d/tests/test_%d.py", i%50, i)
		d.write(name, text)
		d.write(test, "class T(TestCase):\n    def test(self):\n        pass\n")
		reads = append(reads, name, test)
		base.Executed, own.Executed = append(base.Executed, d.path(name)), append(own.Executed, d.path(test))
	}
	var all []tried
	for i := range files * tests {
		test := tried{label: fmt.Sprintf("shop.part_%d.tests.test_%d.T.test_%d", i%50, i%files, i)}
		test.mark.Modules = []string{own.Executed[i%files]}
		for c := range calls {
			at := (i*7 + c*c*(1+i/files)) % files
			test.calls = append(test.calls, worker.Function{Path: base.Executed[at], Name: fmt.Sprintf("function_%d", (i+c)%functions)})
		}
		all = append(all, test)
	}
	d.record(base, own, reads, nil, all...)
	begun := time.Now()
	if err := d.store.Save(); err != nil {
		t.Fatal(err)
	}
	first := time.Since(begun)
	begun = time.Now()
	if err := d.store.Save(); err != nil {
		t.Fatal(err)
	}
	again := time.Since(begun)
	info, err := os.Stat(filepath.Join(d.state, "key.footprints.json"))
	if err != nil {
		t.Fatal(err)
	}
	d.write("shop/part_0/module_0.py", strings.Replace(text, "return 7\n", "return -7\n", 1))
	begun = time.Now()
	decision := Open(d.state, "key", d.root).Decide()
	opened := time.Since(begun)
	affected := 0
	for _, test := range all {
		if decision.Reason(test.label) != "" {
			affected++
		}
	}
	t.Logf("%d tests: %.1f MB on the disk; worked up and saved in %v, saved again in %v, opened in %v, decided in %v: %d affected",
		len(all), float64(info.Size())/(1<<20), first, again, opened, time.Since(begun)-opened, affected)
	if affected == 0 || affected > len(all)/10 {
		t.Errorf("%d of %d affected", affected, len(all))
	}
	if info.Size() > 12<<20 {
		t.Errorf("%d bytes on the disk", info.Size())
	}
}
