package outline

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// corpus is a module of 50 classes with 442 tests in 5,811 lines, full of what misleads:
// strings and comments with definitions in them, nested brackets, format strings.
func corpus() []byte {
	var b bytes.Buffer
	b.WriteString("\"\"\"Module of tests.\n\nclass NotOne:\n    def test_no(self): ...\n\"\"\"\nfrom django.test import TestCase, tag\n\n")
	test := 0
	for class := range 50 {
		fmt.Fprintf(&b, "\n@tag(\"slow\")\nclass Case%d(TestCase):\n    \"\"\"Doc of %d.\n\n    More of it.\n    \"\"\"\n\n    def setUp(self):\n        self.x = {\"a\": [1, (2, 3)]}\n", class, class)
		for ; test*50 < (class+1)*442; test++ {
			fmt.Fprintf(&b, `
    def test_%d(self):
        """What it does.

        In %d words.
        """
        # def test_comment(self): pass
        text = f"{self.x['a']!r:>{10}} def test_string"
        self.assertEqual(
            text,
            "unmatched ( [",
        )
`, test, test)
		}
	}
	return b.Bytes()
}

// tests names what a scan found, "Class.test".
func tests(defs []Def) map[string]bool {
	found := make(map[string]bool)
	for _, d := range defs {
		if d.Parent >= 0 && d.Kind != Class && strings.HasPrefix(d.Name, "test") {
			found[defs[d.Parent].Name+"."+d.Name] = true
		}
	}
	return found
}

// Lines are cut in the middle, as they are while they are typed. The numbers are what was
// reached; they may only get better.
func TestCutLines(t *testing.T) {
	src := corpus()
	whole := tests(Scan(src))
	if len(whole) != 442 {
		t.Fatalf("found %d tests in the corpus", len(whole))
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	random := rand.New(rand.NewPCG(1, 2))
	blind, told := cutScore{}, cutScore{}
	for range 400 {
		n := random.IntN(len(lines))
		if len(lines[n]) < 2 {
			continue
		}
		before := bytes.Join(lines[:n], nil)
		edited := len(before) + random.IntN(len(lines[n])-1)
		cut := append(append([]byte{}, src[:edited]...), src[len(before)+len(lines[n])-1:]...)
		blind.add(whole, tests(Scan(cut)))
		told.add(whole, tests(Read(cut, edited).Defs))
	}
	t.Logf("text only: %+v; told where the edit was: %+v", blind, told)
	if told.wrong > toldBound.wrong || told.states > toldBound.states || told.worst > toldBound.worst {
		t.Errorf("told where the edit was: %+v, no worse than %+v before", told, toldBound)
	}
}

var toldBound = cutScore{wrong: 25, states: 0, worst: 2}

// cutScore counts tests that are missing or invented, states with more than two of them,
// and the worst state.
type cutScore struct{ wrong, states, worst int }

func (s *cutScore) add(want, got map[string]bool) {
	wrong := 0
	for name := range want {
		if !got[name] {
			wrong++
		}
	}
	for name := range got {
		if !want[name] {
			wrong++
		}
	}
	s.wrong += wrong
	s.worst = max(s.worst, wrong)
	if wrong > 2 {
		s.states++
	}
}

func BenchmarkRead(b *testing.B) {
	src := corpus()
	b.Logf("%d lines", bytes.Count(src, []byte("\n")))
	for b.Loop() {
		Read(src, -1)
	}
}
