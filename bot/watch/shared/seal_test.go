package shared

import (
	"bytes"
	"testing"

	"smtptest/bot/command"
	"smtptest/bot/watch"
	"smtptest/probe"
)

func derived(t testing.TB, with byte) keys {
	t.Helper()
	k, err := derive(bytes.Repeat([]byte{with}, 32))
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
	sealed, err := k.seal(r)
	if err != nil || bytes.Contains(sealed, []byte(host)) {
		f.Fatal("it is not sealed: ", err)
	}
	if back, err := k.open("id", sealed); err != nil || back.Command.Request.Target != r.Command.Request.Target {
		f.Fatal("it does not open: ", err)
	}
	if _, err := k.open("other", sealed); err == nil {
		f.Error("it opens in another one's place")
	}
	if _, err := derived(f, 'x').open("id", sealed); err == nil {
		f.Error("it opens with another key")
	}
	if _, err := derive([]byte("short")); err == nil {
		f.Error("a short key is taken")
	}
	f.Add([]byte{})
	f.Add([]byte{rowVersion})
	f.Add(append([]byte{rowVersion}, sealed[2:]...))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if _, err := k.open("id", octets); err == nil && !bytes.Equal(octets, sealed) {
			t.Errorf("%q opens", octets)
		}
	})
}
