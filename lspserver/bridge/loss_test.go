package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/wire"
	"hotclub/runner"
)

func TestRequestsInFlightAreAnswered(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		settled := b.Request("x/settled", nil)
		d.reply(d.WaitMethod("x/settled", 1), "1")
		b.Answer(settled)
		first, second := b.Request("x/one", nil), b.Request("x/two", nil)
		b.Send(`{"jsonrpc":"2.0","id":"\u0061","method":"x/three"}`)
		d.WaitMethod("x/three", 1)
		d.Close()
		for _, id := range []int{first, second} {
			if m := b.Answer(id); m.Code() != -32802 || m.Error.Message != "the hotclub daemon ended; ask again" {
				t.Errorf("%d: %+v", id, m.Error)
			}
		}
		b.Wait("the answer to a", func(m lsptest.Message) bool { return string(m.ID) == `"a"` && m.Code() == -32802 })
		n := b.next()
		if got := n.Log(); count(got, "x/one")+count(got, "x/two")+count(got, "x/settled") > 0 {
			t.Errorf("the next daemon was asked again: %v", methods(got))
		}
		if got := count(b.Log(), ""); got != 5 {
			t.Errorf("%d answers, want 5", got)
		}
	})
}

// tests makes the params of runStarted.
func tests(id string, names ...string) wire.RunStarted {
	s := wire.RunStarted{RunStarted: runner.RunStarted{Run: runner.RunID(id)}}
	for _, name := range names {
		s.Tests = append(s.Tests, runner.Test{ID: runner.TestID("p//" + name), Label: name, Name: name, File: "/p/t.py", Line: 3})
	}
	return s
}

func events(t *testing.T, id string, seq int, list ...runner.Event) wire.TestEvents {
	t.Helper()
	e := wire.TestEvents{RunID: runner.RunID(id), Seq: seq}
	for _, one := range list {
		data, err := wire.EncodeTestEvent(one)
		if err != nil {
			t.Fatal(err)
		}
		e.Events = append(e.Events, data)
	}
	return e
}

func finished(s wire.RunStarted, n int, state runner.State) runner.Event {
	return runner.TestFinished{Test: s.Tests[n], Verdict: runner.Verdict{State: state}, Output: "o"}
}

func accept(b *bundle, d *daemon, id string) {
	b.t.Helper()
	asked := b.Request(wire.MethodRun, map[string]any{"runId": id})
	m := d.Wait("run "+id, func(m lsptest.Message) bool {
		return m.Method == wire.MethodRun && strings.Contains(string(m.Params), `"`+id+`"`)
	})
	d.reply(m, fmt.Sprintf(`{"runId":%q}`, id))
	b.Answer(asked)
}

// Guarantees 1 to 3, at the daemon's end.
func TestRunsGetTheirEnd(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		accept(b, d, "r")
		s := tests("r", "passes", "fails", "runs", "waits", "too")
		d.Notify(wire.MethodRunStarted, s)
		d.Notify(wire.MethodTestEvents, events(t, "r", 1, runner.TestStarted{ID: s.Tests[0].ID}, finished(s, 0, runner.Passed), runner.TestStarted{ID: s.Tests[2].ID}))
		d.Notify(wire.MethodTestEvents, events(t, "r", 2, runner.ClassErrored{ID: "p//class"}, finished(s, 1, runner.Failed)))
		b.WaitMethod(wire.MethodTestEvents, 2)
		d.Close()

		var last wire.TestEvents
		unmarshal(t, b.WaitMethod(wire.MethodTestEvents, 3).Params, &last)
		if last.RunID != "r" || last.Seq != 3 || len(last.Events) != 3 {
			t.Fatalf("%+v", last)
		}
		var got []string
		for _, data := range last.Events {
			e, err := wire.DecodeTestEvent(data)
			if err != nil {
				t.Fatal(err)
			}
			f := e.(runner.TestFinished)
			phase := runner.Phase("")
			if len(f.Verdict.Messages) > 0 {
				phase = f.Verdict.Messages[0].Phase
			}
			got = append(got, fmt.Sprint(f.Test.Name, " ", f.Test.Line, " ", f.Verdict.State, " ", phase))
		}
		if diff := cmp.Diff([]string{"runs 3 errored worker", "waits 3 notRun ", "too 3 notRun "}, got); diff != "" {
			t.Error(diff)
		}
		var end wire.RunFinished
		unmarshal(t, b.WaitMethod(wire.MethodRunFinished, 1).Params, &end)
		counts := map[runner.State]int{runner.Passed: 1, runner.Failed: 1, runner.Errored: 1, runner.NotRun: 2}
		if diff := cmp.Diff(counts, end.Counts); diff != "" || end.Outcome != runner.ErrorRun || end.Run != "r" || !end.Failed || end.Error == "" {
			t.Errorf("%+v %s", end, diff)
		}
		b.next()
		if log := methods(b.Log()); slices.Index(log, wire.MethodRunFinished) < slices.Index(log, wire.MethodTestEvents) || count(b.Log(), wire.MethodRunFinished) != 1 {
			t.Error(log)
		}
	})
}

// A run that was accepted ends even if nothing was heard of it; one that was not accepted
// has no story, and one that has ended is not told again.
func TestRunsOfWhichLittleIsKnown(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		accept(b, d, "over")
		d.Notify(wire.MethodRunStarted, tests("over", "a"))
		d.Notify(wire.MethodRunFinished, wire.RunFinished{RunFinished: runner.RunFinished{Run: "over", Counts: map[runner.State]int{}}})
		accept(b, d, "accepted")
		debugged := b.Request(wire.MethodDebug, map[string]any{"runId": "debugged"})
		d.reply(d.WaitMethod(wire.MethodDebug, 1), `{"runId":"debugged"}`)
		b.Answer(debugged)
		unanswered := b.Request(wire.MethodRun, map[string]any{"runId": "unanswered"})
		d.WaitMethod(wire.MethodRun, 3)
		d.Notify(wire.MethodRunStarted, tests("another client's", "a"))
		b.WaitMethod(wire.MethodRunStarted, 2)
		d.Close()
		if m := b.Answer(unanswered); m.Code() != -32802 {
			t.Errorf("%+v", m.Error)
		}
		b.next()
		ended := map[string]int{}
		for _, m := range b.Log() {
			if m.Method == wire.MethodRunFinished {
				var end wire.RunFinished
				unmarshal(t, m.Params, &end)
				ended[string(end.Run)]++
				if end.Counts == nil {
					t.Errorf("%s has no counts", end.Run)
				}
			}
		}
		if diff := cmp.Diff(map[string]int{"over": 1, "accepted": 1, "debugged": 1, "another client's": 1}, ended); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLongRun(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		names := make([]string, 1200)
		for i := range names {
			names[i] = fmt.Sprint("t", i)
		}
		s := tests("r", names...)
		d.Notify(wire.MethodRunStarted, s)
		d.Notify(wire.MethodTestEvents, events(t, "r", 1, finished(s, 1199, runner.Passed)))
		b.WaitMethod(wire.MethodTestEvents, 1)
		d.Close()
		b.WaitMethod(wire.MethodRunFinished, 1)
		seq, total := 0, 0
		for _, m := range b.Log() {
			if m.Method == wire.MethodTestEvents {
				var e wire.TestEvents
				unmarshal(t, m.Params, &e)
				if seq++; e.Seq != seq {
					t.Errorf("seq %d, want %d", e.Seq, seq)
				}
				total += len(e.Events)
			}
		}
		if total != 1200 || seq != 4 {
			t.Errorf("%d verdicts in %d messages", total, seq)
		}
		b.next()
	})
}

func TestProgressIsEnded(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		progress := func(token, value string) {
			d.Send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"$/progress","params":{"token":%s,"value":%s}}`, token, value))
		}
		progress(`"boot"`, `{"kind":"begin","title":"Booting"}`)
		progress(`7`, `{"kind":"begin","title":"Running"}`)
		progress(`"done"`, `{"kind":"begin","title":"Short"}`)
		progress(`7`, `{"kind":"report","message":"1/2"}`)
		progress(`"done"`, `{"kind":"end"}`)
		progress(`"partial"`, `[1,2]`)
		b.WaitMethod("$/progress", 6)
		d.Close()
		b.next()
		var got []string
		for _, m := range b.Log()[len(b.Log())-3:] {
			got = append(got, m.Method+string(m.Params))
		}
		want := []string{
			`$/progress{"token":"boot","value":{"kind":"end","message":"the hotclub daemon ended"}}`,
			`$/progress{"token":7,"value":{"kind":"end","message":"the hotclub daemon ended"}}`,
		}
		if diff := cmp.Diff(want, got[:2]); diff != "" {
			t.Error(diff)
		}
	})
}

// A late answer to a dead daemon is for nobody, also when the new one asks by the same id.
// The next daemon knows of no failure, and so would never take back what the last one showed.
func TestDiagnosticsAreCleared(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		publish := func(uri, diagnostics string) {
			d.Send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":{"uri":%q,"diagnostics":%s}}`, uri, diagnostics))
		}
		const one = `[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":1}},"message":"1 != 2"}]`
		publish("file:///stays.py", one)
		publish("file:///passed.py", one)
		publish("file:///stays.py", one)
		publish("file:///passed.py", `[]`)
		b.WaitMethod("textDocument/publishDiagnostics", 4)
		d.Close()
		if m := b.WaitMethod("textDocument/publishDiagnostics", 5); string(m.Params) != `{"uri":"file:///stays.py","diagnostics":[]}` {
			t.Errorf("%s", m.Params)
		}
		b.next().Close()
		b.next()
		if n := count(b.Log(), "textDocument/publishDiagnostics"); n != 5 {
			t.Errorf("%d messages, want 5", n)
		}
	})
}

func TestAnswersToTheDead(t *testing.T) {
	run(t, func(b *bundle) {
		d := start(b)
		d.Send(`{"jsonrpc":"2.0","id":1,"method":"x/old"}`)
		d.Send(`{"jsonrpc":"2.0","id":2,"method":"x/older"}`)
		b.WaitMethod("x/older", 1)
		d.Close()
		n := b.next()
		n.Send(`{"jsonrpc":"2.0","id":1,"method":"x/new"}`)
		id := string(b.WaitMethod("x/new", 1).ID)
		if id == "1" {
			t.Fatal("two requests with one id")
		}
		n.Send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}`)
		if got := string(b.WaitMethod("$/cancelRequest", 1).Params); got != `{"id":`+id+`}` {
			t.Errorf("the daemon's cancel arrived as %s", got)
		}
		b.answer("1", `"late"`)
		b.answer("2", `"late"`)
		b.answer(id, `"new"`)
		n.Wait("the first answer", func(m lsptest.Message) bool { return string(m.Result) == `"new"` })
		n.Send(`{"jsonrpc":"2.0","id":2,"method":"x/another"}`)
		if got := string(b.WaitMethod("x/another", 1).ID); got != "2" {
			t.Errorf("an id that is free became %s", got)
		}
		b.answer("2", `"another"`)
		n.Wait("the second answer", func(m lsptest.Message) bool { return string(m.Result) == `"another"` })
		var got []string
		for _, m := range n.Log() {
			if m.Result != nil {
				got = append(got, string(m.ID)+string(m.Result))
			}
		}
		if diff := cmp.Diff([]string{`1"new"`, `2"another"`}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever a daemon says that cannot be understood, it is done with.
func TestDaemonThatTalksNonsense(t *testing.T) {
	for _, nonsense := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", frame(`{"jsonrpc":`), frame(`[]`), "Content-Length: 99999999999\r\n\r\n"} {
		run(t, func(b *bundle) {
			d := start(b)
			d.Raw(nonsense)
			d.WaitEnd()
			n := b.next()
			n.Notify("x/alive", nil)
			b.WaitMethod("x/alive", 1)
		})
	}
}
