package shared

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/bot/sealed"
	"smtptest/formatting"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/diagnosis/tlsgrade"
	"smtptest/probe/domain"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/probetest"
	"smtptest/probe/remote/fleettest"
	"smtptest/probe/tlsscan"
)

func here() results.Place {
	return results.Place{Platform: formatting.Slack, Workspace: "T1", Channel: "C0INCIDENT"}
}

// ended is the result of a case.
func ended(t testing.TB, c *probetest.Case) results.Result {
	t.Helper()
	report, err := probetest.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return results.Result{
		ID: results.NewID(), Place: here(), Person: "ada", Key: "k", Judged: diagnosis.Judge(&report),
		Ended:   time.Now().UTC(),
		Command: command.Command{Verb: command.VerbTest, Request: report.Request},
	}
}

func anyCase(t testing.TB, name string) *probetest.Case {
	t.Helper()
	all, err := probetest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	t.Fatal("there is no case " + name)
	return nil
}

// scanned is a scan of a server that takes much.
func scanned(t testing.TB) *tlsgrade.Judged {
	t.Helper()
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	c := anyCase(t, "old-tls")
	network := probetest.NewNetwork(c, ca)
	report, err := (&tlsscan.Scanner{Local: network.Prober().Local}).Scan(
		t.Context(), tlsscan.Request{Target: c.Request.Target}, tlsscan.Hooks{})
	network.Wait()
	if err != nil || len(report.Connections) < 10 {
		t.Fatalf("%v, %d connections", err, len(report.Connections))
	}
	judged := tlsgrade.Judge(&report)
	return &judged
}

// TestResultsOfTwo: what one replica has kept the other has too, and so has one
// that starts when both have ended.
func TestResultsOfTwo(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 3})
	a, b := open(t, f.URL(), Options{}), open(t, f.URL(), Options{})
	together(t, a, b)
	r := ended(t, anyCase(t, "expired"))
	a.Store().Put(r)
	r.Link = "https://chat.example.test/1"
	a.Store().Put(r)
	same := func(s *Store) bool {
		got, ok := s.Get(r.ID)
		return ok && reflect.DeepEqual(got, r)
	}
	until(t, "result at the other", func() bool { return same(b.Store()) })
	if recent := b.Store().Recent(here(), "ada", 5); len(recent) != 1 {
		t.Errorf("%d recent tests", len(recent))
	}
	a.Close()
	b.Close()
	c := open(t, f.URL(), Options{})
	until(t, "result after a restart of both", func() bool { return same(c.Store()) })
	if latest, ok := c.Store().Latest("k"); !ok || latest.ID != r.ID {
		t.Errorf("%+v", latest)
	}
	secret(t, c, r.Judged.Report.Request.Target.Host, here().Channel)
}

// secret looks for words in all that the servers keep.
func secret(t *testing.T, r *Replica, words ...string) {
	t.Helper()
	for _, config := range streams(results.DefaultLimits(), 1) {
		s, err := r.js.Stream(t.Context(), config.Name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for n := info.State.FirstSeq; n <= info.State.LastSeq; n++ {
			m, err := s.GetMsg(t.Context(), n)
			if err != nil {
				continue // another one has taken its place
			}
			for _, word := range words {
				if strings.Contains(m.Subject, word) || bytes.Contains(m.Data, []byte(word)) {
					t.Errorf("the servers can read %q in %s", word, m.Subject)
				}
			}
		}
	}
}

// TestFormsOfTwo: a form that one replica has opened is sent to the other, and
// used once however many try.
func TestFormsOfTwo(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{Nodes: 3})
	a, b := open(t, f.URL(), Options{}), open(t, f.URL(), Options{})
	together(t, a, b)
	form := results.Form{ID: results.NewID(), Place: here(), Person: "ada", Expires: time.Now().UTC().Add(time.Minute)}
	a.Store().Open(form)
	until(t, "form at the other", func() bool { _, ok := b.Store().Form(form.ID); return ok })
	var won atomic.Int64
	var all sync.WaitGroup
	for _, r := range []*Replica{a, b, a, b} {
		all.Go(func() {
			r.Store().Consume(form.ID)
			s := r.Store().Settle(t.Context(), []results.Mark{{Kind: results.MarkEvent, Key: results.NewID()},
				{Kind: results.MarkForm, Key: form.ID}})
			switch {
			case s.Apart:
				t.Error("nobody was asked")
			case s.Lost == nil:
				won.Add(1)
			case s.Lost.Kind != results.MarkForm:
				t.Errorf("lost %+v", s.Lost)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("the form was used %d times", won.Load())
	}
	until(t, "end of the form", func() bool { _, ok := b.Store().Form(form.ID); return !ok })
}

// TestRunningOfTwo: a test that runs at one replica is known to the other, and
// when that one is killed a single one of the others ends it.
func TestRunningOfTwo(t *testing.T) {
	f := fleettest.Start(t, fleettest.Options{})
	orphans := make(chan results.Running, 10)
	o := Options{goneAfter: time.Second, Orphan: func(r results.Running) { orphans <- r }}
	a, b, c := open(t, f.URL(), o), open(t, f.URL(), o), open(t, f.URL(), o)
	together(t, a, b, c)
	until(t, "third replica", func() bool { return b.Standing().Replicas == 3 })
	joined := results.Running{Key: "k", ID: "1", Dialled: true, Settled: true}
	left := &results.Left{Place: here(), Message: "1.2"}
	itself := results.Running{Key: results.RunKey("1"), ID: "1", Settled: true, Left: left}
	for _, r := range []results.Running{joined, itself} {
		a.Store().Start(r)
	}
	known := func(s *Store, key string) func() bool {
		return func() bool { _, ok := s.Running(key); return ok }
	}
	until(t, "test at the other", known(b.Store(), itself.Key))
	until(t, "test to join", known(b.Store(), "k"))
	a.Store().End(joined)
	until(t, "end at the other", func() bool { return !known(b.Store(), "k")() })
	a.cancel() // as kill -9: it says no goodbye
	a.conn.Close()
	select {
	case r := <-orphans:
		if r.Left == nil || r.Left.Message != "1.2" {
			t.Errorf("%+v", r)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody ended the test of the killed replica")
	}
	until(t, "end of it at both", func() bool {
		return !known(b.Store(), itself.Key)() && !known(c.Store(), itself.Key)()
	})
	if len(orphans) > 0 {
		t.Error("two replicas have ended it")
	}
}

// TestRowsAreSealed: a row is of its subject and its key alone.
func TestRowsAreSealed(t *testing.T) {
	k, _ := sealed.Derive(key(), "rows")
	other, _ := sealed.Derive([]byte("another key of 16"), "rows")
	r := row{Replica: "a", Form: &results.Form{ID: "1", Person: "ada"}, At: time.Now().UTC()}
	box, err := sealRow(k, "forms.1", r)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := openRow(k, "forms.1", box); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, open := range map[string]func() (row, error){
		"in another place": func() (row, error) { return openRow(k, "forms.2", box) },
		"with another key": func() (row, error) { return openRow(other, "forms.1", box) },
		"cut":              func() (row, error) { return openRow(k, "forms.1", box[:len(box)-1]) },
		"empty":            func() (row, error) { return openRow(k, "forms.1", nil) },
	} {
		if _, err := open(); err == nil {
			t.Errorf("it opens %s", name)
		}
	}
	if _, err := sealed.Derive([]byte("short"), "rows"); err == nil {
		t.Error("a short key is taken")
	}
}

// TestRowsFit: results of a few cases and of each domain go through a row and
// come back whole, well below what a stream takes.
func TestRowsFit(t *testing.T) {
	k, _ := sealed.Derive(key(), "rows")
	largest := 0
	fits := func(name string, r results.Result) {
		box, err := sealRow(k, "runs.1", row{Result: &r})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		largest = max(largest, len(box))
		got, err := openRow(k, "runs.1", box)
		one, _ := json.Marshal(r) // times of the fake servers have a clock that no encoding has
		other, _ := json.Marshal(got.Result)
		if err != nil || !bytes.Equal(one, other) {
			t.Errorf("%s: %v: came back as\n%s\nof\n%s", name, err, other, one)
		}
	}
	for _, name := range []string{"login-plain", "expired", "no-such-name", "large-hello", "endless-keywords"} {
		fits(name, ended(t, anyCase(t, name)))
	}
	fits("a scan", results.Result{ID: "1", Place: here(), Deep: scanned(t), Ended: time.Now().UTC()})
	for _, story := range domaintest.Scenarios(t) {
		s := domaintest.Read(t, story.Setup)
		report, err := s.Examiner().Examine(t.Context(), domain.Request{Domain: s.Domain}, domain.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		judged := delivery.Judge(&report)
		fits(story.Name, results.Result{ID: "1", Place: here(), Domain: &judged, Ended: time.Now().UTC()})
	}
	t.Logf("the largest row has %d octets", largest)
	if largest > maxRowBytes/2 {
		t.Errorf("the largest row has %d octets", largest)
	}
}
