package affected

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hotclub/runner/worker"
)

// program is a made-up project whose call graph is known. The value of a function is made of what
// it says itself, of its module's constant and of the values of those that it calls; which these
// are depends on what it says.
type program struct {
	modules []*module
	tests   [][]call // for each test module what its one test calls
}

type module struct {
	name     string
	constant int
	remark   int // number of comments
	boot     bool
	bodies   []*body
}

type body struct {
	number int
	calls  []call
}

type call struct{ module, function int }

func (p *program) of(c call) (*module, *body) {
	m := p.modules[c.module]
	return m, m.bodies[c.function]
}

// value carries a call out and notes all calls.
func (p *program) value(c call, called map[call]bool) int {
	called[c] = true
	m, b := p.of(c)
	value := 31*b.number + 7*m.constant
	calls := b.calls
	if b.number%2 == 1 {
		calls = calls[:len(calls)/2]
	}
	for _, next := range calls {
		value = value*3 + p.value(next, called)
	}
	return value
}

func (p *program) text(at int) string {
	m := p.modules[at]
	var text strings.Builder
	for _, b := range m.bodies {
		for _, next := range b.calls {
			if next.module != at {
				fmt.Fprintf(&text, "from app import %s\n", p.modules[next.module].name)
			}
		}
	}
	fmt.Fprintf(&text, "%sCONSTANT = %d\n", strings.Repeat("# remark\n", m.remark), m.constant)
	for i, b := range m.bodies {
		fmt.Fprintf(&text, "\ndef f%d():\n    value = %d\n", i, b.number)
		for _, next := range b.calls {
			fmt.Fprintf(&text, "    value += %s.f%d()\n", p.modules[next.module].name, next.function)
		}
	}
	return text.String()
}

// testText imports every module that the test may come to call.
func (p *program) testText(at int) string {
	var text strings.Builder
	for _, c := range p.tests[at] {
		fmt.Fprintf(&text, "from app import %s\n", p.modules[c.module].name)
	}
	return text.String() + "\nclass T(TestCase):\n    def test(self):\n        pass\n"
}

func draw(t *rapid.T) *program {
	p := &program{}
	for i := range rapid.IntRange(1, 5).Draw(t, "modules") {
		m := &module{name: fmt.Sprintf("m%d", i), constant: rapid.IntRange(0, 3).Draw(t, "constant"), boot: rapid.Bool().Draw(t, "boot")}
		for range rapid.IntRange(1, 4).Draw(t, "functions") {
			b := &body{number: rapid.IntRange(0, 9).Draw(t, "number")}
			for range rapid.IntRange(0, 3).Draw(t, "calls") {
				if i > 0 { // of what came before, so that calls end
					b.calls = append(b.calls, p.draw(t))
				}
			}
			m.bodies = append(m.bodies, b)
		}
		p.modules = append(p.modules, m)
	}
	// What a module imports is there no later than itself.
	for _, m := range slices.Backward(p.modules) {
		for _, b := range m.bodies {
			for _, c := range b.calls {
				p.modules[c.module].boot = p.modules[c.module].boot || m.boot
			}
		}
	}
	for range rapid.IntRange(1, 5).Draw(t, "tests") {
		p.tests = append(p.tests, []call{p.draw(t), p.draw(t)})
	}
	return p
}

func (p *program) draw(t *rapid.T) call {
	m := rapid.IntRange(0, len(p.modules)-1).Draw(t, "module")
	return call{m, rapid.IntRange(0, len(p.modules[m].bodies)-1).Draw(t, "function")}
}

// edit changes one thing.
func (p *program) edit(t *rapid.T) {
	m, b := p.of(p.draw(t))
	switch rapid.IntRange(0, 4).Draw(t, "edit") {
	case 0:
		m.constant++
	case 1:
		m.remark++
	default:
		b.number++
	}
}

func (d *desk) writeProgram(p *program) {
	for i, m := range p.modules {
		d.write("app/"+m.name+".py", p.text(i))
	}
	for i := range p.tests {
		d.write(fmt.Sprintf("tests/test_%d.py", i), p.testText(i))
	}
}

// recordProgram has some tests run in one process, and returns their values.
func (d *desk) recordProgram(p *program, which []int) map[int]int {
	var base, own worker.Lasting
	var reads []string
	for _, m := range p.modules {
		name := "app/" + m.name + ".py"
		reads = append(reads, name)
		if m.boot {
			base.Executed = append(base.Executed, d.path(name))
		} else {
			own.Executed = append(own.Executed, d.path(name))
		}
	}
	values := make(map[int]int)
	var tests []tried
	for _, i := range which {
		name := fmt.Sprintf("tests/test_%d.py", i)
		reads = append(reads, name)
		own.Executed = append(own.Executed, d.path(name))
		called := make(map[call]bool)
		for _, c := range p.tests[i] {
			values[i] = values[i]*5 + p.value(c, called)
		}
		test := tried{label: fmt.Sprint(i), mark: worker.Mark{Modules: d.paths(name)}}
		for c := range maps.Keys(called) {
			test.calls = append(test.calls, worker.Function{Path: d.path("app/" + p.modules[c.module].name + ".py"), Name: fmt.Sprintf("f%d", c.function)})
		}
		tests = append(tests, test)
	}
	d.record(base, own, reads, nil, tests...)
	d.store.Save() //nolint:errcheck // as a run's end does; the next Decide tells
	return values
}

// Whatever is edited and whichever tests run in between: a test whose value is another than when
// it last ran is affected.
func TestNeverTooFew(t *testing.T) {
	affected, changed, all := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := draw(rt)
		d := newDesk(t, nil)
		d.writeProgram(p)
		every := make([]int, len(p.tests))
		for i := range every {
			every[i] = i
		}
		last := d.recordProgram(p, every)
		for range rapid.IntRange(1, 6).Draw(rt, "edits") {
			p.edit(rt)
			d.writeProgram(p)
			decision := d.store.Decide()
			var found []int
			for i, calls := range p.tests {
				now := 0
				for _, c := range calls {
					now = now*5 + p.value(c, make(map[call]bool))
				}
				why := decision.Reason(fmt.Sprint(i))
				if now != last[i] && why == "" {
					rt.Fatalf("test %d is %d, was %d, and does not count as affected", i, now, last[i])
				}
				all++
				if now != last[i] {
					changed++
				}
				if why != "" {
					affected++
					found = append(found, i)
				}
			}
			if len(found) > 0 && rapid.Bool().Draw(rt, "run") {
				maps.Copy(last, d.recordProgram(p, found))
			}
		}
	})
	t.Logf("%d of %d have another value, %d count as affected", changed, all, affected)
	if affected > all*9/10 {
		t.Errorf("%d of %d tests count as affected: nothing is gained", affected, all)
	}
}
