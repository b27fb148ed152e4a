package report

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"hotclub/runner"
)

type xmlRun struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	xmlCounts
	Time   string      `xml:"time,attr"`
	Suites []*xmlSuite `xml:"testsuite"`
}

type xmlCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type xmlSuite struct {
	Name string `xml:"name,attr"`
	xmlCounts
	Time       string        `xml:"time,attr"`
	Timestamp  string        `xml:"timestamp,attr,omitempty"`
	File       string        `xml:"file,attr,omitempty"`
	Properties []xmlProperty `xml:"properties>property,omitempty"`
	Cases      []xmlCase     `xml:"testcase"`
	ms         float64
}

type xmlProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type xmlCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	File    string     `xml:"file,attr,omitempty"`
	Line    int        `xml:"line,attr,omitempty"`
	Failure *xmlBad    `xml:"failure"`
	Error   *xmlBad    `xml:"error"`
	Skipped *xmlBad    `xml:"skipped"`
	Output  *xmlOutput `xml:"system-out"`
}

type xmlBad struct {
	Message string `xml:"message,attr,omitempty"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"` // as text, each line feed would be &#xA;
}

type xmlOutput struct {
	Text string `xml:",cdata"`
}

// document arranges the results into suites, in the order in which their classes came.
func (j *JUnit) document() xmlRun {
	run := xmlRun{Name: "hotclub", Time: seconds(0)}
	byName := map[string]*xmlSuite{}
	add := func(r result) {
		c := j.testcase(r)
		suite, ok := byName[c.Class]
		if !ok {
			suite = j.suite(c)
			byName[c.Class] = suite
			run.Suites = append(run.Suites, suite)
		}
		suite.add(c, r.verdict.DurationMs)
		run.count(c)
	}
	for _, r := range append(slices.Clip(j.order), j.classes...) {
		add(r)
	}
	if r, ok := j.unfinished(); ok {
		add(r)
	}
	if j.finished != nil {
		run.Time = seconds(j.finished.DurationMs)
	}
	return run
}

func (j *JUnit) suite(first xmlCase) *xmlSuite {
	suite := &xmlSuite{Name: first.Class, File: first.File, Time: seconds(0)}
	if j.started == nil {
		return suite
	}
	suite.Timestamp = j.began.UTC().Format("2006-01-02T15:04:05")
	if seed := j.started.ShuffleSeed; seed != nil {
		suite.Properties = append(suite.Properties, xmlProperty{"shuffle-seed", fmt.Sprint(*seed)})
	}
	return suite
}

func (s *xmlSuite) add(c xmlCase, ms float64) {
	s.Cases = append(s.Cases, c)
	s.count(c)
	s.ms += ms
	s.Time = seconds(s.ms)
}

func (n *xmlCounts) count(c xmlCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}

// unfinished is the error of a run that did not reach its end.
func (j *JUnit) unfinished() (result, bool) {
	reason := "the connection to the run ended before the run did"
	if j.finished != nil {
		switch j.finished.Outcome {
		case runner.Completed, runner.NothingSelected:
			return result{}, false
		case runner.CancelledRun:
			reason = "the run was cancelled"
		default:
			reason = "the run could not be carried out"
		}
		if j.finished.Error != "" {
			reason += ": " + j.finished.Error
		}
	}
	message := runner.Message{Text: reason, Summary: lines(reason)[0]}
	return result{
		class: "hotclub", name: "run",
		verdict: runner.Verdict{State: runner.Errored, Messages: []runner.Message{message}},
	}, true
}

func (j *JUnit) testcase(r result) xmlCase {
	c := xmlCase{
		Class: xmlLine(className(r)),
		Name:  xmlLine(r.name),
		Time:  seconds(r.verdict.DurationMs),
		File:  xmlLine(filepath.ToSlash(relative(j.root, r.file))),
		Line:  r.line,
	}
	if output := xmlText(r.output); output != "" {
		c.Output = &xmlOutput{output}
	}
	switch state := r.verdict.State; state {
	case runner.Passed:
	case runner.Failed, runner.XPassed:
		c.Failure = bad(r.verdict)
	case runner.Errored:
		c.Error = bad(r.verdict)
	default:
		c.Skipped = &xmlBad{Message: skipped(r.verdict), Type: "hotclub." + string(state)}
	}
	return c
}

// className is the dotted class, which build servers group by.
func className(r result) string {
	switch {
	case r.kind == runner.KindTest && r.module != "" && r.class != "":
		return r.module + "." + r.class
	case r.kind == runner.KindTest && strings.HasSuffix(r.label, "."+r.name):
		return strings.TrimSuffix(r.label, "."+r.name)
	case r.kind != "" && r.label != "":
		return r.label
	}
	return r.class
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
