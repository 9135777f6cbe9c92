package shared

import (
	"bytes"
	"testing"

	"smtptest/bot/command"
	"smtptest/bot/sealed"
	"smtptest/bot/watch"
	"smtptest/probe"
)

func derived(t testing.TB, with byte) sealed.Keys {
	t.Helper()
	k, err := sealed.Derive(bytes.Repeat([]byte{with}, 32), "watches")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// FuzzOpen: what the servers hand out is a row of this bot, of that id and
// unchanged, or it is refused; and no host can be read in it.
func FuzzOpen(f *testing.F) {
	k := derived(f, 'k')
	const host = "mx.example.test"
	r := watch.Row{ID: "id", Command: command.Command{Request: probe.Request{Target: probe.Target{Host: host, Port: 587}}}}
	box, err := seal(k, r)
	if err != nil || bytes.Contains(box, []byte(host)) {
		f.Fatal("it is not box: ", err)
	}
	if back, err := open(k, "id", box); err != nil || back.Command.Request.Target != r.Command.Request.Target {
		f.Fatal("it does not open: ", err)
	}
	if _, err := open(k, "other", box); err == nil {
		f.Error("it opens in another one's place")
	}
	if _, err := open(derived(f, 'x'), "id", box); err == nil {
		f.Error("it opens with another key")
	}
	if _, err := sealed.Derive([]byte("short"), "watches"); err == nil {
		f.Error("a short key is taken")
	}
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(append([]byte{1}, box[2:]...))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if _, err := open(k, "id", octets); err == nil && !bytes.Equal(octets, box) {
			t.Errorf("%q opens", octets)
		}
	})
}
